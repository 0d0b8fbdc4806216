//! More than anybody has: a hundred thousand cases, ten thousand comments on one of them, a comment
//! of five megabytes and texts nested ten thousand deep.
//!
//! How long an input takes, and how often the page was busy for long, is printed, since it is the
//! machine's; what decides is that nothing is laid out that nobody looks at, and that no key that is
//! pressed has the records read again.

use casement_e2e::pages::{SignIn, sign_in::SATO};
use casement_e2e::{Portal, in_chromium};
use serde_json::{Value, json};

/// The most elements that a list or a page of a case may be made of, however much there is.
const NODES: u64 = 600;

/// Puts cases and comments beside those of the account, as changes of the backend would.
const PUT: &str = "
    const done = arguments[arguments.length - 1];
    const [cases, comments] = arguments;
    indexedDB.databases().then(async (all) => {
      const { name } = all.find(({ name }) => name.startsWith('casement-'));
      const opening = indexedDB.open(name);
      await new Promise((opened) => { opening.onsuccess = opened; });
      const database = opening.result;
      const kept = database.transaction('records', 'readwrite');
      const records = kept.objectStore('records');
      const sample = await new Promise((read) => {
        const asked = records.get('case/case-80999733');
        asked.onsuccess = () => read(JSON.parse(asked.result));
      });
      for (let index = 0; index < cases; index += 1) {
        const id = `many-${index}`;
        const text = JSON.stringify({
          ...sample, id, number: String(90_000_000 + index), subject: `One of very many ${index}`,
          description: 'As before.', history: [],
        });
        records.put(text, `case/${id}`);
      }
      const bodies = ['x'.repeat(5_000_000), '<div>'.repeat(10_000), '['.repeat(10_000) + '>'.repeat(10_000)];
      for (let index = 0; index < comments; index += 1) {
        // The strangest ones are the latest, which are shown first.
        const body = bodies[comments - 1 - index] ?? `Comment ${index}`;
        const created_at = new Date(Date.now() - (comments - index) * 1_000).toISOString();
        records.put(JSON.stringify({
          id: `many-${index}`, case_id: sample.id, author: 'Sato', side: 'partner', body, created_at,
        }), `comment/many-${index}`);
      }
      kept.oncomplete = () => { database.close(); done('put'); };
      kept.onabort = () => done(String(kept.error));
    });";

async fn put(portal: &Portal, cases: u32, comments: u32) {
    let arguments = vec![json!(cases), json!(comments)];
    let put = portal.session().execute_async(PUT, arguments).await;
    assert_eq!(put.expect("the records can be written").json(), "put");
}

async fn nodes(portal: &Portal, selector: &str) -> u64 {
    let count = "return all(arguments[0]).length;";
    let count = portal.eval(count, vec![json!(selector)]).await;
    count.as_u64().unwrap_or(u64::MAX)
}

/// Types into a control and tells how long that takes to be shown, in milliseconds, how often records
/// were read meanwhile, and how long the longest of the tasks was that kept the page busy.
const TYPE: &str = "const done = arguments[arguments.length - 1];
    const field = document.querySelector('casement-portal').shadowRoot.querySelector(arguments[0]);
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    let reads = 0;
    const read = IDBObjectStore.prototype.getAll;
    IDBObjectStore.prototype.getAll = function (...query) {
      reads += this.name === 'records' ? 1 : 0;
      return read.apply(this, query);
    };
    const start = performance.now();
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, arguments[1]);
    field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
    // What the key itself sets going is set going before anything else of the page has its turn.
    const follows = async () => { for (let turn = 0; turn < 100; turn += 1) await null; };
    follows().then(() => {
      IDBObjectStore.prototype.getAll = read;
      requestAnimationFrame(() => setTimeout(() => {
        done({ took: Math.round(performance.now() - start), reads });
      }));
    });";

async fn typed(portal: &Portal, selector: &str, text: &str) -> Value {
    let arguments = vec![json!(selector), json!(text)];
    let told = portal.session().execute_async(TYPE, arguments).await;
    let told = told.expect("the page answers").json().clone();
    assert_eq!(told["reads"], 0, "a key has records read again: {told}");
    told["took"].clone()
}

/// Goes to the middle of the list and waits for its rows.
const TO_THE_MIDDLE: &str = "
    window.scrollTo(0, document.documentElement.scrollHeight / 2);
    const view = (row) => row.getBoundingClientRect();
    return all('tbody tr').some((row) => row.getAttribute('aria-rowindex') > 40_000
      && view(row).top < innerHeight / 2 && view(row).bottom > innerHeight / 2 - 100);";

/// How often the page was busy for more than 50 ms since it was opened, and for how long at most.
const BUSY: &str = "const done = arguments[arguments.length - 1];
    const observer = new PerformanceObserver((list) => {
      const busy = list.getEntries().map(({ duration }) => Math.round(duration));
      observer.disconnect();
      done(`${busy.length} long tasks, the longest ${Math.max(0, ...busy)} ms`);
    });
    observer.observe({ type: 'longtask', buffered: true });
    setTimeout(() => done('no long task'), 500);";

async fn busy(portal: &Portal) -> Value {
    let told = portal.session().execute_async(BUSY, Vec::new()).await;
    told.expect("the page answers").json().clone()
}

#[test]
fn fault_21_very_much_of_everything_is_shown_in_parts_and_can_be_searched_and_written_to() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        put(&portal, 100_000, 10_000).await;
        portal.open("/cases").await;
        portal.see("100,0").await;
        portal.element("table .cell-link", None).await;
        let at_top = nodes(&portal, ".table-wrap *").await;
        portal
            .until("the middle of the list", TO_THE_MIDDLE, Vec::new())
            .await;
        let in_the_middle = nodes(&portal, ".table-wrap *").await;
        let search = "main input[type=search]";
        let searching = typed(&portal, search, "One of very many 99999").await;
        portal.read("tbody", Some("90099999")).await;
        portal.until_count("tbody tr", 1).await;

        portal.write(search, "80999733").await;
        portal.until_count("tbody tr", 1).await;
        portal.press("tbody .cell-link", None).await;
        portal.read(".timeline", Some("Comment 9990")).await;
        let on_case = nodes(&portal, "*").await;
        portal.button("Show 40 earlier entries").await;
        let text = "main textarea";
        portal.element(text, None).await;
        let writing = typed(&portal, text, "Among ten thousand others").await;
        portal.until_value(text, "Among ten thousand others").await;
        let busy = busy(&portal).await;
        eprintln!(
            "elements: {at_top} of the list at its top, {in_the_middle} in its middle, {on_case} on \
             the page of the case; milliseconds: {searching} searching, {writing} writing; {busy}"
        );
        for count in [at_top, in_the_middle, on_case] {
            assert!(count <= NODES, "{at_top} {in_the_middle} {on_case}");
        }
    });
}

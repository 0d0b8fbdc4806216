//! More than anybody has: a hundred thousand cases, ten thousand comments on one of them, a comment
//! of five megabytes and texts nested ten thousand deep.
//!
//! How long an input takes is printed, since it is the machine's; what decides is that nothing is
//! laid out that nobody looks at.

use casement_e2e::pages::{Cases, SignIn, sign_in::SATO};
use casement_e2e::{Portal, in_chromium};
use serde_json::{Value, json};

/// The most elements that a page may be made of, however much there is: fifty rows, or forty events.
const NODES: u64 = 1_600;

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

async fn nodes(portal: &Portal) -> u64 {
    let count = portal.eval("return all('*').length;", Vec::new()).await;
    count.as_u64().unwrap_or(u64::MAX)
}

/// How long a control takes to show what was typed into it, in milliseconds.
async fn latency(portal: &Portal, selector: &str, text: &str) -> Value {
    let script = "const done = arguments[arguments.length - 1];
        const field = document.querySelector('casement-portal').shadowRoot.querySelector(arguments[0]);
        const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
        const start = performance.now();
        Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, arguments[1]);
        field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
        requestAnimationFrame(() => setTimeout(() => done(Math.round(performance.now() - start))));";
    let arguments = vec![json!(selector), json!(text)];
    let took = portal.session().execute_async(script, arguments).await;
    took.expect("the page answers").json().clone()
}

#[test]
fn fault_21_very_much_of_everything_is_shown_in_parts_and_can_be_searched_and_written_to() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        put(&portal, 100_000, 10_000).await;
        portal.open("/").await;
        Cases(&portal).open().await;
        portal.see("100,0").await;
        let on_list = nodes(&portal).await;
        let search = "main input[type=search]";
        portal.element(search, None).await;
        let typed = latency(&portal, search, "One of very many 99999").await;
        portal.read("tbody", Some("90099999")).await;
        portal.until_count("tbody tr", 1).await;

        portal.open("/cases/case-80999733").await;
        portal.read(".timeline", Some("Comment 9990")).await;
        let on_case = nodes(&portal).await;
        portal.button("Show 40 earlier entries").await;
        let text = "main textarea";
        portal.element(text, None).await;
        let commented = latency(&portal, text, "Among ten thousand others").await;
        portal.until_value(text, "Among ten thousand others").await;
        eprintln!(
            "elements: {on_list} on the list, {on_case} on the case; \
             milliseconds: {typed} searching, {commented} writing"
        );
        assert!(on_list <= NODES && on_case <= NODES, "{on_list} {on_case}");
    });
}

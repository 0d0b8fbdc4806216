//! Whatever comes from outside stays text, and whatever is inside stays there: hostile contents,
//! pages, frames, scripts and profiles, in each engine.

use std::fs;
use std::path::Path;

use casement_e2e::hop::Hop;
use casement_e2e::host::{File, Host};
use casement_e2e::kept::everything_kept;
use casement_e2e::pages::{CasePage, Flow, SignIn, sign_in::SATO};
use casement_e2e::{Desk, Engine, Portal, with_bundle_in};
use serde_json::{Value, json};

use crate::embed::{allow, enter_frame, go, leave_frame, sign_in, until};

const CASE: &str = "case-80999733";
/// What a person writes, and nobody else may read.
const PRIVATE: &str = "仮想デスクトップ、担当は山田 090-1234-5678";

fn as_it_is(_: &Path) {}

/// The origin at which the portal is.
fn origin(desk: &Desk) -> String {
    format!("http://{}", desk.backend.address())
}

/// Reads a file of a bundle that is a copy.
fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::write(path, text).expect("a copy of the bundle can be written");
}

/// The values of all cookies, with which one would be signed in.
async fn cookies(desk: &Desk) -> Vec<String> {
    let found = desk.browser.session().get_all_cookies().await;
    let found = found.expect("a browser tells its cookies");
    let values = found.into_iter().map(|one| one.value);
    values.filter(|value| value.len() > 10).collect()
}

/// The token that each change has to carry.
async fn csrf(portal: &Portal) -> String {
    let script = "const request = new XMLHttpRequest();
        request.open('GET', '/api/session', false);
        request.send();
        return JSON.parse(request.responseText).csrf;";
    let found = portal.eval(script, Vec::new()).await;
    let found = found.as_str().unwrap_or_default().to_string();
    assert!(found.len() > 10, "nobody is signed in");
    found
}

// 28: a page that portal.json does not name.

/// Three ways to hold the portal, and a mark when each frame has come to an end of loading.
const HOLDER: &str = r#"<!doctype html><meta charset="utf-8"><title>Somebody</title>
<script>window.loaded = 0</script>
<iframe src="__PORTAL__/frame.html#0123456789abcdef0123456789abcdef" onload="loaded += 1"></iframe>
<iframe src="__PORTAL__/" onload="loaded += 1"></iframe>
<iframe src="__PORTAL__/cases" onload="loaded += 1"></iframe>"#;

/// Which of the page's frames hold a document of the portal.
async fn rendered(desk: &Desk, address: &str) -> Vec<bool> {
    go(desk, address).await;
    until(desk, "the frames", "return loaded === 3;").await;
    let mut found = Vec::new();
    for frame in 0..3 {
        let session = desk.browser.session();
        session
            .enter_frame(frame)
            .await
            .expect("the page has three frames");
        let script = "return document.querySelector('casement-portal') !== null;";
        found.push(desk.portal().eval(script, Vec::new()).await == json!(true));
        leave_frame(desk).await;
    }
    found
}

async fn unlisted_page(desk: &mut Desk) {
    desk.forgive("frame-ancestors");
    desk.forgive("favicon.ico");
    let page = File {
        path: "/",
        kind: "text/html",
        content: HOLDER.into(),
    };
    let host = Host::serve(&origin(desk), "", vec![page]);
    // It is listed by one of its names only.
    allow(desk, &[host.same_site()]);
    let unlisted = rendered(desk, &host.other_site()).await;
    assert_eq!(unlisted, [false; 3], "a page that is not listed");
    let listed = rendered(desk, &host.same_site()).await;
    assert_eq!(listed, [true, false, false], "a page that is listed");
}

#[test]
fn fault_28_a_page_that_is_not_listed_holds_nothing_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, unlisted_page);
}

#[test]
fn fault_28_a_page_that_is_not_listed_holds_nothing_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, unlisted_page);
}

#[test]
fn fault_28_a_page_that_is_not_listed_holds_nothing_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, unlisted_page);
}

// 27: a listed page that wants to know and do more than it may.

/// A page that was there first, and has changed all that the element could use.
const SPY: &str = r"
window.told = [];
window.stolen = [];
window.ports = [];
const text = JSON.stringify;
const keep = (...all) => {
  for (const one of all) {
    try { stolen.push(typeof one === 'string' ? one : text(one) ?? String(one)); }
    catch { stolen.push(String(one)); }
  }
};
for (const name of ['ready', 'draft-saved', 'case-created', 'error', 'close'])
  addEventListener('casement-' + name, (event) => {
    told.push([event.type, event.detail]);
    keep(event.type, event.detail);
  });
for (const type of ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'change', 'paste', 'copy',
  'compositionupdate', 'focusin', 'pointerdown', 'submit'])
  addEventListener(type, (event) => keep('heard ' + type, event.key, event.data, event.target?.value), true);
addEventListener('message', (event) => keep('message', event.data), true);
const wrap = (owner, ...names) => {
  for (const name of names) {
    const plain = owner[name];
    owner[name] = function (...given) {
      keep(...given);
      const result = plain.apply(this, given);
      keep(result);
      return result;
    };
  }
};
wrap(window, 'fetch');
wrap(JSON, 'parse', 'stringify');
wrap(XMLHttpRequest.prototype, 'open', 'send', 'setRequestHeader');
wrap(Storage.prototype, 'setItem', 'getItem');
wrap(IDBObjectStore.prototype, 'put', 'add');
wrap(MessagePort.prototype, 'postMessage');
const shadow = Element.prototype.attachShadow;
Element.prototype.attachShadow = function () { return shadow.call(this, { mode: 'open' }); };
const Plain = MessageChannel;
window.MessageChannel = class extends Plain {
  constructor() {
    super();
    ports.push(this.port1);
    this.port1.addEventListener('message', (event) => keep('port', event.data));
  }
};
addEventListener('DOMContentLoaded', () => {
  const over = document.createElement('div');
  over.id = 'over';
  over.style.cssText = 'position:fixed;inset:0;z-index:2147483647;opacity:.02;background:red;pointer-events:none';
  document.body.append(over);
});
// All that can be asked of a frame.
window.pry = async () => {
  const frame = document.querySelector('casement-portal').shadowRoot.querySelector('iframe');
  const inside = frame.contentWindow;
  for (const ask of [() => frame.contentDocument, () => inside.document.body.innerText,
    () => inside.location.href, () => inside.localStorage, () => inside.indexedDB, () => inside.portal])
    try { keep(ask()); } catch { keep('refused'); }
  for (let one = 0; one < inside.length; one++) try { keep(inside[one].document.body.innerText); } catch {}
  keep(document.cookie, { ...localStorage }, { ...sessionStorage });
  for (const { name } of await indexedDB.databases()) keep(name);
  for (const root of [document, document.querySelector('casement-portal').shadowRoot])
    for (const one of root.querySelectorAll('*')) {
      keep(one.innerText, one.value);
      for (const { value } of one.attributes) keep(value);
    }
  return true;
};
// Messages that look as if they came from the portal, its sign-in or the element.
window.forge = () => {
  const frame = document.querySelector('casement-portal').shadowRoot.querySelector('iframe');
  const nonce = new URL(frame.src).hash.slice(1);
  const say = (message, ports = []) => frame.contentWindow.postMessage(message, '*', ports);
  const set = { type: 'set', settings: { lang: 'ja', subject: 'forged' } };
  const channel = new Plain();
  channel.port1.onmessage = ({ data }) => told.push(['second port', data]);
  say({ casement: 1, nonce, type: 'connect', settings: { lang: 'ja' } }, [channel.port2]);
  say({ casement: 1, nonce, ...set });
  say({ casement: 1, nonce, type: 'hand-over', code: 'a'.repeat(43) });
  say({ casement: 1, nonce, type: 'ask', id: 1, what: 'sign-out' });
  const port = ports.at(-1);
  for (const message of [{ ...set, casement: 1, nonce: '0'.repeat(32) }, { ...set, nonce },
    { ...set, casement: '1', nonce }, { casement: 1, nonce, type: 'ask', id: 2, what: 'read' },
    { casement: 1, nonce, type: 'ask', id: {}, what: 'sign-out' }, { casement: 1, nonce, type: 'place' },
    { casement: 1, nonce, type: '__proto__' }, 'sign-out', null, 7])
    port.postMessage(message);
  // What the page may say comes last: once it is done, the others were heard.
  port.postMessage({ casement: 1, nonce, type: 'set', settings: { lang: 'en', look: {
    'accent-hue': '12; background: url(//x.example)', radius: '3px', 'font-family': 'x;}body{color:red' } } });
  port.postMessage({ casement: 1, nonce, type: 'ask', id: 3, what: 'prefill', value: {} });
};";

const HOSTILE_PAGE: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>A vendor</title><script src="/spy.js"></script>
<script type="module" src="__PORTAL__/embed.js"></script></head>
<body><casement-portal policy="citrix" lang="en"></casement-portal></body></html>"#;

async fn hostile_page(desk: &mut Desk) {
    let file = |path, kind, content: &str| File {
        path,
        kind,
        content: content.into(),
    };
    let files = vec![
        file("/", "text/html", HOSTILE_PAGE),
        file("/spy.js", "text/javascript", SPY),
    ];
    let host = Host::serve(&origin(desk), "", files);
    allow(desk, &[host.other_site(), host.same_site()]);
    // Without TLS WebKit keeps no cookie for a frame of another site.
    let address = match desk.browser.engine() {
        Engine::WebKit => host.same_site(),
        _ => host.other_site(),
    };
    go(desk, &address).await;
    enter_frame(desk).await;
    sign_in(desk).await;
    enter_frame(desk).await;
    let portal = desk.portal();
    Flow(&portal).describe(PRIVATE).await;
    portal.until_saved().await;
    let mut secrets = cookies(desk).await;
    secrets.push(csrf(&portal).await);
    secrets.extend(["仮想".into(), "090-1234".into(), "佐藤".into()]);

    leave_frame(desk).await;
    let portal = desk.portal();
    portal
        .eval("window.forge(); return true;", Vec::new())
        .await;
    let answered = "return stolen.some((one) => /\"answer\"/.test(one) && /\"id\":3/.test(one));";
    until(desk, "the frame to have heard all of it", answered).await;
    assert_eq!(portal.eval_later("return await pry();").await, true);
    let stolen = portal.eval("return stolen.join('\\n');", Vec::new()).await;
    let stolen = stolen.as_str().unwrap_or_default();
    assert!(stolen.contains("frame.html#"), "the page looked");
    assert!(stolen.contains("hello"), "the page listened");
    for secret in &secrets {
        assert!(!stolen.contains(secret.as_str()), "the page has {secret}");
    }
    for sign in ["heard key", "heard input", "\"type\":\"answer\",\"id\":2"] {
        assert!(!stolen.contains(sign), "{sign} reached the page");
    }
    let told = portal
        .eval("return JSON.stringify(told);", Vec::new())
        .await;
    assert!(!told.to_string().contains("second port"), "{told}");

    // Nothing was done of what was forged: at most the sign-in of before was redeemed.
    enter_frame(desk).await;
    let script = "return [find('#f-brief').value, all('.app')[0].getAttribute('lang'),
        performance.getEntriesByType('resource').filter(({ name }) => name.includes('redeem')).length < 2,
        document.documentElement.style.cssText.replace(/\\s/g, '')];";
    let state = desk.portal().eval(script, Vec::new()).await;
    let expected = json!([PRIVATE, "en", true, "--casement-radius:3px;"]);
    assert_eq!(state, expected);
    leave_frame(desk).await;
}

#[test]
fn fault_27_a_hostile_page_reads_nothing_and_forges_nothing_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, hostile_page);
}

#[test]
fn fault_27_a_hostile_page_reads_nothing_and_forges_nothing_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, hostile_page);
}

#[test]
fn fault_27_a_hostile_page_reads_nothing_and_forges_nothing_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, hostile_page);
}

// 23: contents that were written to run, wherever a text is shown.

/// The two collections, as texts of their own (THIRD_PARTY.md).
fn hostile() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile");
    let of = |name: &str| -> Vec<String> {
        let text = read(&folder.join(name));
        serde_json::from_str(&text).expect("a list of texts")
    };
    let all = [of("html5sec.json"), of("dompurify.json")].concat();
    assert!(all.len() > 300, "both are there: {}", all.len());
    all
}

const ARTICLE: &str = "KB-1001";

/// Puts hostile texts into an article and behind every English text of a policy.
fn hostile_bundle(bundle: &Path) {
    let all = hostile();
    let path = bundle.join("knowledge/articles.json");
    let mut articles: Value = serde_json::from_str(&read(&path)).expect("articles are JSON");
    let mut list = articles.as_array_mut().into_iter().flatten();
    let article = list.find(|one| one["id"] == ARTICLE).expect("it is there");
    article["title"] = json!(all[0]);
    article["summary"] = json!(all[1]);
    article["body"] = json!(all.join("\n\n"));
    write(&path, articles.to_string());

    let path = bundle.join("policies/citrix.json");
    let mut policy: Value = serde_json::from_str(&read(&path)).expect("a policy is JSON");
    // Braces would stand for a value to be put in.
    let plain = all.iter().filter(|one| !one.contains(['{', '}']));
    let mut next = plain.cycle();
    add_to_texts(&mut policy, &mut next);
    write(&path, policy.to_string());
}

fn add_to_texts<'a>(json: &mut Value, next: &mut impl Iterator<Item = &'a String>) {
    match json {
        Value::Object(fields) if fields.get("en").is_some_and(Value::is_string) => {
            let text = fields["en"].as_str().unwrap_or_default();
            let more = next.next().map_or("", String::as_str);
            fields["en"] = json!(format!("{text} {more}"));
        }
        Value::Object(fields) => fields.values_mut().for_each(|one| add_to_texts(one, next)),
        Value::Array(list) => list.iter_mut().for_each(|one| add_to_texts(one, next)),
        _ => (),
    }
}

/// Everything on the page that could run, lead elsewhere or have been loaded from elsewhere.
const ACTIVE: &str = r"
const found = [];
const safe = ['http:', 'https:', 'mailto:', 'tel:'];
for (const one of [...document.querySelectorAll('*'), ...all('*')]) {
  for (const { name, value } of one.attributes) {
    if (/^on/i.test(name)) found.push(one.tagName + ' ' + name);
    if (!/^(href|src|srcset|action|formaction|data|poster|xlink:href|srcdoc|background|ping|style)$/i.test(name)) continue;
    if (name === 'style') { if (/url\(|expression/i.test(value)) found.push(value); continue; }
    let url;
    try { url = new URL(value, document.baseURI); } catch { continue; }
    if (!safe.includes(url.protocol)) found.push(one.tagName + ' ' + value);
  }
}
for (const one of all('script, iframe, frame, object, embed, applet, img, image, video, audio, source, base, meta, link, template, math, marquee, foreignObject, animate, set, style'))
  found.push(one.tagName);
for (const { name } of performance.getEntriesByType('resource'))
  if (new URL(name).origin !== location.origin) found.push(name);
return found;";

async fn nothing_active(portal: &Portal, at: &str) {
    let found = portal.eval(ACTIVE, Vec::new()).await;
    assert_eq!(found, json!([]), "{at}");
}

/// Waits until all of these stand on the page, each as it was written.
async fn all_there(portal: &Portal, what: &str, selector: &str, texts: &[String]) {
    let script = "const text = tidy(all(arguments[0]).map((one) => one.textContent).join(' '));
        if (!text) return null;
        return { missing: arguments[1].filter((one) => !text.includes(tidy(one))) };";
    let argument = vec![json!(selector), json!(texts)];
    let found = portal.until(what, script, argument).await;
    assert_eq!(found["missing"], json!([]), "{what}");
}

/// The texts in comments that each are short enough to be shown whole.
fn comments(all: &[String]) -> Vec<String> {
    let mut made = vec![String::new()];
    for one in all {
        if made
            .last()
            .is_none_or(|last| last.len() + one.len() > 12_000)
        {
            made.push(String::new());
        }
        if let Some(last) = made.last_mut() {
            last.push_str(one);
            last.push('\n');
        }
    }
    made
}

async fn hostile_texts(desk: &mut Desk) {
    // Control characters are not taken by the backend at all.
    let all: Vec<String> = hostile();
    let api = desk.api(SATO).await;
    for text in comments(&all) {
        api.add_comment(CASE, &text).await;
    }
    let portal = desk.portal();
    portal.open("/").await;
    portal.language("en").await;
    SignIn(&portal).choose_example("佐藤 美咲").await;
    portal.open(&format!("/cases/{CASE}")).await;
    portal.element(".timeline .event", None).await;
    all_there(&portal, "the comments", ".timeline", &all).await;
    nothing_active(&portal, "comments").await;

    portal.open(&format!("/knowledge/{ARTICLE}")).await;
    portal.element(".reader", None).await;
    // A line that begins like a heading or a list is one; what follows is its text.
    let whole: Vec<String> = all
        .iter()
        .filter(|one| !one.contains("\n\n") && !one.contains("\r\n\r\n"))
        .filter(|one| !one.lines().any(|line| line.starts_with(['#', '-'])))
        .cloned()
        .collect();
    all_there(&portal, "the article", ".reader", &whole).await;
    nothing_active(&portal, "an article").await;

    portal.press(".rail-first", None).await;
    portal.element("label.choice", None).await;
    let script = "return page().includes('<') && all('label.choice').length > 1;";
    portal.until("the policy's texts", script, Vec::new()).await;
    nothing_active(&portal, "a policy").await;
}

#[test]
fn fault_23_hostile_contents_stay_text_in_chromium() {
    with_bundle_in(Engine::Chromium, hostile_bundle, hostile_texts);
}

#[test]
fn fault_23_hostile_contents_stay_text_in_firefox() {
    with_bundle_in(Engine::Firefox, hostile_bundle, hostile_texts);
}

#[test]
fn fault_23_hostile_contents_stay_text_in_webkit() {
    with_bundle_in(Engine::WebKit, hostile_bundle, hostile_texts);
}

// 26: a script that runs after the start, with all that a script of the portal can do.

async fn script_after_start(desk: &mut Desk) {
    let portal = desk.portal();
    SignIn(&portal).open_as(SATO).await;
    Flow(&portal).describe(PRIVATE).await;
    portal.until_saved().await;
    let found = everything_kept(&portal).await;
    assert!(found.contains(PRIVATE), "the search sees what is kept");
    let mut tokens = cookies(desk).await;
    assert!(!tokens.is_empty(), "there is a session");
    tokens.push(csrf(&portal).await);
    tokens.push(casement_e2e::backend::PASSWORD.to_string() + "\"");
    for token in tokens {
        assert!(!found.contains(&token), "a script finds {token}");
    }
}

#[test]
fn fault_26_a_script_after_the_start_finds_no_token_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, script_after_start);
}

#[test]
fn fault_26_a_script_after_the_start_finds_no_token_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, script_after_start);
}

#[test]
fn fault_26_a_script_after_the_start_finds_no_token_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, script_after_start);
}

// 24: files whose names and contents are more than they say.

const NAMES: [&str; 5] = [
    "<img src=x onerror=alert(1)>.svg",
    "../../etc/passwd",
    "plan\u{202e}gol.html",
    "\"; filename=index.html; x=\".html",
    "javascript:alert(1).svg",
];
const DRAWING: &str = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>\
    <script>alert(1)</script></svg>";

async fn hostile_files(desk: &mut Desk) {
    let api = desk.api(SATO).await;
    for name in NAMES {
        api.add_file(CASE, name, "image/svg+xml", DRAWING).await;
    }
    let portal = desk.portal();
    portal.open("/").await;
    portal.language("en").await;
    SignIn(&portal).choose_example("佐藤 美咲").await;
    portal.open(&format!("/cases/{CASE}")).await;
    portal.until_count(".timeline a[download]", 5).await;
    portal.read(".file-name", Some(NAMES[0])).await;
    portal
        .read(".file-name", Some("plan⟨U+202E⟩gol.html"))
        .await;
    nothing_active(&portal, "names of files").await;
    let names = "return all('.timeline a[download]').map((one) => one.download);";
    for name in portal
        .eval(names, Vec::new())
        .await
        .as_array()
        .into_iter()
        .flatten()
    {
        let name = name.as_str().unwrap_or_default();
        assert!(!name.contains(['/', '\\', '\u{202e}']), "{name}");
    }
    // Opened by themselves they are saved, and nothing in them has the portal's origin.
    let script = "const found = [];
        for (const one of all('.timeline a[download]')) {
          const { headers } = await fetch(one.href);
          found.push(['content-type', 'content-security-policy', 'x-content-type-options']
            .map((name) => headers.get(name)).concat(headers.get('content-disposition').split(';')[0]));
        }
        return found;";
    let safe = json!([
        "application/octet-stream",
        "sandbox",
        "nosniff",
        "attachment"
    ]);
    let found = portal.eval_later(script).await;
    assert_eq!(found, json!([safe, safe, safe, safe, safe]));
}

#[test]
fn fault_24_hostile_files_are_saved_and_never_shown_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, hostile_files);
}

#[test]
fn fault_24_hostile_files_are_saved_and_never_shown_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, hostile_files);
}

#[test]
fn fault_24_hostile_files_are_saved_and_never_shown_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, hostile_files);
}

// 25: what the browser itself refuses, should the portal ever do it.

/// A script of the portal's own that hands an attack to every place that runs or loads texts. A
/// place has refused if it throws, or if the browser reports a violation.
const ATTACK: &str = r#"
const seen = [];
document.addEventListener('securitypolicyviolation', (event) => seen.push(event));
const run = 'window.hit = (window.hit ?? 0) + 1';
const markup = `<img src=x onerror="${run}"><svg onload="${run}"></svg><iframe srcdoc="<script>parent.hit = 1</script>"></iframe>`;
let elsewhere;
const make = (tag, values = {}) => Object.assign(document.createElement(tag), values);
const put = (one) => { document.body.append(one); return one; };
const places = {
  innerHTML: () => { put(make('div')).innerHTML = markup; },
  outerHTML: () => { put(make('div')).outerHTML = markup; },
  insertAdjacentHTML: () => document.body.insertAdjacentHTML('beforeend', markup),
  shadow: () => { put(make('div')).attachShadow({ mode: 'open' }).innerHTML = markup; },
  template: () => { const one = make('template'); one.innerHTML = markup; put(one.content); },
  fragment: () => put(document.createRange().createContextualFragment(markup)),
  parser: () => put(document.adoptNode(new DOMParser().parseFromString(markup, 'text/html').body)),
  write: () => document.write(markup),
  eval: () => (0, eval)(run),
  function: () => new Function(run)(),
  timeout: () => setTimeout(run, 0),
  interval: () => setInterval(run, 1e6),
  scriptText: () => { const one = make('script'); one.text = run; put(one); },
  scriptNode: () => { const one = make('script'); one.append(run); put(one); },
  scriptSource: () => put(make('script', { src: elsewhere })),
  scriptData: () => put(make('script', { src: 'data:text/javascript,' + run })),
  handler: () => { const one = put(make('button')); one.setAttribute('onclick', run); one.click(); },
  link: () => put(make('a', { href: 'javascript:' + run, target: '_self' })).click(),
  frame: () => put(make('iframe', { src: elsewhere })),
  frameText: () => put(make('iframe', { srcdoc: `<script>parent.${run}</script>` })),
  object: () => put(make('object', { data: elsewhere })),
  worker: () => new Worker('data:text/javascript,postMessage(1)'),
  sharedWorker: () => new SharedWorker('data:text/javascript,1'),
  import: () => import('data:text/javascript,' + run),
  serviceWorker: () => navigator.serviceWorker.register('/attack.js?other'),
  policy: () => trustedTypes.createPolicy('other', {}),
  samePolicy: () => trustedTypes.createPolicy('casement', { createScriptURL: (url) => url }),
  style: () => put(make('style', { textContent: 'body { background: red }' })),
  styleLine: () => put(make('div')).setAttribute('style', 'background: url(/x)'),
  image: () => put(make('img', { src: elsewhere })),
  fetch: () => fetch(elsewhere),
  socket: () => new WebSocket(elsewhere.replace('http', 'ws')),
  events: () => new EventSource(elsewhere),
  base: () => document.head.append(make('base', { href: elsewhere })),
  form: () => put(make('form', { action: elsewhere, method: 'post' })).submit(),
  styleSheet: () => put(make('link', { rel: 'stylesheet', href: elsewhere })),
};
addEventListener('message', async ({ data }) => {
  if (!data?.elsewhere) return;
  ({ elsewhere } = data);
  const open = [];
  for (const [name, attack] of Object.entries(places)) {
    const before = seen.length;
    let threw = false;
    try { await Promise.resolve(attack()); } catch { threw = true; }
    // Only what fails waits that long.
    const end = performance.now() + 4000;
    while (!threw && seen.length === before && performance.now() < end) await new Promise((go) => setTimeout(go, 5));
    if (!threw && seen.length === before) open.push(name);
  }
  const reports = seen.map((one) => [one.effectiveDirective, one.blockedURI, one.sample, one.documentURI, one.sourceFile, one.referrer]);
  const { headers } = await fetch(location.href);
  window.outcome = { open, hit: window.hit ?? 0, reports: JSON.stringify(reports), count: reports.length,
    policy: headers.get('content-security-policy') };
});
"#;

/// Makes the attack one of the portal's own scripts.
fn attacked(bundle: &Path) {
    write(&bundle.join("attack.js"), ATTACK);
    let page = bundle.join("index.html");
    let script = "<script type=\"module\" src=\"/attack.js\"></script></head>";
    write(&page, read(&page).replacen("</head>", script, 1));
}

async fn every_place(desk: &mut Desk) {
    // Each of the attacks is something the browser complains about.
    desk.forgive("");
    let portal = desk.portal();
    SignIn(&portal).open_as(SATO).await;
    portal.until_kept_for_offline().await;
    Flow(&portal).describe(PRIVATE).await;
    portal.until_saved().await;
    let other = Host::serve(&origin(desk), "", Vec::new());
    let script = "window.postMessage({ elsewhere: arguments[0] }, '*');";
    portal.eval(script, vec![json!(other.other_site())]).await;
    let script = "return window.outcome;";
    let outcome = portal.until("the attacks' end", script, Vec::new()).await;
    assert_eq!(outcome["hit"], 0, "something ran: {outcome:#}");
    assert_eq!(outcome["open"], json!([]), "not refused: {outcome:#}");
    assert!(outcome["count"].as_u64() > Some(5), "{outcome:#}");
    let reports = outcome["reports"].as_str().unwrap_or_default();
    for word in ["仮想", "090", "佐藤", "sato", "hokuto"] {
        assert!(!reports.contains(word), "{word} in {reports}");
    }
    assert_eq!(other.asked(), Vec::<String>::new(), "loaded from elsewhere");
    // The reports go nowhere, either.
    let policy = outcome["policy"].as_str().unwrap_or_default();
    assert!(policy.contains("require-trusted-types-for"), "{policy}");
    assert!(!policy.contains("report"), "{policy}");
}

#[test]
fn fault_25_every_place_that_would_run_a_text_refuses_it_in_chromium() {
    with_bundle_in(Engine::Chromium, attacked, every_place);
}

#[test]
fn fault_25_every_place_that_would_run_a_text_refuses_it_in_firefox() {
    with_bundle_in(Engine::Firefox, attacked, every_place);
}

#[test]
fn fault_25_every_place_that_would_run_a_text_refuses_it_in_webkit() {
    with_bundle_in(Engine::WebKit, attacked, every_place);
}

// 29: a profile that leads elsewhere, and a backend that does.

async fn led_elsewhere(desk: &mut Desk) {
    desk.forgive("/api/");
    desk.forgive("/away");
    let other = Host::serve(&origin(desk), "", Vec::new());
    let hop = Hop::before(desk.backend.address()).await;
    let session = desk.browser.session().clone();
    let by_script = desk.browser.engine() == Engine::WebKit;
    let portal = Portal::new(session, format!("http://{}", hop.address()), by_script);
    portal.open("/").await;
    portal.language("en").await;
    SignIn(&portal).choose_example("佐藤 美咲").await;
    portal.open(&format!("/cases/{CASE}")).await;
    hop.send_elsewhere("POST /api/cases/", &format!("{}/away", other.other_site()));
    CasePage(&portal).comment(PRIVATE).await;
    hop.until_met(1).await;
    hop.mend();
    // Nobody followed, and nothing is lost.
    let api = desk.api(SATO).await;
    let path = format!("/cases/{CASE}/comments");
    while !api.get(&path).await.to_string().contains(PRIVATE) {
        tokio::task::yield_now().await;
    }
    assert_eq!(other.asked(), Vec::<String>::new());
}

/// A profile in which everything that can lead elsewhere does.
async fn hostile_profile(desk: &mut Desk) {
    let other = Host::serve(&origin(desk), "", Vec::new());
    let elsewhere = other.other_site();
    let path = desk.bundle().join("backends/native.json");
    let mut profile: Value = serde_json::from_str(&read(&path)).expect("a profile is JSON");
    profile["name"] = json!(hostile()[6]);
    profile["origins"] = json!([elsewhere, "javascript:alert(1)"]);
    profile["session"]["check"] = json!({ "url": format!("{elsewhere}/session") });
    profile["resources"]["case"]["get"]["url"] = json!(format!("{elsewhere}/cases/{{id}}"));
    profile["resources"]["case"]["create"]["url"] = json!("javascript:alert(1)");
    profile["resources"][hostile()[7].as_str()] = json!({ "get": { "url": "//localhost/x" } });
    write(&path, profile.to_string());
    let portal = desk.portal();
    portal.open("/").await;
    portal.see("backends/native.json").await;
    portal.see("javascript:alert(1)").await;
    nothing_active(&portal, "a profile").await;
    assert_eq!(other.asked(), Vec::<String>::new());
}

#[test]
fn fault_29_a_redirect_is_not_followed_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, led_elsewhere);
}

#[test]
fn fault_29_a_redirect_is_not_followed_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, led_elsewhere);
}

#[test]
fn fault_29_a_redirect_is_not_followed_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, led_elsewhere);
}

#[test]
fn fault_29_a_hostile_profile_is_refused_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, hostile_profile);
}

#[test]
fn fault_29_a_hostile_profile_is_refused_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, hostile_profile);
}

#[test]
fn fault_29_a_hostile_profile_is_refused_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, hostile_profile);
}

//! The portal on other people's pages: in a frame and as a part of the page.

use std::fs;
use std::path::Path;

use casement_e2e::environment::tools;
use casement_e2e::host::{File, Host};
use casement_e2e::pages::{Flow, Review, SignIn, sign_in::SATO};
use casement_e2e::servers::SignInService;
use casement_e2e::{Desk, Engine, Portal, with_bundle, with_bundle_in};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

/// What a careful host sends: nothing but its own files, the element and its frame.
const STRICT: &str = "default-src 'none'; script-src 'self' __PORTAL__; style-src 'self'; \
    frame-src __PORTAL__; base-uri 'none'";
/// One that forgot to allow frames.
const NO_FRAMES: &str = "default-src 'none'; script-src 'self' __PORTAL__; style-src 'self'";
const FAULT: &str = "仮想デスクトップが起動できない";

/// Notes what the element tells and what reaches the page from inside.
const NOTE: &str = r"
window.told = [];
window.heard = [];
window.warned = [];
const warn = console.warn;
console.warn = (...words) => (warned.push(words.join(' ')), warn(...words));
for (const name of ['ready', 'draft-saved', 'case-created', 'error', 'close'])
  addEventListener('casement-' + name, (event) => {
    told.push([event.type, event.detail, event.target.id]);
    if (event.target.dataset.keep) event.preventDefault();
  });
for (const type of ['keydown', 'keyup', 'input', 'wheel'])
  document.addEventListener(type, (event) => heard.push(type + ' ' + event.key));
";

/// A site that takes away whatever a page inherits, and writes from right to left.
const RESET: &str = "* { all: unset; font: 0/0 serif; color: red; direction: rtl; \
    text-transform: uppercase; letter-spacing: 1em } html { font-size: 10px } \
    body, casement-portal { display: block }";

fn site(desk: &Desk, policy: &str, body: &str) -> Host {
    site_for(
        desk,
        &format!("http://{}", desk.backend.address()),
        policy,
        body,
    )
}

/// A vendor's site for a portal at an origin.
fn site_for(desk: &Desk, portal: &str, policy: &str, body: &str) -> Host {
    let page = format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A vendor</title>
        <link rel="stylesheet" href="/reset.css"><script src="/note.js"></script>
        <script type="module" src="__PORTAL__/embed.js"></script>
        <script type="module" src="__PORTAL__/embed.js?again"></script></head>
        <body>{body}</body></html>"#
    );
    let file = |path, kind, content: &str| File {
        path,
        kind,
        content: content.into(),
    };
    let host = Host::serve(
        portal,
        policy,
        vec![
            file("/", "text/html", &page),
            file(
                "/inner",
                "text/html",
                &page.replace("<body>", "<body><!-- inside -->"),
            ),
            file("/note.js", "text/javascript", NOTE),
            file("/reset.css", "text/css", RESET),
        ],
    );
    allow(desk, &[host.other_site(), host.same_site()]);
    host
}

/// Lets pages of these origins hold the portal, and no others.
pub(crate) fn allow(desk: &Desk, origins: &[String]) {
    settle(desk, |portal| portal["embed"]["origins"] = json!(origins));
}

/// Changes the deployment.
fn settle(desk: &Desk, change: impl FnOnce(&mut Value)) {
    let portal = desk.bundle().join("portal.json");
    let text = fs::read_to_string(&portal).expect("the bundle has a portal.json");
    let mut json: Value = serde_json::from_str(&text).expect("it is JSON");
    change(&mut json);
    fs::write(&portal, json.to_string()).expect("the copy can be written");
}

fn as_it_is(_: &Path) {}

pub(crate) async fn go(desk: &Desk, address: &str) {
    desk.browser
        .session()
        .goto(address)
        .await
        .expect("the page can be opened");
}

/// Waits for a condition on the page itself.
pub(crate) async fn until(desk: &Desk, what: &str, script: &str) -> Value {
    desk.portal().until(what, script, Vec::new()).await
}

/// Goes into the element's frame, where all is as in the portal itself.
pub(crate) async fn enter_frame(desk: &Desk) {
    until(
        desk,
        "the frame",
        "return told.some(([type]) => type === 'casement-ready');",
    )
    .await;
    enter_frame_of(desk, "casement-portal").await;
}

/// Goes into the frame of an element that has one.
async fn enter_frame_of(desk: &Desk, element: &str) {
    let session = desk.browser.session();
    let script =
        "return document.querySelector(arguments[0]).shadowRoot?.querySelector('iframe') != null;";
    desk.portal()
        .until("the frame", script, vec![json!(element)])
        .await;
    let frame = session
        .execute(
            "return document.querySelector(arguments[0]).shadowRoot.querySelector('iframe');",
            vec![json!(element)],
        )
        .await
        .expect("the script runs");
    let frame = frame.element().expect("there is a frame");
    frame.enter_frame().await.expect("the frame can be entered");
}

/// Takes an element out of the page, and waits until nothing of it is left.
async fn remove(desk: &Desk, selector: &str) {
    let script = "const one = document.querySelector(arguments[0]);
        window.gone = one.shadowRoot; one.remove();";
    desk.portal().eval(script, vec![json!(selector)]).await;
    let script = "return window.gone.childElementCount === 0;";
    until(desk, "nothing to be left", script).await;
}

pub(crate) async fn leave_frame(desk: &Desk) {
    let session = desk.browser.session();
    session
        .enter_default_frame()
        .await
        .expect("the page is still there");
}

/// Signs in as a person does: in the window that opens, which then is gone.
pub(crate) async fn sign_in(desk: &Desk) {
    let portal = desk.portal();
    let page = portal.session().window().await.expect("a window");
    press_for_a_window(&portal).await;
    portal.click("button.example", "佐藤 美咲").await;
    until_alone(&portal, &page).await;
}

/// Presses the sign-in, and goes into the window that opens for it.
async fn press_for_a_window(portal: &Portal) {
    let session = portal.session();
    let before = session.windows().await.expect("the windows");
    portal.button("Sign in").await;
    let window = loop {
        let windows = session.windows().await.expect("the windows");
        if let Some(window) = windows.into_iter().find(|one| !before.contains(one)) {
            break window;
        }
        tokio::task::yield_now().await;
    };
    session
        .switch_to_window(window)
        .await
        .expect("the window is there");
}

/// Waits until the windows of the sign-in are gone, and goes back to the page.
async fn until_alone(portal: &Portal, page: &WindowHandle) {
    let session = portal.session();
    while session.windows().await.expect("the windows").len() > 1 {
        tokio::task::yield_now().await;
    }
    session
        .switch_to_window(page.clone())
        .await
        .expect("the page is there");
}

async fn in_a_frame(desk: &mut Desk) {
    let body = r#"<h1>A vendor's page</h1><div id="one"><casement-portal id="a" policy="citrix" lang="en"></casement-portal></div><div id="two"></div>"#;
    let host = site(desk, STRICT, body);
    let engine = desk.browser.engine();
    // Without TLS WebKit keeps no cookie for a frame of another site.
    let origin = match engine {
        Engine::WebKit => host.same_site(),
        _ => host.other_site(),
    };
    go(desk, &origin).await;
    enter_frame(desk).await;
    sign_in(desk).await;
    enter_frame(desk).await;
    let portal = desk.portal();
    let flow = Flow(&portal);
    flow.describe(FAULT).await;
    portal.until_saved().await;
    portal.see("Drafts written here stay in this browser").await;
    move_in_place(desk).await;
    if engine == Engine::Chromium {
        finish(desk).await;
    }
    leave_frame(desk).await;
    let told = until(
        desk,
        "the page to hear of the draft",
        "return told.some(([type]) => type === 'casement-draft-saved') && JSON.stringify(told);",
    )
    .await;
    let told = told.as_str().unwrap_or_default().to_string();
    assert!(
        !told.contains("仮想"),
        "the page was told what was written: {told}"
    );
    let heard = until(desk, "what the page heard", "return [heard];").await;
    assert_eq!(heard[0], json!([]), "keys of the frame reached the page");
}

/// A page that moves the element with `moveBefore` moves what is in it; in Firefox, which loads frames
/// again all the same, one goes on where one was.
async fn move_in_place(desk: &Desk) {
    let portal = desk.portal();
    portal.eval("window.stays = true;", Vec::new()).await;
    leave_frame(desk).await;
    let script = "const place = document.querySelector('#two');
        if (place.moveBefore) place.moveBefore(document.querySelector('#a'), null);";
    portal.eval(script, Vec::new()).await;
    let loads_again = desk.browser.engine() == Engine::Firefox;
    if loads_again {
        let script = "return told.filter(([type]) => type === 'casement-ready').length > 1;";
        until(desk, "the frame to be there again", script).await;
    }
    enter_frame(desk).await;
    let stays = portal
        .eval("return window.stays === true;", Vec::new())
        .await;
    assert_eq!(stays, json!(!loads_again), "what was in the frame");
    portal.until_value("#f-brief", FAULT).await;
}

async fn finish(desk: &Desk) {
    let portal = desk.portal();
    let flow = Flow(&portal);
    portal.button("Open a case").await;
    portal.heading("Which entitlement does it use?").await;
    flow.mark("Partner Support Priority").await;
    flow.go_on("Prepare the fault report").await;
    flow.product("cvad", "2402-ltsr").await;
    flow.mark("Fill it in here").await;
    portal.write("#f-report-environment", "2402 LTSR CU1").await;
    flow.go_on("Describe the case").await;
    flow.severity("3").await;
    portal.write("#f-customer_name", "青空信用金庫").await;
    flow.go_on("How can the engineer reach you?").await;
    flow.go_on("Check and send").await;
    let number = Review(&portal).send().await.number().await;
    leave_frame(desk).await;
    let script = "return told.find(([type]) => type === 'casement-case-created')?.[1];";
    let case = until(desk, "the page to hear of the case", script).await;
    assert_eq!(case["number"], number.as_str());
    let filed = desk.api(SATO).await.the_case_about(FAULT).await;
    assert_eq!(case["case"], filed["id"]);
}

#[test]
fn new_11_a_case_is_filed_in_a_frame_of_another_site_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, in_a_frame);
}

#[test]
fn new_11_a_draft_is_kept_in_a_frame_of_another_site_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, in_a_frame);
}

#[test]
fn new_11_a_draft_is_kept_in_a_frame_of_another_origin_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, in_a_frame);
}

/// Signs in at the provider's own pages, and agrees.
async fn at_the_providers_page(portal: &Portal) {
    for (selector, text) in [
        ("input[name=login]", SATO),
        ("input[name=password]", "any"),
        ("button[type=submit]", ""),
    ] {
        let found = portal.session().query(By::Css(selector)).first().await;
        let found = found.expect("the provider asks for it");
        let done = match text.is_empty() {
            true => found.click().await,
            false => found.send_keys(text).await,
        };
        done.expect("it can be used");
    }
    let asked = portal.session().query(By::Css("input[name=password]"));
    asked.not_exists().await.expect("the provider goes on");
    let agree = portal
        .session()
        .query(By::Css("button[type=submit]"))
        .first()
        .await;
    let agree = agree.expect("the provider asks");
    agree.click().await.expect("it can be pressed");
}

async fn at_a_provider(desk: &mut Desk) {
    for expected in ["401", "favicon.ico"] {
        desk.forgive(expected);
    }
    let service = SignInService::before(desk.backend.address());
    settle(desk, |portal| {
        portal["sign_in"] = json!({ "issuer": service.issuer(), "client_id": "casement" });
    });
    let origin = format!("http://{}", service.address());
    let body =
        r#"<casement-portal id="a" policy="citrix" lang="en" load="eager"></casement-portal>"#;
    let host = site_for(desk, &origin, "", body);
    go(desk, &host.other_site()).await;
    enter_frame(desk).await;
    let portal = Portal::new(desk.browser.session().clone(), origin, false);
    let page = portal.session().window().await.expect("a window");
    press_for_a_window(&portal).await;
    press_for_a_window(&portal).await;
    at_the_providers_page(&portal).await;
    until_alone(&portal, &page).await;
    enter_frame(desk).await;
    portal.see("北斗システムズ株式会社").await;
    assert_eq!(
        service.control("counts").await,
        (1, 0),
        "one code, one frame"
    );
    let script =
        "return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]);";
    let kept = portal.eval(script, Vec::new()).await.to_string();
    for token in service.tokens().await {
        assert!(!kept.contains(&token), "a token was kept");
    }
}

#[test]
fn new_11_a_sign_in_at_a_provider_comes_into_a_frame_of_another_site_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, at_a_provider);
}

#[test]
fn new_11_a_sign_in_at_a_provider_comes_into_a_frame_of_another_site_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, at_a_provider);
}

#[test]
fn new_11_a_sign_in_at_a_provider_comes_into_a_frame_of_another_site_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, at_a_provider);
}

#[test]
fn new_11_nothing_is_loaded_before_it_is_seen_and_a_button_opens_a_dialog() {
    with_bundle(as_it_is, async |desk| {
        let body = r#"<casement-portal id="b" view="button" data-keep="1"></casement-portal>
            <casement-portal id="c" load="interaction" view="everything" polcy="x"></casement-portal>"#;
        let host = site(desk, "", body);
        go(desk, &host.other_site()).await;
        let script = "return customElements.get('casement-portal') && \
            document.querySelector('#c').shadowRoot?.textContent.includes('Open support');";
        until(desk, "the elements", script).await;
        let loaded = until(
            desk,
            "what was loaded",
            "return [performance.getEntriesByType('resource').map((one) => one.name)
                .filter((name) => !/embed.js|note.js|reset.css|favicon/.test(name))];",
        )
        .await;
        assert_eq!(loaded[0], json!([]), "something was loaded");
        let view = until(
            desk,
            "the view",
            "return document.querySelector('#c').view;",
        )
        .await;
        assert_eq!(view, "full");
        let warned = until(desk, "the warnings", "return [warned];")
            .await
            .to_string();
        for said in [
            "view=\\\"everything\\\" is not one of full,new-case,cases,entitlements,button; taken as full",
            "no attribute \\\"polcy\\\", only policy,customer",
        ] {
            assert!(warned.contains(said), "{said}: {warned}");
        }

        let press = "const inside = document.querySelector('#b').shadowRoot;
            inside.querySelector('[part=button]').click();
            return inside.querySelector('dialog').open;";
        until(desk, "the dialog", press).await;
        enter_frame(desk).await;
        desk.portal().heading("Sign in").await;
        leave_frame(desk).await;
        let kept = desk
            .portal()
            .eval_later("return await document.querySelector('#b').close();")
            .await;
        assert_eq!(kept, false, "the page keeps it open");
        let script = "const b = document.querySelector('#b'); delete b.dataset.keep;
            b.close(); return !b.shadowRoot.querySelector('dialog').open;";
        until(desk, "the dialog to close", script).await;
        remove(desk, "#b").await;
    });
}

#[test]
fn new_11_a_frame_that_may_not_be_shown_says_so_and_where_help_is() {
    with_bundle(as_it_is, async |desk| {
        desk.forgive("frame-src");
        desk.forgive("default-src");
        desk.forgive("casement-portal:");
        let body = r#"<casement-portal id="a" lang="ja" support-url="mailto:help@vendor.example"></casement-portal>"#;
        let host = site(desk, NO_FRAMES, body);
        go(desk, &host.other_site()).await;
        let script = "const inside = document.querySelector('#a').shadowRoot;
            const text = inside?.querySelector('[role=alert]')?.textContent ?? '';
            return text.includes('表示できません')
                && [...inside.querySelectorAll('a')].map((one) => one.href);";
        let ways = until(desk, "the message", script).await;
        assert_eq!(ways[1], "mailto:help@vendor.example");
        let told = until(desk, "the event", "return told[0];").await;
        assert_eq!(
            told,
            json!(["casement-error", {"reason": "frame-forbidden"}, "a"])
        );
    });
}

/// The portal as a part of a page of its own origin.
fn inline_page(bundle: &Path) {
    let page = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Own</title>
        <link rel="icon" href="/icons/favicon.svg">        <link rel="stylesheet" href="/reset.css"><script src="/note.js"></script>
        <script type="module" src="/embed.js"></script></head>
        <body><input id="own"><div id="one"></div><div id="two"></div></body></html>"#;
    for (name, content) in [("own.html", page), ("note.js", NOTE), ("reset.css", RESET)] {
        fs::write(bundle.join(name), content).expect("the copy can be written");
    }
}

#[test]
fn new_11_a_part_of_the_page_leaves_the_page_alone_and_survives_a_move() {
    with_bundle(inline_page, async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        portal.language("en").await;
        SignIn(&portal).choose_example("佐藤 美咲").await;
        go(desk, &format!("http://{}/own.html", desk.backend.address())).await;
        let script = "const one = document.createElement('casement-portal');
            one.id = 'a'; one.mode = 'inline'; one.view = 'new-case'; one.policy = 'citrix';
            one.lang = 'en';
            one.subject = 'From the page'; document.querySelector('#own').focus();
            document.querySelector('#one').append(one);
            window.before = [history.length, location.href, document.title];";
        portal.eval(script, Vec::new()).await;
        let flow = Flow(&portal);
        portal.heading("What do you need?").await;
        let own = "return document.activeElement.id;";
        assert_eq!(
            portal.eval(own, Vec::new()).await,
            "own",
            "the focus was taken"
        );
        flow.mark("I have a technical issue").await;
        flow.go_on("What is happening?").await;
        let wheel = "find('#f-brief').dispatchEvent(new WheelEvent('wheel', \
            { bubbles: true, composed: true, deltaY: 9 }));";
        portal.eval(wheel, Vec::new()).await;
        portal.write("#f-brief", FAULT).await;
        portal.until_saved().await;
        let script = "const a = document.querySelector('#a');
            document.querySelector('#two').append(a);";
        portal.eval(script, Vec::new()).await;
        let script = "return document.querySelector('#two > #a') && find('#f-brief')?.value;";
        let kept = until(desk, "the text after the move", script).await;
        assert_eq!(kept, FAULT);
        let script = "return [[history.length, location.href, document.title], before,
            document.adoptedStyleSheets.length, document.head.querySelectorAll('style').length,
            heard.length, parseFloat(getComputedStyle(find('#f-brief')).fontSize) >= 16,
            getComputedStyle(find('#f-brief')).direction, !all('.rail').length];";
        let state = until(desk, "the page", script).await;
        assert_eq!(state[0], state[1]);
        assert_eq!(state[2], 0);
        assert_eq!(state[3], 0);
        assert_eq!(state[4], 0, "keys reached the page");
        assert_eq!(state[5], true, "the text is too small");
        assert_eq!(state[6], "ltr");
        assert_eq!(state[7], true, "this view has no menu");
        remove(desk, "#a").await;
    });
}

/// A file of docs/examples; those that are built are where the tests' tools say.
fn example(path: &'static str) -> File {
    let file = match path.ends_with('/') {
        true => format!("{path}index.html"),
        false => path.to_string(),
    };
    let folder = match path.starts_with("/demo/") {
        true => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples"),
        false => tools().examples.clone(),
    };
    let file = folder.join(file.trim_start_matches('/'));
    let content = fs::read_to_string(&file);
    File {
        path,
        kind: match path.rsplit_once('.') {
            Some((_, "js")) => "text/javascript",
            Some((_, "css")) => "text/css",
            _ => "text/html",
        },
        content: content.unwrap_or_else(|error| panic!("{}: {error}", file.display())),
    }
}

/// The page to try it on, and a page for each way to write one.
async fn every_page(desk: &mut Desk) {
    let mut files: Vec<File> = [
        "/plain/",
        "/react/",
        "/react/main.js",
        "/vue/",
        "/vue/main.js",
        "/demo/",
        "/demo/demo.js",
        "/demo/demo.css",
    ]
    .map(example)
    .into();
    for file in &mut files {
        file.content = file.content.replace("__POLICIES__", "[\"citrix\"]");
    }
    let portal = format!("http://{}", desk.backend.address());
    let host = Host::serve(&portal, STRICT, files);
    allow(desk, &[host.other_site(), host.same_site()]);
    try_the_demo(desk, &host).await;
    for page in ["plain", "react", "vue"] {
        go(desk, &format!("{}/{page}/", host.other_site())).await;
        if page != "plain" {
            let script = "return document.body.innerText.includes('Support is ready.');";
            until(desk, &format!("{page} to hear that it is ready"), script).await;
            let script = "const line = document.querySelector('input');
                const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
                set.call(line, 'SN-2'); line.dispatchEvent(new Event('input', { bubbles: true }));";
            desk.portal().eval(script, Vec::new()).await;
        }
        let wanted = match page {
            "plain" => "SN-0400-77",
            _ => "SN-2",
        };
        let script =
            "return host.serialNumber === arguments[0] && root.querySelector('iframe') != null
            && root.querySelector('[part=placeholder]') == null;";
        let what = format!("the portal in {page}");
        desk.portal()
            .until(&what, script, vec![json!(wanted)])
            .await;
    }
}

/// What somebody does on the page to try it on: sees it begin, changes what it shows, copies the code.
async fn try_the_demo(desk: &Desk, host: &Host) {
    go(desk, &format!("{}/demo/", host.other_site())).await;
    let script = "document.querySelector('#support').scrollIntoView();
        return document.querySelector('#events').textContent.includes('casement-ready');";
    until(desk, "the widget", script).await;
    let script = "const { view, 'accent-hue': hue } = document.querySelector('#settings').elements;
        view.value = 'cases'; hue.value = 20;
        view.dispatchEvent(new Event('input', { bubbles: true }));
        const lang = document.querySelector('#page-lang');
        lang.value = 'ja'; lang.dispatchEvent(new Event('change', { bubbles: true }));";
    desk.portal().eval(script, Vec::new()).await;
    let script = "const code = document.querySelector('#source').textContent;
        const widget = document.querySelector('#widget');
        return code.includes('view=\"cases\"') && code.includes('--casement-accent-hue: 20;')
            && document.documentElement.lang === 'ja' && widget.view === 'cases'
            && document.querySelectorAll('#events b').length > 1
            && !widget.shadowRoot.querySelector('.wait');";
    until(desk, "the changed widget", script).await;
    enter_frame_of(desk, "#widget").await;
    desk.portal().heading("サインイン").await;
    leave_frame(desk).await;
}

#[test]
fn new_11_the_demo_and_pages_in_plain_html_react_and_vue_work_in_chromium() {
    with_bundle_in(Engine::Chromium, as_it_is, every_page);
}

#[test]
fn new_11_the_demo_and_pages_in_plain_html_react_and_vue_work_in_firefox() {
    with_bundle_in(Engine::Firefox, as_it_is, every_page);
}

#[test]
fn new_11_the_demo_and_pages_in_plain_html_react_and_vue_work_in_webkit() {
    with_bundle_in(Engine::WebKit, as_it_is, every_page);
}

/// A bundle whose frame can do something only after `window.lacking` was run in it: what the browser
/// of whoever reads the page has not, or does not allow.
fn lacking(bundle: &Path, what: &str) {
    fs::write(bundle.join("lacking.js"), what).expect("the copy can be written");
    let frame = bundle.join("frame.html");
    let page = fs::read_to_string(&frame).expect("the bundle has a frame");
    let page = page.replacen("<script", "<script src=\"/lacking.js\"></script><script", 1);
    fs::write(&frame, page).expect("the copy can be written");
    // A compressed one would be the one as it was.
    let _ = fs::remove_file(bundle.join("frame.html.br"));
}

#[test]
fn new_11_without_webassembly_one_is_told_and_led_on() {
    let without = |bundle: &Path| lacking(bundle, "delete globalThis.WebAssembly;");
    with_bundle(without, async |desk| {
        desk.forgive("casement");
        desk.forgive("WebAssembly");
        let body = r#"<casement-portal id="a" lang="en" load="eager" support-url="tel:+81-3-0000"></casement-portal>"#;
        let host = site(desk, STRICT, body);
        go(desk, &host.other_site()).await;
        let script = "const message = document.querySelector('#a').shadowRoot?.querySelector('[role=alert]');
            return message && [message.textContent, [...message.querySelectorAll('a')].map((one) => one.href)];";
        let said = until(desk, "the message", script).await;
        let text = said[0].as_str().unwrap_or_default();
        assert!(text.contains("can’t be shown here"), "{text}");
        assert_eq!(said[1][1], "tel:+81-3-0000");
        let told = until(desk, "the event", "return told[0];").await;
        assert_eq!(
            told,
            json!(["casement-error", {"reason": "not-loaded"}, "a"])
        );
    });
}

/// A browser that keeps nothing for a frame.
const REFUSING: &str = r"
for (const name of ['indexedDB', 'localStorage', 'sessionStorage', 'caches'])
  Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
";

#[test]
fn new_11_what_a_browser_refuses_and_a_page_asks_in_vain_is_told_in_the_frame() {
    let refusing = |bundle: &Path| lacking(bundle, REFUSING);
    with_bundle(refusing, async |desk| {
        desk.forgive("casement");
        let body = r#"<dialog id="d"><casement-portal id="a" lang="en" load="eager"></casement-portal></dialog>
            <casement-portal id="b" policy="nobodys" lang="ja" load="eager"></casement-portal>"#;
        let host = site(desk, "", body);
        settle(desk, |portal| {
            portal["embed"]["support"] = json!("https://help.vendor.example/");
        });
        go(desk, &host.other_site()).await;
        let portal = desk.portal();
        let open = "document.querySelector('#d').showModal();";
        portal.eval(open, Vec::new()).await;

        // A policy that the deployment has not: what is wrong, and where help is.
        enter_frame_of(desk, "#b").await;
        portal.heading("ポータルを開始できません").await;
        portal.see("policy=\"nobodys\": portal.json offers").await;
        let help = portal
            .element("main a", Some("サポートに問い合わせる"))
            .await;
        let help = help.attr("href").await.expect("a link has one");
        assert_eq!(help.as_deref(), Some("https://help.vendor.example/"));
        leave_frame(desk).await;

        // In a dialog of the page, where the browser opens no window: a link does.
        enter_frame_of(desk, "#a").await;
        let shut = "window.plain = window.open; window.open = () => null;";
        portal.eval(shut, Vec::new()).await;
        portal.button("Sign in").await;
        let link = portal.element("a[rel=opener]", None).await;
        let link = link.attr("href").await.expect("a link has one");
        assert!(link.is_some_and(|link| link.contains("/hand-over.html#")));
        portal.eval("window.open = window.plain;", Vec::new()).await;

        // Where nothing is kept, one can work all the same, and knows it.
        sign_in(desk).await;
        enter_frame_of(desk, "#a").await;
        portal.see("青空信用金庫").await;
        portal.see("Not saved on this device").await;
    });
}

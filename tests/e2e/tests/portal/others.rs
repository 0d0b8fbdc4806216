//! Ticket systems that are not ours, through the portal's own pages and behind a proxy that puts them
//! below a path of the portal's origin: one person's day, once at each system.

use std::fs;

use casement_e2e::hop::Hop;
use casement_e2e::pages::{CaseAct, CasePage, Cases, Flow, Pending, Review};
use casement_e2e::patience::{PATIENCE, PAUSE};
use casement_e2e::servers::{PREFIX, Proxy, Server, request_tracker, roundup};
use casement_e2e::{Desk, Portal, in_chromium};
use serde_json::{Value, json};

use crate::desks::{REQUEST_TRACKER, ROUNDUP, System, profile};
use crate::offline::network;

/// What the ticket system itself says, past the portal.
struct Books<'a> {
    server: &'a Server,
    roundup: bool,
}

impl Books<'_> {
    /// How many cases have this subject.
    async fn cases(&self, subject: &str) -> usize {
        let (path, rows, name) = match self.roundup {
            true => (
                "/desk/rest/data/issue?@fields=title",
                "/data/collection",
                "title",
            ),
            false => (
                "/REST/2.0/tickets?query=id>0&fields=Subject",
                "/items",
                "Subject",
            ),
        };
        let found = self.server.ask("GET", path, None).await;
        let rows = found.pointer(rows).and_then(Value::as_array);
        let rows = rows.into_iter().flatten();
        rows.filter(|one| one[name] == subject).count()
    }

    /// How many messages hold this text.
    async fn messages(&self, text: &str) -> usize {
        let (path, rows, name) = match self.roundup {
            true => (
                "/desk/rest/data/msg?@fields=content&@verbose=3",
                "/data/collection",
                "content",
            ),
            false => (
                "/REST/2.0/attachments?query=[{\"field\":\"id\",\"operator\":\">\",\"value\":0}]&fields=Content,Creator&per_page=100",
                "/items",
                "Content",
            ),
        };
        let found = self.server.ask("GET", path, None).await;
        let rows = found.pointer(rows).and_then(Value::as_array);
        let holds = |one: &&Value| {
            // What the system has mailed itself is kept as a message, too.
            if one["Creator"]["id"] == "RT_System" {
                return false;
            }
            let said = one[name].as_str().unwrap_or_default();
            // Request Tracker gives contents as Base64 here.
            let plain = casement::core::base64::decode(&said.replace('\n', ""));
            let plain = plain.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            said.contains(text) || plain.is_some_and(|plain| plain.contains(text))
        };
        rows.into_iter().flatten().filter(holds).count()
    }

    /// Changes the first case as an agent does: its status to "waits for the customer", or its
    /// severity to the highest.
    async fn change(&self, what: &str) {
        match (self.roundup, what) {
            (true, what) => {
                let path = "/desk/rest/data/issue/1";
                let issue = self.server.ask("GET", path, None).await;
                let mut change = json!({ "@etag": issue["data"]["@etag"] });
                match what {
                    "waits" => change["status"] = json!("4"),
                    _ => change["priority"] = json!("1"),
                }
                self.server.ask("PATCH", path, Some(change)).await;
            }
            (false, what) => {
                let change = match what {
                    "waits" => json!({ "Status": "stalled" }),
                    _ => json!({ "Priority": "100" }),
                };
                self.server
                    .ask("PUT", "/REST/2.0/ticket/1", Some(change))
                    .await;
            }
        }
    }

    /// Waits until there is so much of something.
    async fn until(&self, what: &str, count: impl AsyncFn() -> usize, wanted: usize) {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let found = count().await;
            if found == wanted {
                return;
            }
            assert!(
                std::time::Instant::now() < end,
                "{what}: {found} of {wanted}"
            );
            // These systems write into one file: who asks without a break keeps others from it.
            tokio::time::sleep(PAUSE * 10).await;
        }
    }
}

/// The profile as somebody sets it up: with the contracts and products of their own.
fn set_up(id: &str) -> Value {
    let mut profile = profile(id);
    profile["resources"]["entitlement"]["static"] = json!([
        { "id": "c", "name": "Care", "plan": "care", "status": "active", "contract_number": "1" }
    ]);
    profile
}

async fn sign_in(portal: &Portal, place: &str, server: &Server) {
    let field = |name: &str| format!("{place} #sign-in-{name}");
    portal.write(&field("email"), server.login()).await;
    portal.write(&field("password"), server.password()).await;
    let button = format!("{place} form button[type=submit]");
    portal.press(&button, Some("Sign in")).await;
}

/// The main job, up to the page that says what became of it.
async fn open_case(portal: &Portal, subject: &str) {
    let flow = Flow(portal);
    flow.begin_at("What is happening?").await;
    portal.write("#f-brief", subject).await;
    flow.go_on("What is it about?").await;
    flow.product("gateway", "3").await;
    flow.mark("Help with a fault").await;
    flow.go_on("How bad is it?").await;
    flow.mark("2 – Impaired").await;
    flow.go_on("Which contract should be used?").await;
    flow.mark("Care").await;
    flow.go_on("Tell us the details").await;
    portal.until_value("#f-subject", subject).await;
    portal
        .write("#f-description-seen", "The lights are red")
        .await;
    flow.go_on("How can we reach you?").await;
    flow.pick("region", "japan").await;
    flow.mark("Japanese").await;
    portal.write("#f-callback_number", "+81 3-5550-0142").await;
    flow.submit().await;
    Review(portal).answer("Subject").await;
    Review(portal).send().await;
}

/// Has the portal look for news now, as it does when somebody comes back to it.
async fn look(portal: &Portal) {
    let script = "window.dispatchEvent(new Event('focus'));";
    portal.eval(script, Vec::new()).await;
}

async fn one_day(desk: &mut Desk, system: &System, server: &Server) {
    for expected in [
        "401",
        "502",
        "412",
        // Without network, and where it is taken away in the middle of an answer.
        "ERR_INTERNET_DISCONNECTED",
        "ERR_FAILED",
        "favicon.ico",
    ] {
        desk.forgive(expected);
    }
    let hop = Hop::before(server.address()).await;
    let profile = set_up(system.profile);
    let settings = json!({
        "policies": ["ferrywell"], "backend": system.profile,
        "api": format!("{PREFIX}{}", system.base),
    });
    let proxy = Proxy::before(server, hop.address(), &settings, &profile);
    let origin = format!("http://{}", proxy.address());
    let portal = Portal::new(desk.browser.session().clone(), origin, false);
    let books = Books {
        server,
        roundup: system.profile == "roundup",
    };

    // The sign-in asks for what this system knows people by.
    portal.open("/").await;
    portal.language("en").await;
    portal
        .read("label[for=sign-in-email]", Some("User name"))
        .await;
    // Request Tracker leads whoever it does not know to a page of its own, which is no answer.
    if books.roundup {
        portal.write("#sign-in-email", server.login()).await;
        portal.write("#sign-in-password", "wrong").await;
        portal.press("form button[type=submit]", None).await;
        portal
            .see("The user name or the password is not right")
            .await;
    }
    sign_in(&portal, "main", server).await;
    portal.element(".rail", None).await;

    // The main job, with an answer that is lost on the way.
    hop.lose_answers(system.makes_case);
    open_case(&portal, "印刷できない").await;
    hop.until_met(1).await;
    hop.mend();
    portal.link("Open the case").await;
    portal.heading("印刷できない").await;
    assert_eq!(books.cases("印刷できない").await, 1, "it was made once");
    books
        .until(
            "what has no place of its own",
            async || books.messages("+81 3-5550-0142").await,
            1,
        )
        .await;
    portal.see("The lights are red").await;
    portal.see("Received").await;

    // What this system doesn't take is not offered, and that is said.
    portal
        .read(
            ".acts",
            Some("The vendor's system does not take this from here"),
        )
        .await;
    assert!(!portal.has(".acts a", Some("Escalate")).await);
    assert!(portal.has(".acts a", Some("Close")).await);

    // A comment; then one whose answer is lost.
    let page = CasePage(&portal);
    page.comment("二つ目: it prints half a page").await;
    books
        .until(
            "the comment",
            async || books.messages("it prints half a page").await,
            1,
        )
        .await;
    hop.lose_answers(system.makes_comment);
    page.comment("Said while the line was bad").await;
    hop.until_met(1).await;
    hop.mend();
    portal.until_count(".event-unsent", 0).await;
    assert_eq!(books.messages("Said while the line was bad").await, 1);

    // A file there and back.
    let folder = tempfile::TempDir::new().expect("a place for files");
    let file = folder.path().join("報告 1.bin");
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    fs::write(&file, &bytes).expect("a file can be written");
    page.add_files(&[&file]).await;
    portal
        .read(".timeline .file button", Some("Download"))
        .await;
    let keep = "window.brought = [];
        const plain = URL.createObjectURL;
        URL.createObjectURL = (blob) => { window.brought.push(blob); return plain.call(URL, blob); };";
    portal.eval(keep, Vec::new()).await;
    portal
        .press(".timeline .file button", Some("Download"))
        .await;
    portal
        .until("the file", "return window.brought.length;", Vec::new())
        .await;
    let whole = portal
        .eval_later(
            "const bytes = new Uint8Array(await window.brought[0].arrayBuffer());
             return bytes.length === 70000 && bytes.every((byte, at) => byte === at % 256);",
        )
        .await;
    assert_eq!(whole, json!(true), "the file comes back as it went");

    // Somebody at the desk sets the case to wait for the partner.
    books.change("waits").await;
    look(&portal).await;
    portal.read(".case-tags", Some("Waits for you")).await;

    // Two change the severity at the same time: nothing is overwritten, a person chooses.
    portal.click(".acts a", "Lower the severity").await;
    portal.heading("Lower the severity").await;
    network(&portal, false).await;
    CaseAct(&portal).choose("3 – Minor").await;
    CaseAct(&portal)
        .answer("reason", "There is a way around it")
        .await;
    CaseAct(&portal).ask().await;
    portal.element(".event-unsent", None).await;
    books.change("severity").await;
    network(&portal, true).await;
    Pending(&portal).open().await;
    portal.link("Choose what to keep").await;
    portal.heading("Two changes of one case").await;
    portal.until_count(".sides .side", 3).await;
    portal.button("Ask for it all the same").await;
    books
        .until(
            "the reason",
            async || books.messages("There is a way around it").await,
            1,
        )
        .await;

    // A case that is opened without network goes out later, also after the page was loaded anew and
    // one had to sign in again.
    network(&portal, false).await;
    open_case(&portal, "Opened on site").await;
    portal.see("It is kept on this device and sent once").await;
    network(&portal, true).await;
    books
        .until("the case", async || books.cases("Opened on site").await, 1)
        .await;
    let cases = Cases(&portal);
    cases.open().await;
    portal.reload().await;
    portal.element("dialog[open] #sign-in-password", None).await;
    portal.see("Opened on site").await;
    sign_in(&portal, "dialog[open]", server).await;
    portal
        .until(
            "the dialog to go",
            "return !find('dialog[open]');",
            Vec::new(),
        )
        .await;

    // Closed, with a word that arrives, too.
    cases.open_case("印刷できない").await;
    portal.click(".acts a", "Close").await;
    portal.heading("Close the case").await;
    CaseAct(&portal).confirm("The matter is settled").await;
    CaseAct(&portal)
        .answer("note", "Solved by a new cable")
        .await;
    CaseAct(&portal).ask().await;
    portal.read(".case-tags", Some("Closed")).await;
    books
        .until(
            "the note",
            async || books.messages("Solved by a new cable").await,
            1,
        )
        .await;
    assert_eq!(books.cases("印刷できない").await, 1);
    assert_eq!(books.cases("Opened on site").await, 1);
}

/// Days are long, and on every run `desks` speaks to the same systems; `--full` takes the days too.
fn takes_days() -> bool {
    std::env::var_os("CASEMENT_TEST_FULL").is_some()
}

#[test]
fn a_day_with_roundup_from_sign_in_to_closing() {
    if takes_days() {
        in_chromium(async |desk| one_day(desk, &ROUNDUP, &roundup()).await);
    }
}

#[test]
fn a_day_with_request_tracker_from_sign_in_to_closing() {
    // Debian's package is installed by the full tests only.
    if let Some(server) = takes_days().then(request_tracker).flatten() {
        in_chromium(async |desk| one_day(desk, &REQUEST_TRACKER, &server).await);
    }
}

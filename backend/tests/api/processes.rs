//! The program itself: several processes on one database, and how it starts and ends.

use crate::support::{
    CASE, Client, Database, SATO, body, header, new_case, on_database, on_empty_database, text,
};
use casement_backend::store::Store;
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A running program, ended with its test whatever happens.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(database: &Database) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_casement-backend"))
            .args(["serve", "--listen", "127.0.0.1:0", "--example-data"])
            .args(["--database", &database.url])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("the output is ours");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says that it is ready");
        let address = line
            .trim_end()
            .strip_prefix("casement-backend listening on http://")
            .expect("the line is as documented");
        let address = address.parse().expect("an address");
        Self { child, address }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn two_processes_on_one_database_behave_as_one() {
    on_database(async |database| {
        let programs = [Program::start(database), Program::start(database)];
        let here = Client::signed_in(programs[0].address, SATO).await;
        let there = here.at(programs[1].address);

        let case = here.file("key-00000001", "二つの窓口").await;
        assert_eq!(there.file("key-00000001", "二つの窓口").await, case);
        assert_eq!(there.file("key-00000002", "次").await["number"], "81000002");

        let id = text(&case, "id");
        let edit = json!({"description": "こちらで編集"});
        let edited = there.edit(&id, &text(&case, "version"), &edit).await;
        assert_eq!(edited.status(), StatusCode::OK);
        let stale = here.edit(&id, &text(&case, "version"), &edit).await;
        assert_eq!(stale.status(), StatusCode::PRECONDITION_FAILED);

        let upload = here
            .request(
                Method::POST,
                &format!("/api/cases/{CASE}/attachments?name=a.log"),
            )
            .header("Idempotency-Key", "key-00000003")
            .body("content")
            .send()
            .await
            .expect("an answer");
        let location = header(&upload, "location");
        let content = there.get(&format!("{location}/content")).await;
        assert_eq!(
            content.text().await.expect("the content arrives"),
            "content"
        );

        let cursor = text(&here.read("/api/changes?limit=500").await, "cursor");
        let news = there.read(&format!("/api/changes?since={cursor}")).await;
        assert_eq!(news["items"], json!([]));

        let end = there.request(Method::DELETE, "/api/session").send().await;
        assert_eq!(end.expect("an answer").status(), StatusCode::NO_CONTENT);
        assert_eq!(
            here.get("/api/account").await.status(),
            StatusCode::UNAUTHORIZED
        );
    });
}

#[test]
fn processes_that_start_at_once_on_an_empty_database_fill_it_once() {
    on_empty_database(async |database| {
        let starting: Vec<_> = (0..3)
            .map(|_| {
                let database = Database::same(database);
                std::thread::spawn(move || Program::start(&database))
            })
            .collect();
        let programs: Vec<Program> = starting
            .into_iter()
            .map(|thread| thread.join().expect("the program starts"))
            .collect();
        let sato = Client::signed_in(programs[0].address, SATO).await;
        let customers = sato.read("/api/customers?limit=500").await;
        assert_eq!(customers["items"].as_array().map(Vec::len), Some(25));
    });
}

#[test]
fn what_was_acknowledged_is_there_after_the_process_was_killed() {
    on_database(async |database| {
        let program = Program::start(database);
        let sato = Client::signed_in(program.address, SATO).await;
        let case = sato.file("key-00000001", "電源断").await;
        drop(program);

        let program = Program::start(database);
        let sato = sato.at(program.address);
        let read = sato
            .read(&format!("/api/cases/{}", text(&case, "id")))
            .await;
        assert_eq!(read, case, "also the session has survived");
        assert_eq!(sato.file("key-00000001", "電源断").await, case);
    });
}

#[test]
fn a_process_killed_while_many_send_leaves_every_operation_done_once_or_not_at_all() {
    on_database(async |database| {
        let program = Program::start(database);
        let sato = Client::signed_in(program.address, SATO).await;
        let senders: Vec<_> = (0..12).map(|number| (number, sato.clone())).collect();
        let (answered, mut first_answer) = tokio::sync::mpsc::channel(1);
        let sending: Vec<_> = senders
            .into_iter()
            .map(|(number, sato)| {
                let answered = answered.clone();
                tokio::spawn(async move {
                    let request = sato
                        .request(Method::POST, "/api/cases")
                        .header("Idempotency-Key", format!("key-of-sender-{number}"))
                        .json(&charged(number));
                    let _ = request.send().await;
                    let _ = answered.try_send(());
                })
            })
            .collect();
        // Once one is answered, the others are at every stage between sent and committed.
        first_answer.recv().await;
        drop(program);
        for sender in sending {
            sender.await.expect("the sender ends");
        }

        let store = Store::open(&database.url)
            .await
            .expect("the database opens");
        store.expire_leases().await.expect("the database answers");
        store.close().await;
        let program = Program::start(database);
        let sato = sato.at(program.address);
        for number in 0..12 {
            let key = format!("key-of-sender-{number}");
            let answer = sato.create("/api/cases", &key, &charged(number)).await;
            assert_eq!(answer.status(), StatusCode::CREATED);
        }
        let cases = sato.read("/api/cases?q=送信中の停止").await;
        assert_eq!(cases["items"].as_array().map(Vec::len), Some(12));
        let entitlement = sato.read("/api/entitlements/ent-hokuto-priority").await;
        assert_eq!(entitlement["cases_remaining"], 17 - 12);
    });
}

/// A case that is charged to a contract with a limited number of cases.
fn charged(number: u32) -> serde_json::Value {
    let mut case = new_case(&format!("送信中の停止 {number}"));
    case["entitlement_id"] = json!("ent-hokuto-priority");
    case
}

#[cfg(unix)]
#[test]
fn a_process_that_is_asked_to_end_ends_well() {
    on_database(async |database| {
        for signal in ["-TERM", "-INT"] {
            let mut program = Program::start(database);
            let sato = Client::signed_in(program.address, SATO).await;
            assert_eq!(sato.get("/health").await.status(), StatusCode::OK);
            let id = program.child.id().to_string();
            let asked = Command::new("kill").args([signal, &id]).status();
            assert!(asked.expect("kill runs").success());
            let ended = program.child.wait().expect("the program ends");
            assert!(ended.success(), "{signal}: {ended}");
        }
    });
}

#[test]
fn the_program_prints_the_document_that_the_service_answers_with() {
    on_database(async |database| {
        let program = Program::start(database);
        let printed = Command::new(env!("CARGO_BIN_EXE_casement-backend"))
            .arg("openapi")
            .output()
            .expect("the program runs");
        let printed: serde_json::Value =
            serde_json::from_slice(&printed.stdout).expect("the output is JSON");
        let served = body(Client::new(program.address).get("/openapi.json").await).await;
        assert_eq!(printed, served);
    });
}

#[test]
fn a_mistake_on_the_command_line_is_told_with_the_usage() {
    let output = Command::new(env!("CARGO_BIN_EXE_casement-backend"))
        .args(["serve", "--listen", "nowhere"])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("--listen needs ADDRESS:PORT, found \"nowhere\""));
    assert!(told.contains("Usage:"));
}

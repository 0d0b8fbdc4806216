//! An upload in pieces against a server in a few lines: wherever the line is cut, whatever answer is
//! lost and whatever the server forgets, the same bytes arrive, and none that are there are sent
//! again.

use std::collections::BTreeMap;

use casement::core::base64;
use casement::core::profile::tus::{Tus, Upload};
use casement::core::profile::{Body, Conversation, Next, Reply, Request};
use casement::core::sync::Answer;
use proptest::prelude::*;
use serde_json::{Value, json};

const PIECE: u64 = 1 << 20;
const SECOND: i64 = 1_000;

/// How a hash is written does not matter to the client, which only compares.
fn hash(bytes: &[u8]) -> String {
    let fold = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold))
}

fn content(length: u64) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// So many bytes of its body arrive, then the line is gone, and with it the answer.
    Cut(u64),
    /// The line is gone before anything arrives.
    Nothing,
    /// All is done, and the answer lost.
    Mute,
    /// The server answers this instead of doing anything.
    Status(u16),
    /// The server loses the last so many bytes that it had, then does what it is asked.
    Behind(u64),
    /// The server has forgotten every upload, with this status from now on.
    Forget(u16),
    /// A byte arrives as another.
    Spoil,
}

/// A server as the protocol has it.
#[derive(Default)]
struct Server {
    uploads: BTreeMap<String, Vec<u8>>,
    keys: BTreeMap<String, String>,
    gone: BTreeMap<String, u16>,
    length: u64,
    names: Vec<String>,
    /// The hash it compares with by itself; empty if it leaves that to the client.
    expects: String,
    /// The first byte of each piece that came.
    starts: Vec<u64>,
    received: u64,
}

impl Server {
    fn answer(&mut self, request: &Request, bytes: &[u8], fault: Option<Fault>) -> Reply {
        let header = |name: &str| {
            let found = request.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        match fault {
            Some(Fault::Nothing) => return Reply::default(),
            Some(Fault::Status(status)) => return reply(status, &[], Value::Null),
            Some(Fault::Behind(lost)) => {
                for upload in self.uploads.values_mut() {
                    let kept = (upload.len() as u64).saturating_sub(lost);
                    upload.truncate(kept as usize);
                }
            }
            Some(Fault::Forget(status)) => {
                for id in std::mem::take(&mut self.uploads).into_keys() {
                    self.gone.insert(id, status);
                }
            }
            _ => {}
        }
        let id = request.url.strip_prefix("/uploads/").unwrap_or_default();
        let answer = match request.method {
            "POST" => {
                self.length = header("Upload-Length").parse().expect("a length");
                self.names.push(header("Upload-Metadata"));
                let next = format!("{}", self.keys.len());
                let id = self.keys.entry(header("Idempotency-Key")).or_insert(next);
                if !self.gone.contains_key(id) {
                    self.uploads.entry(id.clone()).or_default();
                }
                let location = format!("/api/uploads/{id}");
                reply(201, &[("location", location)], Value::Null)
            }
            _ if !self.uploads.contains_key(id) => reply(
                *self.gone.get(id).unwrap_or(&404),
                &[],
                json!({"code": "not_found"}),
            ),
            "HEAD" => self.at(id, 200),
            "PATCH" => {
                let offset: u64 = header("Upload-Offset").parse().expect("an offset");
                self.piece(id, offset, bytes, fault)
            }
            "DELETE" => {
                self.uploads.remove(id);
                reply(204, &[], Value::Null)
            }
            _ => {
                let bytes = &self.uploads[id];
                let whole = bytes.len() as u64 == self.length;
                let record = whole.then(|| json!({"id": format!("file-{id}")}));
                let told = json!({"sha256": hash(bytes), "attachment": record});
                reply(200, &[], told)
            }
        };
        match fault {
            Some(Fault::Cut(_) | Fault::Mute) => Reply::default(),
            _ => answer,
        }
    }

    fn at(&self, id: &str, status: u16) -> Reply {
        let offset = self.uploads[id].len().to_string();
        reply(status, &[("upload-offset", offset)], Value::Null)
    }

    fn piece(&mut self, id: &str, offset: u64, bytes: &[u8], fault: Option<Fault>) -> Reply {
        let upload = self.uploads.get_mut(id).expect("it is there");
        if offset != upload.len() as u64 {
            return reply(409, &[], json!({"code": "offset"}));
        }
        self.starts.push(offset);
        let arrived = match fault {
            Some(Fault::Cut(at)) => &bytes[..(at as usize).min(bytes.len())],
            _ => bytes,
        };
        self.received += arrived.len() as u64;
        let start = upload.len();
        upload.extend_from_slice(arrived);
        if let (Some(Fault::Spoil), Some(byte)) = (fault, upload.get_mut(start)) {
            *byte ^= 1;
        }
        let upload = &self.uploads[id];
        let whole = upload.len() as u64 == self.length;
        if whole && !self.expects.is_empty() && self.expects != hash(upload) {
            return reply(422, &[], json!({"code": "hash_mismatch"}));
        }
        self.at(id, 204)
    }

    /// The only upload that is whole.
    fn whole(&self) -> &[u8] {
        let whole = |bytes: &&Vec<u8>| bytes.len() as u64 == self.length;
        let found: Vec<&Vec<u8>> = self.uploads.values().filter(whole).collect();
        assert_eq!(found.len(), 1, "one upload is whole");
        found[0]
    }
}

fn reply(status: u16, headers: &[(&str, String)], body: Value) -> Reply {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.clone()));
    Reply {
        status,
        headers: headers.collect(),
        body: if body.is_null() {
            String::new()
        } else {
            body.to_string()
        },
        cut: false,
    }
}

fn upload(bytes: &[u8]) -> Upload {
    Upload {
        create: "/cases/case-1/uploads".into(),
        base: "/api".into(),
        key: "operation-1".into(),
        file: "file-on-this-device".into(),
        name: "../logs/障害.log".into(),
        media_type: "text/plain".into(),
        length: bytes.len() as u64,
        sha256: hash(bytes),
    }
}

/// Runs to an end, trying again after each `Later` from what is remembered, as after a crash.
/// `faults` happen to requests by their number, whatever they are.
fn run(server: &mut Server, bytes: &[u8], faults: &[(usize, Fault)]) -> (Answer, usize) {
    let (mut remembered, mut number, mut now) = (None, 0, 0);
    for trial in 0..100 {
        let mut tus = Tus::new(upload(bytes), remembered.as_ref());
        let mut answer = None;
        loop {
            match tus.next(answer.take(), now) {
                Next::Ask(request) => {
                    remembered = tus.memory();
                    let body = match &request.body {
                        Body::Slice {
                            id,
                            from,
                            to,
                            media_type,
                        } => {
                            assert_eq!(id, "file-on-this-device");
                            assert_eq!(media_type, "application/offset+octet-stream");
                            &bytes[*from as usize..*to as usize]
                        }
                        _ => &[],
                    };
                    let fault = faults.iter().find(|(at, _)| *at == number);
                    answer = Some(server.answer(&request, body, fault.map(|(_, fault)| *fault)));
                    number += 1;
                    now += SECOND;
                    assert!(number < 400, "it goes round in circles");
                }
                Next::Done(Answer::Later(_)) => break,
                Next::Done(done) => return (done, number),
            }
        }
        // Every second time it is a crash: then only what was kept before the request is known.
        if trial % 2 == 0 {
            remembered = tus.memory();
        }
        now += 10 * SECOND;
    }
    panic!("it never ends");
}

/// The same bytes are there once, and the operation is done with their record.
fn check(length: u64, faults: &[(usize, Fault)]) -> Server {
    let (mut server, bytes) = (Server::default(), content(length));
    let (answer, _) = run(&mut server, &bytes, faults);
    assert!(
        matches!(&answer, Answer::Accepted(record) if record["id"].is_string()),
        "{faults:?}: {answer:?}"
    );
    assert!(server.whole() == bytes, "{faults:?}");
    server
}

#[test]
fn a_file_goes_in_pieces_that_grow_while_the_line_is_quick() {
    let server = check(20 * PIECE + 5, &[]);
    assert_eq!(server.starts, [0, PIECE, 3 * PIECE, 7 * PIECE, 15 * PIECE]);
    let decoded: Vec<(&str, Vec<u8>)> = server.names[0]
        .split(',')
        .filter_map(|pair| pair.split_once(' '))
        .filter_map(|(key, value)| Some((key, base64::decode(value)?)))
        .collect();
    assert_eq!(
        decoded[0],
        ("filename", "logs_障害.log".as_bytes().to_vec())
    );
    assert_eq!(decoded[1], ("filetype", b"text/plain".to_vec()));
}

#[test]
fn fault_18_cut_at_every_kind_of_boundary_the_rest_follows_and_nothing_goes_twice() {
    let length = 3 * PIECE + 7;
    let cuts = [
        0,
        1,
        PIECE - 1,
        PIECE,
        PIECE + 1,
        2 * PIECE - 1,
        2 * PIECE,
        u64::MAX,
    ];
    for piece in 1..4 {
        for cut in cuts {
            let server = check(length, &[(piece, Fault::Cut(cut))]);
            assert_eq!(server.received, length, "piece {piece} cut at {cut}");
            assert_eq!(
                server.starts.iter().filter(|at| **at == 0).count(),
                if piece == 1 && cut == 0 { 2 } else { 1 }
            );
        }
    }
}

#[test]
fn fault_18_cut_again_and_again_it_comes_to_its_end() {
    let faults: Vec<(usize, Fault)> = (1..60)
        .map(|at| {
            (
                at,
                if at % 3 == 0 {
                    Fault::Nothing
                } else {
                    Fault::Cut(100_000 + at as u64)
                },
            )
        })
        .collect();
    let server = check(2 * PIECE, &faults);
    assert_eq!(server.received, 2 * PIECE);
}

#[test]
fn fault_18_a_lost_answer_of_any_request_changes_nothing() {
    for number in 0..8 {
        for fault in [
            Fault::Mute,
            Fault::Nothing,
            Fault::Status(503),
            Fault::Status(502),
        ] {
            let server = check(3 * PIECE, &[(number, fault)]);
            assert_eq!(server.received, 3 * PIECE, "{number} {fault:?}");
            assert_eq!(server.keys.len(), 1, "{number} {fault:?}");
        }
    }
}

#[test]
fn fault_18_a_server_that_is_behind_or_ahead_is_believed() {
    for lost in [1, 1_000, PIECE] {
        let server = check(3 * PIECE, &[(2, Fault::Behind(lost))]);
        assert_eq!(server.received, 3 * PIECE + lost);
    }
    // Ahead: the piece had arrived, its answer had not.
    let server = check(3 * PIECE, &[(1, Fault::Mute)]);
    assert_eq!(server.starts[1], PIECE);
}

#[test]
fn fault_18_begun_anew_only_where_the_server_has_lost_it() {
    for status in [404, 410] {
        for number in 1..4 {
            let server = check(2 * PIECE, &[(number, Fault::Forget(status))]);
            assert_eq!(server.keys.len(), 2, "{status} {number}");
        }
    }
}

#[test]
fn a_conflict_of_offsets_and_a_refused_checksum_are_looked_into() {
    for status in [409, 460, 413] {
        let server = check(2 * PIECE, &[(1, Fault::Status(status))]);
        assert_eq!(
            (server.received, server.keys.len()),
            (2 * PIECE, 1),
            "{status}"
        );
    }
}

#[test]
fn other_bytes_at_the_server_are_noticed_and_after_the_second_time_a_person_is_asked() {
    let server = check(2 * PIECE, &[(1, Fault::Spoil)]);
    assert_eq!(server.keys.len(), 2);
    let bytes = content(2 * PIECE);
    let mut strict = Server {
        expects: hash(&bytes),
        ..Server::default()
    };
    let (answer, _) = run(&mut strict, &bytes, &[(1, Fault::Spoil)]);
    assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
    assert_eq!(strict.keys.len(), 2);
    let mut server = Server::default();
    let twice = [(1, Fault::Spoil), (6, Fault::Spoil)];
    let (answer, _) = run(&mut server, &bytes, &twice);
    assert!(
        matches!(&answer, Answer::Refused { code, .. } if code == "hash_mismatch"),
        "{answer:?}"
    );
    assert!(server.uploads.is_empty(), "what is wrong does not stay");
}

#[test]
fn the_end_of_the_sign_in_and_a_refusal_are_told_as_they_are() {
    let told = |number: usize, status: u16, body: Value| {
        let (mut tus, bytes) = (Tus::new(upload(&content(3)), None), content(3));
        let (mut server, mut answer) = (Server::default(), None);
        for _ in 0..number {
            let Next::Ask(request) = tus.next(answer.take(), 0) else {
                panic!("it is over early");
            };
            answer = Some(server.answer(&request, &bytes, None));
        }
        assert!(matches!(tus.next(answer, 0), Next::Ask(_)));
        match tus.next(Some(reply(status, &[("retry-after", "7".into())], body)), 0) {
            Next::Done(answer) => answer,
            Next::Ask(request) => panic!("{request:?}"),
        }
    };
    for number in 0..3 {
        assert_eq!(told(number, 401, json!({})), Answer::SignedOut);
        assert_eq!(told(number, 503, Value::Null), Answer::Later(Some(7_000)));
        let refused = told(number, 403, json!({"code": "not_yours", "detail": "No."}));
        assert_eq!(
            refused,
            Answer::Refused {
                code: "not_yours".into(),
                detail: "No.".into()
            }
        );
    }
    // A page of a captive portal is no answer.
    assert_eq!(told(0, 200, Value::Null), Answer::Later(None));
}

#[test]
fn addresses_are_sent_to_where_everything_is_sent() {
    let asked = |base: &str, location: &str| {
        let mut tus = Tus::new(
            Upload {
                base: base.into(),
                ..upload(&content(1))
            },
            None,
        );
        assert!(matches!(tus.next(None, 0), Next::Ask(_)));
        match tus.next(
            Some(reply(201, &[("location", location.into())], Value::Null)),
            0,
        ) {
            Next::Ask(request) => request.url,
            Next::Done(answer) => panic!("{answer:?}"),
        }
    };
    for (base, location, expected) in [
        ("/api", "/api/uploads/1", "/uploads/1"),
        ("/api/", "/api/uploads/1", "/uploads/1"),
        (
            "https://desk.example/v2",
            "https://desk.example/v2/uploads/1",
            "/uploads/1",
        ),
        ("https://desk.example/v2", "/v2/uploads/1", "/uploads/1"),
        ("https://desk.example", "/uploads/1", "/uploads/1"),
        ("/api", "https://files.example/1", "https://files.example/1"),
        ("/api", "/apish/1", "/apish/1"),
    ] {
        assert_eq!(asked(base, location), expected, "{base} {location}");
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        (0..3 * PIECE).prop_map(Fault::Cut),
        Just(Fault::Nothing),
        Just(Fault::Mute),
        prop_oneof![Just(503), Just(409), Just(460), Just(429)].prop_map(Fault::Status),
        (1..PIECE).prop_map(Fault::Behind),
        Just(Fault::Forget(410)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn fault_18_whatever_happens_the_same_bytes_arrive_once(
        length in 1..4 * PIECE,
        faults in proptest::collection::vec((0..25_usize, fault()), 0..12),
    ) {
        check(length, &faults);
    }
}

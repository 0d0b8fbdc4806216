//! The case file: written, read again, and refused where it was tampered with or is broken.

use casement::core::case::{Attachment, Comment, Record};
use casement::core::case_file::archive::{Crc, END, Entry, Found, directory_at, frame, parts};
use casement::core::case_file::{
    Broken, CaseFile, ENDING, FORMAT, MANIFEST, Part, SIGNATURE, Signer, as_draft, file_name, news,
    path, spoken,
};
use casement::core::draft::Draft;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::tries;

fn crc(bytes: &[u8]) -> u32 {
    let mut sum = Crc::default();
    sum.add(bytes);
    sum.sum()
}

/// An archive of parts, put together as the browser does.
fn archive(all: &[(&str, &[u8])]) -> Vec<u8> {
    let entries = all.iter().map(|(path, bytes)| Entry {
        path: path.to_string(),
        size: bytes.len() as u64,
        crc: crc(bytes),
    });
    let frame = frame(&entries.collect::<Vec<_>>()).expect("it is small");
    let heads = frame.heads.iter().zip(all);
    let mut whole: Vec<u8> = heads
        .flat_map(|(head, (_, bytes))| [head.as_slice(), bytes].concat())
        .collect();
    whole.extend(frame.tail);
    whole
}

/// What the browser does to find the parts.
fn found(bytes: &[u8]) -> Result<Vec<Found>, Broken> {
    let size = bytes.len() as u64;
    let last = &bytes[bytes.len().saturating_sub(END as usize)..];
    let place = directory_at(size, last)?;
    let all = parts(&bytes[place.start as usize..place.end as usize], place)?;
    for one in &all {
        let head = one.head();
        let from = one.from as usize;
        if bytes.get(from - head.len()..from) != Some(&head) {
            return Err(Broken::new(one.path.clone(), "odd_part"));
        }
    }
    Ok(all)
}

fn example() -> CaseFile {
    let mut draft = Draft::new("d1", "p", 5);
    draft.set("subject", "画面が黒い");
    draft.set("entitlement", "theirs alone");
    CaseFile {
        made_at: 1_770_000_000_000,
        signer: Signer {
            name: "佐藤 健".into(),
            company: "青空".into(),
            key: "04ab".into(),
        },
        title: "画面が黒い".into(),
        draft: Some(draft),
        case: None,
        comments: Vec::new(),
        unsent: vec!["Not sent yet".into()],
        parts: vec![Part {
            path: path(0, "system.log"),
            name: "system.log".into(),
            size: 3,
            media_type: "text/plain".into(),
            sha256: "0".repeat(64),
            attachment: String::new(),
        }],
        left_out: vec!["huge.dmp".into()],
    }
}

fn files(file: &CaseFile) -> Vec<Found> {
    let manifest = file.to_text();
    let bytes = archive(&[
        (MANIFEST, manifest.as_bytes()),
        (SIGNATURE, b"{}"),
        ("files/001-system.log", b"abc"),
    ]);
    found(&bytes).expect("it was just written")
}

#[test]
fn new_07_a_case_file_is_read_as_it_was_written() {
    let file = example();
    let there = files(&file);
    assert_eq!(CaseFile::read(&file.to_text(), &there), Ok(file.clone()));
    let draft = as_draft(&file, "d2", 9);
    assert_eq!(
        (draft.id.as_str(), draft.text("subject")),
        ("d2", "画面が黒い")
    );
    // The contract belongs to the account it came from.
    assert!(!draft.has("entitlement"));
    assert_eq!(file_name("a/b: c?").find(['/', ':']), None);
    assert!(file_name("").ends_with(ENDING));
}

#[test]
fn the_archive_is_one_that_others_open() {
    // The check value of the format's own check sum.
    assert_eq!(crc(b"123456789"), 0xCBF4_3926);
    let bytes = archive(&[("files/001-a.txt", b"abc")]);
    assert_eq!(&bytes[..4], b"PK\x03\x04");
    assert_eq!(&bytes[bytes.len() - 22..][..4], b"PK\x05\x06");
    let all = found(&bytes).expect("it was just written");
    let (from, size) = (all[0].from as usize, all[0].size as usize);
    assert_eq!(&bytes[from..from + size], b"abc");
}

/// A manifest with one thing changed, and why it is refused.
fn refused(pointer: &str, value: Value) -> Broken {
    let file = example();
    let mut manifest: Value = serde_json::from_str(&file.to_text()).expect("it is JSON");
    match manifest.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => panic!("{pointer}"),
    }
    match CaseFile::read(&manifest.to_string(), &files(&file)) {
        Ok(read) => panic!("{pointer}: {read:?}"),
        Err(broken) => broken,
    }
}

#[test]
fn new_07_a_manifest_that_does_not_fit_is_refused_with_its_place() {
    let path = "files/001-system.log";
    for (pointer, value, at, why) in [
        ("/format", json!(FORMAT + 1), "format", "newer_format"),
        ("/format", json!("1"), "format", "missing"),
        ("/made_at", json!("now"), "made_at", "missing"),
        ("/signer/key", json!(1), "signer", "missing"),
        ("/draft", json!({ "format": 2 }), "draft", "unreadable"),
        ("/draft", json!(null), "case", "missing"),
        ("/parts/0/size", json!(4), path, "wrong_size"),
        ("/parts/0/sha256", json!("beef"), path, "no_hash"),
        ("/parts/0/size", json!(-1), "parts/0", "unreadable"),
        (
            "/parts/0/path",
            json!("files/002-x"),
            "files/002-x",
            "part_missing",
        ),
        ("/parts/0/path", json!("../x"), "../x", "odd_path"),
        (
            "/parts/0/path",
            json!("files/../x"),
            "files/../x",
            "odd_path",
        ),
        (
            "/parts/0/path",
            json!("files/..\\x"),
            "files/..\\x",
            "odd_path",
        ),
        (
            "/parts/0/path",
            json!("/etc/passwd"),
            "/etc/passwd",
            "odd_path",
        ),
        (
            "/parts/0/path",
            json!("manifest.json"),
            "manifest.json",
            "odd_path",
        ),
        ("/parts", json!([]), path, "not_listed"),
    ] {
        assert_eq!(refused(pointer, value), Broken::new(at, why), "{pointer}");
    }
    let not_json = CaseFile::read("PK", &[]);
    assert_eq!(not_json, Err(Broken::new(MANIFEST, "not_json")));
}

#[test]
fn a_name_from_outside_is_never_a_path() {
    let file = example();
    let mut manifest: Value = serde_json::from_str(&file.to_text()).expect("it is JSON");
    manifest["parts"][0]["name"] = json!("../../evil\u{202e}gpj.exe");
    let read = CaseFile::read(&manifest.to_string(), &files(&file)).expect("names are mended");
    let name = &read.parts[0].name;
    assert!(!name.contains(['/', '\\', '\u{202e}']), "{name}");
}

#[test]
fn new_07_a_broken_archive_is_refused() {
    let whole = archive(&[(MANIFEST, b"{}"), ("files/001-a", b"abc")]);
    let why = |bytes: &[u8]| found(bytes).map(|_| ()).expect_err("it is broken").why;
    assert_eq!(why(&whole[..whole.len() - 1]), "cut_off");
    assert_eq!(why(&whole[..whole.len() / 2]), "cut_off");
    assert_eq!(why(b"GIF89a"), "cut_off");
    assert_eq!(why(b""), "cut_off");
    let hidden = [whole.as_slice(), b"hidden"].concat();
    assert_eq!(why(&hidden), "cut_off");
    let twice = archive(&[("files/001-a", b"abc"), ("files/001-a", b"abd")]);
    assert_eq!(why(&twice), "twice");
    // A part whose head says something else than the directory.
    let mut other = whole.clone();
    other[14] ^= 1;
    assert_eq!(why(&other), "odd_part");
    let huge = Entry {
        path: "a".into(),
        size: 5 << 30,
        crc: 0,
    };
    assert_eq!(frame(&[huge]), None);
}

#[test]
fn what_a_known_case_lacks_is_told_before_anything_is_done() {
    let mut file = example();
    let said = |id: &str, body: &str| json!({ "id": id, "case_id": "c1", "body": body });
    file.comments = vec![
        said("1", "known by its id"),
        said("2", "new"),
        said("3", "known words"),
    ];
    let here = [said("1", "changed since"), said("9", "known words")];
    let here: Vec<Comment> = here.iter().map(Comment::from_json).collect();
    let all = news(&file, &here, &[]);
    assert_eq!(
        (all.comments, all.unsent, all.parts),
        (vec![1], vec![0], vec![0])
    );
    let log = Attachment {
        name: "system.log".into(),
        size: 3,
        ..Attachment::default()
    };
    let all = news(&file, &here, &[log]);
    assert!(all.parts.is_empty() && !all.is_empty());
}

#[test]
fn a_case_becomes_a_draft_of_its_answers() {
    let case = json!({ "id": "c1", "policy": "p", "subject": "S", "product_id": "pr", "status": "open",
        "watchers": ["a@b.example"], "entitlement_id": "e", "fields": { "tenant_id": "t" } });
    let file = CaseFile {
        draft: None,
        case: Some(case),
        ..example()
    };
    let draft = as_draft(&file, "d2", 1);
    assert_eq!(draft.policy, "p");
    assert_eq!(draft.text("product"), "pr");
    assert_eq!(draft.text("tenant_id"), "t");
    assert_eq!(draft.many("watchers"), ["a@b.example"]);
    assert!(!draft.has("entitlement") && !draft.has("status"));
}

#[test]
fn a_fingerprint_is_read_out_in_groups() {
    let hash = "0123456789abcdef".repeat(4);
    assert_eq!(spoken(&hash), "0123 4567 89AB CDEF 0123 4567 89AB CDEF");
}

proptest! {
    #![proptest_config(tries(1_000))]

    #[test]
    fn no_bytes_make_the_reader_fail(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(found(&bytes).is_err());
    }

    #[test]
    fn one_changed_byte_is_never_read_as_another_archive(at in 0_usize..400, to in any::<u8>()) {
        let whole = archive(&[(MANIFEST, b"{}"), ("files/001-a.log", b"some bytes")]);
        let there = found(&whole).expect("it was just written");
        let mut other = whole.clone();
        let at = at % other.len();
        other[at] = to;
        let in_a_part = there.iter().any(|one| {
            (one.from..one.from + one.size).contains(&(at as u64))
        });
        // What is in a part, its hash finds; anything else, the archive.
        if let Ok(found) = found(&other) {
            prop_assert!(in_a_part || other == whole, "{at}");
            prop_assert_eq!(found, there);
        }
    }
}

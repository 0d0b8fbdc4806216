//! Files before a byte of them is sent: what speaks against them, what their names may do, and what
//! can be shown of them.

use casement::core::files::{
    Entry, Listing, Look, MOST_ENTRIES, Tar, Zip, first_lines, look, pasted_name, refusals,
    safe_name, shown_name, tar, zip_directory, zip_entries,
};
use casement::core::policy::{Files, Limits};
use proptest::prelude::*;

fn rules() -> Files {
    Files {
        max_bytes: 10 << 30,
        max_count: 3,
        accept: Vec::new(),
        refuse: vec![".exe".into(), ".scr".into()],
        service: None,
        backend: Limits::default(),
    }
}

fn check_refusals(name: &str, size: u64, there: u64, expected: &[&str]) {
    let found = refusals(&rules(), there, name, "", size);
    let codes: Vec<&str> = found.iter().map(|one| one.because).collect();
    assert_eq!(codes, expected, "{name} {size} {there}");
    for one in found {
        assert_eq!(one.facts[0], ("name", name.to_string()));
    }
}

#[test]
fn cms_15_everything_that_speaks_against_a_file_is_said_at_once() {
    check_refusals("logs.zip", 10 << 30, 2, &[]);
    check_refusals("logs.zip", (10 << 30) + 1, 0, &["file_too_big"]);
    check_refusals("logs.zip", 1, 3, &["too_many_files"]);
    check_refusals("empty.log", 0, 0, &["file_empty"]);
    check_refusals("Setup.EXE", 1, 0, &["file_type_refused"]);
    check_refusals("setup.exe. .", 1, 0, &["file_type_refused"]);
    check_refusals(
        "setup.scr",
        11 << 30,
        3,
        &["file_too_big", "too_many_files", "file_type_refused"],
    );
    check_refusals(
        "x.exe",
        0,
        9,
        &["too_many_files", "file_type_refused", "file_empty"],
    );
}

#[test]
fn a_policy_that_names_what_it_takes_takes_nothing_else() {
    let mut rules = rules();
    rules.accept = vec![".log".into(), ".tar.gz".into()];
    let because = |name: &str| {
        let found = refusals(&rules, 0, name, "", 1);
        found.first().map(|one| one.because)
    };
    assert_eq!(because("a.LOG"), None);
    assert_eq!(because("a.tar.gz"), None);
    assert_eq!(because("a.gz"), Some("file_type"));
    assert_eq!(because("log"), Some("file_type"));
}

/// Name as it came, as it is shown, as it is sent.
const NAMES: [(&str, &str, &str); 24] = [
    ("trace.etl", "trace.etl", "trace.etl"),
    (
        "障害ログ 2026.txt",
        "障害ログ 2026.txt",
        "障害ログ 2026.txt",
    ),
    ("سجل.log", "سجل.log", "سجل.log"),
    (
        "invoice\u{202e}gpj.exe",
        "invoice⟨U+202E⟩gpj.exe",
        "invoicegpj.exe",
    ),
    ("a\u{2066}b\u{2069}.log", "a⟨U+2066⟩b⟨U+2069⟩.log", "ab.log"),
    ("a\u{200b}b.log", "a⟨U+200B⟩b.log", "ab.log"),
    ("\u{feff}a.log", "⟨U+FEFF⟩a.log", "a.log"),
    ("../../etc/passwd", "../../etc/passwd", "etc_passwd"),
    ("..\\..\\boot.ini", "..\\..\\boot.ini", "boot.ini"),
    ("/absolute", "/absolute", "absolute"),
    ("C:\\logs\\a.log", "C:\\logs\\a.log", "C:_logs_a.log"),
    (
        "logs/site a/radius.log",
        "logs/site a/radius.log",
        "logs_site a_radius.log",
    ),
    (
        "a\r\nSet-Cookie: x=1.log",
        "a⟨U+000D⟩⟨U+000A⟩Set-Cookie: x=1.log",
        "aSet-Cookie: x=1.log",
    ),
    ("a\0.log", "a⟨U+0000⟩.log", "a.log"),
    ("a\u{1b}[31m.log", "a⟨U+001B⟩[31m.log", "a[31m.log"),
    ("", "", "file"),
    ("..", "..", "file"),
    ("...", "...", "file"),
    (" . ", " . ", "file"),
    ("CON", "CON", "_CON"),
    ("nul.log", "nul.log", "_nul.log"),
    ("com7.txt", "com7.txt", "_com7.txt"),
    ("console.log", "console.log", "console.log"),
    ("report.txt. . ", "report.txt. . ", "report.txt"),
];

#[test]
fn fault_24_a_hostile_name_is_shown_for_what_it_is_and_sent_as_a_plain_one() {
    for (name, shown, safe) in NAMES {
        assert_eq!(shown_name(name), shown);
        assert_eq!(safe_name(name), safe, "{shown}");
    }
    // Markup is text and nothing else, so it stays.
    let markup = "<img src=x onerror=alert(1)>.log";
    assert_eq!(
        (shown_name(markup), safe_name(markup)),
        (markup.into(), markup.into())
    );
}

#[test]
fn fault_24_a_name_that_is_too_long_is_cut_before_its_ending_and_between_characters() {
    let long = format!("{}.tar.gz", "障".repeat(300));
    let sent = safe_name(&long);
    assert!(sent.len() <= 200 && sent.len() > 190, "{}", sent.len());
    assert!(
        sent.starts_with("障障") && sent.ends_with("障.gz"),
        "{sent}"
    );
    let no_ending = format!("a.{}", "b".repeat(500));
    assert_eq!(safe_name(&no_ending).len(), 200);
}

proptest! {
    #[test]
    fn fault_24_whatever_the_name_what_is_sent_is_plain(name in "\\PC*|.*|[./\\\\\r\n\u{202e}a]{0,40}") {
        let sent = safe_name(&name);
        prop_assert!(!sent.is_empty() && sent.len() <= 201);
        let plain = |c: char| !c.is_control() && !"/\\\u{202e}\u{2066}\u{feff}".contains(c);
        prop_assert!(sent.chars().all(plain), "{sent}");
        prop_assert!(sent != "." && sent != ".." && !sent.ends_with(['.', ' ']));
        prop_assert!(!shown_name(&name).chars().any(char::is_control));
    }
}

#[test]
fn what_a_preview_is_made_of_follows_from_the_ending_and_a_drawing_is_text() {
    for (name, media_type, expected) in [
        ("shot.PNG", "image/png", Look::Image),
        ("drawing.svg", "image/svg+xml", Look::Text),
        ("page.html", "text/html", Look::Text),
        ("logs.zip", "", Look::Zip),
        ("logs.tar", "", Look::Tar),
        ("logs.tar.gz", "application/gzip", Look::Other),
        ("messages", "text/plain", Look::Text),
        ("picture", "image/svg+xml", Look::Other),
        ("dump.vmem", "", Look::Other),
    ] {
        assert_eq!(look(name, media_type), expected, "{name}");
    }
}

#[test]
fn the_first_lines_of_a_text_are_few_short_and_show_what_is_hidden() {
    let text = format!("one\r\ntwo\u{202e}\t|\n{}\nfour\nfive", "x".repeat(50));
    let shown = first_lines(&text, 4, 20).unwrap_or_default();
    assert_eq!(
        shown,
        format!("one\ntwo⟨U+202E⟩    |\n{}…\nfour", "x".repeat(20))
    );
    assert_eq!(first_lines("MZ\0\u{3}", 4, 20), None);
    assert_eq!(first_lines("", 4, 20), None);
}

#[test]
fn the_time_that_is_left_follows_from_the_pace_so_far() {
    for (first, now, all, expected) in [
        ((0, 0), (10_000, 100), 400, Some(30_000)),
        ((5_000, 300), (10_000, 350), 400, Some(5_000)),
        ((0, 0), (2_999, 100), 400, None),
        ((0, 100), (60_000, 100), 400, None),
        // The server lost some of it.
        ((0, 100), (60_000, 50), 400, None),
        ((0, 0), (10_000, 400), 400, Some(0)),
        ((0, 0), (10_000, 1), 10 << 30, Some(107_374_182_390_000)),
    ] {
        let left = casement::core::files::time_left(first, now, all);
        assert_eq!(left, expected, "{first:?} {now:?}");
    }
}

#[test]
fn a_pasted_picture_is_named_after_its_moment() {
    assert_eq!(
        pasted_name("2026-11-20 14.05.33", "image/png"),
        "2026-11-20 14.05.33.png"
    );
    assert_eq!(pasted_name("now", "image/jpeg"), "now.jpg");
}

fn put(bytes: &mut Vec<u8>, value: u64, width: usize) {
    bytes.extend_from_slice(&value.to_le_bytes()[..width]);
}

/// A zip archive's directory and end for these entries, as if `before` bytes stood before them.
fn zip_tail(entries: &[(&str, u64)], before: u64, wide: bool, comment: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, size) in entries {
        bytes.extend_from_slice(b"PK\x01\x02");
        bytes.extend_from_slice(&[0; 16]);
        put(&mut bytes, *size / 2, 4);
        put(&mut bytes, *size, 4);
        put(&mut bytes, name.len() as u64, 2);
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(name.as_bytes());
    }
    let length = bytes.len() as u64;
    let count = entries.len() as u64;
    if wide {
        let record = before + length;
        bytes.extend_from_slice(b"PK\x06\x06");
        put(&mut bytes, 44, 8);
        bytes.extend_from_slice(&[0; 12]);
        for value in [count, count, length, before] {
            put(&mut bytes, value, 8);
        }
        bytes.extend_from_slice(b"PK\x06\x07");
        put(&mut bytes, 0, 4);
        put(&mut bytes, record, 8);
        put(&mut bytes, 1, 4);
    }
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let old = |value: u64, most: u64| if wide { most } else { value };
    put(&mut bytes, old(count, 0xffff), 2);
    put(&mut bytes, old(count, 0xffff), 2);
    put(&mut bytes, old(length, 0xffff_ffff), 4);
    put(&mut bytes, old(before, 0xffff_ffff), 4);
    put(&mut bytes, comment.len() as u64, 2);
    bytes.extend_from_slice(comment);
    bytes
}

fn listing(tail: &[u8], before: u64) -> Option<Listing> {
    let size = before + tail.len() as u64;
    let Zip { from, to, total } = zip_directory(tail, size)?;
    let (from, to) = ((from - before) as usize, (to - before) as usize);
    Some(zip_entries(&tail[from..to], total))
}

#[test]
fn a_zip_archive_is_listed_from_its_directory_alone() {
    let entries = [("logs/", 0), ("logs/a.log", 12), ("logs/\u{202e}b.log", 7)];
    for (before, wide, comment) in [
        (0, false, &b""[..]),
        (9_000, true, b"by hand"),
        (6 << 30, true, b""),
    ] {
        let tail = zip_tail(&entries, before, wide, comment);
        let expected = Listing {
            entries: vec![
                Entry {
                    name: "logs/a.log".into(),
                    size: 12,
                },
                Entry {
                    name: "logs/⟨U+202E⟩b.log".into(),
                    size: 7,
                },
            ],
            total: 2,
        };
        assert_eq!(listing(&tail, before), Some(expected), "{before} {wide}");
    }
}

#[test]
fn a_zip_archive_with_very_many_files_is_listed_in_part_and_says_how_many_there_are() {
    let names: Vec<String> = (0..1_000).map(|n| format!("{n}.log")).collect();
    let entries: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let listed = listing(&zip_tail(&entries, 0, false, b""), 0).unwrap_or_default();
    assert_eq!((listed.entries.len(), listed.total), (MOST_ENTRIES, 1_000));
}

#[test]
fn an_archive_that_lies_about_itself_is_read_to_an_end() {
    let tail = zip_tail(&[("a.log", 1)], 0, false, b"");
    // Behind its own end, out of all proportion, or claiming more than fits.
    let end = tail.len() - 22;
    let with = |at: usize, value: u64, width: usize| {
        let mut bytes = tail.clone();
        bytes[end + at..end + at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        bytes
    };
    assert_eq!(zip_directory(&with(16, 1 << 30, 4), 100), None);
    assert_eq!(zip_directory(&with(12, 1 << 30, 4), 1 << 40), None);
    let boasting = with(10, 60_000, 2);
    assert_eq!(listing(&boasting, 0).map(|one| one.total), Some(1));
    assert_eq!(zip_directory(b"", 0), None);
    assert_eq!(zip_directory(b"PK\x05\x06", 4), None);
    // An entry whose name is said to reach behind the directory.
    let mut long = tail[..end].to_vec();
    long[28] = 0xff;
    assert_eq!(zip_entries(&long, 1).entries, Vec::new());
}

fn tar_header(name: &str, size: &str, kind: u8) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..124 + size.len()].copy_from_slice(size.as_bytes());
    block[156] = kind;
    block[257..262].copy_from_slice(b"ustar");
    block[148..156].copy_from_slice(b"        ");
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[test]
fn a_tar_archive_is_listed_header_by_header() {
    let file = tar(&tar_header("logs/a.log", "00000001001\0", b'0'));
    let entry = Entry {
        name: "logs/a.log".into(),
        size: 513,
    };
    assert_eq!(file, Tar::File(entry));
    assert_eq!(file.step(), 512 + 1_024);
    let folder = tar(&tar_header("logs/", "00000000000\0", b'5'));
    assert_eq!((folder.clone(), folder.step()), (Tar::Other(0), 512));
    assert_eq!(tar(&[0; 512]), Tar::End);
    assert_eq!(tar(&[b'x'; 512]), Tar::End);
    assert_eq!(tar(b"short"), Tar::End);
}

#[test]
fn a_size_in_a_tar_header_that_is_no_number_or_endless_does_no_harm() {
    assert_eq!(tar(&tar_header("a", "-1", b'0')), Tar::End);
    assert_eq!(tar(&tar_header("a", "99999999999", b'0')), Tar::End);
    assert_eq!(Tar::Other(u64::MAX).step(), u64::MAX);
}

proptest! {
    #[test]
    fn no_bytes_bring_a_reader_to_its_knees(bytes in proptest::collection::vec(any::<u8>(), 0..700), total in any::<u64>()) {
        let _ = zip_directory(&bytes, bytes.len() as u64);
        let listed = zip_entries(&bytes, total);
        prop_assert!(listed.entries.len() <= MOST_ENTRIES);
        prop_assert!(tar(&bytes).step() >= 512);
    }
}

#[test]
fn what_the_backend_takes_is_held_beside_the_policys_own_limits() {
    let profile = crate::profile_engine::profile_of(&serde_json::json!({ "profile": {
        "resources": { "attachment": { "create": {
            "upload": "raw", "method": "POST", "url": "/f", "file": true,
            "idempotency": { "kind": "none" },
            "limits": {
                "bytes": 1_000, "count": 9,
                "extensions": ["log", ".PNG"], "types": ["image/*", "Text/Plain"]
            }
        } } }
    } }));
    let mut rules = rules();
    rules.limit(profile.file_limits());
    assert_eq!(
        (rules.max_bytes, rules.max_count),
        (1_000, 3),
        "the smaller"
    );
    let because = |name: &str, media_type: &str, size: u64| -> Vec<&str> {
        let found = refusals(&rules, 0, name, media_type, size);
        found.iter().map(|one| one.because).collect()
    };
    assert_eq!(
        because("a.log", "text/plain; charset=utf-8", 1_000),
        [""; 0]
    );
    assert_eq!(because("a.png", "IMAGE/PNG", 1), [""; 0]);
    assert_eq!(because("a.log", "", 1), [""; 0], "a type that nobody knows");
    assert_eq!(because("a.log", "", 1_001), ["file_too_big"]);
    assert_eq!(because("a.zip", "", 1), ["file_type"]);
    assert_eq!(because("a.log", "video/mp4", 1), ["file_type"]);
    assert_eq!(because("a.exe", "video/mp4", 1), ["file_type"], "told once");
    assert_eq!(rules.types(), [".log", ".PNG", "image/*", "text/plain"]);
}

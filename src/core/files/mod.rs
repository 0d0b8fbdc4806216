//! Files that a person adds to a draft or a case: what is refused before a byte is read, under which
//! name a file travels, and what can be shown of it without opening it.
//!
//! * [`refusals`] finds everything that speaks against a file at once, with its reasons.
//! * [`shown_name`] is a name that says what it is: nothing in it is invisible, and nothing in it
//!   turns the reading around. [`safe_name`] is the one that is sent: a plain name, on any system.
//! * [`look`] says what a preview can be made of; [`first_lines`], [`zip`] and [`tar`] make it from
//!   bytes that nobody vouches for.
//!
//! Reading files, keeping and sending them is `browser::files`.

mod archive;

pub use archive::{Entry, Listing, MOST_ENTRIES, Tar, Zip, tar, zip_directory, zip_entries};

use super::entitlement::Decision;
use super::policy::Files;

/// The longest name that is sent, in bytes: what common file systems take.
const LONGEST_NAME: usize = 200;

/// Names that mean a device on some systems, whatever ending they have.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Everything that speaks against taking a file beside `there` others; empty if nothing does.
/// `media_type` is what the browser takes it for, which may be nothing.
pub fn refusals(
    rules: &Files,
    there: u64,
    name: &str,
    media_type: &str,
    size: u64,
) -> Vec<Decision> {
    let mut found = Vec::new();
    let mut no = |because, mut facts: Vec<(&'static str, String)>| {
        facts.insert(0, ("name", name.to_string()));
        found.push(Decision::no(because, facts));
    };
    if size > rules.max_bytes {
        let limit = rules.max_bytes.to_string();
        no(
            "file_too_big",
            vec![("size", size.to_string()), ("limit", limit)],
        );
    }
    if there >= rules.max_count {
        no(
            "too_many_files",
            vec![("limit", rules.max_count.to_string())],
        );
    }
    let ends_in = |endings: &[String]| endings.iter().any(|one| has_ending(name, one));
    let takes = |endings: &[String]| endings.is_empty() || ends_in(endings);
    if !takes(&rules.accept) {
        no("file_type", vec![("types", rules.accept.join(", "))]);
    } else if !takes(&rules.backend.endings) {
        no(
            "file_type",
            vec![("types", rules.backend.endings.join(", "))],
        );
    } else if !is_of(&rules.backend.types, media_type) {
        no("file_type", vec![("types", rules.backend.types.join(", "))]);
    } else if let Some(ending) = rules.refuse.iter().find(|one| has_ending(name, one)) {
        no("file_type_refused", vec![("type", ending.clone())]);
    }
    if size == 0 {
        no("file_empty", Vec::new());
    }
    found
}

/// Whether a media type is one of these; what is of no known type can't be judged by it.
fn is_of(types: &[String], media_type: &str) -> bool {
    let own = media_type.split(';').next().unwrap_or("");
    let own = own.trim().to_lowercase();
    let fits = |one: &String| match one.strip_suffix('*') {
        Some(family) => own.starts_with(family),
        None => own == *one,
    };
    types.is_empty() || own.is_empty() || types.iter().any(fits)
}

/// Whether a name ends so, in any case, also where dots and spaces stand behind it: systems that
/// drop those would run the file all the same.
fn has_ending(name: &str, ending: &str) -> bool {
    let name = name.trim_end_matches(['.', ' ']).as_bytes();
    let ending = ending.as_bytes();
    name.len() >= ending.len() && name[name.len() - ending.len()..].eq_ignore_ascii_case(ending)
}

/// A name as it can be read: what is invisible or turns the reading around stands as its code.
///
/// ```
/// assert_eq!(casement::core::files::shown_name("a\u{202e}gpj.exe"), "a⟨U+202E⟩gpj.exe");
/// ```
pub fn shown_name(name: &str) -> String {
    let mut shown = String::new();
    for c in name.chars() {
        if is_hidden(c) {
            shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The name under which a file is sent and saved: no path, nothing invisible, no device, not empty
/// and not too long, with its ending kept.
///
/// ```
/// assert_eq!(casement::core::files::safe_name("../logs/a.txt"), "logs_a.txt");
/// ```
pub fn safe_name(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !is_hidden(*c)).collect();
    let mut parts: Vec<&str> = visible.split(['/', '\\']).map(str::trim).collect();
    parts.retain(|part| !part.chars().all(|c| c == '.'));
    let joined = parts.join("_");
    let mut safe = joined.trim_end_matches(['.', ' ']).to_string();
    if safe.is_empty() {
        safe.push_str("file");
    }
    if is_device(&safe) {
        safe.insert(0, '_');
    }
    shortened(safe)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or("").trim_end();
    let numbered = |stem: &str| {
        let (letters, number) = stem.split_at_checked(3).unwrap_or(("", ""));
        let port = letters.eq_ignore_ascii_case("COM") || letters.eq_ignore_ascii_case("LPT");
        port && matches!(number.as_bytes(), [b'0'..=b'9'])
    };
    numbered(stem) || DEVICES.iter().any(|one| one.eq_ignore_ascii_case(stem))
}

fn shortened(name: String) -> String {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    // A long "ending" is none.
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let ending = if ending.len() <= 16 { ending } else { "" };
    let mut stem = LONGEST_NAME - ending.len();
    while !name.is_char_boundary(stem) {
        stem -= 1;
    }
    format!("{}{ending}", &name[..stem])
}

/// Control characters, line separators, marks of direction, and what takes no room at all.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The name of a picture that was pasted: the moment it was, `2026-11-20 14.05.33`.
pub fn pasted_name(moment: &str, media_type: &str) -> String {
    let ending = match media_type {
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => "png",
    };
    format!("{moment}.{ending}")
}

/// Milliseconds until all bytes have arrived, at the pace since a first look (time and bytes);
/// nothing as long as that says little.
pub fn time_left(first: (i64, u64), now: (i64, u64), all: u64) -> Option<i64> {
    let (took, came) = (now.0 - first.0, now.1.checked_sub(first.1)?);
    if took < 3_000 || came == 0 {
        return None;
    }
    let left = all.saturating_sub(now.1) as f64;
    Some((left * took as f64 / came as f64) as i64)
}

/// What a preview can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A picture of pixels. A drawing that may hold a program (SVG) is text.
    Image,
    /// Text, as a log.
    Text,
    /// A zip archive.
    Zip,
    /// A tar archive, not compressed.
    Tar,
    /// None.
    Other,
}

/// Endings of what can be shown. What a file calls itself decides only what is tried: a picture
/// that is none shows nothing, and an archive that is none has no listing.
const LOOKS: [(Look, &[&str]); 4] = [
    (
        Look::Image,
        &[
            ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".avif", ".apng",
        ],
    ),
    (
        Look::Zip,
        &[".zip", ".jar", ".docx", ".xlsx", ".pptx", ".odt"],
    ),
    (Look::Tar, &[".tar"]),
    (
        Look::Text,
        &[
            ".txt",
            ".log",
            ".csv",
            ".tsv",
            ".json",
            ".jsonl",
            ".xml",
            ".yaml",
            ".yml",
            ".md",
            ".ini",
            ".conf",
            ".cfg",
            ".cnf",
            ".properties",
            ".toml",
            ".out",
            ".err",
            ".trace",
            ".html",
            ".htm",
            ".svg",
            ".ps1",
            ".sh",
            ".bat",
            ".sql",
            ".ldif",
            ".pem",
            ".reg",
        ],
    ),
];

/// What a preview of a file can be made of.
pub fn look(name: &str, media_type: &str) -> Look {
    let by_ending = LOOKS
        .iter()
        .find(|(_, endings)| endings.iter().any(|ending| has_ending(name, ending)));
    match by_ending {
        Some((look, _)) => *look,
        None if media_type.starts_with("text/") => Look::Text,
        None => Look::Other,
    }
}

/// The first lines of a text, each at most `width` characters; nothing if it is no text.
pub fn first_lines(text: &str, lines: usize, width: usize) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    let cut = |line: &str| {
        let mut shown: String = line.chars().take(width).collect();
        if shown.len() < line.len() {
            shown.push('…');
        }
        shown_name(&shown.replace('\t', "    "))
    };
    let shown: Vec<String> = text.lines().take(lines).map(cut).collect();
    (!shown.is_empty()).then(|| shown.join("\n"))
}

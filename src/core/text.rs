//! Words: texts in several languages, the interface's catalogue, and counting as a person counts.
//!
//! A catalogue is one flat list of keys per language with `{name}` placeholders. Plural forms are
//! keys of their own (`cases.one`, `cases.other`); which form a number takes is the browser's
//! knowledge (`Intl.PluralRules`) and comes in as an argument.

use std::collections::BTreeMap;

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

/// A text in several languages, by BCP 47 tag. English is what all others fall back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalText(Vec<(String, String)>);

impl LocalText {
    /// Sets the text of a language.
    pub fn insert(&mut self, lang: &str, text: &str) {
        self.0.retain(|(tag, _)| tag != lang);
        self.0.push((lang.into(), text.into()));
    }

    /// The text in `lang`, in the nearest language that `lang` is a kind of, in English, or in
    /// whatever there is.
    pub fn get(&self, lang: &str) -> &str {
        let find = |wanted: &str| self.0.iter().find(|(tag, _)| tag == wanted);
        std::iter::successors(Some(lang), |tag| Some(tag.rsplit_once('-')?.0))
            .find_map(find)
            .or_else(|| find("en"))
            .or_else(|| self.0.first())
            .map_or("", |(_, text)| text.as_str())
    }

    /// The languages there are.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(lang, _)| lang.as_str())
    }
}

/// The interface's words in one language.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The language, as a BCP 47 tag.
    pub lang: String,
    words: BTreeMap<String, String>,
}

impl Catalogue {
    /// Reads a locale file; nested objects become dotted keys, anything but texts is passed over.
    pub fn from_json(lang: &str, json: &Value) -> Catalogue {
        let mut words = BTreeMap::new();
        flatten(json, String::new(), &mut words);
        Catalogue {
            lang: lang.into(),
            words,
        }
    }

    /// The text of `key`; a missing key is shown as itself, which a test keeps from happening.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// Whether there is a text for `key`.
    pub fn has(&self, key: &str) -> bool {
        self.words.contains_key(key)
    }

    /// The text of `key` with its placeholders filled.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.get(key), values)
    }

    /// The form of `key` for a number, `category` being what `Intl.PluralRules` says of it.
    pub fn plural(&self, key: &str, category: &str, values: &[(&str, &str)]) -> String {
        let exact = format!("{key}.{category}");
        let form = if self.has(&exact) {
            exact
        } else {
            format!("{key}.other")
        };
        self.with(&form, values)
    }

    /// All keys with their texts, for the tests that compare languages.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.words.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }
}

fn flatten(json: &Value, path: String, words: &mut BTreeMap<String, String>) {
    match json {
        Value::String(text) => {
            words.insert(path, text.clone());
        }
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(value, path, words);
            }
        }
        _ => {}
    }
}

/// Replaces each `{name}` by its value; unknown placeholders stay visible.
///
/// ```
/// use casement::core::text::fill;
/// assert_eq!(fill("{n} of {all}", &[("n", "3"), ("all", "{n}")]), "3 of {n}");
/// ```
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut result = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        result.push_str(&rest[..open]);
        rest = &rest[open..];
        let close = rest.find('}');
        let value = close.and_then(|close| {
            let name = &rest[1..close];
            values.iter().find(|(key, _)| *key == name)
        });
        match (close, value) {
            (Some(close), Some((_, value))) => {
                result.push_str(value);
                rest = &rest[close + 1..];
            }
            _ => {
                result.push('{');
                rest = &rest[1..];
            }
        }
    }
    result.push_str(rest);
    result
}

/// The names in braces of a text.
pub fn placeholders(text: &str) -> Vec<&str> {
    let parts = text.split('{').skip(1);
    parts
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))
        .collect()
}

/// How many characters a person sees: grapheme clusters (CMS-10).
///
/// ```
/// use casement::core::text::graphemes;
/// assert_eq!(graphemes("e\u{301}👩‍👩‍👧"), 2);
/// ```
pub fn graphemes(text: &str) -> usize {
    // Plain ASCII without carriage returns is the common case while typing and counts as bytes.
    if text.bytes().all(|byte| byte.is_ascii() && byte != b'\r') {
        text.len()
    } else {
        text.graphemes(true).count()
    }
}

/// The first `count` characters as a person sees them, never cut inside one.
pub fn first_graphemes(text: &str, count: usize) -> &str {
    text.grapheme_indices(true)
        .nth(count)
        .map_or(text, |(index, _)| &text[..index])
}

/// The beginning of a text, `most` code points at most: enough to know it by in a list. What a person
/// sees as one character stays whole as far as that can be told without Unicode's tables, which the
/// first page would have to carry for this alone; two letters of a flag can be parted.
///
/// ```
/// use casement::core::text::beginning;
/// assert_eq!(beginning("re\u{301}seau", 2), "r");
/// ```
pub fn beginning(text: &str, most: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    let whole = text[..end]
        .char_indices()
        .map(|(start, one)| start + one.len_utf8());
    let end = whole
        .rev()
        .find(|end| !is_inside(&text[..*end], &text[*end..]))
        .unwrap_or(end);
    &text[..end]
}

/// Whether a person sees the end of one text and the beginning of the other as one character.
fn is_inside(before: &str, after: &str) -> bool {
    before.ends_with(JOINER) || after.starts_with(is_attached)
}

const JOINER: char = '\u{200d}';

/// Marks over and under letters, the voiced sounds of kana, forms and colours of pictures.
fn is_attached(c: char) -> bool {
    matches!(c, JOINER | '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0020}'..='\u{e007f}')
}

/// Folds what people type into ids and numbers: full-width forms become ASCII, spaces of all kinds
/// go away, letters become capitals. Serial numbers and contract ids are compared in this form.
///
/// ```
/// use casement::core::text::fold_id;
/// assert_eq!(fold_id(" ａｂ１２-3　"), "AB12-3");
/// ```
pub fn fold_id(text: &str) -> String {
    text.chars()
        .map(|c| dash(half_width(c)))
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .flat_map(char::to_uppercase)
        .collect()
}

/// Japanese keyboards give the mark of a long vowel where a number wants a hyphen.
fn dash(c: char) -> char {
    match c {
        'ー' | 'ｰ' => '-',
        other => other,
    }
}

/// What copying brings along unseen: soft hyphens, joiners, marks of direction, byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text as one line: line ends, tabs and other control characters become a single space. What
/// becomes the subject of a mail must not add headers to it.
///
/// ```
/// use casement::core::text::one_line;
/// assert_eq!(one_line("Error\t500\r\nat start\n"), "Error 500 at start");
/// ```
pub fn one_line(text: &str) -> String {
    let parts = text.split(char::is_control).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

/// The ASCII form of a full-width character, any other as it is.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

/// A mail address in the one form the portal sends, or nothing if it is not exactly one address.
///
/// ```
/// use casement::core::text::email;
/// assert_eq!(email(" sato＠example.co.jp ").as_deref(), Some("sato@example.co.jp"));
/// assert_eq!(email("a@b.example, c@d.example"), None);
/// ```
pub fn email(text: &str) -> Option<String> {
    let text: String = text.trim().chars().map(half_width).collect();
    let (local, domain) = text.split_once('@')?;
    let local_ok = local.len() <= 64
        && local.split('.').all(|part| !part.is_empty())
        && local
            .chars()
            .all(|c| !c.is_whitespace() && !c.is_control() && !"@,;:<>()[]\\\"".contains(c));
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_ok = labels.len() >= 2
        && domain.len() <= 253
        && labels.iter().all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
    (local_ok && domain_ok).then_some(text)
}

/// A telephone number in the form one can dial, or nothing if it has too few digits or letters
/// that no telephone has. An extension may follow as `x123`, `ext. 123` or 内線123.
pub fn phone(text: &str) -> Option<String> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| {
            if c.is_whitespace() {
                ' '
            } else {
                dash(half_width(c))
            }
        })
        .collect();
    let (number, extension) = split_extension(&text);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let number_ok = (6..=15).contains(&digits)
        && number
            .chars()
            .all(|c| c.is_ascii_digit() || " +-().".contains(c));
    let extension_ok = extension
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace());
    (number_ok && extension_ok).then_some(text)
}

fn split_extension(text: &str) -> (&str, &str) {
    let lower = text.to_ascii_lowercase();
    for mark in ["ext.", "ext", "x", "内線", "分机"] {
        if let Some(place) = lower.find(mark) {
            return (&text[..place], &text[place + mark.len()..]);
        }
    }
    (text, "")
}

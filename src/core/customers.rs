//! Finding one customer among very many, as one types.
//!
//! What is looked for is folded as what there is: full-width and half-width forms, capitals, the two
//! kana and their voicing marks are the same. Words may come in any order and need not be whole; a
//! customer whose name begins so comes before one that merely holds it. All customers are folded
//! once into one text, because a search per customer and key would be felt.

use super::case::Customer;
use super::order::sort;
use super::text::half_width;

/// The fact of a customer that holds the name or id of its tenant.
const TENANT: &str = "tenant";

/// Customers, ready to be searched.
pub struct Finder {
    /// Name, domain, id and tenant of one customer after the other, a line each.
    text: String,
    /// Where each customer begins, and the end of the last.
    starts: Vec<usize>,
}

impl Finder {
    /// Makes customers ready to be searched.
    pub fn new(customers: &[Customer]) -> Finder {
        let mut text = String::new();
        let mut starts = vec![0];
        for customer in customers {
            let tenant = customer.facts.iter().find(|(name, _)| name == TENANT);
            let tenant = tenant.map_or("", |(_, value)| value);
            for part in [&customer.name, &customer.domain, &customer.id, tenant] {
                text.push('\n');
                fold(part, &mut text);
            }
            starts.push(text.len());
        }
        Finder { text, starts }
    }

    /// The places of the customers that hold all words of a text, best first; without words the
    /// first ones.
    ///
    /// ```
    /// use casement::core::{case::Customer, customers::Finder};
    /// let name = |name: &str| Customer { name: name.into(), ..Customer::default() };
    /// let finder = Finder::new(&[name("North Bakery"), name("ﾍﾞｰｶﾘｰ北"), name("Bakery One")]);
    /// assert_eq!(finder.find("ＢＡＫ", 9), [2, 0]);
    /// assert_eq!(finder.find("べーかりー", 9), [1]);
    /// ```
    pub fn find(&self, text: &str, limit: usize) -> Vec<usize> {
        let mut folded = String::new();
        fold(text, &mut folded);
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        // The longest word rules out most.
        sort(&mut words, |a, b| b.len().cmp(&a.len()));
        let count = self.starts.len() - 1;
        if words.is_empty() {
            return (0..count.min(limit)).collect();
        }
        let text = self.text.as_bytes();
        let mut hits: Vec<(usize, usize)> = Vec::new();
        for place in 0..count {
            let entry = &text[self.starts[place]..self.starts[place + 1]];
            let distances = words.iter().map(|word| distance(entry, word.as_bytes()));
            let far: Option<usize> = distances.sum();
            hits.extend(far.map(|far| (far, place)));
        }
        sort(&mut hits, |a, b| a.cmp(b));
        hits.truncate(limit);
        hits.into_iter().map(|(_, place)| place).collect()
    }
}

/// How far a word is from being what a customer's name begins with: 0 there, 1 at the beginning of
/// any word, 2 inside of one; nothing if it isn't there at all. By bytes, which is all that UTF-8
/// needs, and several times as quick as by characters.
fn distance(entry: &[u8], word: &[u8]) -> Option<usize> {
    let mut nearest = None;
    for at in 1..entry.len() {
        if entry[at] != word[0] || !entry[at..].starts_with(word) {
            continue;
        }
        let before = entry[at - 1];
        if at == 1 {
            return Some(0);
        }
        if before.is_ascii() && !before.is_ascii_alphanumeric() {
            return Some(1);
        }
        nearest = Some(2);
    }
    nearest
}

/// Appends a text in the one form that is compared.
fn fold(text: &str, folded: &mut String) {
    for c in text.chars() {
        let c = hiragana(half_width(c));
        let voice = match c {
            '\u{3099}' | '\u{309b}' | '\u{ff9e}' => 1,
            '\u{309a}' | '\u{309c}' | '\u{ff9f}' => 2,
            _ => 0,
        };
        if voice == 0 {
            // A line end would look like the beginning of a name.
            let c = if c.is_control() { ' ' } else { c };
            folded.extend(c.to_lowercase());
        } else if let Some(voiced) = folded.chars().next_back().and_then(|c| voiced(c, voice)) {
            folded.pop();
            folded.push(voiced);
        }
    }
}

/// The hiragana of a katakana of either width, any other character as it is.
fn hiragana(c: char) -> char {
    const HALF: &str = "をぁぃぅぇぉゃゅょっーあいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわん";
    let found = match c {
        '\u{30a1}'..='\u{30f6}' => char::from_u32(c as u32 - 0x60),
        '\u{ff66}'..='\u{ff9d}' => HALF.chars().nth(c as usize - 0xff66),
        _ => None,
    };
    found.unwrap_or(c)
}

/// The kana that a voicing mark makes of another: 1 of か makes が, 2 of は makes ぱ.
fn voiced(base: char, mark: u32) -> Option<char> {
    let place = |first: char| base as u32 - first as u32;
    match base {
        'う' if mark == 1 => return Some('ゔ'),
        'か'..='ち' if mark == 1 && place('か').is_multiple_of(2) => {}
        'つ' | 'て' | 'と' if mark == 1 => {}
        'は'..='ほ' if place('は').is_multiple_of(3) => {}
        _ => return None,
    }
    char::from_u32(base as u32 + mark)
}

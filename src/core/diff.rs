//! What differs between two texts, and two changes of one text brought together.
//!
//! [`pieces`] compares word by word (sign by sign where a script has no spaces), for a person who
//! has to choose; [`merge`] works on whole lines and gives up as soon as both sides touched the
//! same place, because a wrong guess there would be worse than a question. Texts too long to be
//! compared in an instant count as replaced as a whole.

/// More steps than this are not worth a person's waiting.
const MOST: usize = 4_000_000;

/// A part of a compared text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What became of it.
    pub is: Kind,
    /// Its words.
    pub text: String,
}

/// What became of a part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In both.
    Kept,
    /// Only in the earlier one.
    Gone,
    /// Only in the later one.
    New,
}

/// One text turned into another, part by part. All but the new parts in order are `before`, all but
/// the gone ones `after`.
pub fn pieces(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (words(before), words(after));
    let mut all: Vec<Piece> = Vec::new();
    for step in steps(&old, &new) {
        let (is, text) = match step {
            Step::Keep(at) => (Kind::Kept, old[at]),
            Step::Drop(at) => (Kind::Gone, old[at]),
            Step::Add(at) => (Kind::New, new[at]),
        };
        match all.last_mut() {
            Some(last) if last.is == is => last.text.push_str(text),
            _ => all.push(Piece {
                is,
                text: text.into(),
            }),
        }
    }
    all
}

/// Both changes of a text in one, if they are in different places; the same change made twice is
/// made once.
///
/// ```
/// use casement::core::diff::merge;
/// assert_eq!(merge("a\nb\nc", "A\nb\nc", "a\nb\nc\nd").as_deref(), Some("A\nb\nc\nd"));
/// assert_eq!(merge("a", "b", "c"), None);
/// ```
pub fn merge(before: &str, mine: &str, theirs: &str) -> Option<String> {
    let old: Vec<&str> = before.split('\n').collect();
    let (a, b) = (changes(&old, mine), changes(&old, theirs));
    let mut result: Vec<&str> = Vec::new();
    let (mut at, mut i, mut j) = (0, 0, 0);
    loop {
        let next = match (a.get(i), b.get(j)) {
            (None, None) => break,
            (Some(one), None) => {
                i += 1;
                one
            }
            (None, Some(other)) => {
                j += 1;
                other
            }
            (Some(one), Some(other)) if one == other => {
                i += 1;
                j += 1;
                one
            }
            (Some(one), Some(other)) if one.from <= other.to && other.from <= one.to => {
                return None;
            }
            (Some(one), Some(other)) if one.from < other.from => {
                i += 1;
                one
            }
            (Some(_), Some(other)) => {
                j += 1;
                other
            }
        };
        result.extend(old.get(at..next.from)?);
        result.extend(&next.lines);
        at = next.to;
    }
    result.extend(old.get(at..)?);
    Some(result.join("\n"))
}

/// Lines of the old text that became others.
#[derive(PartialEq)]
struct Change<'a> {
    from: usize,
    to: usize,
    lines: Vec<&'a str>,
}

fn changes<'a>(old: &[&str], text: &'a str) -> Vec<Change<'a>> {
    let new: Vec<&str> = text.split('\n').collect();
    let mut all: Vec<Change> = Vec::new();
    let mut at = 0;
    let mut open = false;
    for step in steps(old, &new) {
        if matches!(step, Step::Keep(_)) {
            at += 1;
            open = false;
            continue;
        }
        if !open {
            all.push(Change {
                from: at,
                to: at,
                lines: Vec::new(),
            });
            open = true;
        }
        if let Some(last) = all.last_mut() {
            match step {
                Step::Add(place) => last.lines.push(new[place]),
                _ => {
                    at += 1;
                    last.to = at;
                }
            }
        }
    }
    all
}

/// Words with the space behind them, so that they join to the text again. A sign of a script
/// without spaces is a word of its own.
fn words(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, sign) in text.char_indices() {
        let joins = sign.is_alphanumeric() && (sign as u32) < 0x2E80;
        if !(in_word && joins) && at > start {
            all.push(&text[start..at]);
            start = at;
        }
        in_word = joins;
    }
    if start < text.len() {
        all.push(&text[start..]);
    }
    all
}

#[derive(Clone, Copy)]
enum Step {
    Keep(usize),
    Drop(usize),
    Add(usize),
}

/// The way from one list to another with the most parts kept.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let pairs = || old.iter().zip(new);
    let head = pairs().take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev());
    let tail = tail.take(rest).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut all: Vec<Step> = (0..head).map(Step::Keep).collect();
    middle(a, b, head, &mut all);
    all.extend((old.len() - tail..old.len()).map(Step::Keep));
    all
}

fn middle(a: &[&str], b: &[&str], head: usize, all: &mut Vec<Step>) {
    let width = b.len() + 1;
    if a.is_empty() || b.is_empty() || a.len().saturating_mul(b.len()) > MOST {
        all.extend((0..a.len()).map(|at| Step::Drop(head + at)));
        all.extend((0..b.len()).map(|at| Step::Add(head + at)));
        return;
    }
    // How many parts can be kept from each place on.
    let mut kept = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            kept[i * width + j] = match a[i] == b[j] {
                true => kept[(i + 1) * width + j + 1] + 1,
                false => kept[(i + 1) * width + j].max(kept[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            all.push(Step::Keep(head + i));
            i += 1;
            j += 1;
        } else if j == b.len()
            || (i < a.len() && kept[(i + 1) * width + j] >= kept[i * width + j + 1])
        {
            all.push(Step::Drop(head + i));
            i += 1;
        } else {
            all.push(Step::Add(head + j));
            j += 1;
        }
    }
}

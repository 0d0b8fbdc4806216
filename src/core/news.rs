//! Which records changed lately, so that whoever shows them reads those again and no others.
//!
//! The list is kept beside the records and written in the same transaction, by the one tab that may
//! write them. Each entry has a mark of its own. Whoever knows the mark of its last reading is told
//! what changed since; whoever's mark is not there any more, or not yet, reads everything, which is
//! never wrong. So nothing depends on a message that arrives.

use serde_json::{Value, json};

/// Most keys in the list; who has missed more is better off reading everything.
const KEYS: usize = 300;
/// Most entries.
const ENTRIES: usize = 50;

/// The latest changes, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    entries: Vec<(String, Vec<String>)>,
}

impl News {
    /// Reads a list as it is kept; what is none reads as an empty one.
    pub fn from_text(text: &str) -> News {
        let text_of = |value: &Value| value.as_str().map(String::from);
        let entry = |entry: &Value| {
            let (mark, keys) = entry.as_array()?.split_first()?;
            let keys = keys.iter().map(text_of).collect::<Option<_>>()?;
            Some((text_of(mark)?, keys))
        };
        let entries = serde_json::from_str::<Vec<Value>>(text).ok();
        let entries = entries.and_then(|all| all.iter().map(entry).collect());
        News {
            entries: entries.unwrap_or_default(),
        }
    }

    /// The list as it is kept.
    pub fn to_text(&self) -> String {
        let entry = |(mark, keys): &(String, Vec<String>)| {
            let all = std::iter::once(mark).chain(keys);
            Value::Array(all.map(|one| json!(one)).collect())
        };
        Value::Array(self.entries.iter().map(entry).collect()).to_string()
    }

    /// Notes a change of some records under a mark nobody has used; of none given, anything may have
    /// changed.
    pub fn add(&mut self, mark: String, keys: Option<Vec<String>>) {
        let Some(keys) = keys else {
            self.entries = vec![(mark, Vec::new())];
            return;
        };
        self.entries.push((mark, keys));
        let count = |entries: &[(String, Vec<String>)]| -> usize {
            entries.iter().map(|(_, keys)| keys.len()).sum()
        };
        // Of the first entry only the mark is ever needed.
        while self.entries.len() > ENTRIES
            || self.entries.len() > 1 && count(&self.entries[1..]) > KEYS
        {
            self.entries.remove(0);
        }
    }

    /// The mark of the last change; empty if none is known.
    pub fn mark(&self) -> String {
        let last = self.entries.last();
        last.map(|(mark, _)| mark.clone()).unwrap_or_default()
    }

    /// What changed since a mark, each once; nothing if that can't be told.
    pub fn since(&self, mark: &str) -> Option<Vec<String>> {
        let place = self.entries.iter().position(|(one, _)| one == mark)?;
        let later = self.entries.iter().skip(place + 1);
        let keys: std::collections::BTreeSet<&String> = later.flat_map(|(_, keys)| keys).collect();
        Some(keys.into_iter().cloned().collect())
    }
}

/// Puts changed entries into a list that is in the order of its ids: each with its id, and nothing
/// where it is gone.
pub fn merge<T>(list: &mut Vec<T>, changed: Vec<(String, Option<T>)>, id: impl Fn(&T) -> &str) {
    let mut changed: std::collections::BTreeMap<String, Option<T>> = changed.into_iter().collect();
    list.retain_mut(|one| match changed.remove(id(one)) {
        None => true,
        Some(None) => false,
        Some(Some(new)) => {
            *one = new;
            true
        }
    });
    for (new_id, new) in changed {
        if let Some(new) = new {
            let place = list.partition_point(|one| id(one) < new_id.as_str());
            list.insert(place, new);
        }
    }
}

//! Sorting, compiled once.
//!
//! The standard library's sort is made anew for every type of entry, some three kilobytes each in
//! the bundle that every visitor loads. Here one sort orders places, whatever stands in them.

use std::cmp::Ordering;

/// Sorts in place; entries that compare equal keep the order they came in.
///
/// ```
/// use casement::core::order::sort;
/// let mut words = vec!["b1", "a", "b0"];
/// sort(&mut words, |x, y| x[..1].cmp(&y[..1]));
/// assert_eq!(words, ["a", "b1", "b0"]);
/// ```
pub fn sort<T>(entries: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let places = places(entries.len(), &|a, b| compare(&entries[a], &entries[b]));
    let mut loose: Vec<Option<T>> = entries.drain(..).map(Some).collect();
    entries.extend(places.into_iter().filter_map(|place| loose[place].take()));
}

/// As [`sort`], by a key of each entry.
pub fn sort_by_key<T, K: Ord>(entries: &mut Vec<T>, key: impl Fn(&T) -> K) {
    sort(entries, |a, b| key(a).cmp(&key(b)));
}

fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|a, b| compare(*a, *b));
    places
}

//! As many customers as a large partner has, put together from lists of words: the same ones at
//! every start, no two with the same name or domain.

use serde::Deserialize;
use serde_json::{Map, Value, json};

const CROWD: &str = include_str!("../../example/crowd.json");
/// Neighbours in the lists should not be neighbours by name; a prime walks through all places.
const STRIDE: usize = 7_919;

#[derive(Deserialize)]
struct Crowd {
    account_id: String,
    /// What all of them have in common.
    facts: Map<String, Value>,
    /// Facts in which `{domain}` is filled in.
    filled: Map<String, Value>,
    groups: Vec<Group>,
}

/// Customers of one country.
#[derive(Deserialize)]
struct Group {
    count: usize,
    country: String,
    zone: String,
    /// How a company's name is put together from `{word}` and `{trade}`.
    forms: Vec<String>,
    /// As they are written, and in letters of a domain.
    words: Vec<(String, String)>,
    trades: Vec<(String, String)>,
}

/// All of them.
pub(super) fn customers() -> Result<Vec<Value>, serde_json::Error> {
    let crowd: Crowd = serde_json::from_str(CROWD)?;
    let mut customers = Vec::new();
    for group in &crowd.groups {
        let places = group.words.len() * group.trades.len();
        for number in 0..group.count.min(places) {
            let place = number * STRIDE % places;
            let number = customers.len() + 1;
            customers.push(customer(&crowd, group, place, number));
        }
    }
    Ok(customers)
}

fn customer(crowd: &Crowd, group: &Group, place: usize, number: usize) -> Value {
    let (word, word_ascii) = &group.words[place % group.words.len()];
    let (trade, trade_ascii) = &group.trades[place / group.words.len()];
    let form = &group.forms[place % group.forms.len()];
    let name = form.replace("{word}", word).replace("{trade}", trade);
    let label = format!("{word_ascii}-{trade_ascii}");
    let mut facts = crowd.facts.clone();
    for (fact, form) in &crowd.filled {
        let form = form.as_str().unwrap_or_default();
        facts.insert(fact.clone(), form.replace("{domain}", &label).into());
    }
    json!({
        "id": format!("cu-crowd-{number:05}"),
        "account_id": crowd.account_id,
        "name": name,
        "country": group.country,
        "zone": group.zone,
        "domain": format!("{label}.example"),
        "facts": facts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_of_the_crowd_have_the_same_id_name_or_domain() {
        let customers = customers().expect("the lists can be read");
        assert!(customers.len() > 9_900);
        for field in ["id", "name", "domain"] {
            let different: HashSet<&str> = customers
                .iter()
                .filter_map(|customer| customer[field].as_str())
                .collect();
            assert_eq!(different.len(), customers.len(), "{field}");
        }
    }

    #[test]
    fn the_crowd_is_the_same_at_every_start() {
        let first = customers().expect("the lists can be read");
        assert_eq!(first, customers().expect("the lists can be read"));
    }
}

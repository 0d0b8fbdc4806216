//! Finding a customer: whatever way it is typed, and the likeliest first.

use casement::core::case::{Customer, Record};
use casement::core::customers::Finder;
use proptest::prelude::*;
use serde_json::json;

/// Customers from lines of `name; domain; id; tenant`, of which all but the name may be missing.
fn customers(lines: &str) -> Vec<Customer> {
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let mut parts = line.trim().split(';').map(str::trim);
            let mut next = || parts.next().unwrap_or("");
            let (name, domain, id, tenant) = (next(), next(), next(), next());
            Customer::from_json(&json!({
                "name": name, "domain": domain, "id": id, "facts": { "tenant": tenant }
            }))
        })
        .collect()
}

fn check(all: &str, text: &str, expected: &[&str]) {
    let all = customers(all);
    let found: Vec<&str> = Finder::new(&all)
        .find(text, 5)
        .into_iter()
        .map(|place| all[place].name.as_str())
        .collect();
    assert_eq!(found, expected, "{text:?}");
}

const ALL: &str = "
    Old Harbour Foods; harbour.example; cus-1
    Harbour Bank; bank.example; cus-2; tenant-77
    Sharbour; s.example; cus-3
    株式会社ミナト情報; minato.example; cus-4; minato.tenant.example
    ﾐﾅﾄ銀行; ginko.example; cus-5
    ガーデン みなと; garden.example; cus-6
    カナリア; canaria.example; cus-20
";

#[test]
fn mpc_02_a_customer_whose_name_begins_so_comes_before_one_that_merely_holds_it() {
    check(
        ALL,
        "harbour",
        &["Harbour Bank", "Old Harbour Foods", "Sharbour"],
    );
    check(
        ALL,
        "b harbour",
        &["Harbour Bank", "Old Harbour Foods", "Sharbour"],
    );
    check(ALL, "foods old", &["Old Harbour Foods"]);
}

#[test]
fn mpc_02_a_customer_is_found_by_name_domain_id_or_tenant() {
    check(ALL, "bank.example", &["Harbour Bank"]);
    check(ALL, "cus-2", &["Harbour Bank", "カナリア"]);
    check(ALL, "tenant-77", &["Harbour Bank"]);
    check(ALL, "minato.tenant", &["株式会社ミナト情報"]);
    check(ALL, "nowhere", &[]);
    check(ALL, "harbour nowhere", &[]);
}

#[test]
fn mpc_02_width_case_and_kind_of_kana_make_no_difference() {
    for text in ["ミナト", "ﾐﾅﾄ", "みなと"] {
        check(
            ALL,
            text,
            &["ﾐﾅﾄ銀行", "ガーデン みなと", "株式会社ミナト情報"],
        );
    }
    for text in [
        "ＨＡＲＢＯＵＲ　ｂａｎｋ",
        "HARBOUR bank",
        " bank   harbour ",
    ] {
        check(ALL, text, &["Harbour Bank"]);
    }
    for text in ["ガーデン", "ｶﾞｰﾃﾞﾝ", "がーでん", "カ\u{3099}ーテ\u{3099}ン"]
    {
        check(ALL, text, &["ガーデン みなと"]);
    }
    check("パパイヤ\nハハ\nババ", "ﾊﾟ", &["パパイヤ"]);
    check("ヴィラ\nウイング", "ｳﾞｨ", &["ヴィラ"]);
}

#[test]
fn mpc_02_without_words_the_first_customers_are_listed() {
    for text in ["", "  ", "　"] {
        assert_eq!(Finder::new(&customers(ALL)).find(text, 3), [0, 1, 2]);
    }
    assert!(Finder::new(&[]).find("", 3).is_empty());
    assert!(Finder::new(&[]).find("x", 3).is_empty());
}

#[test]
fn mpc_02_among_ten_thousand_customers_the_right_one_is_found() {
    let all: Vec<Customer> = (0..10_000)
        .map(|number| Customer {
            id: format!("cus-{number:05}"),
            name: format!("Customer {number} of Harbour"),
            domain: format!("c{number}.example"),
            ..Customer::default()
        })
        .collect();
    let finder = Finder::new(&all);
    assert_eq!(finder.find("c9876.example", 10), [9_876]);
    assert_eq!(finder.find("harbour 9876", 10), [9_876]);
    assert_eq!(finder.find("customer", 10).len(), 10);
    assert_eq!(finder.find("customer", usize::MAX).len(), 10_000);
}

#[test]
fn a_name_with_line_ends_or_odd_characters_breaks_nothing() {
    check("Two\nLines", "lines", &["Lines"]);
    let odd = Customer {
        name: "Two\nLines <b>İ𠮷👍".into(),
        ..Customer::default()
    };
    let finder = Finder::new(&[odd]);
    for text in ["two lines", "<b>", "𠮷", "👍", "İ", "\u{3099}", "゛lines"] {
        assert!(finder.find(text, 5).len() <= 1, "{text:?}");
    }
    assert_eq!(finder.find("𠮷👍", 5), [0]);
}

proptest! {
    #![proptest_config(crate::support::tries(256))]

    #[test]
    fn mpc_02_every_customer_is_found_by_its_own_name(
        names in proptest::collection::vec("[a-zA-Zア-ヴｦ-ﾟ一-十 ．Ａ-ｚ]{1,12}", 1..8)
    ) {
        let all: Vec<Customer> = names
            .iter()
            .map(|name| Customer { name: name.clone(), ..Customer::default() })
            .collect();
        let finder = Finder::new(&all);
        for (place, name) in names.iter().enumerate() {
            let found = finder.find(name, usize::MAX);
            prop_assert!(found.contains(&place), "{name:?} among {names:?}: {found:?}");
            let unique: std::collections::BTreeSet<_> = found.iter().collect();
            prop_assert_eq!(unique.len(), found.len());
        }
    }
}

//! Words: counting as a person counts, folding, mail addresses, telephone numbers, catalogues.

use casement::core::text::{
    Catalogue, LocalText, beginning, email, fill, first_graphemes, fold_id, graphemes, phone,
};
use proptest::prelude::*;
use serde_json::json;
use unicode_segmentation::UnicodeSegmentation;

fn check_graphemes(text: &str, count: usize) {
    assert_eq!(graphemes(text), count, "{text:?}");
}

#[test]
fn cms_10_subject_counts_graphemes() {
    check_graphemes("", 0);
    check_graphemes("Sessions drop", 13);
    check_graphemes("画面が真っ暗", 6);
    check_graphemes("か\u{3099}", 1);
    check_graphemes("e\u{301}e", 2);
    check_graphemes("👩‍👩‍👧‍👦", 1);
    check_graphemes("👍🏽👍🏿", 2);
    check_graphemes("🇯🇵🇨🇳", 2);
    check_graphemes("1\u{fe0f}\u{20e3}", 1);
    check_graphemes("葛\u{e0100}", 1);
    check_graphemes("a\r\nb", 3);
    check_graphemes("한국어", 3);
    check_graphemes("각", 1);
}

#[test]
fn a_tower_of_combining_marks_is_one_character() {
    check_graphemes(&format!("a{}", "\u{301}".repeat(5_000)), 1);
}

proptest! {
    #![proptest_config(crate::support::tries(256))]

    #[test]
    fn the_quick_way_of_counting_agrees_with_the_thorough_one(text in any::<String>()) {
        prop_assert_eq!(graphemes(&text), text.graphemes(true).count());
    }

    #[test]
    fn the_first_characters_are_never_cut_inside_one(text in any::<String>(), most in 0usize..20) {
        let first = first_graphemes(&text, most);
        prop_assert!(text.starts_with(first));
        prop_assert_eq!(graphemes(first), graphemes(&text).min(most));
    }

    #[test]
    fn the_beginning_of_a_text_is_cut_inside_no_character(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["a", "漢", "が", "か\u{3099}", "e\u{301}\u{323}", "👩‍👩‍👧", "👍🏽", "❤️", "1️⃣", " "]),
            0..40,
        ),
        most in 1usize..20,
    ) {
        let text = pieces.concat();
        let start = beginning(&text, most);
        prop_assert!(text.starts_with(start));
        prop_assert!(start.chars().count() <= most);
        let fits = pieces.first().is_none_or(|first| first.chars().count() <= most);
        if fits {
            let rest = &text[start.len()..];
            prop_assert_eq!(graphemes(start) + graphemes(rest), graphemes(&text));
        }
    }

    #[test]
    fn folding_an_id_twice_changes_nothing_more(text in any::<String>()) {
        let once = fold_id(&text);
        prop_assert_eq!(fold_id(&once), once.clone());
        prop_assert!(!once.chars().any(char::is_whitespace));
    }

    #[test]
    fn an_accepted_address_or_number_is_accepted_again_unchanged(text in "[ -~＠．０-９ａ-ｚー]{0,40}") {
        if let Some(address) = email(&text) {
            prop_assert_eq!(email(&address), Some(address));
        }
        if let Some(number) = phone(&text) {
            prop_assert_eq!(phone(&number), Some(number));
        }
    }

    #[test]
    fn a_template_without_values_stays_as_it_is(template in any::<String>()) {
        prop_assert_eq!(fill(&template, &[]), template);
    }
}

fn check_email(text: &str, expected: Option<&str>) {
    assert_eq!(email(text).as_deref(), expected, "{text:?}");
}

#[test]
fn cms_11_exactly_one_address_is_an_address() {
    check_email("sato@hokuto.example", Some("sato@hokuto.example"));
    check_email("  sato@hokuto.example\n", Some("sato@hokuto.example"));
    check_email(
        "ｓａｔｏ＠ｈｏｋｕｔｏ．ｅｘａｍｐｌｅ",
        Some("sato@hokuto.example"),
    );
    check_email(
        "first.last+tag@sub.host-1.example",
        Some("first.last+tag@sub.host-1.example"),
    );
    for wrong in [
        "",
        "sato",
        "@hokuto.example",
        "sato@",
        "sato@hokuto",
        "sato@hokuto..example",
        "sato@.example",
        "sato@-hokuto.example",
        "sato..m@hokuto.example",
        ".sato@hokuto.example",
        "sato@mori@hokuto.example",
        "sato@hokuto.example, mori@hokuto.example",
        "sato@hokuto.example mori@hokuto.example",
        "sato@hokuto.example;mori@hokuto.example",
        "佐藤 <sato@hokuto.example>",
        "sato@hokuto.example\r\nBcc: mori@hokuto.example",
    ] {
        check_email(wrong, None);
    }
}

fn check_phone(text: &str, expected: Option<&str>) {
    assert_eq!(phone(text).as_deref(), expected, "{text:?}");
}

#[test]
fn cms_08_a_number_that_can_be_dialled_is_taken_however_it_was_typed() {
    check_phone("+81 3-5550-0123", Some("+81 3-5550-0123"));
    check_phone("０３−５５５０−０１２３", Some("03-5550-0123"));
    check_phone("０３ー５５５０ー０１２３", Some("03-5550-0123"));
    check_phone("(03)\u{a0}5550\u{a0}0123", Some("(03) 5550 0123"));
    check_phone("+44 20 7946 0018 ext. 12", Some("+44 20 7946 0018 ext. 12"));
    check_phone("+44 20 7946 0018 Ext. 12", Some("+44 20 7946 0018 Ext. 12"));
    check_phone("+1 212 555 0100 x7", Some("+1 212 555 0100 x7"));
    check_phone("03-5550-0123 内線45", Some("03-5550-0123 内線45"));
    for wrong in [
        "",
        "12345",
        "call me",
        "03-5550-01a3",
        "1234567890123456",
        "03-5550-0123 ext. two",
    ] {
        check_phone(wrong, None);
    }
}

fn check_fold(text: &str, expected: &str) {
    assert_eq!(fold_id(text), expected, "{text:?}");
}

#[test]
fn cms_07_ids_are_one_however_they_were_typed() {
    check_fold("HG-0001", "HG-0001");
    check_fold("ｈｇ－０００１", "HG-0001");
    check_fold(" hg\u{3000}-\t00 01\n", "HG-0001");
    check_fold("HG\u{2010}0001", "HG-0001");
    check_fold("HG\u{2212}0001", "HG-0001");
    check_fold("HGー0001", "HG-0001");
    check_fold("\u{feff}HG\u{200b}-00\u{ad}01\u{200e}", "HG-0001");
}

fn check_local(wanted: &str, expected: &str) {
    let mut text = LocalText::default();
    for (lang, word) in [("en", "window"), ("zh-Hans", "窗口"), ("pt", "janela")] {
        text.insert(lang, word);
    }
    assert_eq!(text.get(wanted), expected, "{wanted}");
}

#[test]
fn a_text_falls_back_to_the_nearest_language_and_then_to_english() {
    check_local("zh-Hans", "窗口");
    check_local("zh-Hans-CN", "窗口");
    check_local("pt-BR", "janela");
    check_local("ja", "window");
    check_local("zh-Hant", "window");
    check_local("", "window");
}

#[test]
fn a_text_without_english_shows_what_there_is_and_an_empty_one_nothing() {
    let mut text = LocalText::default();
    assert_eq!(text.get("en"), "");
    text.insert("ja", "窓");
    assert_eq!(text.get("en"), "窓");
    text.insert("ja", "窓口");
    assert_eq!(text.get("ja"), "窓口");
    assert_eq!(text.languages().collect::<Vec<_>>(), ["ja"]);
}

fn check_fill(template: &str, expected: &str) {
    let values = [("n", "3"), ("name", "{n}<b>"), ("", "nothing")];
    assert_eq!(fill(template, &values), expected, "{template}");
}

#[test]
fn placeholders_are_filled_once_and_unknown_ones_stay_visible() {
    check_fill("{n} files", "3 files");
    check_fill("{name} has {n}", "{n}<b> has 3");
    check_fill("{other} and {n}", "{other} and 3");
    check_fill("{ {n} }", "{ 3 }");
    check_fill("{n", "{n");
    check_fill("}{n}{", "}3{");
    check_fill("件数：{n}件", "件数：3件");
}

#[test]
fn a_catalogue_shows_a_missing_key_as_itself_and_falls_back_to_the_general_plural() {
    let words = json!({
        "title": "Cases",
        "cases": { "one": "{n} case", "other": "{n} cases" },
        "ignored": 7
    });
    let catalogue = Catalogue::from_json("en", &words);
    assert_eq!(catalogue.get("title"), "Cases");
    assert_eq!(catalogue.get("no.such.key"), "no.such.key");
    assert!(!catalogue.has("ignored"));
    assert_eq!(catalogue.plural("cases", "one", &[("n", "1")]), "1 case");
    assert_eq!(catalogue.plural("cases", "many", &[("n", "9")]), "9 cases");
    assert_eq!(catalogue.entries().count(), 3);
}

//! Suggestions: a description finds the articles that may solve it, in whatever language it is.

use casement::core::knowledge::{Article, Glossary, Index};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::support::json as fixture;

/// How many suggestions a page shows, and among which the right one must therefore be.
const SHOWN: usize = 5;

fn shipped() -> Index {
    let articles = fixture("public/knowledge/articles.json");
    let articles = articles.as_array().expect("a list of articles");
    Index::new(
        articles.iter().map(Article::from_json).collect(),
        Glossary::from_json(&fixture("public/knowledge/glossary.json")),
    )
}

/// The browser hands in text in NFKC; so does this.
fn search(index: &Index, text: &str, product: &str) -> Vec<String> {
    search_in(index, "", text, product)
}

fn search_in(index: &Index, policy: &str, text: &str, product: &str) -> Vec<String> {
    let text: String = text.nfkc().collect();
    let hits = index.search_in(policy, &text, product, SHOWN);
    hits.iter().map(|hit| hit.article.id.clone()).collect()
}

/// The policy of an article.
fn policy_of<'a>(index: &'a Index, article: &str) -> &'a str {
    index.article(article).map_or("", |one| one.policy.as_str())
}

fn check(index: &Index, text: &str, expected: &str) {
    let found = search_in(index, policy_of(index, expected), text, "");
    assert!(
        found.iter().any(|id| id == expected),
        "{text}: {expected} is not in {found:?}"
    );
}

/// Checks every description of a language and returns how many there were.
fn check_descriptions(lang: &str) -> usize {
    let index = shipped();
    let descriptions = fixture("tests/fixtures/knowledge/descriptions.json");
    let of_lang: Vec<&Value> = descriptions
        .as_array()
        .expect("a list of descriptions")
        .iter()
        .filter(|one| one["lang"] == lang)
        .collect();
    for one in &of_lang {
        let text = one["text"].as_str().expect("a text");
        check(
            &index,
            text,
            one["expect"].as_str().expect("an article's id"),
        );
    }
    of_lang.len()
}

#[test]
fn cms_05_a_japanese_description_finds_english_articles() {
    assert!(check_descriptions("ja") >= 10);
}

#[test]
fn cms_05_a_chinese_description_finds_english_articles() {
    assert!(check_descriptions("zh-Hans") >= 10);
}

#[test]
fn cms_05_width_and_case_do_not_matter() {
    let index = shipped();
    check(&index, "VDA unregistered", "KB-1001");
    check(&index, "ｖｄａ　ＵＮＲＥＧＩＳＴＥＲＥＤ", "KB-1001");
}

#[test]
fn cms_05_every_article_is_found_by_its_own_title() {
    let index = shipped();
    for article in index.articles() {
        assert_eq!(
            search_in(&index, &article.policy, &article.title, "").first(),
            Some(&article.id)
        );
        assert_eq!(index.article(&article.id), Some(article));
    }
}

fn small() -> Index {
    let article = |id: &str, title: &str, product: &str| {
        Article::from_json(&json!({
            "id": id, "title": title, "products": [product], "tags": ["printing"]
        }))
    };
    let glossary = json!([
        { "en": ["screen"], "ja": ["画面"] },
        { "en": ["black screen"], "ja": ["黒い画面"], "zh-Hans": ["黑屏"] },
        { "en": ["printer"], "ja": ["プリンター", "ぷりんた"] }
    ]);
    let mut articles = vec![
        article("black", "Black screen after logon", "desktops"),
        article("blue", "Blue screens on start", "desktops"),
        article("print-desktop", "Printer is missing", "desktops"),
        article("print-gateway", "Printer is missing", "gateway"),
    ];
    for filler in 0..20 {
        articles.push(article(
            &format!("f{filler}"),
            &format!("Filler {filler}x"),
            "service",
        ));
    }
    Index::new(articles, Glossary::from_json(&glossary))
}

#[test]
fn cms_05_the_longer_term_of_the_glossary_decides() {
    assert_eq!(
        search(&small(), "黒い画面になります", ""),
        ["black", "blue"]
    );
    assert_eq!(search(&small(), "黑屏", ""), ["black", "blue"]);
    assert_eq!(search(&small(), "画面", "").len(), 2);
}

#[test]
fn cms_05_the_chosen_product_comes_first_and_hides_nothing() {
    assert_eq!(
        search(&small(), "printers", "gateway"),
        ["print-gateway", "print-desktop"]
    );
    assert_eq!(
        search(&small(), "ﾌﾟﾘﾝﾀｰ", "desktops"),
        ["print-desktop", "print-gateway"]
    );
}

#[test]
fn cms_05_a_hit_says_by_which_words_it_was_found() {
    let index = small();
    let hits = index.search("the screens are black", "", SHOWN);
    assert_eq!(hits[0].article.id, "black");
    assert_eq!(hits[0].matched, ["black", "screen"]);
}

#[test]
fn nothing_and_noise_find_nothing() {
    for text in ["", "   ", "the of and", "zzz qqq", "件", "👍", "\u{0}"] {
        assert_eq!(
            search(&small(), text, "desktops"),
            Vec::<String>::new(),
            "{text:?}"
        );
    }
    let empty = Index::new(Vec::new(), Glossary::default());
    assert!(empty.search("printer", "", SHOWN).is_empty());
}

#[test]
fn a_description_of_a_hundred_pages_is_searched_as_well() {
    let long = "printer is missing 黒い画面 ".repeat(10_000);
    assert_eq!(search(&small(), &long, "").len(), 4);
}

#[test]
fn ntt_01_a_policy_suggests_its_own_articles_and_no_others() {
    let index = shipped();
    let text = "ロードバランサーの仮想サーバーが DOWN になり 503 が返る";
    for policy in ["citrix", "ntt-ecl2"] {
        let found = search_in(&index, policy, text, "");
        assert!(!found.is_empty());
        for id in &found {
            assert_eq!(policy_of(&index, id), policy, "{id}");
        }
    }
}

#[test]
fn ntt_01_faq_known_issues_and_error_messages_are_told_apart() {
    let index = shipped();
    let of_vendor = |article: &&casement::core::knowledge::Article| article.policy == "ntt-ecl2";
    let kinds = ["faq", "known-issue", "error-message"];
    for article in index.articles().iter().filter(of_vendor) {
        let count = kinds
            .iter()
            .filter(|kind| article.tags.iter().any(|tag| tag == *kind))
            .count();
        assert_eq!(count, 1, "{}", article.id);
    }
    for kind in kinds {
        let has = |article: &casement::core::knowledge::Article| {
            article.tags.iter().any(|tag| tag == kind)
        };
        assert!(index.articles().iter().any(has), "{kind}");
    }
}

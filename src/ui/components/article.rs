//! Articles: as suggestions beside what is being typed, and to be read.
//!
//! An article's text is text: blank lines separate paragraphs, `- ` begins an entry of a list, `## `
//! a small heading. Nothing in it becomes anything else.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, h2, h3, li, mark, p, span, ul};

use super::link::link;
use crate::core::knowledge::{Article, Hit};
use crate::core::route::Route;
use crate::ui::state::{App, Words};

/// The language of an article as a tag.
pub fn language_tag(words: &Words, lang: &str) -> AnyView {
    span()
        .class("tag tag-lang")
        .child(words.t(&format!("lang.{lang}")))
        .into_any()
}

/// An article in a list of suggestions, with the words it was found by.
pub fn suggestion(app: App, words: &Words, hit: &Hit) -> AnyView {
    let article = hit.article;
    let marks: Vec<_> = hit
        .matched
        .iter()
        .filter(|word| word.chars().count() > 2)
        .take(4)
        .map(|word| (mark().child(word.clone()), " "))
        .collect();
    li().class("article")
        .child((
            h3().class("article-title")
                .attr("lang", article.lang.clone())
                .child(link(
                    app,
                    "",
                    Route::Article(article.id.clone()),
                    article.title.clone(),
                )),
            p().class("article-text")
                .attr("lang", article.lang.clone())
                .child(article.summary.clone()),
            p().class("article-meta")
                .child((language_tag(words, &article.lang), marks)),
        ))
        .into_any()
}

/// The text of an article.
pub fn body(article: &Article) -> AnyView {
    let mut blocks: Vec<AnyView> = Vec::new();
    for block in article.body.split("\n\n") {
        let mut entries: Vec<String> = Vec::new();
        let mut lines: Vec<&str> = Vec::new();
        for line in block.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                blocks.push(h2().child(heading.to_string()).into_any());
            } else if let Some(entry) = line.strip_prefix("- ") {
                entries.push(entry.into());
            } else {
                lines.push(line);
            }
        }
        if !lines.is_empty() {
            blocks.push(p().child(lines.join("\n")).into_any());
        }
        if !entries.is_empty() {
            let entries: Vec<_> = entries.into_iter().map(|entry| li().child(entry)).collect();
            blocks.push(ul().child(entries).into_any());
        }
    }
    div()
        .class("prose")
        .attr("lang", article.lang.clone())
        .child(blocks)
        .into_any()
}

/// As a suggestion, found and very long, and to be read.
pub fn examples(app: App) -> super::example::Examples {
    use super::example::LONG;
    let words = app.words_now();
    let article = |lang: &str, title: &str, summary: &str| Article {
        lang: lang.into(),
        title: title.into(),
        summary: summary.into(),
        body: format!("Text.\n\n## Heading\n- First\n- {LONG}\n\n{LONG}"),
        ..Article::default()
    };
    let short = article("en", "Sessions are disconnected", "Bind the profile again.");
    let long = article("ja", LONG, LONG);
    let hit = |article, matched| Hit {
        article,
        score: 1.0,
        matched,
    };
    let list = ul().class("articles").child((
        suggestion(app, &words, &hit(&short, vec!["sessions".into()])),
        suggestion(app, &words, &hit(&long, Vec::new())),
    ));
    vec![
        ("Suggestions", list.into_any()),
        ("To be read", body(&short)),
    ]
}

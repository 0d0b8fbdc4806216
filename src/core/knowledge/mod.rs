//! Finds the articles that may already solve what is being described (CMS-05, NEW-06).
//!
//! A description in Japanese or Chinese finds English articles through a glossary: its terms are
//! looked for in the description and stand for their English words. Words are weighted by how rare
//! they are among the articles of their policy and by where they occur. Text comes in normalised (NFKC, lower case), which is the
//! browser's knowledge; whole-text search in thousands of articles is not this module's task.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::order::sort;

/// An article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// Its id.
    pub id: String,
    /// The policy it belongs to.
    pub policy: String,
    /// Its language.
    pub lang: String,
    /// Title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// The text: paragraphs, `- ` lists and `## ` headings.
    pub body: String,
    /// Products it is about.
    pub products: Vec<String>,
    /// Words it should be found by.
    pub tags: Vec<String>,
}

impl Article {
    /// Reads an article with what there is.
    pub fn from_json(json: &Value) -> Article {
        let text = |key: &str| {
            json.get(key)
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_string()
        };
        let texts = |key: &str| strings(json.get(key));
        Article {
            id: text("id"),
            policy: text("policy"),
            lang: text("lang"),
            title: text("title"),
            summary: text("summary"),
            body: text("body"),
            products: texts("products"),
            tags: texts("tags"),
        }
    }
}

fn strings(json: Option<&Value>) -> Vec<String> {
    json.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(String::from)
        .collect()
}

/// Terms of other languages and the English words they stand for.
#[derive(Clone, Debug, Default)]
pub struct Glossary(Vec<(String, Vec<String>)>);

impl Glossary {
    /// Reads a glossary: a list of objects with a list of terms for each language.
    pub fn from_json(json: &Value) -> Glossary {
        let mut pairs = Vec::new();
        for entry in json.as_array().into_iter().flatten() {
            let english = strings(entry.get("en"));
            for (lang, terms) in entry.as_object().into_iter().flatten() {
                if lang != "en" {
                    for term in strings(Some(terms)) {
                        pairs.push((term.to_lowercase(), english.clone()));
                    }
                }
            }
        }
        Glossary(pairs)
    }

    /// The English terms that stand for what `text` says.
    fn english(&self, text: &str) -> Vec<&str> {
        let hits: Vec<&(String, Vec<String>)> = self
            .0
            .iter()
            .filter(|(term, _)| text.contains(term.as_str()))
            .collect();
        // "Black screen" says more than the "screen" inside it: a term within a longer hit is left
        // out, or the general word would drown the particular one.
        hits.iter()
            .filter(|(term, _)| {
                !hits
                    .iter()
                    .any(|(other, _)| other.len() > term.len() && other.contains(term.as_str()))
            })
            .flat_map(|(_, english)| english.iter().map(String::as_str))
            .collect()
    }
}

/// Articles, ready to be searched.
#[derive(Clone, Debug, Default)]
pub struct Index {
    articles: Vec<Article>,
    /// For each article the weight of each word in it.
    words: Vec<BTreeMap<String, f32>>,
    /// For each policy how many articles it has, and in how many of them a word occurs.
    counts: BTreeMap<String, (u32, BTreeMap<String, u32>)>,
    glossary: Glossary,
}

/// An article found, with the words it was found by.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<'a> {
    /// The article.
    pub article: &'a Article,
    /// How well it fits; higher is better.
    pub score: f32,
    /// The words of the article that fitted.
    pub matched: Vec<String>,
}

impl Index {
    /// Prepares articles for searching.
    pub fn new(articles: Vec<Article>, glossary: Glossary) -> Index {
        let mut counts: BTreeMap<String, (u32, BTreeMap<String, u32>)> = BTreeMap::new();
        let words: Vec<BTreeMap<String, f32>> = articles
            .iter()
            .map(|article| {
                let mut weights: BTreeMap<String, f32> = BTreeMap::new();
                for (text, weight) in [
                    (article.title.clone(), 4.0),
                    (article.tags.join(" "), 3.0),
                    (article.summary.clone(), 2.0),
                    (article.body.clone(), 1.0),
                ] {
                    for word in words_of(&text.to_lowercase()) {
                        let sum = weights.entry(word).or_default();
                        // A word said often in a place says little more than said once.
                        *sum = (*sum + weight * 0.3).max(weight.max(*sum));
                    }
                }
                let (all, of_words) = counts.entry(article.policy.clone()).or_default();
                *all += 1;
                for word in weights.keys() {
                    *of_words.entry(word.clone()).or_insert(0) += 1;
                }
                weights
            })
            .collect();
        Index {
            articles,
            words,
            counts,
            glossary,
        }
    }

    /// All articles.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// An article by its id.
    pub fn article(&self, id: &str) -> Option<&Article> {
        self.articles.iter().find(|article| article.id == id)
    }

    /// The articles of all policies that fit a description best.
    pub fn search(&self, text: &str, product: &str, most: usize) -> Vec<Hit<'_>> {
        self.search_in("", text, product, most)
    }

    /// The articles of a policy that fit a description best, at most `most`; of all of them if none
    /// is named. `product` gives its own articles an advantage, but hides none.
    pub fn search_in(&self, policy: &str, text: &str, product: &str, most: usize) -> Vec<Hit<'_>> {
        let text = text.to_lowercase();
        let mut wanted: BTreeSet<String> = words_of(&text).into_iter().collect();
        for term in self.glossary.english(&text) {
            wanted.extend(words_of(term));
        }
        let mut hits: Vec<Hit> = self
            .articles
            .iter()
            .zip(&self.words)
            .filter(|(article, _)| policy.is_empty() || article.policy == policy)
            .filter_map(|(article, weights)| {
                let (all, counts) = self.counts.get(&article.policy)?;
                let all = *all as f32;
                let mut score = 0.0;
                let mut matched = Vec::new();
                for word in &wanted {
                    if let Some(weight) = weights.get(word) {
                        let count = counts.get(word).copied().unwrap_or(1) as f32;
                        let rarity = (1.0 + (all - count + 0.5) / (count + 0.5)).ln();
                        score += weight * rarity * evidence(word);
                        matched.push(word.clone());
                    }
                }
                if !product.is_empty() && article.products.iter().any(|id| id == product) {
                    score *= 1.3;
                }
                (score > 2.0).then_some(Hit {
                    article,
                    score,
                    matched,
                })
            })
            .collect();
        sort(&mut hits, |a, b| b.score.total_cmp(&a.score));
        hits.truncate(most);
        hits
    }
}

/// The words of a text: runs of letters and digits, plurals brought to the singular; writing
/// without spaces is cut into overlapping pairs.
fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let mut latin = String::new();
        let mut dense: Vec<char> = Vec::new();
        for c in run.chars() {
            if is_dense(c) {
                push_latin(&mut words, &mut latin);
                dense.push(c);
            } else {
                push_pairs(&mut words, &mut dense);
                latin.push(c);
            }
        }
        push_latin(&mut words, &mut latin);
        push_pairs(&mut words, &mut dense);
    }
    words
}

/// How much a word says. A pair cut out of writing without spaces is part of a word at best.
fn evidence(word: &str) -> f32 {
    if word.chars().all(is_dense) { 0.3 } else { 1.0 }
}

fn is_dense(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

fn push_latin(words: &mut Vec<String>, run: &mut String) {
    const COMMON: [&str; 44] = [
        "the", "a", "an", "and", "or", "of", "to", "in", "on", "is", "it", "at", "by", "for",
        "with", "from", "not", "no", "be", "are", "was", "this", "that", "when", "after", "before",
        "can", "cannot", "does", "do", "has", "have", "we", "our", "i", "my", "you", "your", "all",
        "some", "one", "into", "but", "as",
    ];
    let word = std::mem::take(run);
    if word.chars().count() < 2 || COMMON.contains(&word.as_str()) {
        return;
    }
    words.push(stem(&word));
}

/// A light hand: "sessions" and "session", "logons" and "logon" meet, "address" stays.
fn stem(word: &str) -> String {
    let ascii = word.is_ascii() && word.len() > 3;
    match word {
        _ if ascii && word.ends_with("ies") => format!("{}y", &word[..word.len() - 3]),
        _ if ascii && word.ends_with("ss") || word.ends_with("us") => word.into(),
        _ if ascii && word.ends_with('s') => word[..word.len() - 1].into(),
        _ => word.into(),
    }
}

fn push_pairs(words: &mut Vec<String>, run: &mut Vec<char>) {
    let run = std::mem::take(run);
    let grammar = |c: &char| matches!(c, '\u{3040}'..='\u{309f}');
    // Hiragana is mostly grammar, which every text shares.
    for pair in run.windows(2).filter(|pair| !pair.iter().any(grammar)) {
        words.push(pair.iter().collect());
    }
}

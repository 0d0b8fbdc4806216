//! The house's own rules, read off its source.

use std::path::Path;

use crate::support::{files_under, root};

/// Rust files under a folder: path from the root, and text.
fn sources(folder: &str) -> Vec<(String, String)> {
    files_under(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| (shown(&path), read(&path)))
        .collect()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root(""))
        .unwrap_or(path)
        .display()
        .to_string()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// No line of the portal's code may be one that `wrong` finds something in.
fn check(folder: &str, wrong: impl Fn(&str) -> Option<String>) {
    let mut found = Vec::new();
    for (path, text) in sources(folder) {
        for (number, line) in text.lines().enumerate() {
            if let Some(what) = wrong(line) {
                found.push(format!("{path}:{}: {what}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn one_of(words: &[&str], line: &str) -> Option<String> {
    words
        .iter()
        .find(|word| line.contains(**word))
        .map(|word| word.to_string())
}

#[test]
fn no_vendor_is_named_in_the_code() {
    check("src", |line| {
        let line = line.to_lowercase();
        // The id of a capability, as ntt-09, names no vendor.
        let is_name = |rest: &&str| {
            let after = rest.strip_prefix("-0").or(rest.strip_prefix("-1"));
            !after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
        };
        let whole = |before: &str| !before.ends_with(char::is_alphanumeric);
        let word = line.match_indices("ntt").find_map(|(at, word)| {
            let rest = &line[at + word.len()..];
            let alone = whole(&line[..at]) && !rest.starts_with(char::is_alphanumeric);
            (alone && is_name(&rest)).then_some(word)
        });
        one_of(&["citrix", "microsoft", "azure", "netscaler"], &line)
            .or_else(|| word.map(String::from))
    });
}

#[test]
fn nothing_from_outside_can_make_the_code_panic() {
    check("src", |line| {
        let words = [
            ".unwrap()",
            ".expect(",
            "panic!(",
            "unreachable!(",
            ".unwrap_unchecked(",
        ];
        if is_comment(line) {
            None
        } else {
            one_of(&words, line)
        }
    });
}

#[test]
fn text_from_outside_never_becomes_markup() {
    check("src", |line| {
        let words = [
            "inner_html",
            "innerHTML",
            "outer_html",
            "outerHTML",
            "insert_adjacent_html",
        ];
        if is_comment(line) {
            None
        } else {
            one_of(&words, line)
        }
    });
}

#[test]
fn every_module_begins_with_what_it_is() {
    for (path, text) in sources("src") {
        assert!(text.starts_with("//! "), "{path} begins with a line of //!");
    }
}

#[test]
fn no_arrow_leads_back_from_the_core_to_the_browser_the_interface_or_the_element() {
    let rules: [(&str, &[&str]); 3] = [
        (
            "src/core",
            &[
                "crate::browser",
                "crate::ui",
                "crate::embed",
                "web_sys",
                "Utc::now",
                "SystemTime",
            ],
        ),
        ("src/browser", &["crate::ui", "crate::embed"]),
        ("src/ui", &["crate::embed"]),
    ];
    for (folder, forbidden) in rules {
        check(folder, |line| {
            if is_comment(line) {
                None
            } else {
                one_of(forbidden, line)
            }
        });
    }
}

#[test]
fn the_icons_are_those_that_the_interface_names_and_no_others() {
    let (mut list, mut code) = (String::new(), String::new());
    for (path, text) in sources("src/ui") {
        match text.split_once("const ICONS") {
            Some((_, rest)) if path.ends_with("icon.rs") => {
                let (icons, rest) = rest.split_once("];").expect("the list of icons ends");
                list.push_str(icons);
                code.push_str(rest);
            }
            _ => code.push_str(&text),
        }
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (list, code) = (squeeze(&list), squeeze(&code));
    let word = |text: &str| text.split('"').next().unwrap_or_default().to_string();
    // Names and paths alternate.
    let known: Vec<&str> = list.split('"').skip(1).step_by(4).collect();
    let unused = known
        .iter()
        .filter(|name| !code.contains(&format!("\"{name}\"")));
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<&&str>::new());
    // An icon is named directly, or after the meaning of a tag or banner.
    let direct = code.split("icon(\"").skip(1).map(word);
    let after_meaning = code.split("\"m-").skip(1).filter_map(|rest| {
        let (_, rest) = rest
            .split_once("\", \"")
            .filter(|(meaning, _)| !meaning.contains('"'))?;
        Some(word(rest))
    });
    let named: Vec<String> = direct.chain(after_meaning).collect();
    assert!(named.len() > 50, "only {} names were found", named.len());
    let unknown = named.iter().filter(|name| !known.contains(&name.as_str()));
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&String>::new());
}

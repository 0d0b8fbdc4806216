//! What several subjects share: fixture files, the invented vendor's desk, drafts from a few lines.

use std::path::{Path, PathBuf};

use casement::core::case::{Account, Authorization, Case, Contact, Customer, Entitlement};
use casement::core::case::{Product, Record};
use casement::core::draft::Draft;
use casement::core::flow::World;
use casement::core::policy::Policy;
use casement::core::reader::Problem;
use chrono::NaiveDate;
use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use serde_json::Value;

/// A path from the project's root.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a project file.
pub(crate) fn file(path: &str) -> String {
    std::fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A project file as JSON.
pub(crate) fn json(path: &str) -> Value {
    serde_json::from_str(&file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files under a folder, sorted, so that a test's order is the same everywhere.
pub(crate) fn files_under(folder: &str) -> Vec<PathBuf> {
    let mut open = vec![root(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Problems as lines of `path: expected`, which is what a test wants to compare.
pub(crate) fn lines(problems: &[Problem]) -> Vec<String> {
    problems
        .iter()
        .map(|problem| format!("{}: {}", problem.path, problem.expected))
        .collect()
}

/// The desk of the invented vendor: its policy and what its backend knows of one partner.
pub(crate) struct Desk {
    pub(crate) policy: Policy,
    pub(crate) account: Account,
    pub(crate) contact: Contact,
    pub(crate) entitlements: Vec<Entitlement>,
    pub(crate) products: Vec<Product>,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) customers: Vec<Customer>,
    pub(crate) cases: Vec<Case>,
    pub(crate) authorizations: Vec<Authorization>,
    pub(crate) today: NaiveDate,
}

impl Desk {
    /// Reads the desk's fixtures.
    pub(crate) fn open() -> Desk {
        let policy = Policy::read(&json("tests/fixtures/desk/policy.json"))
            .unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
        Desk::of(policy, &json("tests/fixtures/desk/world.json"))
    }

    /// A policy with what its backend knows.
    pub(crate) fn of(policy: Policy, world: &Value) -> Desk {
        Desk {
            policy,
            account: Account::from_json(&world["account"]),
            contact: Contact::from_json(&world["contact"]),
            contacts: records(&world["contacts"]),
            entitlements: records(&world["entitlements"]),
            products: records(&world["products"]),
            customers: records(&world["customers"]),
            cases: records(&world["cases"]),
            authorizations: records(&world["authorizations"]),
            today: day(world["today"].as_str().expect("the world has a day")),
        }
    }

    /// What a decision may depend on.
    pub(crate) fn world(&self) -> World<'_> {
        World {
            policy: &self.policy,
            account: &self.account,
            contact: &self.contact,
            entitlements: &self.entitlements,
            products: &self.products,
            customers: &self.customers,
            contacts: &self.contacts,
            cases: &self.cases,
            today: self.today,
        }
    }
}

fn records<T: Record>(list: &Value) -> Vec<T> {
    let list = list.as_array().into_iter().flatten();
    list.map(T::from_json).collect()
}

/// A file with other values at some JSON pointers; null removes.
pub(crate) fn changed(file: &Value, changes: &Value) -> Value {
    let mut file = file.clone();
    let changes = changes.as_object().into_iter().flatten();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = file
            .pointer_mut(parent)
            .unwrap_or_else(|| panic!("{pointer} is in the file"));
        match parent {
            Value::Object(map) if value.is_null() => {
                map.remove(key);
            }
            Value::Object(map) => {
                map.insert(key.into(), value.clone());
            }
            Value::Array(list) => {
                let index: usize = key.parse().expect("an index");
                match list.get_mut(index) {
                    Some(_) if value.is_null() => {
                        list.remove(index);
                    }
                    Some(place) => *place = value.clone(),
                    None => list.push(value.clone()),
                }
            }
            _ => panic!("{pointer} is in an object or a list"),
        }
    }
    file
}

/// A date from its ISO form.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A draft with answers written as lines of `key = answer`; ` | ` separates several.
pub(crate) fn draft(answers: &str) -> Draft {
    let mut draft = Draft::new("d-1", "harbour", 1_000);
    answer(&mut draft, answers);
    draft
}

/// Gives a draft further answers in the same notation.
pub(crate) fn answer(draft: &mut Draft, answers: &str) {
    for line in answers.lines().filter(|line| !line.trim().is_empty()) {
        let (key, value) = line.split_once('=').expect("a line of key = answer");
        match value.trim() {
            several if several.contains(" | ") => {
                let entries = several.split(" | ").map(String::from);
                draft.set(key.trim(), entries.collect::<Vec<_>>());
            }
            one => draft.set(key.trim(), one),
        }
    }
}

/// How a property is tried: the same inputs on every run, so that a commit is green or red for
/// good. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` look further; no files are written.
pub(crate) fn tries(cases: u32) -> ProptestConfig {
    let chosen = ProptestConfig::default();
    let from_outside = |name| std::env::var_os(name).is_some();
    ProptestConfig {
        cases: if from_outside("PROPTEST_CASES") {
            chosen.cases
        } else {
            cases
        },
        rng_seed: if from_outside("PROPTEST_RNG_SEED") {
            chosen.rng_seed
        } else {
            RngSeed::Fixed(20_261_120)
        },
        failure_persistence: None,
        ..chosen
    }
}

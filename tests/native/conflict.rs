//! Two changes that meet: of a case, of a draft, of a text. By example, then by any values.

use std::collections::BTreeMap;

use casement::core::case::{Case, Record};
use casement::core::conflict::{Came, Choice, Field, applied, seen, settle, three_way};
use casement::core::diff::{Kind, merge as merge_texts, pieces};
use casement::core::draft::merge::merge;
use casement::core::draft::{Draft, DraftFile};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::tries;

fn chosen(all: &[(&str, Choice)]) -> BTreeMap<String, Choice> {
    let named = |(name, choice): &(&str, Choice)| (name.to_string(), choice.clone());
    all.iter().map(named).collect()
}

fn named<'a>(fields: &'a [Field], name: &str) -> &'a Field {
    let found = fields.iter().find(|field| field.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {fields:#?}"))
}

#[test]
fn fault_14_a_change_that_met_another_shows_mine_theirs_and_before_and_keeps_both_until_one_is_chosen()
 {
    let before = json!({ "description": "Black screen", "severity": "3", "watchers": [] });
    let mine = json!({ "description": "Black screen since 8:30" });
    let theirs = json!({ "description": "Black screen (customer: all sites)", "severity": "2",
        "watchers": [], "version": "9" });
    let fields = three_way(&before, &mine, &theirs);

    let description = named(&fields, "description");
    assert_eq!(description.came, Came::Both);
    assert_eq!(description.before, "Black screen");
    assert_eq!(description.mine, "Black screen since 8:30");
    assert_eq!(description.theirs, "Black screen (customer: all sites)");
    assert_eq!(named(&fields, "severity").came, Came::Theirs);
    assert_eq!(fields.len(), 2, "{fields:#?}");

    // Nothing is sent before somebody has chosen.
    assert_eq!(
        settle(&fields, &chosen(&[])),
        Err(vec!["description".into()])
    );
    let keep_mine = settle(&fields, &chosen(&[("description", Choice::Mine)]));
    assert_eq!(keep_mine, Ok(mine.clone()));
    let keep_theirs = settle(&fields, &chosen(&[("description", Choice::Theirs)]));
    assert_eq!(keep_theirs, Ok(json!({})));
    let both = "Black screen since 8:30 (customer: all sites)";
    let of_both = settle(
        &fields,
        &chosen(&[("description", Choice::Text(both.into()))]),
    );
    assert_eq!(of_both, Ok(json!({ "description": both })));
}

#[test]
fn changes_of_different_fields_or_different_lines_need_no_choice() {
    let before =
        json!({ "description": "a\nb\nc", "customer_name": "Aozora", "fields": { "x": "1" } });
    let mine = json!({ "description": "a\nb\nc\n\nReport", "fields": { "y": "2" } });
    let theirs =
        json!({ "description": "A\nb\nc", "customer_name": "青空", "fields": { "x": "3" } });
    let fields = three_way(&before, &mine, &theirs);
    let both = "A\nb\nc\n\nReport";
    assert_eq!(
        named(&fields, "description").came,
        Came::Merged(both.into())
    );
    assert_eq!(named(&fields, "fields.y").came, Came::Mine);
    assert_eq!(named(&fields, "fields.x").came, Came::Theirs);
    let patch = settle(&fields, &chosen(&[])).expect("nothing needs a choice");
    assert_eq!(
        patch,
        json!({ "description": both, "fields": { "y": "2" } })
    );
    let outcome = applied(&theirs, &patch);
    let all =
        json!({ "description": both, "customer_name": "青空", "fields": { "x": "3", "y": "2" } });
    assert_eq!(outcome, all);
}

#[test]
fn without_knowing_what_was_before_nothing_is_taken_for_unchanged() {
    let fields = three_way(
        &Value::Null,
        &json!({ "severity": "2" }),
        &json!({ "severity": "3" }),
    );
    assert_eq!(fields[0].came, Came::Both);
    let fields = three_way(
        &Value::Null,
        &json!({ "severity": "2" }),
        &json!({ "severity": "2" }),
    );
    assert_eq!(fields[0].came, Came::Same);
}

#[test]
fn a_case_is_compared_by_what_people_change_of_it() {
    let case = Case::from_json(&json!({ "id": "c1", "version": "3", "description": "x",
        "updated_at": "2026-01-01T00:00:00Z", "fields": { "tenant_id": "t" } }));
    let seen = seen(&case);
    assert_eq!(seen["description"], "x");
    assert_eq!(seen["fields"]["tenant_id"], "t");
    assert!(
        seen.get("version").is_none() && seen.get("updated_at").is_none(),
        "{seen}"
    );
}

#[test]
fn a_difference_is_shown_by_words_and_in_scripts_without_spaces_by_signs() {
    let shown = |before, after| {
        let all = pieces(before, after).into_iter();
        let marked = all.map(|piece| match piece.is {
            Kind::Kept => piece.text,
            Kind::Gone => format!("[-{}]", piece.text),
            Kind::New => format!("[+{}]", piece.text),
        });
        marked.collect::<String>()
    };
    assert_eq!(
        shown("the old disk", "the new disk"),
        "the [-old][+new] disk"
    );
    assert_eq!(shown("画面が黒い", "画面が白い"), "画面が[-黒][+白]い");
    assert_eq!(shown("", "new"), "[+new]");
    let (long, other) = ("a ".repeat(5_000), "b ".repeat(5_000));
    assert!(!pieces(&long, &other).is_empty());
}

fn draft(answers: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::new("d1", "p", 0);
    for (key, text) in answers {
        draft.set(key, *text);
    }
    draft
}

fn file(id: &str) -> DraftFile {
    let json = json!({ "id": id, "name": id, "size": 1, "media_type": "", "chunks": 1 });
    DraftFile::from_json(&json).expect("a file as it is stored")
}

#[test]
fn fault_09_two_tabs_that_answer_different_questions_are_merged_and_the_same_question_keeps_both() {
    let base = draft(&[("subject", "S"), ("description", "D")]);
    let mut ours = draft(&[("subject", "Ours"), ("description", "D"), ("new", "n")]);
    let mut theirs = draft(&[("subject", "S"), ("description", "Theirs")]);
    theirs.revision = 7;
    ours.files.push(file("f1"));
    theirs.files.push(file("f2"));
    let merged = merge(&base, &ours, &theirs);
    assert!(merged.clashes.is_empty());
    assert_eq!(merged.draft.revision, 7);
    assert_eq!(merged.draft.text("subject"), "Ours");
    assert_eq!(merged.draft.text("description"), "Theirs");
    assert_eq!(merged.draft.text("new"), "n");
    let ids: Vec<&str> = merged
        .draft
        .files
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(ids, ["f2", "f1"]);

    theirs.set("subject", "Also theirs");
    let merged = merge(&base, &ours, &theirs);
    assert_eq!(merged.clashes, ["subject"]);
    assert_eq!(merged.draft.text("subject"), "Also theirs");
    assert_eq!(ours.text("subject"), "Ours");
}

#[test]
fn a_file_that_one_tab_took_out_stays_out() {
    let mut base = draft(&[]);
    base.files = vec![file("f1"), file("f2")];
    let (mut ours, mut theirs) = (base.clone(), base.clone());
    ours.files.remove(0);
    theirs.files.remove(1);
    assert!(merge(&base, &ours, &theirs).draft.files.is_empty());
}

/// A small record: few names, so that changes meet, and texts of few lines.
fn record() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        "[ab]{0,2}".prop_map(Value::String),
        proptest::collection::vec("[ab]", 0..3).prop_map(|list| json!(list)),
        proptest::collection::vec("[abc]", 1..6).prop_map(|lines| json!(lines.join("\n"))),
    ];
    proptest::collection::btree_map("[p-s]", value, 0..5)
        .prop_map(|fields| fields.into_iter().collect())
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec("[a-d]?", 0..7).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(tries(2_000))]

    #[test]
    fn what_was_written_here_is_sent_unless_it_was_chosen_otherwise(
        before in record(), mine in record(), theirs in record(),
    ) {
        let (before, mine, theirs) = (json!(before), json!(mine), json!(theirs));
        let fields = three_way(&before, &mine, &theirs);
        let all = fields.iter().map(|field| (field.name.clone(), Choice::Mine)).collect();
        let patch = settle(&fields, &all).expect("everything was chosen");
        let outcome = applied(&theirs, &patch);
        for field in fields.iter().filter(|field| field.came != Came::Theirs) {
            let blank = |value: &Value| [json!(null), json!(""), json!([])].contains(value);
            let now = outcome.get(&field.name).cloned().unwrap_or_default();
            prop_assert!(now == field.mine || blank(&now) && blank(&field.mine), "{field:?} {now}");
        }
    }

    #[test]
    fn changes_of_different_fields_are_all_in_the_outcome(
        before in record(), mine in record(), theirs in record(),
    ) {
        let mut now = before.clone();
        now.extend(theirs.clone().into_iter().filter(|(name, _)| !mine.contains_key(name)));
        let (before, now) = (json!(before), json!(now));
        let fields = three_way(&before, &json!(mine), &now);
        let patch = settle(&fields, &BTreeMap::new()).expect("nothing was changed twice");
        let outcome = applied(&now, &patch);
        for (name, value) in now.as_object().into_iter().flatten() {
            let wanted = mine.get(name).unwrap_or(value);
            let blank = |value: &Value| [json!(null), json!(""), json!([])].contains(value);
            let is = &outcome[name.as_str()];
            prop_assert!(is == wanted || blank(is) && blank(wanted), "{name}: {is} for {wanted}");
        }
    }

    #[test]
    fn settling_what_was_settled_changes_nothing(
        before in record(), mine in record(), theirs in record(),
    ) {
        let theirs = json!(theirs);
        let fields = three_way(&json!(before), &json!(mine), &theirs);
        let all = fields.iter().map(|field| (field.name.clone(), Choice::Mine)).collect();
        let patch = settle(&fields, &all).expect("everything was chosen");
        let again = three_way(&theirs, &patch, &theirs);
        prop_assert_eq!(settle(&again, &BTreeMap::new()), Ok(patch.clone()));
        let done = applied(&theirs, &patch);
        prop_assert_eq!(settle(&three_way(&done, &patch, &done), &BTreeMap::new()), Ok(json!({})));
    }

    #[test]
    fn pieces_are_both_texts(before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let all = pieces(&before, &after);
        let without = |kind| {
            all.iter().filter(|one| one.is != kind).map(|one| one.text.as_str()).collect::<String>()
        };
        prop_assert_eq!(without(Kind::New), before);
        prop_assert_eq!(without(Kind::Gone), after);
    }

    #[test]
    fn a_merge_of_texts_does_not_depend_on_the_side_and_keeps_a_change_without_another(
        before in text(), mine in text(), theirs in text(),
    ) {
        prop_assert_eq!(merge_texts(&before, &mine, &theirs), merge_texts(&before, &theirs, &mine));
        prop_assert_eq!(merge_texts(&before, &mine, &before), Some(mine.clone()));
        prop_assert_eq!(merge_texts(&before, &mine, &mine), Some(mine));
    }

    #[test]
    fn two_tabs_lose_no_answer(
        base in record(), ours in record(), theirs in record(),
    ) {
        let make = |fields: &Map<String, Value>| {
            let mut draft = Draft::new("d", "p", 0);
            for (key, value) in fields {
                draft.set(key, value.to_string());
            }
            draft
        };
        let (base, ours, theirs) = (make(&base), make(&ours), make(&theirs));
        let merged = merge(&base, &ours, &theirs);
        for (key, answer) in &theirs.answers {
            // What the other tab wrote anew is in the draft.
            if base.answers.get(key) != Some(answer) {
                prop_assert_eq!(merged.draft.answers.get(key), Some(answer));
            }
        }
        for (key, answer) in &ours.answers {
            let kept = merged.draft.answers.get(key) == Some(answer);
            let changed = base.answers.get(key) != Some(answer);
            prop_assert!(kept || !changed || merged.clashes.contains(key), "{key}");
        }
        if ours.answers == theirs.answers {
            prop_assert!(merged.clashes.is_empty());
        }
    }
}

//! How the line is in a round.

use serde_json::{Value, json};

use crate::dice::Dice;

/// What changes something or begins an upload, and what reads what has changed.
const CHANGES: &str = "POST /api/cases";
const EDITS: &str = "PATCH /api/cases";
const UPLOADS: &str = "PATCH /api/uploads";
const READING: &str = "GET /api/changes";

/// The rules of a round, with a name for them.
pub(crate) fn forecast(dice: &mut Dice) -> (&'static str, Value) {
    let on = |fault: Value| {
        let rule = |on: &str| json!({"on": on, "fault": fault, "chance": 0.4});
        json!([rule(CHANGES), rule(EDITS), rule(UPLOADS)])
    };
    match dice.below(18) {
        0 | 1 => ("calm", json!([])),
        2 => ("requests dropped", on(json!("drop_before"))),
        3 | 4 => ("answers lost", on(json!("drop_after"))),
        5 => ("answers cut", on(json!("truncate"))),
        6 | 7 => ("sent twice", on(json!("duplicate"))),
        8 => ("busy", on(json!({"status": [503, "1"]}))),
        9 => ("too many", on(json!({"status": [429, "1"]}))),
        10 => ("slow", on(json!({"delay": 150 + dice.below(500)}))),
        11 => ("broken JSON", on(json!("broken_json"))),
        12 => ("another page", on(json!("other_page"))),
        13 => (
            "signed out",
            json!([
                {"on": CHANGES, "fault": {"status": [401, null]}, "chance": 0.4},
                {"on": UPLOADS, "fault": {"status": [401, null]}, "chance": 0.3},
                {"on": READING, "fault": {"status": [401, null]}, "chance": 0.3},
            ]),
        ),
        14 => (
            "overtaken",
            json!([
                {"on": EDITS, "fault": {"status": [412, null]}, "chance": 0.7},
                {"on": CHANGES, "fault": {"status": [409, "1"]}, "chance": 0.4},
                {"on": UPLOADS, "fault": {"status": [409, null]}, "chance": 0.3},
            ]),
        ),
        15 => (
            "no network",
            json!([
                {"on": "/api/cases", "fault": "drop_before"},
                {"on": "/api/uploads", "fault": "drop_before"},
                {"on": READING, "fault": "drop_before"},
            ]),
        ),
        _ => (
            "everything",
            json!([
                {"on": READING, "fault": {"wrong_clock": 86_400}, "chance": 0.3},
                {"on": UPLOADS, "fault": {"cut_body": dice.below(3_000)}, "chance": 0.5},
                {"on": CHANGES, "fault": "drop_after", "chance": 0.2},
                {"on": EDITS, "fault": "drop_after", "chance": 0.4},
                {"on": CHANGES, "fault": "duplicate", "chance": 0.2},
                {"on": CHANGES, "fault": {"status": [409, "1"]}, "chance": 0.1},
                {"on": CHANGES, "fault": {"status": [401, null]}, "chance": 0.1},
                {"on": CHANGES, "fault": {"status": [503, "1"]}, "chance": 0.1},
                {"on": READING, "fault": "truncate", "chance": 0.2},
            ]),
        ),
    }
}

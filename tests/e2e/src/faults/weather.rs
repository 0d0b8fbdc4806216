//! How the line is in a round.

use serde_json::{Value, json};

use crate::dice::Dice;

/// What changes something, and what reads what has changed.
const CHANGES: &str = "POST /api/cases";
const UPLOADS: &str = "PATCH /api/uploads";
const READING: &str = "GET /api/changes";

/// The rules of a round, with a name for them.
pub(crate) fn forecast(dice: &mut Dice) -> (&'static str, Value) {
    let often = 0.4;
    let on = |fault: Value| {
        json!([
            {"on": CHANGES, "fault": fault, "chance": often},
            {"on": UPLOADS, "fault": fault, "chance": often},
        ])
    };
    match dice.below(14) {
        0 => ("calm", json!([])),
        1 => ("requests dropped", on(json!("drop_before"))),
        2 | 3 => ("answers lost", on(json!("drop_after"))),
        4 => ("answers cut", on(json!("truncate"))),
        5 | 6 => ("sent twice", on(json!("duplicate"))),
        7 => ("busy", on(json!({"status": [503, "1"]}))),
        8 => ("too many", on(json!({"status": [429, "1"]}))),
        9 => ("slow", on(json!({"delay": 150 + dice.below(500)}))),
        10 => ("broken JSON", on(json!("broken_json"))),
        11 => ("another page", on(json!("other_page"))),
        12 => (
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
                {"on": CHANGES, "fault": "duplicate", "chance": 0.2},
                {"on": CHANGES, "fault": {"status": [409, "1"]}, "chance": 0.1},
                {"on": READING, "fault": "truncate", "chance": 0.2},
            ]),
        ),
    }
}

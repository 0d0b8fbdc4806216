//! Where things stand: every state of an operation on every ground, by a table.

use casement::core::draft::{Draft, State};
use casement::core::standing::{
    Ground, SIGN_IN, Standing, Way, of_case, of_draft, of_operation, ways,
};
use casement::core::sync::{CaseRef, Operation, Progress, What};
use serde_json::json;

fn comment(id: &str, state: Progress, attempts: u32) -> Operation {
    let json = json!({
        "id": id, "subject": "s", "created_at": 1, "attempts": attempts, "not_before": 0,
        "what": { "do": "add_comment", "case": { "known": "c1" }, "text": "t" },
        "state": { "is": "waiting" },
    });
    let mut operation = Operation::from_json(&json).expect("an operation as it is stored");
    operation.state = state;
    operation
}

fn refused(code: &str) -> Progress {
    Progress::NeedsYou {
        code: code.into(),
        detail: String::new(),
    }
}

fn ground(online: bool, signed_in: bool) -> Ground {
    Ground { online, signed_in }
}

#[test]
fn each_operation_stands_in_exactly_one_state() {
    let done = Progress::Done { record: "r".into() };
    let sign_in = || Standing::NeedsYou(SIGN_IN.into());
    let table = [
        (Progress::Waiting, 0, true, true, Standing::Here),
        (Progress::Waiting, 3, true, true, Standing::WaitsForNetwork),
        (Progress::Waiting, 0, false, true, Standing::WaitsForNetwork),
        (
            Progress::Waiting,
            0,
            false,
            false,
            Standing::WaitsForNetwork,
        ),
        (Progress::Waiting, 0, true, false, sign_in()),
        (Progress::Waiting, 3, true, false, sign_in()),
        (Progress::Sending, 0, true, true, Standing::Sending(None)),
        (Progress::Paused, 0, false, true, Standing::Paused),
        (
            refused("closed"),
            0,
            true,
            true,
            Standing::NeedsYou("closed".into()),
        ),
        (
            refused("closed"),
            0,
            false,
            false,
            Standing::NeedsYou("closed".into()),
        ),
        (done.clone(), 0, true, true, Standing::Sent),
        (done, 0, false, false, Standing::Sent),
    ];
    for (state, attempts, online, signed_in, wanted) in table {
        let operation = comment("o", state, attempts);
        let stands = of_operation(&operation, ground(online, signed_in), None);
        assert_eq!(stands, wanted, "{operation:?} {online} {signed_in}");
    }
    let sending = comment("o", Progress::Sending, 0);
    let far = of_operation(&sending, ground(true, true), Some((3, 5)));
    assert_eq!(far, Standing::Sending(Some((3, 5))));
}

#[test]
fn a_draft_stands_as_what_sends_it() {
    let mut draft = Draft::new("d", "p", 0);
    let outbox = [comment("o", refused("x"), 0)];
    let there = ground(true, true);
    assert_eq!(of_draft(&draft, &outbox, there), Standing::Here);
    draft.state = State::Queued {
        operation: "o".into(),
    };
    assert_eq!(
        of_draft(&draft, &outbox, there),
        Standing::NeedsYou("x".into())
    );
    assert_eq!(of_draft(&draft, &[], there), Standing::Here);
    draft.state = State::Sent {
        case: "c".into(),
        number: "1".into(),
    };
    assert_eq!(of_draft(&draft, &[], there), Standing::Sent);
}

#[test]
fn a_case_stands_as_the_most_urgent_of_what_is_unsent_on_it() {
    let there = ground(true, true);
    assert_eq!(of_case("c1", &[], there), Standing::Sent);
    let mut outbox = vec![
        comment("a", Progress::Waiting, 0),
        comment("b", Progress::Sending, 0),
    ];
    assert_eq!(of_case("c1", &outbox, there), Standing::Sending(None));
    outbox.push(comment("c", refused("x"), 0));
    assert_eq!(
        of_case("c1", &outbox, there),
        Standing::NeedsYou("x".into())
    );
    assert_eq!(of_case("another", &outbox, there), Standing::Sent);
}

#[test]
fn there_is_a_way_out_of_every_state_that_waits() {
    let states = [
        Progress::Waiting,
        Progress::Paused,
        refused("x"),
        refused("conflict"),
    ];
    for state in states {
        let comment = comment("o", state.clone(), 0);
        let kinds = [
            comment.what.clone(),
            What::CreateCase {
                draft: "d".into(),
                title: "t".into(),
                body: json!({}),
            },
            What::Act {
                on: Some(CaseRef::Known("c1".into())),
                action: "close".into(),
                body: json!({}),
                title: "t".into(),
                before: json!(null),
            },
        ];
        for what in kinds {
            let is_act = matches!(what, What::Act { .. });
            let operation = Operation {
                what,
                ..comment.clone()
            };
            let found = ways(&operation);
            let chooses = is_act && state == refused("conflict");
            assert_eq!(found.contains(&Way::Choose), chooses, "{operation:?}");
            assert_eq!(found.contains(&Way::Retry), !chooses, "{operation:?}");
            let out = found.contains(&Way::Discard) || found.contains(&Way::BackToDraft);
            assert!(out, "{operation:?}");
        }
    }
    assert!(ways(&comment("o", Progress::Sending, 0)).is_empty());
}

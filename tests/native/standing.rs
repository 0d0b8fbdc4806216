//! Where things stand: every state of an operation on every ground, by a table.

use casement::core::draft::{Draft, State};
use casement::core::standing::{
    Ground, SIGN_IN, Standing, Way, held, of_case, of_draft, of_operation, ways,
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

/// Every state, on every ground.
fn everywhere() -> Vec<(Progress, u32, Ground)> {
    let states = [
        Progress::Waiting,
        Progress::Sending,
        Progress::Paused,
        refused("closed"),
        refused("conflict"),
        Progress::Done { record: "r".into() },
    ];
    let mut all = Vec::new();
    for state in states {
        for attempts in [0, 1, 7] {
            for (online, signed_in) in [(true, true), (true, false), (false, true), (false, false)]
            {
                all.push((state.clone(), attempts, ground(online, signed_in)));
            }
        }
    }
    all
}

#[test]
fn what_waits_for_the_network_is_said_only_of_what_goes_by_itself() {
    for (state, attempts, there) in everywhere() {
        let stands = of_operation(&comment("o", state.clone(), attempts), there, None);
        let case = format!("{state:?} {attempts} {there:?}");
        let by_itself = state == Progress::Waiting && (there.signed_in || !there.online);
        let tried = attempts > 0 || !there.online;
        assert_eq!(
            stands == Standing::WaitsForNetwork,
            by_itself && tried,
            "{case}"
        );
        assert_eq!(stands == Standing::Here, by_itself && !tried, "{case}");
        let somebody = matches!(state, Progress::NeedsYou { .. })
            || (state == Progress::Waiting && !by_itself);
        assert_eq!(matches!(stands, Standing::NeedsYou(_)), somebody, "{case}");
        let done = matches!(state, Progress::Done { .. });
        assert_eq!(stands == Standing::Sent, done, "{case}");
    }
}

#[test]
fn a_draft_and_a_case_stand_as_the_operation_does_wherever_it_stands() {
    for (state, attempts, there) in everywhere() {
        let outbox = [comment("o", state, attempts)];
        let stands = of_operation(&outbox[0], there, None);
        let mut draft = Draft::new("d", "p", 0);
        draft.state = State::Queued {
            operation: "o".into(),
        };
        assert_eq!(of_draft(&draft, &outbox, there), stands);
        assert_eq!(of_case("c1", &outbox, there), stands);
        assert_eq!(of_case("c2", &outbox, there), Standing::Sent);
    }
}

#[test]
fn of_two_things_on_a_case_the_one_that_must_be_looked_at_is_told_in_either_order() {
    for (one, attempts, there) in everywhere() {
        for (other, others, _) in everywhere() {
            let [a, b] = [
                comment("a", one.clone(), attempts),
                comment("b", other, others),
            ];
            let alone = [of_operation(&a, there, None), of_operation(&b, there, None)];
            let both = of_case("c1", &[a.clone(), b.clone()], there);
            assert!(alone.contains(&both), "{both:?} of {alone:?}");
            let turned = of_case("c1", &[b, a], there);
            assert_eq!(both.word(), turned.word());
            let needs = |one: &Standing| matches!(one, Standing::NeedsYou(_));
            assert_eq!(needs(&both), alone.iter().any(needs));
            let sent = alone.iter().all(|one| *one == Standing::Sent);
            assert_eq!(both == Standing::Sent, sent);
        }
    }
}

/// An operation made at a time, on a case.
fn made(id: &str, at: i64, what: serde_json::Value, state: Progress) -> Operation {
    let json = json!({
        "id": id, "subject": "s", "created_at": at, "attempts": 0, "not_before": 0,
        "what": what, "state": { "is": "waiting" },
    });
    let mut operation = Operation::from_json(&json).expect("an operation as it is stored");
    operation.state = state;
    operation
}

fn edit(id: &str, at: i64, case: &str, state: Progress) -> Operation {
    let what = json!({ "do": "edit_case", "case": { "known": case }, "base": "1", "patch": {} });
    made(id, at, what, state)
}

fn said(id: &str, at: i64, case: serde_json::Value) -> Operation {
    let what = json!({ "do": "add_comment", "case": case, "text": "t" });
    made(id, at, what, Progress::Waiting)
}

fn holders(outbox: &[Operation]) -> Vec<(&str, &str)> {
    let held = held(outbox);
    held.iter().map(|(id, by)| (*id, by.id.as_str())).collect()
}

#[test]
fn what_stands_behind_something_that_needs_somebody_waits_for_it() {
    let known = |id: &str| json!({ "known": id });
    let conflict = edit("e", 1, "c1", refused("conflict"));
    let outbox = [
        said("behind", 2, known("c1")),
        said("elsewhere", 2, known("c2")),
        said("before", 0, known("c1")),
        conflict.clone(),
        edit("further", 3, "c1", Progress::Waiting),
        said("last", 4, known("c1")),
    ];
    assert_eq!(
        holders(&outbox),
        [("behind", "e"), ("further", "e"), ("last", "e")]
    );
    // Under way or done, it holds up nobody for long.
    for state in [
        Progress::Waiting,
        Progress::Sending,
        Progress::Done {
            record: "c1".into(),
        },
    ] {
        let outbox = [edit("e", 1, "c1", state), said("behind", 2, known("c1"))];
        assert!(holders(&outbox).is_empty());
    }
    let outbox = [edit("e", 1, "c1", Progress::Paused), outbox[0].clone()];
    assert_eq!(holders(&outbox), [("behind", "e")]);
}

#[test]
fn what_belongs_to_a_case_that_is_not_made_yet_waits_for_its_maker() {
    let maker = |state| {
        let what = json!({ "do": "create_case", "draft": "d", "title": "t", "body": {} });
        made("m", 5, what, state)
    };
    let on_it = || said("behind", 5, json!({ "made_by": "m" }));
    let refused_maker = [on_it(), maker(refused("invalid_fields"))];
    assert_eq!(holders(&refused_maker), [("behind", "m")]);
    // Once it is made, what is on the case under its own id counts as well.
    let done = maker(Progress::Done {
        record: "c9".into(),
    });
    let outbox = [done, edit("e", 6, "c9", refused("conflict")), {
        let mut later = on_it();
        later.created_at = 7;
        later
    }];
    assert_eq!(holders(&outbox), [("behind", "e")]);
}

#[test]
fn a_file_holds_up_a_step_of_the_case_but_no_comment() {
    let file =
        json!({ "id": "f", "name": "n", "size": 1, "media_type": "", "chunks": 1, "sha256": "" });
    let what = json!({ "do": "attach", "case": { "known": "c1" }, "file": file });
    let outbox = [
        made("file", 1, what, refused("file_not_here")),
        said("comment", 2, json!({ "known": "c1" })),
        edit("step", 3, "c1", Progress::Waiting),
        said("after", 4, json!({ "known": "c1" })),
    ];
    // What was said after the step goes after it, and so waits for the file as well.
    assert_eq!(holders(&outbox), [("after", "file"), ("step", "file")]);
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

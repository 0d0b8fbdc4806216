//! The engine step by step: what happens, and what is done about it.

use casement::core::draft::DraftFile;
use casement::core::sync::{
    ACTIVATE, Answer, BUY, CaseRef, Effect, Event, LINK, Moment, Operation, Progress, Pulled,
    State, What, put_behind, step, wait,
};
use serde_json::{Value, json};

/// The person all of this is done by, where nothing else is said.
const SATO: &str = "sato";

pub(crate) fn operation(id: &str, at: i64, what: What) -> Operation {
    Operation::new(id.into(), SATO, at, what)
}

fn create(id: &str, at: i64) -> Operation {
    let what = What::CreateCase {
        draft: format!("draft of {id}"),
        title: id.into(),
        body: json!({ "subject": id }),
    };
    operation(id, at, what)
}

fn comment(id: &str, at: i64, case: CaseRef) -> Operation {
    operation(
        id,
        at,
        What::AddComment {
            case,
            text: id.into(),
        },
    )
}

fn attach(id: &str, at: i64, maker: &str) -> Operation {
    let file = DraftFile {
        id: format!("file of {id}"),
        name: "a.log".into(),
        size: 1,
        media_type: "text/plain".into(),
        chunks: 1,
        fingerprint: String::new(),
        sha256: String::new(),
    };
    operation(
        id,
        at,
        What::Attach {
            case: CaseRef::MadeBy(maker.into()),
            file,
        },
    )
}

fn act(id: &str, at: i64, on: Option<CaseRef>, action: &str) -> Operation {
    let what = What::Act {
        on,
        action: action.into(),
        body: json!({ "note": id }),
        title: id.into(),
        before: Value::Null,
    };
    operation(id, at, what)
}

fn known(case: &str) -> CaseRef {
    CaseRef::Known(case.into())
}

fn made_by(operation: &str) -> CaseRef {
    CaseRef::MadeBy(operation.into())
}

fn opened(outbox: &[Operation]) -> Event {
    Event::Opened {
        outbox: outbox.to_vec(),
        cursor: None,
    }
}

fn answered(operation: &str, answer: Answer) -> Event {
    Event::Answered {
        operation: operation.into(),
        answer,
    }
}

fn accepted(operation: &str, record: &str) -> Event {
    answered(operation, Answer::Accepted(json!({ "id": record })))
}

fn later(operation: &str) -> Event {
    answered(operation, Answer::Later(None))
}

fn refused(operation: &str) -> Event {
    let answer = Answer::Refused {
        code: "invalid".into(),
        detail: String::new(),
    };
    answered(operation, answer)
}

fn signed_in(subject: &str) -> Event {
    Event::Identity(Some(subject.into()))
}

fn until(cursor: &str, more: bool) -> Event {
    Event::Pulled(Pulled::Until {
        cursor: cursor.into(),
        more,
    })
}

fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Send {
            operation,
            case: None,
            ..
        } => format!("send {}", operation.id),
        Effect::Check { operation, .. } => format!("check {}", operation.id),
        Effect::Send {
            operation,
            case: Some(case),
            ..
        } => format!("send {} to {case}", operation.id),
        Effect::Save(operation) => match &operation.state {
            Progress::NeedsYou { code, .. } => format!("save {} needs you: {code}", operation.id),
            Progress::Waiting => format!("save {} from {}", operation.id, operation.not_before),
            other => format!("save {} {other:?}", operation.id),
        },
        Effect::Acknowledge { operation, .. } => format!("acknowledge {}", operation.id),
        Effect::Forget(operation) => format!("forget {}", operation.id),
        Effect::Pull(None) => "pull".into(),
        Effect::Pull(Some(cursor)) => format!("pull from {cursor}"),
        Effect::AskSignIn => "ask to sign in".into(),
        Effect::Renew => "renew".into(),
        Effect::WakeAt(at) => format!("wake at {at}"),
    }
}

/// Events at their times, and the effects of each on its line; no chance is involved.
struct Engine {
    state: State,
    /// Whether looking for changes and waking are part of what is compared.
    pulling_too: bool,
}

impl Engine {
    /// Nothing has happened yet.
    fn new() -> Engine {
        Engine {
            state: State::default(),
            pulling_too: false,
        }
    }

    /// Opened, leading, online, signed in, at time 0.
    fn ready(outbox: &[Operation]) -> (Engine, String) {
        let mut engine = Engine::new();
        engine.at(0, Event::Lead(Some(1)));
        engine.at(0, Event::Network(true));
        engine.at(0, signed_in(SATO));
        let effects = engine.at(0, opened(outbox));
        (engine, effects)
    }

    fn at(&mut self, now: i64, event: Event) -> String {
        let moment = Moment { now, dice: 0 };
        let (state, effects) = step(std::mem::take(&mut self.state), moment, event);
        self.state = state;
        let of_pulling = |effect: &&Effect| {
            self.pulling_too || !matches!(effect, Effect::Pull(_) | Effect::WakeAt(_))
        };
        let lines: Vec<String> = effects.iter().filter(of_pulling).map(shown).collect();
        lines.join("; ")
    }
}

/// Runs events from a ready engine on and compares what each of them leads to.
fn check(outbox: &[Operation], first: &str, story: &[(i64, Event, &str)]) -> Engine {
    let (mut engine, effects) = Engine::ready(outbox);
    assert_eq!(effects, first, "on opening");
    for (now, event, expected) in story {
        let effects = engine.at(*now, event.clone());
        assert_eq!(effects, *expected, "at {now} on {event:?}");
    }
    engine
}

#[test]
fn nothing_is_sent_before_the_store_is_open_the_network_there_and_someone_signed_in() {
    let events = [
        Event::Lead(Some(1)),
        opened(&[create("a", 1)]),
        Event::Network(true),
        signed_in(SATO),
    ];
    for order in [
        [0, 1, 2, 3],
        [0, 3, 2, 1],
        [1, 0, 3, 2],
        [1, 2, 3, 0],
        [2, 0, 1, 3],
        [3, 2, 1, 0],
    ] {
        let mut engine = Engine::new();
        let effects = order.map(|index| engine.at(0, events[index].clone()));
        assert_eq!(effects, ["", "", "", "send a"], "{order:?}");
    }
}

#[test]
fn a_case_is_sent_acknowledged_and_forgotten() {
    let engine = check(
        &[],
        "",
        &[
            (5, Event::Queued(create("a", 5)), "send a"),
            (5, Event::Queued(create("a", 5)), ""),
            (9, accepted("a", "c-1"), "acknowledge a; forget a"),
            (9, accepted("a", "c-1"), ""),
            (9, Event::Tick, ""),
        ],
    );
    assert!(engine.state.outbox.is_empty());
}

#[test]
fn a_lost_answer_leads_to_the_same_operation_again_and_later() {
    check(
        &[create("a", 1)],
        "send a",
        &[
            (100, later("a"), "save a from 600"),
            (599, Event::Tick, ""),
            (600, Event::Tick, "send a"),
            (700, later("a"), "save a from 1700"),
            (1_700, Event::Tick, "send a"),
            (1_800, accepted("a", "c-1"), "acknowledge a; forget a"),
        ],
    );
}

#[test]
fn what_was_under_way_at_a_crash_is_sent_again_under_its_key() {
    let mut sending = create("a", 1);
    sending.state = Progress::Sending;
    sending.attempts = 3;
    let engine = check(&[sending], "send a", &[]);
    assert_eq!(engine.state.outbox[0].attempts, 3);
}

#[test]
fn operations_on_one_case_go_one_after_the_other_and_cases_side_by_side() {
    let outbox = [
        comment("a1", 1, known("a")),
        comment("a2", 2, known("a")),
        comment("b1", 3, known("b")),
        create("c", 4),
    ];
    check(
        &outbox,
        "send a1 to a; send b1 to b; send c",
        &[
            (1, later("a1"), "save a1 from 501"),
            (1, accepted("b1", "m-1"), "acknowledge b1; forget b1"),
            (501, Event::Tick, "send a1 to a"),
            (
                600,
                accepted("a1", "m-2"),
                "acknowledge a1; forget a1; send a2 to a",
            ),
        ],
    );
}

#[test]
fn at_most_four_requests_are_under_way_and_the_next_follows_at_once() {
    let outbox: Vec<Operation> = ["a", "b", "c", "d", "e", "f"]
        .iter()
        .zip(1..)
        .map(|(id, at)| create(id, at))
        .collect();
    check(
        &outbox,
        "send a; send b; send c; send d",
        &[
            (1, accepted("b", "c-1"), "acknowledge b; forget b; send e"),
            (1, later("a"), "save a from 501; send f"),
        ],
    );
}

#[test]
fn cms_15_files_follow_their_case_as_soon_as_it_has_an_id() {
    let outbox = [create("a", 1), attach("f1", 2, "a"), attach("f2", 3, "a")];
    let engine = check(
        &outbox,
        "send a",
        &[
            (
                1,
                accepted("a", "c-1"),
                "acknowledge a; send f1 to c-1; send f2 to c-1",
            ),
            (2, accepted("f1", "x"), "acknowledge f1; forget f1"),
            (
                3,
                accepted("f2", "y"),
                "acknowledge f2; forget a; forget f2",
            ),
        ],
    );
    assert!(engine.state.outbox.is_empty());
}

#[test]
fn a_comment_waits_for_no_file_and_the_end_of_the_case_for_all_of_them() {
    let outbox = [create("a", 1), attach("f1", 2, "a")];
    let close = act("end", 4, Some(known("c-1")), "close");
    check(
        &outbox,
        "send a",
        &[
            (1, accepted("a", "c-1"), "acknowledge a; send f1 to c-1"),
            (
                2,
                Event::Queued(comment("m", 3, known("c-1"))),
                "send m to c-1",
            ),
            (3, Event::Queued(close), ""),
            (4, accepted("m", "x"), "acknowledge m; forget m"),
            (
                5,
                accepted("f1", "y"),
                "acknowledge f1; forget a; forget f1; send end to c-1",
            ),
        ],
    );
}

#[test]
fn files_never_take_the_last_place_so_that_text_always_has_one() {
    let mut outbox = vec![create("a", 1)];
    outbox.extend((1..=5).map(|number| attach(&format!("f{number}"), 1 + number, "a")));
    check(
        &outbox,
        "send a",
        &[
            (
                1,
                accepted("a", "c-1"),
                "acknowledge a; send f1 to c-1; send f2 to c-1; send f3 to c-1",
            ),
            (2, Event::Queued(comment("m", 9, known("b"))), "send m to b"),
            (
                3,
                accepted("f2", "y"),
                "acknowledge f2; forget f2; send f4 to c-1",
            ),
        ],
    );
}

#[test]
fn a_case_and_its_files_made_in_one_instant_go_in_order_whatever_their_ids() {
    for ids in [
        ["a", "b", "c"],
        ["c", "b", "a"],
        ["b", "a", "c"],
        ["b", "c", "a"],
    ] {
        let [case, first, second] = ids;
        let outbox = [
            attach(first, 1, case),
            create(case, 1),
            attach(second, 1, case),
        ];
        let (mut engine, effects) = Engine::ready(&outbox);
        assert_eq!(effects, format!("send {case}"), "{ids:?}");
        let effects = engine.at(1, accepted(case, "c-1"));
        assert!(
            effects.starts_with(&format!("acknowledge {case}; send ")),
            "{effects}"
        );
    }
}

#[test]
fn a_clock_that_was_set_back_between_a_case_and_its_files_stops_nothing() {
    let outbox = [create("a", 9_000), attach("f", 1, "a")];
    check(
        &outbox,
        "send a",
        &[(1, accepted("a", "c-1"), "acknowledge a; send f to c-1")],
    );
}

#[test]
fn a_clock_that_was_set_back_lets_no_two_requests_on_one_case_overlap() {
    check(
        &[comment("a1", 9_000, known("a"))],
        "send a1 to a",
        &[
            (1, Event::Queued(comment("a2", 1, known("a"))), ""),
            (
                2,
                accepted("a1", "m"),
                "acknowledge a1; forget a1; send a2 to a",
            ),
        ],
    );
}

#[test]
fn a_file_added_while_its_case_was_being_acknowledged_finds_the_case() {
    check(
        &[create("a", 1)],
        "send a",
        &[
            (2, accepted("a", "c-1"), "acknowledge a; forget a"),
            (3, Event::Queued(attach("f", 2, "a")), "send f to c-1"),
        ],
    );
}

#[test]
fn what_refers_to_a_case_that_nothing_makes_any_more_waits_for_a_person() {
    let engine = check(
        &[attach("f", 1, "gone")],
        "save f needs you: case_missing",
        &[
            (1, Event::Tick, ""),
            (2, Event::Retry("f".into()), "save f from 0"),
            (2, Event::Tick, "save f needs you: case_missing"),
            (3, Event::Discard("f".into()), "forget f"),
        ],
    );
    assert!(engine.state.outbox.is_empty());
}

#[test]
fn what_is_queued_before_the_store_is_open_waits_for_what_is_in_it() {
    let mut engine = Engine::new();
    assert_eq!(engine.at(0, Event::Lead(Some(1))), "");
    assert_eq!(engine.at(0, Event::Queued(attach("f", 2, "a"))), "");
    assert_eq!(engine.at(0, opened(&[create("a", 1)])), "");
    assert_eq!(engine.at(0, Event::Network(true)), "");
    assert_eq!(engine.at(0, signed_in(SATO)), "send a");
}

#[test]
fn the_end_of_the_sign_in_is_asked_for_once_and_everything_waits_for_it() {
    let outbox = [create("a", 1), create("b", 2), create("c", 3)];
    check(
        &outbox,
        "send a; send b; send c",
        &[
            (
                1,
                answered("a", Answer::SignedOut),
                "ask to sign in; save a from 0",
            ),
            (1, answered("b", Answer::SignedOut), "save b from 0"),
            (2, Event::Queued(create("d", 2)), ""),
            (3, accepted("c", "c-1"), "acknowledge c; forget c"),
            (4, Event::Tick, ""),
            (5, signed_in(SATO), "send a; send b; send d"),
        ],
    );
}

#[test]
fn nothing_is_sent_under_another_account() {
    let mut other = create("b", 2);
    other.subject = "lin".into();
    check(
        &[create("a", 1), other],
        "send a",
        &[
            (1, later("a"), "save a from 501"),
            (1, signed_in("lin"), "send b"),
            (900, Event::Tick, ""),
            (900, accepted("b", "c-1"), "acknowledge b; forget b"),
            (900, Event::Identity(None), ""),
            (900, signed_in(SATO), "send a"),
        ],
    );
}

#[test]
fn a_refusal_waits_for_a_person_and_holds_what_follows_on_that_case_alone() {
    let outbox = [comment("a1", 1, known("a")), comment("a2", 2, known("a"))];
    check(
        &outbox,
        "send a1 to a",
        &[
            (1, refused("a1"), "save a1 needs you: invalid"),
            (9_999_999, Event::Tick, ""),
            (9_999_999, Event::Network(true), ""),
            (
                9_999_999,
                Event::Queued(comment("b1", 3, known("b"))),
                "send b1 to b",
            ),
            (
                9_999_999,
                Event::Retry("a1".into()),
                "save a1 from 0; send a1 to a",
            ),
            (
                9_999_999,
                accepted("a1", "m"),
                "acknowledge a1; forget a1; send a2 to a",
            ),
        ],
    );
}

#[test]
fn a_refusal_is_still_there_after_a_restart() {
    let mut refused = create("a", 1);
    refused.state = Progress::NeedsYou {
        code: "invalid".into(),
        detail: "x".into(),
    };
    let engine = check(
        std::slice::from_ref(&refused),
        "",
        &[(1, Event::Network(true), "")],
    );
    assert_eq!(engine.state.outbox, [refused]);
}

#[test]
fn giving_up_a_case_gives_up_what_refers_to_it_and_nothing_else() {
    let outbox = [
        create("a", 1),
        attach("f", 2, "a"),
        comment("m", 3, made_by("a")),
        create("b", 4),
    ];
    let engine = check(
        &outbox,
        "send a; send b",
        &[
            (1, Event::Discard("a".into()), ""),
            (2, refused("a"), "save a needs you: invalid"),
            (
                3,
                Event::Discard("a".into()),
                "forget a; forget f; forget m",
            ),
            (4, Event::Discard("a".into()), ""),
        ],
    );
    assert_eq!(engine.state.outbox.len(), 1);
}

#[test]
fn what_is_under_way_can_neither_be_given_up_nor_sent_twice() {
    check(
        &[create("a", 1)],
        "send a",
        &[
            (1, Event::Discard("a".into()), ""),
            (1, Event::Retry("a".into()), ""),
            (1, Event::Tick, ""),
            (1, Event::Network(false), ""),
            (1, Event::Network(true), ""),
            (2, accepted("a", "c-1"), "acknowledge a; forget a"),
        ],
    );
}

#[test]
fn giving_up_what_came_first_lets_what_follows_go() {
    let outbox = [comment("a1", 1, known("a")), comment("a2", 2, known("a"))];
    check(
        &outbox,
        "send a1 to a",
        &[
            (1, refused("a1"), "save a1 needs you: invalid"),
            (2, Event::Discard("a1".into()), "forget a1; send a2 to a"),
        ],
    );
}

#[test]
fn what_was_acknowledged_before_a_crash_is_not_sent_again() {
    let mut made = create("a", 1);
    made.state = Progress::Done {
        record: "c-1".into(),
    };
    check(&[made.clone(), attach("f", 2, "a")], "send f to c-1", &[]);
    check(&[made], "forget a", &[]);
}

#[test]
fn an_answer_to_what_is_not_under_way_changes_nothing() {
    let mut waiting = create("a", 1);
    waiting.not_before = 10_000;
    check(
        &[waiting],
        "",
        &[
            (1, later("nothing"), ""),
            (1, accepted("a", "c-1"), ""),
            (1, refused("a"), ""),
        ],
    );
}

#[test]
fn a_network_that_comes_back_ends_every_pause_but_the_one_the_backend_asked_for() {
    check(
        &[create("a", 1)],
        "send a",
        &[
            (1, later("a"), "save a from 501"),
            (2, Event::Network(false), ""),
            (3, Event::Network(true), "send a"),
            (
                4,
                answered("a", Answer::Later(Some(600_000))),
                "save a from 600004",
            ),
            (5, Event::Network(false), ""),
            (6, Event::Network(true), ""),
            (600_004, Event::Tick, "send a"),
        ],
    );
}

#[test]
fn an_operation_is_stored_with_all_it_needs_and_an_older_store_is_read() {
    let mut full = attach("f", 2, "a");
    full.state = Progress::NeedsYou {
        code: "c".into(),
        detail: "d".into(),
    };
    full.attempts = 2;
    full.not_before = 9;
    assert_eq!(Operation::from_json(&full.to_json()), Some(full));
    let older: Value = json!({
        "id": "a", "subject": SATO, "created_at": 1,
        "what": { "do": "add_comment", "case": { "known": "c-1" }, "text": "x" }
    });
    let older: Operation = Operation::from_json(&older).expect("what came later may be absent");
    assert_eq!(older.state, Progress::Waiting);
}

#[test]
fn csf_13_a_step_of_a_case_keeps_its_place_among_what_is_said_on_it() {
    let outbox = [
        comment("m1", 1, known("a")),
        act("up", 2, Some(known("a")), "escalate"),
        comment("m2", 3, known("a")),
        act("end", 4, Some(known("b")), "close"),
    ];
    check(
        &outbox,
        "send m1 to a; send end to b",
        &[
            (
                1,
                accepted("m1", "m"),
                "acknowledge m1; forget m1; send up to a",
            ),
            (2, refused("up"), "save up needs you: invalid"),
            (3, Event::Tick, ""),
            (4, Event::Discard("up".into()), "forget up; send m2 to a"),
        ],
    );
}

#[test]
fn csf_16_a_step_of_a_case_that_is_still_to_be_made_waits_for_its_number() {
    check(
        &[create("a", 1), act("back", 2, Some(made_by("a")), "rma")],
        "send a",
        &[(1, accepted("a", "c-1"), "acknowledge a; send back to c-1")],
    );
}

#[test]
fn mpt_05_linking_a_contract_waits_for_no_case_and_no_case_waits_for_it() {
    let outbox = [
        comment("m", 1, known("a")),
        act("link", 2, None, LINK),
        act("again", 3, None, LINK),
        act("buy", 4, None, BUY),
    ];
    check(
        &outbox,
        "send m to a; send link; send again; send buy",
        &[
            (1, refused("link"), "save link needs you: invalid"),
            (2, accepted("again", "e"), "acknowledge again; forget again"),
        ],
    );
}

#[test]
fn mpt_05_what_is_linked_bought_or_activated_is_kept_as_a_contract() {
    for (action, kind) in [
        (LINK, "entitlement"),
        (BUY, "entitlement"),
        (ACTIVATE, "entitlement"),
        ("escalate", "case"),
        ("no_such_thing_yet", "case"),
    ] {
        assert_eq!(act("x", 1, None, action).what.kind(), kind, "{action}");
    }
}

#[test]
fn csf_11_a_step_of_a_case_is_stored_and_read_again() {
    for on in [None, Some(known("c-1")), Some(made_by("a"))] {
        let whole = act("x", 1, on, "close");
        assert_eq!(Operation::from_json(&whole.to_json()), Some(whole));
    }
    let mut odd = act("x", 1, Some(known("c")), "close").to_json();
    odd["what"]["case"] = json!({ "nothing": "known" });
    assert_eq!(Operation::from_json(&odd), None);
}

/// Makes comments at these times, one after the other, and compares the order they go in.
fn check_order(outbox: &[Operation], made: &[(&str, i64, CaseRef)], expected: &[&str]) {
    let (mut engine, _) = Engine::ready(outbox);
    engine.at(0, Event::Network(false));
    let mut last = 0;
    for (id, at, case) in made {
        let mut operation = comment(id, *at, case.clone());
        put_behind(&engine.state, last, &mut operation);
        last = operation.created_at;
        engine.at(0, Event::Queued(operation));
    }
    let order: Vec<&str> = engine
        .state
        .outbox
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(order, expected);
}

#[test]
fn cms_16_comments_keep_the_order_they_were_written_in_whatever_the_clock_says() {
    let one = || known("c");
    check_order(
        &[],
        &[("z", 5, one()), ("y", 5, one()), ("x", 5, one())],
        &["z", "y", "x"],
    );
    // The clock was set back, before a restart and after it.
    check_order(&[], &[("b", 9_000, one()), ("a", 5, one())], &["b", "a"]);
    let before = comment("b", 9_000, known("c"));
    check_order(
        std::slice::from_ref(&before),
        &[("a", 5, one())],
        &["b", "a"],
    );
    // Files of a new case stand a millisecond apart; a comment made with them comes after.
    check_order(
        &[create("q", 5), attach("f", 6, "q")],
        &[("a", 5, made_by("q"))],
        &["q", "f", "a"],
    );
    // What concerns another case moves nothing.
    check_order(&[before], &[("a", 5, known("d"))], &["a", "b"]);
}

fn check_wait(failures: u32, asked: Option<i64>, from: i64, to: i64) {
    for dice in [0, 1, 77, 499_999, u32::MAX / 2, u32::MAX] {
        let wait = wait(failures, asked, dice);
        assert!((from..=to).contains(&wait), "{failures} {asked:?}: {wait}");
    }
}

#[test]
fn pauses_double_up_to_five_minutes_and_half_of_each_is_chance() {
    check_wait(0, None, 500, 1_000);
    check_wait(1, None, 500, 1_000);
    check_wait(2, None, 1_000, 2_000);
    check_wait(8, None, 64_000, 128_000);
    check_wait(20, None, 150_000, 300_000);
    check_wait(u32::MAX, None, 150_000, 300_000);
}

#[test]
fn a_backend_may_ask_for_more_patience_but_not_for_a_day() {
    check_wait(1, Some(10_000), 10_000, 11_000);
    check_wait(1, Some(0), 500, 1_000);
    check_wait(1, Some(-5), 500, 1_000);
    check_wait(20, Some(1), 150_000, 300_000);
    check_wait(1, Some(900_000), 900_000, 900_000);
    check_wait(1, Some(86_400_000), 810_000, 900_000);
    check_wait(1, Some(i64::MAX), 810_000, 900_000);
}

/// As [`check`], with looking for changes and waking.
fn check_pulling(story: &[(i64, Event, &str)]) {
    let mut engine = Engine::new();
    engine.pulling_too = true;
    engine.at(0, Event::Lead(Some(1)));
    engine.at(0, Event::Network(true));
    engine.at(0, opened(&[]));
    for (now, event, expected) in story {
        let effects = engine.at(*now, event.clone());
        assert_eq!(effects, *expected, "at {now} on {event:?}");
    }
}

#[test]
fn changes_are_looked_for_at_once_and_then_every_half_minute() {
    check_pulling(&[
        (10, signed_in(SATO), "pull"),
        (20, Event::Tick, ""),
        (30, until("5", false), "wake at 30030"),
        (30_029, Event::Tick, "wake at 30030"),
        (30_030, Event::Tick, "pull from 5"),
        (30_040, until("5", false), "wake at 60040"),
        (31_000, Event::Refresh, "pull from 5"),
    ]);
}

#[test]
fn as_long_as_there_is_more_it_is_fetched_at_once() {
    check_pulling(&[
        (10, signed_in(SATO), "pull"),
        (20, until("5", true), "pull from 5"),
        (30, until("9", false), "wake at 30030"),
    ]);
}

#[test]
fn a_backend_that_promises_more_and_stands_still_is_not_asked_in_a_loop() {
    check_pulling(&[
        (10, signed_in(SATO), "pull"),
        (20, until("5", true), "pull from 5"),
        (30, until("5", true), "wake at 30030"),
    ]);
}

#[test]
fn a_forgotten_cursor_leads_to_a_new_start_and_never_to_a_loop() {
    check_pulling(&[
        (10, signed_in(SATO), "pull"),
        (20, until("5", false), "wake at 30020"),
        (30_020, Event::Tick, "pull from 5"),
        (30_030, Event::Pulled(Pulled::FromTheStart), "pull"),
        (30_040, Event::Pulled(Pulled::FromTheStart), "wake at 30540"),
        (30_540, Event::Tick, "pull"),
        (30_550, Event::Pulled(Pulled::FromTheStart), "wake at 31550"),
    ]);
}

#[test]
fn looking_for_changes_backs_off_and_recovers() {
    check_pulling(&[
        (10, signed_in(SATO), "pull"),
        (20, Event::Pulled(Pulled::Later(None)), "wake at 520"),
        (520, Event::Tick, "pull"),
        (
            530,
            Event::Pulled(Pulled::Later(Some(5_000))),
            "wake at 5530",
        ),
        (5_530, Event::Tick, "pull"),
        (5_540, until("1", false), "wake at 35540"),
    ]);
}

#[test]
fn looking_for_changes_asks_for_the_sign_in_and_goes_on_after_it() {
    check_pulling(&[
        (10, signed_in(SATO), "pull"),
        (20, Event::Pulled(Pulled::SignedOut), "ask to sign in"),
        (99_999, Event::Tick, ""),
        (99_999, signed_in(SATO), "pull"),
    ]);
}

#[test]
fn the_end_of_a_pause_is_woken_for_even_before_the_next_look_for_changes() {
    check_pulling(&[
        (0, signed_in(SATO), "pull"),
        (0, until("1", false), "wake at 30000"),
        (0, Event::Queued(create("a", 1)), "send a; wake at 30000"),
        (1_000, later("a"), "save a from 1500; wake at 1500"),
        (1_500, Event::Tick, "send a; wake at 30000"),
    ]);
}

#[test]
fn without_network_nothing_is_looked_for_and_nobody_is_woken() {
    check_pulling(&[
        (5, Event::Network(false), ""),
        (10, signed_in(SATO), ""),
        (20, Event::Refresh, ""),
        (30, Event::Network(true), "pull"),
    ]);
}

//! Faults by their numbers, as far as the core decides about them: each test makes one happen and
//! shows what the engine promises of it. Those that need a browser stand with its tests.

use casement::core::sync::patience::{LONGEST_ASKED, asked, spread, wait};
use casement::core::sync::{
    Answer, CaseRef, Effect, Event, Moment, Operation, Progress, Rules, State, What, step,
};
use proptest::prelude::*;
use serde_json::json;

use crate::sync_tabs::{Fate, Happening, KEY_LIFE, World};

/// `2026-11-20T00:00:00Z`.
const NOW: i64 = 1_795_132_800_000;

#[test]
fn fault_10_a_tab_frozen_with_the_lock_is_replaced_within_half_a_minute_and_repeats_nothing() {
    let mut world = World::new();
    assert!(world.leads(0) && !world.leads(1));
    world.happens(Happening::NewCase { tab: 0, files: 0 });
    world.works_all(0);
    assert_eq!(world.under_way(0), 1);
    world.happens(Happening::Freezes { tab: 0 });
    let frozen_at = world.now;
    // The other tab looks again when the lease ends that it has seen.
    world.happens(Happening::Tends { tab: 1 });
    let next = world.next_look(1);
    assert!(next - frozen_at <= 30_000, "{}", next - frozen_at);
    world.now = next;
    world.happens(Happening::Tends { tab: 1 });
    world.goes_on(1, Fate::Answered);
    assert!(world.leads(1));
    assert_eq!((world.cases(), world.is_empty()), (1, true));
    // Ten minutes later the frozen one hears its answer, and has nothing to say.
    world.now = frozen_at + 600_000;
    world.happens(Happening::Tends { tab: 1 });
    world.happens(Happening::Thaws { tab: 0 });
    world.goes_on(0, Fate::Answered);
    assert!(world.leads(1) && !world.leads(0));
    assert_eq!((world.effects(), world.is_empty()), (1, true));
}

#[test]
fn fault_10_what_a_frozen_tab_had_still_to_keep_is_not_kept_over_the_work_of_another() {
    let mut world = World::new();
    world.happens(Happening::Comment { tab: 0, case: 0 });
    world.works_all(0);
    // Refused, and frozen before that could be kept.
    let fate = Fate::Refused;
    world.happens(Happening::Request {
        tab: 0,
        choice: 0,
        fate,
    });
    world.happens(Happening::Freezes { tab: 0 });
    world.now += 31_000;
    world.happens(Happening::Tends { tab: 1 });
    world.works_all(1);
    assert_eq!(world.under_way(1), 1);
    // It wakes up in the middle of its work, before any of its timers rings.
    world.works_all(0);
    world.happens(Happening::Thaws { tab: 0 });
    world.works_all(0);
    let state = &world.state_of(0).outbox[0].state;
    assert_eq!(state, &Progress::Sending, "as the other tab has it");
    world.goes_on(1, Fate::Answered);
    assert_eq!((world.effects(), world.is_empty()), (1, true));
}

#[test]
fn fault_11_answers_that_are_lost_after_the_commit_lead_to_exactly_one_case() {
    for seed in 0..1_000_u32 {
        let mut world = World::new();
        world.happens(Happening::NewCase { tab: 0, files: 0 });
        // Each bit decides about one answer; the browser may die on it as well.
        for bit in 0..10 {
            let lost = seed >> bit & 1 == 1;
            let fate = if lost { Fate::AnswerLost } else { Fate::Late };
            world.works_all(0);
            world.happens(Happening::Request {
                tab: 0,
                choice: 0,
                fate,
            });
            if seed % 7 == bit {
                world.happens(Happening::Dies { tab: 0 });
            }
            world.happens(Happening::Later { seconds: 301 });
            world.happens(Happening::Tends { tab: 0 });
            world.happens(Happening::Ticks { tab: 0 });
        }
        world.everything_gets_done();
        assert_eq!((world.cases(), world.is_empty()), (1, true), "seed {seed}");
    }
}

#[test]
fn fault_12_a_forgotten_key_is_looked_up_before_anything_is_sent_again() {
    for hours in [22, 23, 24, 25, 240] {
        let mut world = World::new();
        world.happens(Happening::NewCase { tab: 0, files: 0 });
        world.goes_on(0, Fate::AnswerLost);
        world.now += hours * 3_600_000;
        world.everything_gets_done();
        assert_eq!((world.cases(), world.is_empty()), (1, true), "{hours} h");
    }
}

#[test]
fn fault_12_where_nothing_can_be_looked_up_a_person_is_asked() {
    let mut world = World::new();
    world.cannot_look();
    world.happens(Happening::NewCase { tab: 0, files: 0 });
    world.goes_on(0, Fate::AnswerLost);
    world.now += KEY_LIFE;
    world.happens(Happening::Tends { tab: 0 });
    world.happens(Happening::Ticks { tab: 0 });
    world.goes_on(0, Fate::Answered);
    let Progress::NeedsYou { code, .. } = &world.state_of(0).outbox[0].state else {
        panic!("{:?}", world.state_of(0).outbox);
    };
    assert_eq!(code, "needs_check");
    for _ in 0..50 {
        world.happens(Happening::Later { seconds: 3_600 });
        world.happens(Happening::Tends { tab: 0 });
        world.happens(Happening::Ticks { tab: 0 });
        world.goes_on(0, Fate::Answered);
    }
    assert_eq!(world.cases(), 1, "nothing is made twice");
}

#[test]
fn fault_12_what_never_went_out_needs_no_look_however_old_it_is() {
    let mut world = World::new();
    world.cannot_look();
    world.happens(Happening::Network(false));
    world.happens(Happening::NewCase { tab: 0, files: 0 });
    world.now += 3 * KEY_LIFE;
    world.happens(Happening::Tends { tab: 0 });
    world.happens(Happening::Network(true));
    world.goes_on(0, Fate::Answered);
    assert_eq!((world.cases(), world.is_empty()), (1, true));
}

#[test]
fn fault_12_a_backend_without_keys_is_asked_before_every_repetition() {
    let rules = Rules {
        key_life: 0,
        renews: false,
    };
    let (mut engine, first) = Engine::ready(&[comment("a", 1)], rules);
    assert_eq!(first, ["send a"]);
    engine.at(1, answered("a", Answer::Later(None)));
    assert_eq!(engine.at(600, Event::Tick), ["check a"]);
    let none = |certain| Event::Checked {
        operation: "a".into(),
        found: None,
        certain,
    };
    assert_eq!(engine.at(700, none(true)), ["save a", "send a"]);
    engine.at(800, answered("a", Answer::Later(None)));
    assert_eq!(engine.at(2_000, Event::Tick), ["check a"]);
    assert_eq!(engine.at(2_100, none(false)), ["save a"]);
    assert_eq!(engine.at(9_999_999, Event::Tick), [""; 0]);
    // A person has looked: it is not there.
    let again = engine.at(9_999_999, Event::Retry("a".into()));
    assert_eq!(again, ["save a", "send a"]);
}

#[test]
fn fault_13_a_crash_anywhere_in_a_drain_of_two_tabs_repeats_nothing_and_keeps_the_order() {
    for cut in 0..120_u32 {
        let mut world = World::new();
        world.happens(Happening::NewCase { tab: 0, files: 2 });
        for case in 0..6 {
            world.happens(Happening::Comment {
                tab: case % 2,
                case,
            });
        }
        for turn in 0..cut {
            let tab = (turn / 3 % 2) as u8;
            world.happens(Happening::Works { tab });
            // Several are under way at once, and the last is answered first.
            if turn % 4 == 3 {
                let lost = turn % 5 == 0;
                let fate = if lost {
                    Fate::AnswerLost
                } else {
                    Fate::Answered
                };
                world.happens(Happening::Request {
                    tab,
                    choice: 3,
                    fate,
                });
            }
            if turn % 11 == 0 {
                world.happens(Happening::Looks { tab });
            }
        }
        world.happens(Happening::Dies {
            tab: (cut % 2) as u8,
        });
        world.everything_gets_done();
        assert_eq!(world.effects(), 9, "cut after {cut}");
    }
}

#[test]
fn fault_15_many_refused_sign_ins_lead_to_one_renewal_and_the_same_person_goes_on() {
    let rules = Rules {
        renews: true,
        ..Rules::default()
    };
    let outbox = [comment("a", 1), comment("b", 2), comment("c", 3)];
    let (mut engine, first) = Engine::ready(&outbox, rules);
    assert_eq!(first, ["send a", "send b", "send c"]);
    let refused = |id| answered(id, Answer::SignedOut);
    assert_eq!(engine.at(1, refused("a")), ["renew", "save a"]);
    assert_eq!(engine.at(2, refused("b")), ["save b"]);
    assert_eq!(
        engine.at(3, Event::Tick),
        [""; 0],
        "nothing goes out meanwhile"
    );
    let back = engine.at(4, Event::Identity(Some("sato".into())));
    assert_eq!(back, ["send a", "send b"]);
    // Sent before the renewal, its refusal says nothing of the new session.
    assert_eq!(engine.at(5, refused("c")), ["save c", "send c"]);
    for id in ["a", "b", "c"] {
        engine.at(6, answered(id, Answer::Accepted(json!({ "id": id }))));
    }
    assert!(engine.state.outbox.is_empty());
}

#[test]
fn fault_15_a_renewal_that_does_not_help_or_fails_asks_the_person_once() {
    let rules = Rules {
        renews: true,
        ..Rules::default()
    };
    let refused = || answered("a", Answer::SignedOut);
    let (mut engine, _) = Engine::ready(&[comment("a", 1)], rules);
    assert_eq!(engine.at(1, refused()), ["renew", "save a"]);
    engine.at(2, Event::Identity(Some("sato".into())));
    assert_eq!(engine.at(3, refused()), ["ask", "save a"]);
    assert_eq!(
        engine.at(4, Event::Identity(Some("sato".into()))),
        ["send a"]
    );
    assert_eq!(
        engine.at(5, refused()),
        ["renew", "save a"],
        "a person has signed in since"
    );
    assert_eq!(engine.at(6, Event::Identity(None)), ["ask"]);
    assert_eq!(engine.state.outbox.len(), 1, "the queue is whole");
}

#[test]
fn fault_15_of_several_tabs_one_asks_and_what_waits_goes_on_as_the_same_person() {
    let mut world = World::new();
    for tab in 0..3 {
        world.happens(Happening::Comment { tab, case: 0 });
        world.works_all(tab.into());
    }
    world.happens(Happening::Looks { tab: 0 });
    world.goes_on(0, Fate::SignedOut);
    let waiting = world.requests_seen;
    assert!(!world.is_empty() && world.effects() == 0);
    for tab in 0..3 {
        world.happens(Happening::Ticks { tab });
        world.works_all(tab.into());
    }
    assert_eq!(
        world.requests_seen, waiting,
        "nothing goes out without a sign-in"
    );
    world.happens(Happening::SignsIn(0));
    world.everything_gets_done();
    assert_eq!((world.effects(), world.is_empty()), (3, true));
}

#[test]
fn fault_16_nothing_of_a_full_outbox_goes_out_under_another_account() {
    let mut world = World::new();
    world.happens(Happening::Network(false));
    for _ in 0..20 {
        world.happens(Happening::Comment { tab: 0, case: 0 });
    }
    world.happens(Happening::SignsIn(1));
    world.happens(Happening::Network(true));
    for _ in 0..20 {
        world.happens(Happening::Later { seconds: 25 });
        for tab in 0..3 {
            world.happens(Happening::Tends { tab });
            world.happens(Happening::Ticks { tab });
            world.goes_on(tab.into(), Fate::Answered);
        }
    }
    assert_eq!((world.requests_seen, world.effects()), (0, 0));
    world.happens(Happening::SignsIn(0));
    world.everything_gets_done();
    assert_eq!((world.effects(), world.is_empty()), (20, true));
}

#[test]
fn fault_17_a_retry_after_is_read_in_every_form_it_comes_in() {
    let minute = Some(60_000);
    for (header, expected) in [
        ("60", minute),
        (" 60 ", minute),
        ("+60", minute),
        ("1.5", Some(1_500)),
        ("0.0004", Some(0)),
        ("0", Some(0)),
        ("-60", Some(0)),
        ("-1.5", Some(0)),
        ("99999999999999999999999", Some(i64::MAX)),
        ("Fri, 20 Nov 2026 00:01:00 GMT", minute),
        ("Friday, 20-Nov-26 00:01:00 GMT", minute),
        ("Fri Nov 20 00:01:00 2026", minute),
        ("Tue Dec  1 00:00:00 2026", Some(11 * 86_400_000)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", Some(0)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
        (
            "Thu, 31 Dec 2026 23:59:60 GMT",
            Some(42 * 86_400_000 - 1_000),
        ),
        ("Fri, 20 Nov 2026 00:01:00 CET", None),
        ("Fri, 31 Nov 2026 00:01:00 GMT", None),
        ("2026-11-20T00:01:00Z", None),
        ("soon", None),
        ("1,5", None),
        ("1e3", None),
        ("", None),
    ] {
        assert_eq!(asked(Some(header), NOW), expected, "{header:?}");
    }
    assert_eq!(
        asked(None, NOW),
        None,
        "hidden from scripts, it asks for nothing"
    );
}

proptest! {
    #![proptest_config(crate::support::tries(2_000))]

    #[test]
    fn fault_17_no_header_breaks_the_reader_and_no_wait_is_too_short_or_too_long(
        header in "\\PC{0,40}|[0-9+.:,A-Za-z -]{0,40}",
        failures in any::<u32>(),
        dice in any::<u32>(),
        now in any::<i64>(),
    ) {
        let asked = asked(Some(&header), now);
        let wait = wait(failures, asked, dice);
        let least = asked.unwrap_or(0).min(LONGEST_ASKED * 9 / 10);
        prop_assert!((least..=LONGEST_ASKED).contains(&wait), "{header:?}: {wait}");
    }
}

#[test]
fn fault_17_devices_that_are_turned_away_together_do_not_come_back_together() {
    for seconds in [10, 300, 900, 86_400] {
        let waits: std::collections::BTreeSet<i64> = (0..100)
            .map(|dice| spread(seconds * 1_000, dice * 7_919))
            .collect();
        let together = 100 - waits.len();
        assert!(
            together < 60 || seconds == 900,
            "{seconds} s: {together} at one time"
        );
    }
}

#[test]
fn fault_17_a_busy_backend_hears_nothing_at_all_before_the_time_it_asked_for() {
    let (mut engine, _) = Engine::ready(&[comment("a", 1)], Rules::default());
    let busy = answered("a", Answer::Later(Some(600_000)));
    assert_eq!(engine.at(1_000, busy), ["save a"]);
    let attempts = [
        Event::Queued(comment("b", 2)),
        Event::Network(false),
        Event::Network(true),
        Event::Retry("a".into()),
        Event::Refresh,
        Event::Identity(None),
        Event::Identity(Some("sato".into())),
        Event::Lead(None),
        Event::Lead(Some(2)),
    ];
    for (event, at) in attempts.into_iter().zip(2_000..) {
        let quiet = engine.at(at, event.clone());
        let asks = |line: &&String| line.starts_with("send") || line.starts_with("pull");
        assert_eq!(quiet.iter().find(asks), None, "{event:?}");
    }
    // The page is loaded anew, and the backend's wish is still known.
    let outbox = engine.state.outbox.clone();
    let (mut again, first) = Engine::ready(&outbox, Rules::default());
    assert_eq!(first, [""; 0]);
    assert_eq!(again.at(600_999, Event::Tick), [""; 0]);
    assert_eq!(again.at(601_000, Event::Tick), ["send a", "send b"]);
}

#[test]
fn fault_19_a_clock_that_is_set_back_by_a_day_stops_nothing() {
    const DAY: i64 = 86_400_000;
    let (mut engine, _) = Engine::ready(&[comment("a", 1)], Rules::default());
    engine.at(DAY, answered("a", Answer::Later(Some(300_000))));
    assert_eq!(engine.at(0, Event::Tick), ["send a"]);
}

fn comment(id: &str, at: i64) -> Operation {
    let what = What::AddComment {
        case: CaseRef::Known(format!("case of {id}")),
        text: id.into(),
    };
    Operation::new(id.into(), "sato", at, what)
}

fn answered(operation: &str, answer: Answer) -> Event {
    Event::Answered {
        operation: operation.into(),
        answer,
    }
}

/// One engine by itself, at chosen times and without chance.
struct Engine {
    state: State,
}

impl Engine {
    /// Leading, online, signed in and opened with an outbox, at time 0; and what it does at once.
    fn ready(outbox: &[Operation], rules: Rules) -> (Engine, Vec<String>) {
        let mut engine = Engine {
            state: State::default(),
        };
        engine.at(0, Event::Rules(rules));
        engine.at(0, Event::Lead(Some(1)));
        engine.at(0, Event::Network(true));
        engine.at(0, Event::Identity(Some("sato".into())));
        let outbox = outbox.to_vec();
        let first = engine.at(
            0,
            Event::Opened {
                outbox,
                cursor: None,
            },
        );
        (engine, first)
    }

    fn at(&mut self, now: i64, event: Event) -> Vec<String> {
        let moment = Moment { now, dice: 0 };
        let (state, effects) = step(std::mem::take(&mut self.state), moment, event);
        self.state = state;
        let shown = |effect: &Effect| match effect {
            Effect::Send { operation, .. } => Some(format!("send {}", operation.id)),
            Effect::Check { operation, .. } => Some(format!("check {}", operation.id)),
            Effect::Save(operation) => Some(format!("save {}", operation.id)),
            Effect::AskSignIn => Some("ask".into()),
            Effect::Renew => Some("renew".into()),
            _ => None,
        };
        effects.iter().filter_map(shown).collect()
    }
}

//! The engine against a backend and a device that do everything wrong that they can.
//!
//! A model of the world drives `step` through random stories: requests and answers get lost, come
//! twice or late, sign-ins end, networks come and go, the browser dies between any two effects, a
//! second person uses the device. After every event the promises of `core::sync` are checked, and
//! when the faults stop, everything must be done within a bounded number of rounds.
//!
//! The backend keeps its side of the contract: the same idempotency key gets the first answer.

use std::collections::{BTreeMap, BTreeSet};

use casement::core::sync::{
    Answer, CaseRef, Effect, Event, LINK, Moment, Operation, Progress, Pulled, State, What,
    put_behind, step,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sync::operation;

const PEOPLE: [&str; 2] = ["sato", "lin"];

/// Something that happens to the device, its person, its network or its backend. Numbers choose
/// among what there is at that moment.
#[derive(Clone, Debug)]
enum Happening {
    /// A case is sent off with some files, all made in one instant.
    NewCase {
        files: u8,
    },
    /// A comment on a case that exists, is on its way, or was just acknowledged.
    Comment {
        case: u8,
    },
    /// As [`Happening::Comment`], but a step in the life of that case is asked for.
    Acts {
        case: u8,
    },
    /// A contract is linked, which waits for nothing.
    Links,
    /// As [`Happening::Comment`], but the engine hears of it only later, if the device lives.
    CommentToldLater {
        case: u8,
    },
    /// What was stored and not told yet is told.
    Tell,
    /// A request arrives; its answer comes back, or is lost.
    Arrives {
        request: u8,
        answer: Outcome,
    },
    /// A request never arrives.
    Lost {
        request: u8,
    },
    /// A request whose sender is long gone arrives all the same.
    GhostArrives {
        ghost: u8,
    },
    /// A look for changes ends.
    Pulled(u8),
    /// Time passes.
    Later {
        seconds: u16,
    },
    /// The timer goes off.
    TimerRings,
    /// The network comes or goes; requests under way fail, some after having arrived.
    Network {
        there: bool,
        arrived: bool,
    },
    /// Someone signs in, or signs out.
    SignsIn {
        person: u8,
    },
    SignsOut,
    /// A person decides about an operation.
    Retries {
        operation: u8,
    },
    Discards {
        operation: u8,
    },
    /// The browser dies, while performing the effects of the next event.
    DiesAfter {
        effects: u8,
    },
    /// The browser dies and is opened again.
    Reopens {
        shuffle: u8,
    },
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Answered,
    AnswerLost,
    ArrivesTwice,
    Refused,
    SignedOut,
    Busy(u32),
}

/// A request on its way.
#[derive(Clone, Debug)]
struct Request {
    operation: Operation,
    case: Option<String>,
}

/// A record that an operation made at the backend.
#[derive(Clone, Debug)]
struct Effected {
    subject: String,
    case: String,
    made_at: i64,
    request: (What, Option<String>),
    record: Value,
}

#[derive(Default)]
struct World {
    // The device, as long as it lives.
    state: State,
    alive: bool,
    requests: Vec<Request>,
    pulls: Vec<Option<String>>,
    timer: Option<i64>,
    untold: Vec<Operation>,
    dies_after: Option<usize>,
    network: bool,
    person: Option<usize>,
    // What survives the device's death.
    store: BTreeMap<String, Operation>,
    cursor: Option<String>,
    // The world outside.
    now: i64,
    ghosts: Vec<Request>,
    done: BTreeMap<String, Effected>,
    order: BTreeMap<String, Vec<String>>,
    // What is true of all of it.
    made: BTreeMap<String, Operation>,
    discarded: BTreeSet<String>,
    told_late: BTreeSet<String>,
    acknowledged: BTreeSet<String>,
    asked: u32,
}

impl World {
    fn new() -> World {
        let mut world = World {
            now: 1_000,
            ..World::default()
        };
        world.opens(0);
        world.happens(&Happening::Network {
            there: true,
            arrived: false,
        });
        world.happens(&Happening::SignsIn { person: 0 });
        world
    }

    /// The browser opens the page: what was stored is read, in no particular order.
    fn opens(&mut self, shuffle: u8) {
        self.alive = true;
        self.state = State::default();
        let mut outbox: Vec<Operation> = self.store.values().cloned().collect();
        let turn = usize::from(shuffle) % outbox.len().max(1);
        outbox.rotate_left(turn);
        if !shuffle.is_multiple_of(2) {
            outbox.reverse();
        }
        let cursor = self.cursor.clone();
        self.tells(Event::Opened { outbox, cursor });
        self.tells(Event::Lead(Some(1)));
        self.tells(Event::Network(self.network));
        let subject = self.person.map(|person| PEOPLE[person].to_string());
        self.tells(Event::Identity(subject));
    }

    /// The browser dies; what it had sent may still arrive.
    fn dies(&mut self) {
        self.alive = false;
        self.ghosts.append(&mut self.requests);
        self.pulls.clear();
        self.untold.clear();
        self.timer = None;
        self.dies_after = None;
    }

    /// One step of the engine, and its effects, unless the browser dies in between.
    fn tells(&mut self, event: Event) {
        if !self.alive {
            return;
        }
        let moment = Moment {
            now: self.now,
            dice: (self.now as u32).wrapping_mul(2_654_435_761),
        };
        let (state, effects) = step(std::mem::take(&mut self.state), moment, event);
        self.state = state;
        self.timer = None;
        let survives = self.dies_after.take();
        for (count, effect) in effects.into_iter().enumerate() {
            if survives == Some(count) {
                break;
            }
            self.performs(effect);
        }
        if survives.is_some() {
            self.dies();
            self.opens(survives.unwrap_or(0) as u8);
        }
    }

    fn performs(&mut self, effect: Effect) {
        match effect {
            Effect::Send {
                operation, case, ..
            } => self.sends(operation, case),
            Effect::Check { .. } | Effect::Renew => {}
            Effect::Save(operation) => self.stores(operation),
            Effect::Acknowledge { operation, record } => {
                let at_backend = self
                    .done
                    .get(&operation.id)
                    .map(|effected| &effected.record);
                assert_eq!(
                    at_backend,
                    Some(&record),
                    "acknowledged is what the backend has"
                );
                self.acknowledged.insert(operation.id.clone());
                self.stores(operation);
            }
            Effect::Forget(operation) => {
                self.store.remove(&operation.id);
            }
            Effect::Pull(cursor) => {
                assert!(self.pulls.is_empty(), "one look for changes at a time");
                self.pulls.push(cursor);
            }
            Effect::AskSignIn => {
                self.asked += 1;
                self.person = None;
            }
            Effect::WakeAt(at) => self.timer = Some(at),
        }
    }

    /// The store replaces an operation only if it is still there: a save must not undo a removal.
    fn stores(&mut self, operation: Operation) {
        assert!(
            self.store.contains_key(&operation.id),
            "{} was stored first",
            operation.id
        );
        self.store.insert(operation.id.clone(), operation);
    }

    fn sends(&mut self, operation: Operation, case: Option<String>) {
        let original = &self.made[&operation.id];
        assert_eq!(
            operation.what, original.what,
            "an operation is the same every time"
        );
        assert_eq!(operation.subject, original.subject);
        assert_eq!(
            Some(&operation.subject),
            self.state.subject.as_ref(),
            "under its own account"
        );
        assert!(self.network, "not without network");
        assert!(
            !self.discarded.contains(&operation.id),
            "not after it was given up"
        );
        let twice = self
            .requests
            .iter()
            .any(|request| request.operation.id == operation.id);
        assert!(!twice, "{} is under way already", operation.id);
        assert!(
            !self.acknowledged.contains(&operation.id),
            "not after it was acknowledged"
        );
        self.requests.push(Request { operation, case });
    }

    /// The backend gets a request: it does it, or remembers that it did.
    fn backend_does(&mut self, request: &Request) -> Value {
        let id = &request.operation.id;
        let asked = (request.operation.what.clone(), request.case.clone());
        if let Some(effected) = self.done.get(id) {
            assert_eq!(
                effected.request, asked,
                "the same key means the same request"
            );
            return effected.record.clone();
        }
        let case = match (&request.case, &request.operation.what) {
            (Some(case), _) => case.clone(),
            (None, What::Act { .. }) => format!("contract of {id}"),
            (None, _) => format!("case of {id}"),
        };
        let record = match request.operation.what {
            What::CreateCase { .. } | What::Act { on: None, .. } => json!({ "id": case }),
            _ => {
                assert!(
                    self.case_exists(&case),
                    "{id} is sent to a case that exists: {case}"
                );
                json!({ "id": format!("record of {id}") })
            }
        };
        let effected = Effected {
            subject: request.operation.subject.clone(),
            case: case.clone(),
            made_at: request.operation.created_at,
            request: asked,
            record: record.clone(),
        };
        self.done.insert(id.clone(), effected);
        self.order.entry(case).or_default().push(id.clone());
        record
    }

    fn case_exists(&self, case: &str) -> bool {
        case.starts_with("old case of ") || self.order.contains_key(case)
    }

    /// Stores an operation as the page does before it tells the engine.
    fn makes(&mut self, what: What, at: i64) -> Operation {
        let number = self.made.len();
        // Ids are random, so their order says nothing about the order of making.
        let id = format!("{:02x}-{number}", (number * 151 + 77) % 256);
        let mut operation = operation(&id, at, what);
        operation.subject = PEOPLE[self.person.unwrap_or(0)].into();
        self.made.insert(id.clone(), operation.clone());
        self.store.insert(id, operation.clone());
        operation
    }

    /// A case one could comment on: an old one, one on its way, or one that was just acknowledged,
    /// of which the page may not know the id yet.
    fn some_case(&self, choice: u8) -> CaseRef {
        let subject = PEOPLE[self.person.unwrap_or(0)];
        let made: Vec<&Operation> = self
            .made
            .values()
            .filter(|one| matches!(one.what, What::CreateCase { .. }) && one.subject == subject)
            .filter(|one| !self.discarded.contains(&one.id))
            .collect();
        match made.get(usize::from(choice) % (made.len() + 1)) {
            Some(maker) if self.acknowledged.contains(&maker.id) && !choice.is_multiple_of(3) => {
                CaseRef::Known(self.done[&maker.id].case.clone())
            }
            Some(maker) => CaseRef::MadeBy(maker.id.clone()),
            None => CaseRef::Known(format!("old case of {subject}")),
        }
    }

    fn comments(&mut self, case: u8) -> Operation {
        self.now += 1;
        let case = self.some_case(case);
        let text = format!("comment {}", self.made.len());
        self.makes(What::AddComment { case, text }, self.now)
    }

    /// Asks for a step of a case, or of the account where there is none. The clock may stand still
    /// or be set back; the page gives it its place all the same.
    fn asks_for(&mut self, on: Option<CaseRef>) -> Operation {
        let action = if on.is_some() { "escalate" } else { LINK };
        let what = What::Act {
            on,
            action: action.into(),
            body: json!({ "number": self.made.len() }),
            title: "title".into(),
            before: Value::Null,
        };
        let id = self.makes(what, self.now).id;
        let made = [&mut self.made, &mut self.store];
        let latest = self.state.outbox.iter().map(|one| one.created_at).max();
        for place in made {
            if let Some(operation) = place.get_mut(&id) {
                put_behind(&self.state, latest.unwrap_or(0), operation);
            }
        }
        let made = self.made[&id].clone();
        self.now = self.now.max(made.created_at);
        made
    }

    fn answers(&mut self, request: &Request, answer: Answer) {
        let operation = request.operation.id.clone();
        self.tells(Event::Answered { operation, answer });
    }

    fn takes_request(&mut self, choice: u8) -> Option<Request> {
        let count = self.requests.len();
        (count > 0).then(|| self.requests.remove(usize::from(choice) % count))
    }

    fn some_operation(&self, choice: u8) -> Option<String> {
        let ids: Vec<&String> = self.state.outbox.iter().map(|one| &one.id).collect();
        (!ids.is_empty()).then(|| ids[usize::from(choice) % ids.len()].clone())
    }

    fn happens(&mut self, happening: &Happening) {
        match *happening {
            Happening::NewCase { files } => self.sends_off_a_case(files % 3),
            Happening::Comment { case } => {
                let comment = self.comments(case);
                self.tells(Event::Queued(comment));
            }
            Happening::Acts { case } => {
                let case = self.some_case(case);
                let asked = self.asks_for(Some(case));
                self.tells(Event::Queued(asked));
            }
            Happening::Links => {
                let asked = self.asks_for(None);
                self.tells(Event::Queued(asked));
            }
            Happening::CommentToldLater { case } => {
                let comment = self.comments(case);
                self.told_late.insert(comment.id.clone());
                self.untold.push(comment);
            }
            Happening::Tell => {
                for operation in std::mem::take(&mut self.untold) {
                    self.tells(Event::Queued(operation));
                }
            }
            Happening::Arrives { request, answer } => self.arrives(request, answer),
            Happening::Lost { request } => {
                if let Some(request) = self.takes_request(request) {
                    self.answers(&request, Answer::Later(None));
                }
            }
            Happening::GhostArrives { ghost } => {
                let count = self.ghosts.len();
                if count > 0 {
                    let ghost = self.ghosts.remove(usize::from(ghost) % count);
                    // A case that nobody made does not exist, not even for a ghost.
                    let makes = ghost.case.is_none();
                    if makes
                        || ghost
                            .case
                            .as_deref()
                            .is_some_and(|case| self.case_exists(case))
                    {
                        self.backend_does(&ghost);
                    }
                }
            }
            Happening::Pulled(outcome) => self.pulled(outcome),
            Happening::Later { seconds } => {
                self.now += i64::from(seconds) * 1_000;
                self.tells(Event::Tick);
            }
            Happening::TimerRings => self.timer_rings(),
            Happening::Network { there, arrived } => self.network_changes(there, arrived),
            Happening::SignsIn { person } => {
                self.person = Some(usize::from(person) % PEOPLE.len());
                let subject = self.person.map(|person| PEOPLE[person].to_string());
                self.tells(Event::Identity(subject));
            }
            Happening::SignsOut => {
                self.person = None;
                self.tells(Event::Identity(None));
            }
            Happening::Retries { operation } => {
                if let Some(id) = self.some_operation(operation) {
                    self.tells(Event::Retry(id));
                }
            }
            Happening::Discards { operation } => self.discards(operation),
            Happening::DiesAfter { effects } => self.dies_after = Some(usize::from(effects % 4)),
            Happening::Reopens { shuffle } => {
                self.dies();
                self.opens(shuffle);
            }
        }
        self.keeps_its_promises();
    }

    fn sends_off_a_case(&mut self, files: u8) {
        self.now += 1;
        let at = self.now;
        let what = What::CreateCase {
            draft: format!("draft {}", self.made.len()),
            title: "title".into(),
            body: json!({ "subject": self.made.len() }),
        };
        let case = self.makes(what, at);
        let mut operations = vec![case.clone()];
        for file in 0..files {
            let case = CaseRef::MadeBy(case.id.clone());
            let text = format!("file {file}");
            operations.push(self.makes(What::AddComment { case, text }, at));
        }
        for operation in operations {
            self.tells(Event::Queued(operation));
        }
    }

    fn arrives(&mut self, request: u8, outcome: Outcome) {
        let Some(request) = self.takes_request(request) else {
            return;
        };
        // What was done once is answered as the first time, whatever the backend thinks today.
        let done = self.done.contains_key(&request.operation.id);
        let answer = match outcome {
            Outcome::Refused if !done => Answer::Refused {
                code: "invalid".into(),
                detail: "no".into(),
            },
            Outcome::SignedOut => Answer::SignedOut,
            Outcome::Busy(asked) => Answer::Later(Some(i64::from(asked))),
            Outcome::AnswerLost => {
                self.backend_does(&request);
                Answer::Later(None)
            }
            Outcome::ArrivesTwice => {
                self.ghosts.push(request.clone());
                Answer::Accepted(self.backend_does(&request))
            }
            Outcome::Answered | Outcome::Refused => Answer::Accepted(self.backend_does(&request)),
        };
        self.answers(&request, answer);
    }

    fn pulled(&mut self, outcome: u8) {
        let Some(from) = self.pulls.pop() else {
            return;
        };
        assert_eq!(from, self.state.cursor, "from where the last look ended");
        let number = from
            .as_deref()
            .and_then(|cursor| cursor.parse::<u32>().ok())
            .unwrap_or(0);
        let pulled = match outcome % 8 {
            0 => Pulled::Later(None),
            1 => Pulled::Later(Some(i64::from(outcome) * 1_000)),
            2 => Pulled::SignedOut,
            3 => Pulled::FromTheStart,
            more => Pulled::Until {
                cursor: (number + u32::from(more % 2)).to_string(),
                more: more > 5,
            },
        };
        match &pulled {
            Pulled::Until { cursor, .. } => self.cursor = Some(cursor.clone()),
            Pulled::FromTheStart => self.cursor = None,
            Pulled::Later(_) | Pulled::SignedOut => {}
        }
        self.tells(Event::Pulled(pulled));
    }

    fn timer_rings(&mut self) {
        if let Some(at) = self.timer.take() {
            self.now = self.now.max(at);
            self.tells(Event::Tick);
        }
    }

    fn network_changes(&mut self, there: bool, arrived: bool) {
        self.network = there;
        self.tells(Event::Network(there));
        if !there {
            while let Some(request) = self.takes_request(0) {
                if arrived {
                    self.backend_does(&request);
                }
                self.answers(&request, Answer::Later(None));
            }
            if self.pulls.pop().is_some() {
                self.tells(Event::Pulled(Pulled::Later(None)));
            }
        }
    }

    fn discards(&mut self, choice: u8) {
        let Some(id) = self.some_operation(choice) else {
            return;
        };
        let before: BTreeSet<String> = self.state.outbox.iter().map(|one| one.id.clone()).collect();
        let allowed: BTreeSet<String> = self
            .made
            .values()
            .filter(|one| one.id == id || one.what.case() == Some(&CaseRef::MadeBy(id.clone())))
            .map(|one| one.id.clone())
            .collect();
        // What a person gave up counts as given up even if the browser dies before it is removed.
        self.dies_after = None;
        self.tells(Event::Discard(id));
        let after: BTreeSet<String> = self.state.outbox.iter().map(|one| one.id.clone()).collect();
        for gone in before.difference(&after) {
            assert!(
                allowed.contains(gone) || self.acknowledged.contains(gone),
                "{gone} went along without being asked about"
            );
            if !self.acknowledged.contains(gone) {
                self.discarded.insert(gone.clone());
            }
        }
    }

    /// What must be true at any moment.
    fn keeps_its_promises(&self) {
        for id in self.made.keys() {
            let somewhere = self.store.contains_key(id)
                || self.acknowledged.contains(id)
                || self.discarded.contains(id);
            assert!(somewhere, "{id} was dropped");
        }
        for id in &self.acknowledged {
            assert!(
                self.done.contains_key(id),
                "{id} was acknowledged and not done"
            );
        }
        for (id, effected) in &self.done {
            assert_eq!(
                effected.subject, self.made[id].subject,
                "{id} under its own account"
            );
        }
        for (case, ids) in &self.order {
            let unique: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(unique.len(), ids.len(), "{case} has each effect once");
            // Of what was told late nobody can expect that it came first, and what was given up
            // may still have been on its way.
            let times: Vec<i64> = ids
                .iter()
                .filter(|id| !self.discarded.contains(*id) && !self.told_late.contains(*id))
                .map(|id| self.done[id].made_at)
                .collect();
            assert!(
                times.is_sorted(),
                "{case} got its operations in order: {ids:?}"
            );
        }
        let under_way = self
            .state
            .outbox
            .iter()
            .filter(|one| one.state == Progress::Sending);
        assert!(
            under_way.count() <= 4,
            "no more requests at once than a browser likes"
        );
    }

    /// The faults stop: everybody who made something signs in, and whatever needs a person gets
    /// one. Only the timer moves time, so a forgotten wake-up is a hang.
    fn everything_gets_done(&mut self) {
        self.dies_after = None;
        self.happens(&Happening::Tell);
        self.happens(&Happening::Network {
            there: true,
            arrived: false,
        });
        for person in 0..PEOPLE.len() as u8 {
            self.happens(&Happening::SignsIn { person });
            let own = |one: &&Operation| one.subject == PEOPLE[usize::from(person)];
            let own: Vec<Operation> = self.state.outbox.iter().filter(own).cloned().collect();
            for operation in own {
                self.tells(Event::Retry(operation.id));
            }
            let rounds = 3 * self.made.len() + 6;
            for _ in 0..rounds {
                let mut own = self.state.outbox.iter();
                let waits = |one: &Operation| {
                    let under_way = matches!(one.state, Progress::Waiting | Progress::Sending);
                    under_way && one.subject == PEOPLE[usize::from(person)]
                };
                if !own.any(waits) {
                    break;
                }
                while !self.requests.is_empty() {
                    self.happens(&Happening::Arrives {
                        request: 0,
                        answer: Outcome::Answered,
                    });
                }
                if let Some(from) = self.pulls.pop() {
                    let cursor = from.unwrap_or_else(|| "1".into());
                    self.tells(Event::Pulled(Pulled::Until {
                        cursor,
                        more: false,
                    }));
                }
                assert!(
                    self.timer.is_some(),
                    "there is always a next look for changes"
                );
                self.happens(&Happening::TimerRings);
            }
        }
        for operation in self.state.outbox.clone() {
            let case_missing = matches!(
                &operation.state,
                Progress::NeedsYou { code, .. } if code == "case_missing"
            );
            assert!(case_missing, "{operation:?} is stuck");
        }
        for id in self.made.keys() {
            let ended = self.acknowledged.contains(id)
                || self.discarded.contains(id)
                || self.state.outbox.iter().any(|one| one.id == *id);
            assert!(ended, "{id} has come to an end");
        }
    }
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::Answered),
        2 => Just(Outcome::AnswerLost),
        1 => Just(Outcome::ArrivesTwice),
        1 => Just(Outcome::Refused),
        1 => Just(Outcome::SignedOut),
        1 => prop_oneof![0u32..2_000, Just(u32::MAX)].prop_map(Outcome::Busy),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let any = any::<u8>;
    prop_oneof![
        4 => any().prop_map(|files| Happening::NewCase { files }),
        3 => any().prop_map(|case| Happening::Comment { case }),
        2 => any().prop_map(|case| Happening::Acts { case }),
        1 => Just(Happening::Links),
        1 => any().prop_map(|case| Happening::CommentToldLater { case }),
        1 => Just(Happening::Tell),
        8 => (any(), outcome())
            .prop_map(|(request, answer)| Happening::Arrives { request, answer }),
        2 => any().prop_map(|request| Happening::Lost { request }),
        2 => any().prop_map(|ghost| Happening::GhostArrives { ghost }),
        2 => any().prop_map(Happening::Pulled),
        2 => (0u16..1_000).prop_map(|seconds| Happening::Later { seconds }),
        3 => Just(Happening::TimerRings),
        2 => (proptest::bool::weighted(0.7), proptest::bool::ANY)
            .prop_map(|(there, arrived)| Happening::Network { there, arrived }),
        3 => prop_oneof![3 => Just(0u8), 1 => Just(1u8)]
            .prop_map(|person| Happening::SignsIn { person }),
        1 => Just(Happening::SignsOut),
        2 => any().prop_map(|operation| Happening::Retries { operation }),
        1 => any().prop_map(|operation| Happening::Discards { operation }),
        1 => any().prop_map(|effects| Happening::DiesAfter { effects }),
        1 => any().prop_map(|shuffle| Happening::Reopens { shuffle }),
    ]
}

proptest! {
    #![proptest_config(crate::support::tries(1_000))]

    #[test]
    fn whatever_goes_wrong_everything_is_done_once_in_order_and_nothing_is_lost(
        story in proptest::collection::vec(happening(), 0..60)
    ) {
        let mut world = World::new();
        for happening in &story {
            world.happens(happening);
        }
        world.everything_gets_done();
    }
}

#[test]
fn a_quiet_day_asks_for_nothing_and_leaves_nothing_behind() {
    let mut world = World::new();
    world.happens(&Happening::NewCase { files: 2 });
    world.happens(&Happening::Comment { case: 0 });
    world.everything_gets_done();
    assert!(world.store.is_empty());
    assert_eq!((world.asked, world.done.len()), (0, 4));
}

//! Several tabs of one account against one backend, with everything that can go wrong between them.
//!
//! Each tab is an engine of its own over one store with one lease. A tab performs what its engine
//! wants one job at a time, so that it can be frozen, die or lose its lease between any two of
//! them; requests and answers get lost, come twice or late; the backend forgets its keys; a second
//! person signs in. After every event the promises are checked, and when the faults stop,
//! everything has to come to its end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use casement::core::draft::DraftFile;
use casement::core::sync::lease::{Claim, Lease, RENEW, VALID, claim, holds};
use casement::core::sync::{
    Answer, CaseRef, Effect, Event, Moment, Operation, Progress, Pulled, Rules, State, What,
    put_behind, sort, step,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const TABS: usize = 3;
const PEOPLE: [&str; 2] = ["sato", "lin"];
const HOUR: i64 = 3_600_000;
/// How long the backend of this world remembers a key.
pub(crate) const KEY_LIFE: i64 = 24 * HOUR;
/// How late a request can still arrive: no connection lives longer.
const LATEST: i64 = 600_000;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Answered,
    /// It is done, and nobody hears of it.
    AnswerLost,
    NeverArrives,
    /// As if it never arrived; it does so later.
    Late,
    Refused,
    Conflict,
    SignedOut,
    /// Not now, and not before so many milliseconds.
    Busy(i64),
}

/// Something that happens. Numbers choose among what there is at that moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happening {
    NewCase {
        tab: u8,
        files: u8,
    },
    Comment {
        tab: u8,
        case: u8,
    },
    Acts {
        tab: u8,
        case: u8,
    },
    /// A tab does the next thing that it has to do with the store.
    Works {
        tab: u8,
    },
    Request {
        tab: u8,
        choice: u8,
        fate: Fate,
    },
    LateArrives(u8),
    Looks {
        tab: u8,
    },
    Tends {
        tab: u8,
    },
    Freezes {
        tab: u8,
    },
    Thaws {
        tab: u8,
    },
    Dies {
        tab: u8,
    },
    LosesLock,
    Later {
        seconds: u32,
    },
    Ticks {
        tab: u8,
    },
    Network(bool),
    SignsIn(u8),
    Pauses {
        tab: u8,
        choice: u8,
    },
    Retries {
        tab: u8,
        choice: u8,
    },
    Discards {
        tab: u8,
        choice: u8,
    },
}

#[derive(Clone)]
struct Request {
    operation: Operation,
    case: Option<String>,
    looks: bool,
    sent_at: i64,
}

#[allow(
    clippy::large_enum_variant,
    reason = "there are few at a time, and none outside the test"
)]
enum Job {
    Keep(Effect, Option<u64>, i64),
    Look,
    Lead(u64),
}

#[derive(Default)]
struct Tab {
    holder: String,
    state: State,
    frozen: bool,
    jobs: VecDeque<Job>,
    requests: Vec<Request>,
    wake: Option<i64>,
    tend_at: i64,
    last_made: i64,
    /// Until when the backend asked this tab for quiet.
    quiet: i64,
}

/// The world; see the module's header.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) now: i64,
    tabs: Vec<Tab>,
    lock: Option<usize>,
    network: bool,
    person: usize,
    born: u32,
    // The store, which all tabs share.
    store: BTreeMap<String, Operation>,
    lease: Option<Lease>,
    // The backend.
    late: Vec<Request>,
    keys: BTreeMap<String, (i64, Value)>,
    /// Every effect in its order: the operation and its case.
    effects: Vec<(String, String)>,
    records: BTreeMap<String, Value>,
    can_look: bool,
    // What is true of all of it.
    made: BTreeMap<String, (Operation, usize)>,
    /// The place of each operation among all that were made.
    order: BTreeMap<String, usize>,
    discarded: BTreeSet<String>,
    acknowledged: BTreeSet<String>,
    pub(crate) requests_seen: u32,
}

impl World {
    /// All tabs open, the first one leading.
    pub(crate) fn new() -> World {
        let mut world = World {
            now: 1_000_000,
            network: true,
            can_look: true,
            tabs: (0..TABS).map(|_| Tab::default()).collect(),
            ..World::default()
        };
        for tab in 0..TABS {
            world.opens(tab);
            world.works_all(tab);
        }
        world
    }

    fn opens(&mut self, tab: usize) {
        self.born += 1;
        self.tabs[tab] = Tab {
            holder: format!("tab {}", self.born),
            ..Tab::default()
        };
        let outbox = self.store.values().cloned().collect();
        self.tells(
            tab,
            Event::Rules(Rules {
                key_life: KEY_LIFE,
                renews: false,
            }),
        );
        self.tells(
            tab,
            Event::Opened {
                outbox,
                cursor: None,
            },
        );
        self.tells(tab, Event::Network(self.network));
        let subject = Some(PEOPLE[self.person].to_string());
        self.tells(tab, Event::Identity(subject));
        let alone = self.lock.is_none();
        if alone {
            self.lock = Some(tab);
        }
        self.tends(tab, alone);
    }

    fn dies(&mut self, tab: usize) {
        let requests = std::mem::take(&mut self.tabs[tab].requests);
        self.late.extend(requests);
        if self.lock == Some(tab) {
            self.lock = None;
        }
        self.opens(tab);
        if self.lock.is_none() {
            self.lock_goes_on();
        }
    }

    /// The browser gives the lock to a tab that waits for it.
    fn lock_goes_on(&mut self) {
        let next = (0..TABS).find(|tab| !self.tabs[*tab].frozen);
        self.lock = next;
        if let Some(tab) = next {
            self.tends(tab, true);
        }
    }

    fn tells(&mut self, tab: usize, event: Event) {
        self.tells_as(tab, event, false);
    }

    fn tells_as(&mut self, tab: usize, event: Event, wished: bool) {
        let moment = Moment {
            now: self.now,
            dice: (self.now as u32).wrapping_mul(2_654_435_761),
        };
        if let Event::Answered {
            answer: Answer::Later(Some(asked)),
            ..
        } = &event
        {
            let quiet = self.now + (*asked).clamp(0, 810_000);
            self.tabs[tab].quiet = self.tabs[tab].quiet.max(quiet);
        }
        let state = std::mem::take(&mut self.tabs[tab].state);
        let (state, effects) = step(state, moment, event);
        self.tabs[tab].state = state;
        self.tabs[tab].wake = None;
        for effect in effects {
            let fence = self.tabs[tab].state.fence;
            match effect {
                Effect::Send { fence, .. } | Effect::Check { fence, .. } => {
                    assert!(
                        self.now >= self.tabs[tab].quiet,
                        "not before the time asked for"
                    );
                    assert!(self.network, "not without network");
                    self.tabs[tab]
                        .jobs
                        .push_back(Job::Keep(effect, Some(fence), self.now));
                }
                Effect::WakeAt(at) => self.tabs[tab].wake = Some(at),
                Effect::Pull(_) => {
                    // Looking for changes is a world of its own; here it finds none.
                    let pulled = Pulled::Until {
                        cursor: "1".into(),
                        more: false,
                    };
                    self.tells(tab, Event::Pulled(pulled));
                }
                Effect::AskSignIn | Effect::Renew => {}
                kept => {
                    let fence = fence.filter(|_| !wished);
                    self.tabs[tab]
                        .jobs
                        .push_back(Job::Keep(kept, fence, self.now));
                }
            }
        }
    }

    // What browser::runtime does, in the same steps.

    fn tends(&mut self, tab: usize, alone: bool) {
        self.tabs[tab].tend_at = self.now + RENEW;
        match claim(self.lease.as_ref(), &self.tabs[tab].holder, self.now, alone) {
            Claim::Held(lease) => {
                let fence = lease.fence;
                self.lease = Some(lease);
                if self.tabs[tab].state.fence != Some(fence) {
                    self.tells(tab, Event::Lead(None));
                    self.forgets(tab);
                    self.tabs[tab].jobs.push_back(Job::Lead(fence));
                }
            }
            Claim::Busy(until) => {
                self.tabs[tab].tend_at = until;
                self.steps_down(tab);
            }
        }
    }

    fn steps_down(&mut self, tab: usize) {
        if self.tabs[tab].state.fence.is_some() {
            self.tells(tab, Event::Lead(None));
            self.forgets(tab);
            self.tabs[tab].jobs.push_back(Job::Look);
            if self.lock == Some(tab) {
                self.lock = None;
                let holder = self.lease.as_ref().map(|lease| lease.holder.clone());
                self.lock =
                    (0..TABS).find(|other| Some(&self.tabs[*other].holder) == holder.as_ref());
            }
        }
    }

    fn forgets(&mut self, tab: usize) {
        self.tabs[tab].jobs.retain(|job| match job {
            Job::Keep(_, Some(_), _) | Job::Lead(_) => false,
            Job::Keep(Effect::Forget(operation), None, _) => !operation.is_done(),
            Job::Keep(_, None, _) | Job::Look => true,
        });
    }

    /// The next job of a tab; whether there was one.
    fn works(&mut self, tab: usize) -> bool {
        let Some(job) = self.tabs[tab].jobs.pop_front() else {
            return false;
        };
        match job {
            Job::Look | Job::Lead(_) if self.has_to_keep(tab) => {
                self.tabs[tab].jobs.push_back(job);
            }
            Job::Look => self.looks_around(tab),
            Job::Lead(fence) => {
                self.looks_around(tab);
                self.tells(tab, Event::Lead(Some(fence)));
            }
            Job::Keep(effect, fence, decided) => {
                let is_late = !(0..VALID).contains(&(self.now - decided));
                let held = fence.is_none_or(|fence| holds(self.lease.as_ref(), fence));
                if held {
                    self.keeps(tab, effect, is_late);
                } else if self.tabs[tab].state.fence == fence {
                    self.steps_down(tab);
                }
            }
        }
        true
    }

    fn has_to_keep(&self, tab: usize) -> bool {
        let jobs = &self.tabs[tab].jobs;
        jobs.iter().any(|job| matches!(job, Job::Keep(..)))
    }

    pub(crate) fn works_all(&mut self, tab: usize) {
        while self.works(tab) {}
    }

    fn keeps(&mut self, tab: usize, effect: Effect, is_late: bool) {
        match effect {
            Effect::Send { operation, .. } | Effect::Check { operation, .. } if is_late => {
                let operation = operation.id;
                let answer = Answer::Stopped;
                self.tells(tab, Event::Answered { operation, answer });
            }
            Effect::Save(operation) => self.updates(operation),
            Effect::Acknowledge { operation, record } => {
                assert_eq!(
                    self.records.get(&operation.id),
                    Some(&record),
                    "acknowledged is what the backend has"
                );
                self.acknowledged.insert(operation.id.clone());
                self.store.insert(operation.id.clone(), operation);
            }
            Effect::Forget(operation) => {
                self.store.remove(&operation.id);
            }
            Effect::Send {
                operation, case, ..
            } => self.goes_out(tab, operation, case, false),
            Effect::Check {
                operation, case, ..
            } => self.goes_out(tab, operation, case, true),
            _ => {}
        }
    }

    fn updates(&mut self, operation: Operation) {
        if self.store.contains_key(&operation.id) {
            self.store.insert(operation.id.clone(), operation);
        }
    }

    fn goes_out(&mut self, tab: usize, operation: Operation, case: Option<String>, looks: bool) {
        self.updates(operation.clone());
        let (original, _) = &self.made[&operation.id];
        assert_eq!(operation.what, original.what, "the same every time");
        assert_eq!(operation.subject, original.subject);
        self.requests_seen += 1;
        let sent_at = self.now;
        self.tabs[tab].requests.push(Request {
            operation,
            case,
            looks,
            sent_at,
        });
    }

    fn looks_around(&mut self, tab: usize) {
        let mut stored: Vec<Operation> = self.store.values().cloned().collect();
        sort(&mut stored);
        if self.tabs[tab].state.fence.is_none() {
            self.tabs[tab].state.outbox.clear();
            return self.tells(
                tab,
                Event::Opened {
                    outbox: stored,
                    cursor: None,
                },
            );
        }
        for known in self.tabs[tab].state.outbox.clone() {
            let found = self.store.get(&known.id).map(|one| one.state.clone());
            match (&known.state, found) {
                (_, None) => self.tells(tab, Event::Gone(known.id)),
                (Progress::NeedsYou { .. } | Progress::Paused, Some(Progress::Waiting)) => {
                    self.tells(tab, Event::Retry(known.id));
                }
                (Progress::Waiting | Progress::Sending, Some(Progress::Paused)) => {
                    self.tells(tab, Event::Pause(known.id));
                }
                _ => {}
            }
        }
        for operation in stored {
            self.tells(tab, Event::Queued(operation));
        }
    }

    // The backend.

    fn does(&mut self, request: &Request) -> Value {
        let id = &request.operation.id;
        if let Some((at, record)) = self.keys.get(id)
            && self.now - at < KEY_LIFE
        {
            return record.clone();
        }
        let case = match &request.case {
            Some(case) => case.clone(),
            None => format!("case of {id}"),
        };
        let record = match request.operation.what {
            What::CreateCase { .. } => json!({ "id": case }),
            _ => json!({ "id": format!("record of {id}") }),
        };
        self.effects.push((id.clone(), case));
        self.records.insert(id.clone(), record.clone());
        self.keys.insert(id.clone(), (self.now, record.clone()));
        record
    }

    fn meets_its_fate(&mut self, tab: usize, choice: u8, fate: Fate) {
        let count = self.tabs[tab].requests.len();
        if count == 0 {
            return;
        }
        let request = self.tabs[tab].requests.remove(usize::from(choice) % count);
        // The session is the browser's: whoever signed in last is who sends, and a request that
        // carries the mark of another session is turned away.
        let own = request.operation.subject == PEOPLE[self.person];
        let operation = request.operation.id.clone();
        let answer = match fate {
            _ if self.now - request.sent_at > LATEST => Answer::Later(None),
            Fate::NeverArrives => Answer::Later(None),
            _ if !own => Answer::SignedOut,
            Fate::SignedOut => Answer::SignedOut,
            Fate::Busy(asked) => Answer::Later(Some(asked)),
            _ if request.looks => {
                let found = self
                    .records
                    .get(&operation)
                    .cloned()
                    .filter(|_| self.can_look);
                let certain = self.can_look;
                return self.tells(
                    tab,
                    Event::Checked {
                        operation,
                        found,
                        certain,
                    },
                );
            }
            Fate::Late => {
                self.late.push(request);
                Answer::Later(None)
            }
            Fate::Refused | Fate::Conflict if !self.records.contains_key(&operation) => {
                match fate {
                    Fate::Refused => Answer::Refused {
                        code: "invalid".into(),
                        detail: String::new(),
                    },
                    _ => Answer::Conflict {
                        theirs: Some(json!({ "version": "9" })),
                    },
                }
            }
            Fate::AnswerLost => {
                self.does(&request);
                Answer::Later(None)
            }
            Fate::Answered | Fate::Refused | Fate::Conflict => {
                Answer::Accepted(self.does(&request))
            }
        };
        self.tells(tab, Event::Answered { operation, answer });
    }

    fn late_arrives(&mut self, choice: u8) {
        let latest = self.now - LATEST;
        self.late
            .retain(|request| request.sent_at >= latest && !request.looks);
        let count = self.late.len();
        if count > 0 {
            let request = self.late.remove(usize::from(choice) % count);
            if request.operation.subject == PEOPLE[self.person] {
                self.does(&request);
            }
        }
    }

    // People.

    fn makes(&mut self, tab: usize, what: What) -> Operation {
        self.now += 1;
        let number = self.made.len();
        // Ids are random, so their order says nothing about the order of making.
        let id = format!("{:02x}-{number}", (number * 151 + 77) % 256);
        let mut made = Operation::new(id.clone(), PEOPLE[self.person], self.now, what);
        put_behind(&self.tabs[tab].state, self.tabs[tab].last_made, &mut made);
        self.tabs[tab].last_made = made.created_at;
        self.made.insert(id.clone(), (made.clone(), tab));
        self.order.insert(id.clone(), number);
        self.store.insert(id, made.clone());
        self.tells(tab, Event::Queued(made.clone()));
        made
    }

    fn some_case(&self, tab: usize, choice: u8) -> CaseRef {
        let own = |one: &&Operation| {
            one.subject == PEOPLE[self.person] && matches!(one.what, What::CreateCase { .. })
        };
        let seen: Vec<&Operation> = self.tabs[tab].state.outbox.iter().filter(own).collect();
        match seen.get(usize::from(choice) % (seen.len() + 1)) {
            Some(maker) => CaseRef::MadeBy(maker.id.clone()),
            None => CaseRef::Known(format!("old case of {}", PEOPLE[self.person])),
        }
    }

    fn some_operation(&self, tab: usize, choice: u8) -> Option<String> {
        let outbox = &self.tabs[tab].state.outbox;
        let place = usize::from(choice).checked_rem(outbox.len())?;
        Some(outbox[place].id.clone())
    }

    fn discards(&mut self, tab: usize, choice: u8) {
        let Some(id) = self.some_operation(tab, choice) else {
            return;
        };
        let known = |world: &World| -> BTreeSet<String> {
            let outbox = &world.tabs[tab].state.outbox;
            outbox.iter().map(|one| one.id.clone()).collect()
        };
        let before = known(self);
        self.tells_as(tab, Event::Discard(id), true);
        let after = known(self);
        self.discarded.extend(before.difference(&after).cloned());
        self.works_all(tab);
    }

    pub(crate) fn happens(&mut self, happening: Happening) {
        let of = |tab: u8| usize::from(tab) % TABS;
        match happening {
            Happening::Thaws { tab } => {
                self.tabs[of(tab)].frozen = false;
                // A timer that should have rung long ago rings first.
                if self.tabs[of(tab)].tend_at <= self.now {
                    self.tends(of(tab), false);
                }
            }
            Happening::Freezes { tab } => self.tabs[of(tab)].frozen = true,
            Happening::Dies { tab } => self.dies(of(tab)),
            Happening::LosesLock => self.lock_goes_on(),
            Happening::LateArrives(choice) => self.late_arrives(choice),
            Happening::Later { seconds } => self.now += i64::from(seconds) * 1_000,
            Happening::Network(there) => {
                self.network = there;
                for tab in 0..TABS {
                    self.tells(tab, Event::Network(there));
                    if !there {
                        self.tabs[tab].jobs.retain(|job| {
                            !matches!(
                                job,
                                Job::Keep(Effect::Send { .. } | Effect::Check { .. }, ..)
                            )
                        });
                    }
                }
                if !there {
                    // What could not go out any more is answered as what fails on its way.
                    for tab in 0..TABS {
                        self.late.append(&mut self.tabs[tab].requests);
                        let under_way: Vec<String> =
                            self.tabs[tab].state.under_way.keys().cloned().collect();
                        for operation in under_way {
                            let answer = Answer::Later(None);
                            self.tells(tab, Event::Answered { operation, answer });
                        }
                    }
                }
            }
            Happening::SignsIn(person) => {
                self.person = usize::from(person) % PEOPLE.len();
                for tab in 0..TABS {
                    let subject = Some(PEOPLE[self.person].to_string());
                    self.tells(tab, Event::Identity(subject));
                }
            }
            Happening::NewCase { tab, .. }
            | Happening::Comment { tab, .. }
            | Happening::Acts { tab, .. }
            | Happening::Works { tab }
            | Happening::Request { tab, .. }
            | Happening::Looks { tab }
            | Happening::Tends { tab }
            | Happening::Ticks { tab }
            | Happening::Pauses { tab, .. }
            | Happening::Retries { tab, .. }
            | Happening::Discards { tab, .. } => {
                if !self.tabs[of(tab)].frozen {
                    self.happens_in(of(tab), happening);
                }
            }
        }
        self.keeps_its_promises();
    }

    fn happens_in(&mut self, tab: usize, happening: Happening) {
        match happening {
            Happening::NewCase { files, .. } => {
                let what = What::CreateCase {
                    draft: "draft".into(),
                    title: "title".into(),
                    body: json!({ "number": self.made.len() }),
                };
                let case = self.makes(tab, what);
                for _ in 0..files % 3 {
                    let case = CaseRef::MadeBy(case.id.clone());
                    let file = a_file(self.made.len());
                    self.makes(tab, What::Attach { case, file });
                }
            }
            Happening::Comment { case, .. } => {
                let case = self.some_case(tab, case);
                let text = format!("comment {}", self.made.len());
                self.makes(tab, What::AddComment { case, text });
            }
            Happening::Acts { case, .. } => {
                let on = Some(self.some_case(tab, case));
                let what = What::Act {
                    on,
                    action: "escalate".into(),
                    body: json!({ "number": self.made.len() }),
                    title: "title".into(),
                    before: Value::Null,
                };
                self.makes(tab, what);
            }
            Happening::Works { .. } => {
                self.works(tab);
            }
            Happening::Request { choice, fate, .. } => self.meets_its_fate(tab, choice, fate),
            Happening::Looks { .. } => self.tabs[tab].jobs.push_back(Job::Look),
            Happening::Tends { .. } => self.tends(tab, false),
            Happening::Ticks { .. } => self.tells(tab, Event::Tick),
            Happening::Pauses { choice, .. } => {
                if let Some(id) = self.some_operation(tab, choice) {
                    self.tells_as(tab, Event::Pause(id), true);
                }
            }
            Happening::Retries { choice, .. } => {
                if let Some(id) = self.some_operation(tab, choice) {
                    self.retries(tab, &id);
                }
            }
            Happening::Discards { choice, .. } => self.discards(tab, choice),
            _ => {}
        }
    }

    /// A person who is asked to look whether something has arrived looks first.
    fn retries(&mut self, tab: usize, id: &str) {
        let outbox = &self.tabs[tab].state.outbox;
        let asked_to_look = outbox.iter().any(|one| {
            one.id == id
                && matches!(&one.state, Progress::NeedsYou { code, .. } if code == "needs_check")
        });
        if asked_to_look && self.records.contains_key(id) {
            self.acknowledged.insert(id.into());
            self.tells_as(tab, Event::Discard(id.into()), true);
        } else {
            self.tells_as(tab, Event::Retry(id.into()), true);
        }
    }

    /// What must be true at any moment.
    pub(crate) fn keeps_its_promises(&self) {
        for id in self.made.keys() {
            let somewhere = self.store.contains_key(id)
                || self.acknowledged.contains(id)
                || self.discarded.contains(id);
            assert!(somewhere, "{id} was dropped");
        }
        for id in &self.acknowledged {
            assert!(
                self.records.contains_key(id),
                "{id} was acknowledged and not done"
            );
        }
        let mut once = BTreeSet::new();
        for (id, case) in &self.effects {
            assert!(once.insert(id), "{id} was done twice");
            let (made, _) = &self.made[id];
            if let Some(person) = case.strip_prefix("old case of ") {
                assert_eq!(made.subject, person, "never another account's effect");
            }
        }
        for tab in &self.tabs {
            assert!(
                tab.state.under_way.len() <= 4,
                "no more at once than a browser likes"
            );
        }
        self.keeps_the_order();
    }

    /// On each case, what one tab made comes in the order in which it was made there; files go
    /// side by side, and only steps of the case wait for them.
    fn keeps_the_order(&self) {
        for (later, (id, case)) in self.effects.iter().enumerate() {
            let (made, tab) = &self.made[id];
            let waits_for_files = matches!(made.what, What::Act { .. });
            for (other, of) in &self.effects[later + 1..] {
                let (behind, its_tab) = &self.made[other];
                if of != case || its_tab != tab || self.discarded.contains(other) {
                    continue;
                }
                let free = matches!(behind.what, What::Attach { .. }) && !waits_for_files;
                let in_order = self.order[id] < self.order[other];
                assert!(in_order || free, "{other} came behind {id} on {case}");
            }
        }
    }

    /// The faults stop, and each person sees to what needs one; only the timers move time.
    pub(crate) fn everything_gets_done(&mut self) {
        self.can_look = true;
        for tab in 0..TABS {
            self.happens(Happening::Thaws { tab: tab as u8 });
        }
        self.happens(Happening::Network(true));
        for person in 0..PEOPLE.len() {
            self.happens(Happening::SignsIn(person as u8));
            for _ in 0..(4 * self.made.len() + 200) {
                self.settles();
                if !self.own(person).any(|one| !is_lost(one)) {
                    break;
                }
                self.sees_to_it(person);
                let next = |tab: &Tab| tab.wake.unwrap_or(i64::MAX).min(tab.tend_at);
                let at = self.tabs.iter().map(next).min();
                self.now = self.now.max(at.unwrap_or(self.now));
                for tab in 0..TABS {
                    if self.tabs[tab].tend_at <= self.now {
                        self.tends(tab, false);
                    }
                    self.tells(tab, Event::Tick);
                }
                self.keeps_its_promises();
            }
            let stuck: Vec<&Operation> = self.own(person).filter(|one| !is_lost(one)).collect();
            assert!(stuck.is_empty(), "stuck: {stuck:?}");
        }
    }

    fn own(&self, person: usize) -> impl Iterator<Item = &Operation> {
        let own = move |one: &&Operation| one.subject == PEOPLE[person];
        self.store.values().filter(own)
    }

    fn settles(&mut self) {
        loop {
            let mut any = false;
            for tab in 0..TABS {
                while self.works(tab) {
                    any = true;
                }
                while !self.tabs[tab].requests.is_empty() {
                    any = true;
                    self.meets_its_fate(tab, 0, Fate::Answered);
                }
            }
            if !any {
                return;
            }
        }
    }

    fn sees_to_it(&mut self, person: usize) {
        let waits = |one: &&Operation| {
            matches!(one.state, Progress::NeedsYou { .. } | Progress::Paused) && !is_lost(one)
        };
        let ids: Vec<String> = self
            .own(person)
            .filter(waits)
            .map(|one| one.id.clone())
            .collect();
        for tab in 0..TABS {
            self.tabs[tab].jobs.push_back(Job::Look);
            self.works_all(tab);
        }
        for id in ids {
            self.retries(0, &id);
        }
        for tab in 0..TABS {
            self.works_all(tab);
            self.tabs[tab].jobs.push_back(Job::Look);
            self.works_all(tab);
        }
    }

    // What the tests of single faults ask.

    pub(crate) fn leads(&self, tab: usize) -> bool {
        self.tabs[tab].state.fence.is_some()
    }

    pub(crate) fn under_way(&self, tab: usize) -> usize {
        self.tabs[tab].requests.len()
    }

    pub(crate) fn cases(&self) -> usize {
        let made = |(id, case): &&(String, String)| *case == format!("case of {id}");
        self.effects.iter().filter(made).count()
    }

    pub(crate) fn effects(&self) -> usize {
        self.effects.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.store.is_empty()
    }

    pub(crate) fn state_of(&self, tab: usize) -> &State {
        &self.tabs[tab].state
    }

    pub(crate) fn next_look(&self, tab: usize) -> i64 {
        self.tabs[tab].tend_at
    }

    pub(crate) fn cannot_look(&mut self) {
        self.can_look = false;
    }

    /// A tab does everything that it has to do, and its requests meet the same fate.
    pub(crate) fn goes_on(&mut self, tab: usize, fate: Fate) {
        self.works_all(tab);
        while !self.tabs[tab].requests.is_empty() {
            self.meets_its_fate(tab, 0, fate);
            self.works_all(tab);
        }
        self.keeps_its_promises();
    }
}

fn a_file(number: usize) -> DraftFile {
    DraftFile {
        id: format!("file {number}"),
        name: "console.log".into(),
        size: 1,
        media_type: "text/plain".into(),
        chunks: 1,
        fingerprint: String::new(),
        sha256: String::new(),
    }
}

/// Waits for a case that was made while nobody who knows of it lives any more; a person is told.
fn is_lost(operation: &Operation) -> bool {
    matches!(&operation.state, Progress::NeedsYou { code, .. } if code == "case_missing")
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        5 => Just(Fate::Answered),
        3 => Just(Fate::AnswerLost),
        2 => Just(Fate::NeverArrives),
        2 => Just(Fate::Late),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Conflict),
        1 => Just(Fate::SignedOut),
        1 => prop_oneof![0i64..60_000, Just(i64::MAX), Just(-1)].prop_map(Fate::Busy),
    ]
}

/// Anything that can happen.
pub(crate) fn happening() -> impl Strategy<Value = Happening> {
    let tab = || 0..TABS as u8;
    let any = any::<u8>;
    prop_oneof![
        3 => (tab(), any()).prop_map(|(tab, files)| Happening::NewCase { tab, files }),
        4 => (tab(), any()).prop_map(|(tab, case)| Happening::Comment { tab, case }),
        1 => (tab(), any()).prop_map(|(tab, case)| Happening::Acts { tab, case }),
        14 => tab().prop_map(|tab| Happening::Works { tab }),
        10 => (tab(), any(), fate())
            .prop_map(|(tab, choice, fate)| Happening::Request { tab, choice, fate }),
        2 => any().prop_map(Happening::LateArrives),
        3 => tab().prop_map(|tab| Happening::Looks { tab }),
        3 => tab().prop_map(|tab| Happening::Tends { tab }),
        2 => tab().prop_map(|tab| Happening::Freezes { tab }),
        2 => tab().prop_map(|tab| Happening::Thaws { tab }),
        2 => tab().prop_map(|tab| Happening::Dies { tab }),
        1 => Just(Happening::LosesLock),
        4 => prop_oneof![6 => 0u32..120, 1 => 80_000u32..180_000]
            .prop_map(|seconds| Happening::Later { seconds }),
        4 => tab().prop_map(|tab| Happening::Ticks { tab }),
        1 => proptest::bool::weighted(0.8).prop_map(Happening::Network),
        1 => (0u8..2).prop_map(Happening::SignsIn),
        1 => (tab(), any()).prop_map(|(tab, choice)| Happening::Pauses { tab, choice }),
        2 => (tab(), any()).prop_map(|(tab, choice)| Happening::Retries { tab, choice }),
        1 => (tab(), any()).prop_map(|(tab, choice)| Happening::Discards { tab, choice }),
    ]
}

proptest! {
    #![proptest_config(crate::support::tries(1_200))]

    #[test]
    fn whatever_tabs_do_to_each_other_everything_is_done_once_in_order_by_its_own_account(
        story in proptest::collection::vec(happening(), 0..80)
    ) {
        let mut world = World::new();
        for happening in story {
            world.happens(happening);
        }
        world.everything_gets_done();
    }
}

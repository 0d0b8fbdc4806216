//! When things are due, for whatever shows it: the engine of `core::sla` with this browser's zones, the
//! deployment's public holidays and the backend's time.
//!
//! Zones and holidays are had when the first clock needs them, and only those it needs. Now moves on
//! each half minute while somebody looks, for all clocks at once. As long as a file of holidays is on
//! its way there is no time; when it doesn't come, the clock says so.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use leptos::prelude::set_interval_with_handle;
use leptos::task::spawn_local;

use super::dom::prelude::*;
use super::state::{App, Records};
use super::wiring::{load_json, while_there};
use crate::browser::page::listen;
use crate::browser::{clock, http, page, zones};
use crate::core::case::{Case, Comment};
use crate::core::due::{Known, facts_of_case, facts_of_draft, history};
use crate::core::life::CLOSED;
use crate::core::policy::Policy;
use crate::core::sla::Trouble;
use crate::core::sla::calendar::{Calendar, Holidays};
use crate::core::sla::clocks::{
    Basis, Calendars, Clock, Selection, State, What, business_hours, clocks, select,
};
use crate::core::sla::explain::{Explanation, explain};
use crate::core::sla::history::{Event, Mark};
use crate::core::sla::server::offset;
use crate::core::sla::terms::{Facts, Promise, Target, read_holidays};

/// How often now moves on.
const TICK: Duration = Duration::from_secs(30);
/// How far apart two looks at the backend's clock may be and still speak of the same local clock.
const SAME_CLOCK: i64 = 2_000;

/// The handles of the clocks of a portal.
#[derive(Clone, Copy)]
pub struct Clocks {
    /// Now, by the backend's clock.
    now: RwSignal<i64>,
    /// Rises when a file of holidays has come or has not.
    files: RwSignal<u32>,
    /// Whether anybody wants to know what is due of all cases.
    asked: RwSignal<bool>,
    kept: StoredValue<Kept, LocalStorage>,
}

#[derive(Default)]
struct Kept {
    holidays: Vec<(String, File)>,
    engines: Vec<Engine>,
}

/// A file of public holidays.
enum File {
    OnItsWay,
    Missing,
    Here(Holidays),
}

/// The calendars of a policy, as far as they were needed.
struct Engine {
    policy: String,
    /// The calendars that are built, by their place in the policy, in order.
    wanted: Vec<usize>,
    files: u32,
    calendars: Arc<Calendars>,
}

/// The clocks of a draft or a case at an instant.
pub struct Board {
    /// The policy they follow.
    pub policy: Arc<Policy>,
    /// Its calendars.
    pub calendars: Arc<Calendars>,
    /// What the draft or case is.
    pub facts: Facts,
    /// What happened.
    pub history: Vec<Event>,
    /// Now, by the backend's clock.
    pub now: i64,
    /// The clocks, in the order of the policy's targets.
    pub clocks: Vec<Clock>,
}

/// A board as a memo holds it: each is another one.
#[derive(Clone)]
pub struct Shown(pub Option<Arc<Board>>);

impl PartialEq for Shown {
    fn eq(&self, other: &Shown) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }
}

/// What a clock of a board is called in lists: what it is about, and of what.
pub type Name = (&'static str, String);

impl Board {
    /// The target that a clock follows.
    pub fn target(&self, clock: &Clock) -> Option<&Target> {
        self.policy.sla.targets.get(clock.target)
    }

    /// The names of the clocks, in order.
    pub fn names(&self) -> Vec<Name> {
        let name = |clock| self.name(clock);
        self.clocks.iter().map(name).collect()
    }

    fn name(&self, clock: &Clock) -> Name {
        let of = self.target(clock).map(|target| target.of.clone());
        (clock.what.word(), of.unwrap_or_default())
    }

    /// The clock of a name.
    pub fn clock(&self, name: &Name) -> Option<&Clock> {
        self.clocks.iter().find(|clock| self.name(clock) == *name)
    }

    /// The calculation of a clock.
    pub fn why(&self, clock: &Clock) -> Option<Explanation> {
        let sla = &self.policy.sla;
        explain(sla, &self.calendars, clock, &self.history, self.now).ok()
    }

    /// The desk's calendar that a clock is counted on; none for one that never stops.
    pub fn calendar(&self, clock: &Clock) -> Option<&Calendar> {
        self.calendars.of(clock.basis).ok().flatten()
    }

    /// What is due next of what somebody has to do.
    pub fn next(&self) -> Option<&Clock> {
        let due = |clock: &&Clock| {
            is_work(clock) && self.target(clock).is_some_and(|one| is_firm(one.promise))
        };
        let open = self.clocks.iter().filter(due);
        open.min_by_key(|clock| clock.due.map_or(i64::MAX, |due| due.at))
    }
}

fn is_work(clock: &Clock) -> bool {
    let running = matches!(clock.state, State::Running | State::Missed);
    let of_a_case = !matches!(
        clock.what,
        What::Reopen | What::Expiry | What::Centre | What::Fix
    );
    running && of_a_case && clock.stopped.is_none() && clock.due.is_some()
}

/// Whether it can be overdue: a hope can't.
fn is_firm(promise: Promise) -> bool {
    matches!(promise, Promise::Target | Promise::Limit)
}

/// Starts the clocks of a portal; they stop with the current owner.
pub fn start(app: App) -> Clocks {
    let clocks = Clocks {
        now: RwSignal::new(server_now()),
        files: RwSignal::new(0),
        asked: RwSignal::new(false),
        kept: StoredValue::new_local(Kept::default()),
    };
    app.clocks.set_value(Some((clocks, dues(app, clocks))));
    let tick = move || {
        if !page::is_hidden() {
            clocks.now.set(server_now());
        }
    };
    if let Ok(handle) = set_interval_with_handle(tick, TICK) {
        on_cleanup(move || handle.clear());
    }
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        let listener = listen(&document, "visibilitychange", move |_| tick());
        let listener = StoredValue::new_local(listener);
        on_cleanup(move || listener.dispose());
    }
    clocks
}

/// The clocks of a portal.
pub fn of(app: App) -> Clocks {
    let started = app
        .clocks
        .with_value(|clocks| clocks.map(|(clocks, _)| clocks));
    started.unwrap_or_else(|| start(app))
}

/// Now by the backend's clock, as far as it has told its time.
pub fn server_now() -> i64 {
    let mut samples = http::samples();
    let ahead = |one: &crate::core::sla::server::Sample| one.date - one.received;
    if let Some(latest) = samples.last().map(ahead) {
        // A local clock that was set since then makes the earlier looks worthless.
        let slack =
            |one: &crate::core::sla::server::Sample| SAME_CLOCK + (one.received - one.sent).max(0);
        samples.retain(|one| (ahead(one) - latest).abs() <= slack(one));
    }
    clock::now() + offset(&samples).unwrap_or(0)
}

impl Clocks {
    /// Now, by the backend's clock; whoever reads it is told when it moves on.
    pub fn now(self) -> i64 {
        self.now.get()
    }

    /// Has now move on at once, as for a page that has just been opened.
    pub fn refresh(self) {
        let now = server_now();
        if (now - self.now.get_untracked()).abs() > 500 {
            self.now.set(now);
        }
    }

    /// The clocks of a history; none while something is on its way that they need.
    pub fn board(
        self,
        app: App,
        policy: &Arc<Policy>,
        facts: Facts,
        history: Vec<Event>,
    ) -> Option<Board> {
        let now = self.now();
        let selection = select(&policy.sla, &facts);
        let calendars = self.calendars(app, policy, bases(policy, &selection))?;
        let clocks = clocks(&policy.sla, &calendars, &selection, &history, now);
        Some(Board {
            policy: policy.clone(),
            calendars,
            facts,
            history,
            now,
            clocks,
        })
    }

    /// The calendar of the business hours of cases of these facts: none while something is on its
    /// way; within it none where support never closes.
    pub fn hours<T>(
        self,
        app: App,
        policy: &Arc<Policy>,
        facts: &Facts,
        read: impl FnOnce(Result<Option<&Calendar>, Trouble>) -> T,
    ) -> Option<T> {
        let basis = business_hours(&policy.sla, facts);
        let calendars = self.calendars(app, policy, vec![basis])?;
        Some(read(calendars.of(basis)))
    }

    /// The calendars of a policy, of which those of `bases` are built.
    fn calendars(
        self,
        app: App,
        policy: &Arc<Policy>,
        bases: Vec<Basis>,
    ) -> Option<Arc<Calendars>> {
        let files = self.files.get();
        let mut wanted: Vec<usize> = bases
            .into_iter()
            .filter_map(|basis| match basis {
                Basis::Calendar(index) => Some(index),
                _ => None,
            })
            .collect();
        let terms = |index: &usize| policy.sla.calendars.get(*index);
        let sets = wanted.iter().filter_map(terms);
        let sets: Vec<String> = sets.flat_map(|one| one.holidays.iter().cloned()).collect();
        for id in &sets {
            self.ask_for(app, id);
        }
        let built = self.kept.with_value(|kept| {
            let on_its_way = |id: &String| {
                let found = kept.holidays.iter().find(|(known, _)| known == id);
                matches!(found, Some((_, File::OnItsWay)) | None)
            };
            if sets.iter().any(on_its_way) {
                return None;
            }
            let found = kept.engines.iter().find(|one| one.policy == policy.id);
            Some(found.map(|one| (one.files, one.wanted.clone(), one.calendars.clone())))
        })?;
        if let Some((then, had, calendars)) = built {
            if then == files && wanted.iter().all(|index| had.contains(index)) {
                return Some(calendars);
            }
            wanted.extend(had);
        }
        let calendars = Arc::new(self.build(policy, &wanted));
        let engine = Engine {
            policy: policy.id.clone(),
            wanted,
            files,
            calendars: calendars.clone(),
        };
        self.kept.update_value(|kept| {
            kept.engines.retain(|one| one.policy != engine.policy);
            kept.engines.push(engine);
        });
        Some(calendars)
    }

    fn build(self, policy: &Policy, wanted: &[usize]) -> Calendars {
        let names: Vec<&str> = wanted
            .iter()
            .filter_map(|index| policy.sla.calendars.get(*index))
            .map(|terms| terms.zone.as_str())
            .collect();
        let zone = &mut |name: &str| names.contains(&name).then(|| zones::zone(name)).flatten();
        self.kept.with_value(|kept| {
            let here = kept.holidays.iter().filter_map(|(_, file)| match file {
                File::Here(set) => Some(set.clone()),
                _ => None,
            });
            Calendars::new(&policy.sla, zone, &here.collect::<Vec<_>>())
        })
    }

    fn ask_for(self, app: App, id: &str) {
        let known = self
            .kept
            .with_value(|kept| kept.holidays.iter().any(|(known, _)| known == id));
        // A name that leads elsewhere is no file of the deployment.
        let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if known {
            return;
        }
        let id = id.to_string();
        let at_first = if plain { File::OnItsWay } else { File::Missing };
        self.kept
            .update_value(|kept| kept.holidays.push((id.clone(), at_first)));
        if !plain {
            return;
        }
        while_there(app, async move {
            let json = load_json(app, &format!("calendars/{id}.json")).await;
            let file = json.ok().map(|json| read_holidays(&json));
            let file = match file {
                Some((set, problems)) if problems.is_empty() && set.id == id => File::Here(set),
                _ => File::Missing,
            };
            // The portal may have been taken away in the meantime.
            self.kept.try_update_value(|kept| {
                if let Some((_, place)) = kept.holidays.iter_mut().find(|(known, _)| *known == id) {
                    *place = file;
                }
            });
            self.files.try_update(|files| *files += 1);
        });
    }
}

/// The clocks that cases of a selection may be counted on, at whatever severity.
fn bases(policy: &Policy, selection: &Selection) -> Vec<Basis> {
    let severities = policy.severities.iter().map(|one| one.id.as_str());
    let mut found: Vec<Basis> = Vec::new();
    for severity in severities.chain([""]) {
        for chosen in selection.at(severity) {
            if !found.contains(&chosen.basis) {
                found.push(chosen.basis);
            }
        }
    }
    found
}

/// The clocks of the open draft, as if it were sent now.
pub fn of_draft(app: App, policy: &Arc<Policy>) -> Memo<Shown> {
    let policy = policy.clone();
    let facts = Memo::new(move |_| {
        let facts = app.with_editor(|world, draft| {
            app.records
                .with(|records| facts_of_draft(world, draft, &records.assets))
        });
        FactsSeen(facts.unwrap_or_default())
    });
    let clocks = of(app);
    clocks.refresh();
    Memo::new(move |_| {
        let facts = facts.get().0;
        let history = vec![Event::new(clocks.now(), Mark::Created)];
        Shown(clocks.board(app, &policy, facts, history).map(Arc::new))
    })
}

/// Facts as a memo holds them.
#[derive(Clone)]
struct FactsSeen(Facts);

impl PartialEq for FactsSeen {
    fn eq(&self, other: &FactsSeen) -> bool {
        key(&self.0) == key(&other.0)
    }
}

fn key(facts: &Facts) -> [&str; 8] {
    [
        &facts.plan,
        &facts.level,
        &facts.severity,
        &facts.region,
        &facts.language,
        &facts.kind,
        &facts.product,
        &facts.country,
    ]
}

/// The records of a case that is looked up by its id.
fn known(records: &Records) -> Known<'_> {
    Known {
        account: &records.account,
        entitlements: &records.entitlements,
        customers: &records.customers,
        assets: &records.assets,
    }
}

/// The clocks of a case.
pub fn of_one(app: App, id: &str) -> Memo<Shown> {
    let id = id.to_string();
    let clocks = of(app);
    clocks.refresh();
    Memo::new(move |_| {
        let records = app.records.get();
        let found = records.cases.iter().find(|one| one.id == id);
        let board = found.and_then(|case| {
            let policy = app.policy(&case.policy)?;
            let comments = records.comments.iter().filter(|one| one.case_id == id);
            let comments: Vec<Comment> = comments.map(told).collect();
            let facts = facts_of_case(&policy, known(&records), case);
            let history = history(&policy, case, &comments);
            clocks.board(app, &policy, facts, history)
        });
        Shown(board.map(Arc::new))
    })
}

/// Who said something when, which is all that a clock needs to know.
fn told(comment: &Comment) -> Comment {
    Comment {
        case_id: comment.case_id.clone(),
        side: comment.side.clone(),
        created_at: comment.created_at,
        ..Comment::default()
    }
}

/// What of a case is due next.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// What, the end of the catalogue's key `sla.what.<word>`.
    pub what: &'static str,
    /// When.
    pub at: i64,
}

/// What is due next, by the id of each case that has something due.
#[derive(Clone, Default)]
pub struct Dues(Arc<HashMap<String, Next>>);

impl Dues {
    /// What is due next of a case; none if nothing is.
    pub fn get(&self, case: &str) -> Option<&Next> {
        self.0.get(case)
    }
}

impl PartialEq for Dues {
    /// To compare those of a hundred thousand cases one by one would be felt.
    fn eq(&self, other: &Dues) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What is due next of each case, computed once for all who show it, and first when somebody does.
pub fn of_all(app: App) -> Memo<Dues> {
    let clocks = of(app);
    if !clocks.asked.get_untracked() {
        clocks.asked.set(true);
    }
    let all = app.clocks.with_value(|clocks| clocks.map(|(_, all)| all));
    all.unwrap_or_else(|| dues(app, clocks))
}

/// How long is computed at once, in milliseconds: what a person does must not wait for it.
const SLICE: i64 = 10;
/// How much longer than computing takes it is left alone when only time has passed: with very many
/// cases each half minute would be too often.
const REST: i64 = 30;

/// Up to how many it is worth finding out whether anything is due at another time than before.
const FEW: usize = 2_000;

/// One computing of what is due of all cases, and the last one.
#[derive(Default)]
struct Pass {
    number: u32,
    records: Arc<Records>,
    files: u32,
    began: i64,
    ended: Option<i64>,
}

fn dues(app: App, clocks: Clocks) -> Memo<Dues> {
    let found = RwSignal::new(Dues::default());
    let last = StoredValue::new_local(Pass::default());
    Effect::new(move |_| {
        let (records, files) = (app.records.get(), clocks.files.get());
        clocks.now.get();
        if !clocks.asked.get() {
            return;
        }
        let now = clock::steady();
        let rests = last.with_value(|last| {
            let same = Arc::ptr_eq(&last.records, &records) && last.files == files;
            let until = last.ended.map(|ended| ended + REST * (ended - last.began));
            same && last.number > 0 && until.is_none_or(|until| now < until)
        });
        if rests {
            return;
        }
        let number = last.with_value(|last| last.number) + 1;
        last.set_value(Pass {
            number,
            records: records.clone(),
            files,
            began: now,
            ended: None,
        });
        let is_last = move || last.try_with_value(|last| last.number == number) == Some(true);
        let pass = async move {
            if let Some(dues) = all_dues(app, clocks, &records, is_last).await {
                last.update_value(|last| last.ended = Some(clock::steady()));
                let few = dues.len() < FEW;
                if !(few && found.with_untracked(|now: &Dues| *now.0 == dues)) {
                    found.set(Dues(Arc::new(dues)));
                }
            }
        };
        at_once(pass);
    });
    Memo::new(move |_| found.get())
}

/// Begins some work now instead of soon, so that what is done in one slice is there at once.
pub fn at_once(work: impl Future<Output = ()> + 'static) {
    let mut work = Box::pin(work);
    let mut context = Context::from_waker(Waker::noop());
    if work.as_mut().poll(&mut context).is_pending() {
        spawn_local(work);
    }
}

/// What is due of each case; nothing when it isn't the latest computing any more.
async fn all_dues(
    app: App,
    clocks: Clocks,
    records: &Records,
    is_last: impl Fn() -> bool,
) -> Option<HashMap<String, Next>> {
    let mut said: HashMap<&str, Vec<&Comment>> = HashMap::new();
    for one in records.comments.iter() {
        said.entry(one.case_id.as_str()).or_default().push(one);
    }
    let mut groups: HashMap<String, Option<Group>> = HashMap::new();
    let mut found = HashMap::new();
    let mut began = clock::steady();
    for case in records.cases.iter() {
        if clock::steady() - began >= SLICE {
            page::within(0, std::future::pending::<()>()).await;
            if !is_last() {
                return None;
            }
            began = clock::steady();
        }
        let comments = said.get(case.id.as_str()).map_or(&[][..], Vec::as_slice);
        let comments: Vec<Comment> = comments.iter().map(|one| told(one)).collect();
        let next = untrack(|| next_of(app, clocks, records, &mut groups, case, &comments));
        if let Some(next) = next {
            found.insert(case.id.clone(), next);
        }
    }
    Some(found)
}

/// Cases to which the same targets apply.
struct Group {
    policy: Arc<Policy>,
    selection: Selection,
    calendars: Arc<Calendars>,
}

fn next_of(
    app: App,
    all: Clocks,
    records: &Records,
    groups: &mut HashMap<String, Option<Group>>,
    case: &Case,
    comments: &[Comment],
) -> Option<Next> {
    let policy = app.policy(&case.policy)?;
    // Of a closed case nothing is due any more; a part that is still to go back has its own page.
    if policy.sla.targets.is_empty() || case.status == CLOSED {
        return None;
    }
    let facts = facts_of_case(&policy, known(records), case);
    let name = format!("{}\n{}", policy.id, key(&facts).join("\n"));
    let group = groups.entry(name).or_insert_with(|| {
        let selection = select(&policy.sla, &facts);
        let calendars = all.calendars(app, &policy, bases(&policy, &selection))?;
        Some(Group {
            policy: policy.clone(),
            selection,
            calendars,
        })
    });
    let group = group.as_ref()?;
    let history = history(&group.policy, case, comments);
    let sla = &group.policy.sla;
    let now = all.now();
    let board = Board {
        clocks: clocks(sla, &group.calendars, &group.selection, &history, now),
        policy: group.policy.clone(),
        calendars: group.calendars.clone(),
        facts,
        history,
        now,
    };
    let next = board.next()?;
    Some(Next {
        what: next.what.word(),
        at: next.due?.at,
    })
}

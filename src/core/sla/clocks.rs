//! Every clock of a case: folded from the policy's targets and the case's history.
//!
//! All clocks are one rule. A clock starts with an event, is due a span later, and stops with
//! another event; [`WHATS`] says which events, in one table. What differs from case to case is
//! chosen once by [`select`], so that a hundred thousand cases of a few kinds cost little more
//! than their binary searches.
//!
//! - While a case waits for its customer, the clocks of the vendor stand still.
//! - The severity that counts is the one in force when the clock stops, or now; its span counts
//!   from the start of the case. A lowered severity never mends what was missed before, and a
//!   corrected one holds as if since the instant that the correction names.
//! - A case opened again starts its updates and its restoration again, not its first response.
//!
//! A clock that can't be computed says so with its [`Trouble`]; there is no wrong time.

use super::Trouble;
use super::calendar::{Calendar, Holidays};
use super::civil::Instant;
use super::duration::{Due, Span, between, due};
use super::history::{Event, Mark, Story};
use super::terms::{ClockWord, Facts, Promise, Sla, Target};
use super::zone::Zone;

/// What a clock is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum What {
    /// The first answer.
    #[default]
    Response,
    /// The next news for the customer.
    Update,
    /// Service restored, which is not resolved.
    Restoration,
    /// The answer to an escalation.
    Escalation,
    /// The replacement leaves.
    RmaShip,
    /// The replacement arrives.
    RmaDeliver,
    /// The defective part is sent back.
    RmaReturn,
    /// The case is closed because nobody answers.
    Silence,
    /// The case can be opened again.
    Reopen,
    /// A fix is released.
    Fix,
    /// A contract or an incident can be used.
    Expiry,
    /// A new service centre is there.
    Centre,
}

/// The policy file's words for what a clock is about.
pub const WHATS: [(&str, What); 12] = [
    ("response", What::Response),
    ("update", What::Update),
    ("restoration", What::Restoration),
    ("escalation", What::Escalation),
    ("rma_ship", What::RmaShip),
    ("rma_deliver", What::RmaDeliver),
    ("rma_return", What::RmaReturn),
    ("silence", What::Silence),
    ("reopen", What::Reopen),
    ("fix", What::Fix),
    ("expiry", What::Expiry),
    ("centre", What::Centre),
];

/// From which event a clock runs, which stop it, which end it without a judgement, and whether it
/// stands still while the case waits.
struct Course {
    from: u32,
    stop: u32,
    end: u32,
    pauses: bool,
}

const fn set(marks: &[Mark]) -> u32 {
    let (mut bits, mut index) = (0, 0);
    while index < marks.len() {
        bits |= marks[index].bit();
        index += 1;
    }
    bits
}

impl What {
    /// Its word, the end of the catalogue's key `sla.what.<word>`.
    pub fn word(self) -> &'static str {
        let found = WHATS.iter().find(|(_, what)| *what == self);
        found.map_or("", |(word, _)| word)
    }

    /// How firmly it is said unless the policy says otherwise.
    pub(super) fn promise(self) -> Promise {
        match self {
            What::Restoration => Promise::Goal,
            What::Fix | What::Centre => Promise::Estimate,
            What::RmaReturn | What::Silence | What::Reopen | What::Expiry => Promise::Limit,
            _ => Promise::Target,
        }
    }

    const fn course(self) -> Course {
        use Mark::*;
        let (from, stop, end, pauses): (&[Mark], &[Mark], &[Mark], bool) = match self {
            What::Response => (
                &[Created],
                &[Answered, Updated, Stable, Solution, Restored, Resolved],
                &[Closed],
                true,
            ),
            What::Update => (
                &[
                    Created, Reopened, Answered, Updated, Stable, Solution, Restored,
                ],
                &[],
                &[Resolved, Closed],
                true,
            ),
            What::Restoration => (&[Created, Reopened], &[Restored, Resolved], &[Closed], true),
            What::Escalation => (&[Escalated], &[EscalationAnswered], &[Closed], false),
            What::RmaShip => (&[RmaIssued], &[Shipped, Delivered], &[], false),
            What::RmaDeliver => (&[RmaIssued], &[Delivered], &[], false),
            What::RmaReturn => (&[Delivered], &[Returned, PartReceived], &[], false),
            What::Silence => (&[Waiting], &[], &[Resumed, Resolved, Closed], false),
            What::Reopen => (&[Closed], &[], &[Reopened], false),
            What::Fix => (&[FixStarted], &[FixReleased], &[Closed], false),
            What::Expiry => (&[Activated, Bought], &[Used], &[], false),
            What::Centre => (&[CentreRequested], &[CentreReady], &[], false),
        };
        Course {
            from: set(from),
            stop: set(stop),
            end: set(end),
            pauses,
        }
    }

    /// Whether it stands still while the case waits.
    pub(super) fn pauses(self) -> bool {
        self.course().pauses
    }

    /// Whether its events name the channel, release or contract they are about.
    fn is_of_something(self) -> bool {
        matches!(self, What::Escalation | What::Fix | What::Expiry)
    }
}

/// The calendars of a policy, each ready or with the reason why not.
#[derive(Debug, Default)]
pub struct Calendars(Vec<Result<Calendar, Trouble>>);

impl Calendars {
    /// Builds them all; `zone` finds a zone by its name.
    pub fn new(
        sla: &Sla,
        zone: &mut dyn FnMut(&str) -> Option<Zone>,
        holidays: &[Holidays],
    ) -> Calendars {
        let mut build = |terms: &super::calendar::CalendarTerms| {
            let set = |id: &String| holidays.iter().find(|set| set.id == *id);
            let sets: Option<Vec<&Holidays>> = terms.holidays.iter().map(set).collect();
            let zone = zone(&terms.zone).ok_or(Trouble::NoZone)?;
            Ok(Calendar::new(
                terms,
                zone,
                &sets.ok_or(Trouble::NoHolidays)?,
            ))
        };
        Calendars(sla.calendars.iter().map(&mut build).collect())
    }

    /// The calendar of a clock, `None` for one that never stops.
    pub fn of(&self, basis: Basis) -> Result<Option<&Calendar>, Trouble> {
        match basis {
            Basis::Always => Ok(None),
            Basis::Calendar(index) => match self.0.get(index) {
                Some(Ok(calendar)) => Ok(Some(calendar)),
                Some(Err(trouble)) => Err(*trouble),
                None => Err(Trouble::NoCalendar),
            },
            Basis::Missing => Err(Trouble::NoCalendar),
        }
    }
}

/// On which clock a target is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// One that never stops.
    Always,
    /// A calendar, by its place in the policy.
    Calendar(usize),
    /// None of the policy's desks is open for such a case.
    Missing,
}

/// The business hours of a case: the first desk that fits.
pub fn business_hours(sla: &Sla, facts: &Facts) -> Basis {
    match sla.desks.iter().find(|desk| desk.when.fits(facts)) {
        Some(desk) => match &desk.calendar {
            Some(id) => named(sla, id),
            None => Basis::Always,
        },
        None => Basis::Missing,
    }
}

/// The working days of a case: the first desk that fits and ever closes.
pub fn working_days(sla: &Sla, facts: &Facts) -> Basis {
    let mut fitting = sla.desks.iter().filter(|desk| desk.when.fits(facts));
    let id = fitting.find_map(|desk| desk.calendar.as_deref());
    id.map_or(Basis::Missing, |id| named(sla, id))
}

fn named(sla: &Sla, id: &str) -> Basis {
    let place = sla.calendars.iter().position(|calendar| calendar.id == id);
    place.map_or(Basis::Missing, Basis::Calendar)
}

/// The targets that apply to cases of the same facts, whatever their severity.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// By severity; the first entry is the one of the facts.
    by_severity: Vec<(String, Vec<Chosen>)>,
}

/// A target that applies.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// Its place in the policy.
    pub target: usize,
    /// The clock it is counted on.
    pub basis: Basis,
}

/// Chooses what applies to a case of these facts, at every severity that the policy names.
pub fn select(sla: &Sla, facts: &Facts) -> Selection {
    let mut selection = Selection::default();
    let named = sla
        .targets
        .iter()
        .flat_map(|target| target.when.values("severity"));
    let unknown = String::new();
    let all = std::iter::once(&facts.severity)
        .chain(named)
        .chain([&unknown]);
    for severity in all {
        if selection
            .by_severity
            .iter()
            .any(|(known, _)| known == severity)
        {
            continue;
        }
        let facts = Facts {
            severity: severity.clone(),
            ..facts.clone()
        };
        selection
            .by_severity
            .push((severity.clone(), chosen(sla, &facts)));
    }
    selection
}

fn chosen(sla: &Sla, facts: &Facts) -> Vec<Chosen> {
    let mut list: Vec<Chosen> = Vec::new();
    for (index, target) in sla.targets.iter().enumerate() {
        let decided = list.iter().any(|one| {
            let other = &sla.targets[one.target];
            (other.what, &other.of, other.until) == (target.what, &target.of, target.until)
        });
        if decided || !target.when.fits(facts) {
            continue;
        }
        let basis = match &target.clock {
            ClockWord::Always => Basis::Always,
            ClockWord::Business => business_hours(sla, facts),
            ClockWord::WorkingDays => working_days(sla, facts),
            ClockWord::Calendar(id) => named(sla, id),
        };
        list.push(Chosen {
            target: index,
            basis,
        });
    }
    list
}

impl Selection {
    /// What applies at a severity; at one that the policy doesn't know, what applies at any.
    pub fn at(&self, severity: &str) -> &[Chosen] {
        let find = |wanted: &str| self.by_severity.iter().find(|(known, _)| known == wanted);
        find(severity)
            .or_else(|| find(""))
            .map_or(&[], |(_, chosen)| chosen)
    }

    fn own_severity(&self) -> &str {
        self.by_severity
            .first()
            .map_or("", |(severity, _)| severity)
    }
}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// The case waits for its customer.
    Paused,
    /// It was stopped in time.
    Met,
    /// It was stopped too late, or runs on after it was due.
    Missed,
    /// When it is due is agreed with the customer.
    AsAgreed,
    /// It can't be computed.
    NotComputable(Trouble),
}

impl State {
    /// Its word, the end of the catalogue's key `sla.state.<word>`.
    pub fn word(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Paused => "paused",
            State::Met => "met",
            State::Missed => "missed",
            State::AsAgreed => "as_agreed",
            State::NotComputable(_) => "not_computable",
        }
    }
}

/// A clock of a case, with everything that [`super::explain::explain`] needs.
#[derive(Clone, Debug)]
pub struct Clock {
    /// What it is about.
    pub what: What,
    /// The target it follows, by its place in the policy.
    pub target: usize,
    /// The clock it is counted on.
    pub basis: Basis,
    /// The event it counts from.
    pub started_by: Mark,
    /// When that was.
    pub since: Instant,
    /// When it was stopped.
    pub stopped: Option<Instant>,
    /// How it stands.
    pub state: State,
    /// When it is due; while it is paused, as if the case went on now.
    pub due: Option<Due>,
    /// Time left on its own clock until it is due, or below zero since it was; when it was
    /// stopped, what was left then.
    pub left: Option<i64>,
}

/// All clocks of a case at an instant, in the order of the policy's targets.
pub fn clocks(
    sla: &Sla,
    calendars: &Calendars,
    selection: &Selection,
    history: &[Event],
    now: Instant,
) -> Vec<Clock> {
    let story = match Story::new(history, now) {
        Ok(story) => story,
        Err(trouble) => return unreadable(sla, selection, history, trouble),
    };
    let mut list = Vec::new();
    let own = selection.own_severity();
    let severity = |at| story.severity(at).unwrap_or(own);
    let mut seen: Vec<&str> = Vec::new();
    let severities = story
        .severities
        .iter()
        .map(|(_, severity)| severity.unwrap_or(own));
    for one in severities.chain((story.severities.is_empty()).then_some(own)) {
        if seen.contains(&one) {
            continue;
        }
        seen.push(one);
        let mut updates = false;
        for chosen in selection.at(one) {
            let target = &sla.targets[chosen.target];
            let Some(lap) = Lap::find(target, &story) else {
                continue;
            };
            if severity(lap.stopped.unwrap_or(story.now)) != one {
                continue;
            }
            // Of the phases of updates, the first that still goes on decides.
            if target.what == What::Update && std::mem::replace(&mut updates, true) {
                continue;
            }
            list.push(lap.clock(*chosen, target, calendars, &story));
        }
    }
    list
}

/// The clocks that start with the case, all without a time.
fn unreadable(sla: &Sla, selection: &Selection, history: &[Event], trouble: Trouble) -> Vec<Clock> {
    let since = history.first().map_or(0, |event| event.at);
    let mut list: Vec<Clock> = Vec::new();
    for chosen in selection.at(selection.own_severity()) {
        let what = sla.targets[chosen.target].what;
        let started_by_case = what.course().from & Mark::Created.bit() != 0;
        if started_by_case && !list.iter().any(|clock| clock.what == what) {
            list.push(Clock {
                what,
                target: chosen.target,
                basis: chosen.basis,
                started_by: Mark::Created,
                since,
                stopped: None,
                state: State::NotComputable(trouble),
                due: None,
                left: None,
            });
        }
    }
    list
}

/// One run of a clock through a history.
struct Lap {
    started_by: Mark,
    since: Instant,
    stopped: Option<Instant>,
    pauses: bool,
}

impl Lap {
    /// The last run of a target's clock, unless it never started or ended without a judgement.
    fn find(target: &Target, story: &Story) -> Option<Lap> {
        let course = target.what.course();
        let from = target.from.map_or(course.from, Mark::bit);
        let about = |event: &Event| {
            !target.what.is_of_something() || target.of.is_empty() || event.of == target.of
        };
        // What answers often leaves out what it answers.
        let about_or_nothing = |event: &Event| event.of.is_empty() || about(event);
        let is = |event: &Event, set: u32| event.mark.bit() & set != 0;
        let start = story
            .events
            .iter()
            .rposition(|event| is(event, from) && about(event))?;
        if let Some(until) = target.until {
            let reopened = |event: &Event| event.mark == Mark::Reopened;
            let first = story.events.iter().rposition(reopened).unwrap_or(0);
            if story.events[first..]
                .iter()
                .any(|event| event.mark == until)
            {
                return None;
            }
        }
        let mut later = story.events[start + 1..].iter();
        let over = later.find(|event| {
            is(event, course.end) || (is(event, course.stop) && about_or_nothing(event))
        });
        if over.is_some_and(|event| is(event, course.end)) {
            return None;
        }
        Some(Lap {
            started_by: story.events[start].mark,
            since: story.events[start].at,
            stopped: over.map(|event| event.at),
            pauses: course.pauses,
        })
    }

    fn clock(
        &self,
        chosen: Chosen,
        target: &Target,
        calendars: &Calendars,
        story: &Story,
    ) -> Clock {
        let mut clock = Clock {
            what: target.what,
            target: chosen.target,
            basis: chosen.basis,
            started_by: self.started_by,
            since: self.since,
            stopped: self.stopped,
            state: State::AsAgreed,
            due: None,
            left: None,
        };
        if let Some(span) = target.within {
            match self.judge(span, target.less_than, calendars.of(chosen.basis), story) {
                Ok((state, due, left)) => {
                    clock.state = state;
                    (clock.due, clock.left) = (Some(due), Some(left));
                }
                Err(trouble) => clock.state = State::NotComputable(trouble),
            }
        }
        clock
    }

    fn judge(
        &self,
        span: Span,
        less_than: bool,
        calendar: Result<Option<&Calendar>, Trouble>,
        story: &Story,
    ) -> Result<(State, Due, i64), Trouble> {
        let calendar = calendar?;
        let pauses = story.pauses_of(self.pauses, self.stopped);
        let due = due(span, calendar, self.since, &pauses)?;
        let at = self.stopped.unwrap_or(story.now);
        let late = at > due.at || (less_than && at == due.at);
        let waits = self.pauses && story.paused;
        let state = match (self.stopped, late) {
            (_, true) => State::Missed,
            (Some(_), false) => State::Met,
            (None, false) if waits => State::Paused,
            (None, false) => State::Running,
        };
        let left = if at > due.at {
            -between(calendar, due.at, at)?
        } else {
            between(calendar, at, due.at)?
        };
        Ok((state, due, left))
    }
}

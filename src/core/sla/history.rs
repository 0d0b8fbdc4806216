//! What happened to a case, as far as clocks are concerned.
//!
//! A history is a list of events in order of time. [`Story`] reads it as of an instant: what
//! happened later is left aside, so that a page can show how things stood. A history that
//! contradicts itself is a [`Trouble`] for every clock; guessing an end would make a wrong time.

use super::Trouble;
use super::civil::{Instant, read_instant};
use super::duration::Pause;
use crate::core::case::{Case, Comment, Happening};
use crate::core::reader::Reader;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// The case was created; `of` may name its first severity.
    #[default]
    Created,
    /// It was answered for the first time.
    Answered,
    /// The customer was told how it stands.
    Updated,
    /// It begins to wait for the customer.
    Waiting,
    /// It no longer waits.
    Resumed,
    /// The severity became `of`, from now on, or as if since an earlier instant.
    Severity,
    /// The situation is stable.
    Stable,
    /// A solution, or the date of one, was given.
    Solution,
    /// Service is restored, which is not resolved.
    Restored,
    /// It was escalated by the channel `of`.
    Escalated,
    /// The escalation was answered.
    EscalationAnswered,
    /// A return was issued: the defect is verified.
    RmaIssued,
    /// The defective part arrived at the vendor.
    PartReceived,
    /// The replacement left.
    Shipped,
    /// The replacement arrived.
    Delivered,
    /// The defective part was sent back.
    Returned,
    /// Work on the fix release `of` began.
    FixStarted,
    /// The fix release `of` is out.
    FixReleased,
    /// It was resolved.
    Resolved,
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
    /// The contract `of` was activated.
    Activated,
    /// The incident or pack `of` was bought.
    Bought,
    /// It was used.
    Used,
    /// A new service centre was asked for.
    CentreRequested,
    /// The new service centre is there.
    CentreReady,
}

/// The words for what happens, in policies and vectors.
pub const MARKS: [(&str, Mark); 26] = [
    ("created", Mark::Created),
    ("answered", Mark::Answered),
    ("updated", Mark::Updated),
    ("waiting", Mark::Waiting),
    ("resumed", Mark::Resumed),
    ("severity", Mark::Severity),
    ("stable", Mark::Stable),
    ("solution", Mark::Solution),
    ("restored", Mark::Restored),
    ("escalated", Mark::Escalated),
    ("escalation_answered", Mark::EscalationAnswered),
    ("rma_issued", Mark::RmaIssued),
    ("part_received", Mark::PartReceived),
    ("shipped", Mark::Shipped),
    ("delivered", Mark::Delivered),
    ("returned", Mark::Returned),
    ("fix_started", Mark::FixStarted),
    ("fix_released", Mark::FixReleased),
    ("resolved", Mark::Resolved),
    ("closed", Mark::Closed),
    ("reopened", Mark::Reopened),
    ("activated", Mark::Activated),
    ("bought", Mark::Bought),
    ("used", Mark::Used),
    ("centre_requested", Mark::CentreRequested),
    ("centre_ready", Mark::CentreReady),
];

impl Mark {
    /// Its word.
    pub fn word(self) -> &'static str {
        let found = MARKS.iter().find(|(_, mark)| *mark == self);
        found.map_or("", |(word, _)| word)
    }

    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Whether it can stand in the history of something that is no case.
    fn is_of_a_contract(self) -> bool {
        matches!(self, Mark::Activated | Mark::Bought | Mark::Used)
    }
}

/// Something that happened.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub mark: Mark,
    /// The severity, channel, release or contract that it is about.
    pub of: String,
    /// A severity that is corrected holds as if since this instant.
    pub since: Option<Instant>,
}

impl Event {
    /// An event that needs no more than its kind.
    pub fn new(at: Instant, mark: Mark) -> Event {
        Event {
            at,
            mark,
            ..Event::default()
        }
    }
}

/// Reads one event of a history; `instant` reads its times.
pub fn read_event(r: &Reader, instant: &dyn Fn(&Reader, &'static str) -> Option<Instant>) -> Event {
    let since = r.value().get("since").and_then(|_| instant(r, "since"));
    let event = Event {
        at: instant(r, "at").unwrap_or_default(),
        mark: r.one_of("event", &MARKS).unwrap_or_default(),
        of: r.text_or_empty("of"),
        since,
    };
    r.done();
    event
}

/// Reads an instant with its distance from UTC.
pub fn read_utc(r: &Reader, key: &'static str) -> Option<Instant> {
    let text = r.text(key);
    let instant = read_instant(&text);
    if instant.is_none() && !text.is_empty() {
        r.problem(
            key,
            "an instant as 2026-11-20T09:30:00+09:00",
            format!("\"{text}\""),
            "correct it",
        );
    }
    instant
}

/// A history as it stood at an instant.
pub(super) struct Story<'a> {
    pub(super) events: &'a [Event],
    pub(super) now: Instant,
    /// Pauses in order; the last may still go on.
    pauses: Vec<Pause>,
    /// Whether the last pause goes on.
    pub(super) paused: bool,
    /// From when on which severity holds, in order; `None` is the one the case is known by.
    pub(super) severities: Vec<(Instant, Option<&'a str>)>,
}

impl<'a> Story<'a> {
    /// Reads the history up to `now`. A case that was created a moment ago by another clock is
    /// read as of its creation.
    pub(super) fn new(history: &'a [Event], now: Instant) -> Result<Story<'a>, Trouble> {
        if history.windows(2).any(|pair| pair[0].at > pair[1].at) {
            return Err(Trouble::OutOfOrder);
        }
        let created = history.iter().position(|event| event.mark == Mark::Created);
        let before = &history[..created.unwrap_or(history.len())];
        if !before.iter().all(|event| event.mark.is_of_a_contract()) {
            return Err(match created {
                Some(_) => Trouble::OutOfOrder,
                None => Trouble::NoCreation,
            });
        }
        let now = created.map_or(now, |index| now.max(history[index].at));
        let happened = history.partition_point(|event| event.at <= now);
        let mut story = Story {
            events: &history[..happened],
            now,
            pauses: Vec::new(),
            paused: false,
            severities: Vec::new(),
        };
        for event in story.events {
            story.take(event)?;
        }
        if story.paused {
            story.end_pause(now);
            story.paused = true;
        }
        Ok(story)
    }

    fn take(&mut self, event: &'a Event) -> Result<(), Trouble> {
        match event.mark {
            Mark::Created => {
                let severity = Some(event.of.as_str()).filter(|of| !of.is_empty());
                self.severities.push((event.at, severity));
            }
            Mark::Severity => {
                let since = event.since.unwrap_or(event.at);
                if since > event.at {
                    return Err(Trouble::OutOfOrder);
                }
                let first = self.severities.first().map_or(since, |(from, _)| *from);
                let since = since.max(first);
                self.severities.retain(|(from, _)| *from < since);
                self.severities.push((since, Some(&event.of)));
            }
            Mark::Waiting if self.paused => return Err(Trouble::WaitUnended),
            Mark::Waiting => {
                self.paused = true;
                self.pauses.push(Pause {
                    from: event.at,
                    to: event.at,
                });
            }
            Mark::Resumed if !self.paused => return Err(Trouble::WaitUnbegun),
            Mark::Resumed => self.end_pause(event.at),
            Mark::Resolved | Mark::Closed if self.paused => self.end_pause(event.at),
            _ => {}
        }
        Ok(())
    }

    fn end_pause(&mut self, at: Instant) {
        self.paused = false;
        if let Some(last) = self.pauses.last_mut() {
            last.to = at;
        }
    }

    /// The pauses of a clock: those before it was stopped, the last one as far as it had come.
    pub(super) fn pauses_of(&self, pauses: bool, stopped: Option<Instant>) -> Vec<Pause> {
        let end = stopped.unwrap_or(Instant::MAX);
        let mut list = Vec::new();
        for pause in self
            .pauses
            .iter()
            .filter(|pause| pauses && pause.from < end)
        {
            list.push(Pause {
                from: pause.from,
                to: pause.to.min(end),
            });
        }
        list
    }

    /// The severity in force at an instant, if the history names it.
    pub(super) fn severity(&self, at: Instant) -> Option<&'a str> {
        let in_force = self.severities.iter().rev().find(|(from, _)| *from <= at);
        in_force.and_then(|(_, severity)| *severity)
    }
}

/// The history of a case as the backend tells it, in order.
///
/// An answer is the vendor's first comment, or the assignment where the policy says that the
/// engineer writes on being assigned. A comment of the partner ends a wait.
pub fn of_case(case: &Case, comments: &[Comment], assignment_answers: bool) -> Vec<Event> {
    enum Entry<'a> {
        Happened(&'a Happening),
        Said(&'a Comment),
    }
    let millis = |time: &chrono::DateTime<chrono::Utc>| time.timestamp_millis();
    let happened = case
        .history
        .iter()
        .filter_map(|one| Some((millis(one.at.as_ref()?), Entry::Happened(one))));
    let said = comments
        .iter()
        .filter_map(|one| Some((millis(one.created_at.as_ref()?), Entry::Said(one))));
    let mut entries: Vec<(Instant, Entry)> = happened.chain(said).collect();
    crate::core::order::sort(&mut entries, |a, b| a.0.cmp(&b.0));

    let mut history: Vec<Event> = Vec::new();
    if let Some(at) = &case.created_at {
        history.push(Event::new(millis(at), Mark::Created));
    }
    let (mut waiting, mut closed, mut answered) = (false, false, false);
    for (at, entry) in entries {
        // Nothing can happen to a case before there is one; some backends round their times.
        let at = history.first().map_or(at, |created| at.max(created.at));
        let mut push = |mark| history.push(Event::new(at, mark));
        match entry {
            Entry::Happened(one) if one.kind == "status" => {
                let waits = one.detail == "waiting_customer";
                let closes = one.detail == "closed";
                if closed && !closes {
                    push(Mark::Reopened);
                }
                if waits && !waiting {
                    push(Mark::Waiting);
                }
                if waiting && !waits && !closes {
                    push(Mark::Resumed);
                }
                if one.detail == "solution_provided" {
                    push(Mark::Solution);
                }
                if closes && !closed {
                    push(Mark::Closed);
                }
                (waiting, closed) = (waits, closes);
            }
            Entry::Happened(one) if one.kind == "assigned" && assignment_answers && !answered => {
                push(Mark::Answered);
                answered = true;
            }
            Entry::Said(one) if one.side == "vendor" => {
                push(if answered {
                    Mark::Updated
                } else {
                    Mark::Answered
                });
                answered = true;
            }
            Entry::Said(one) if one.side == "partner" && waiting => {
                push(Mark::Resumed);
                waiting = false;
            }
            _ => {}
        }
    }
    history
}

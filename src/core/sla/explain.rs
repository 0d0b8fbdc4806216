//! Why a clock shows what it shows: which rule, which hours, what counted and what did not.
//!
//! The stretches of an [`Explanation`] lie end to end from the start of the clock to the instant
//! it is due, so that their sum is exactly the total. The sentences are keys of the catalogue with
//! their facts; the page puts them into words, because only it knows the reader's language, zone
//! and way to write a date.

use super::Trouble;
use super::calendar::{Calendar, Stretch, Why};
use super::civil::{Date, Instant, date_of};
use super::clocks::{Basis, Calendars, Clock, State};
use super::duration::{Pause, Span, UNITS};
use super::history::{Event, Story};
use super::terms::Sla;
use crate::core::text::LocalText;

/// The calculation of a clock.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// What the time was, from the start to the due time, without a gap.
    pub stretches: Vec<Stretch>,
    /// How much of it counted.
    pub counted: i64,
    /// How much of it did not, by reason: nights and weekends each together, every special day by
    /// itself, pauses together; in the order in which they first come.
    pub skipped: Vec<(Why, i64)>,
    /// The same in sentences.
    pub sentences: Vec<Sentence>,
}

impl Explanation {
    /// The sums of stretches that lie end to end.
    pub(super) fn of(stretches: Vec<Stretch>) -> Explanation {
        let mut explanation = Explanation::default();
        for stretch in &stretches {
            let length = stretch.to - stretch.from;
            let skipped = &mut explanation.skipped;
            match skipped.iter_mut().find(|(why, _)| *why == stretch.why) {
                _ if stretch.why == Why::Open => explanation.counted += length,
                Some((_, sum)) => *sum += length,
                None => skipped.push((stretch.why, length)),
            }
        }
        Explanation {
            stretches,
            ..explanation
        }
    }

    /// The whole time from start to due.
    pub fn total(&self) -> i64 {
        self.stretches.iter().map(|one| one.to - one.from).sum()
    }
}

/// A sentence: its key in the catalogue and what it is about.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// The key.
    pub key: String,
    /// Placeholders and what stands in them.
    pub args: Vec<(&'static str, Arg)>,
}

/// A fact in a sentence.
#[derive(Clone, Debug)]
pub enum Arg {
    /// An instant, to be shown in the reader's zone.
    At(Instant),
    /// A length of time in milliseconds.
    Length(i64),
    /// A date of the desk.
    Date(Date),
    /// A number.
    Count(u32),
    /// A name that the policy or a calendar gives.
    Name(LocalText),
}

/// The calculation of a clock that [`super::clocks::clocks`] made from the same history at `now`.
pub fn explain(
    sla: &Sla,
    calendars: &Calendars,
    clock: &Clock,
    history: &[Event],
    now: Instant,
) -> Result<Explanation, Trouble> {
    let mut explanation = Explanation::default();
    let target = &sla.targets[clock.target];
    let mut say = |key: String, args| explanation.sentences.push(Sentence { key, args });
    if let State::NotComputable(trouble) = clock.state {
        say(format!("sla.trouble.{}", trouble.code()), Vec::new());
        return Ok(explanation);
    }
    let since = vec![("at", Arg::At(clock.since))];
    say(format!("sla.since.{}", clock.started_by.word()), since);
    let (Some(span), Some(due)) = (target.within, clock.due) else {
        say("sla.span.as_agreed".into(), Vec::new());
        return Ok(explanation);
    };
    say(span_key(span, target.less_than), span_args(span));
    match clock.basis {
        Basis::Calendar(index) => {
            let name = sla.calendars.get(index).map(|one| one.name.clone());
            let args = vec![("name", Arg::Name(name.unwrap_or_default()))];
            say("sla.clock.calendar".into(), args);
        }
        _ => say("sla.clock.always".into(), Vec::new()),
    }
    let story = Story::new(history, now)?;
    let pauses = story.pauses_of(clock.what.pauses(), clock.stopped);
    let calendar = calendars.of(clock.basis)?;
    let stretches = match calendar {
        Some(calendar) => calendar.stretches(clock.since, due.at)?,
        None => vec![Stretch {
            from: clock.since,
            to: due.at,
            why: Why::Open,
        }],
    };
    let sentences = std::mem::take(&mut explanation.sentences);
    explanation = Explanation {
        sentences,
        ..Explanation::of(with_pauses(stretches, &pauses))
    };
    let mut say = |key: String, args| explanation.sentences.push(Sentence { key, args });
    say(
        "sla.counted".into(),
        vec![("length", Arg::Length(explanation.counted))],
    );
    for (why, length) in &explanation.skipped {
        let (key, args) = skipped(calendar, *why, *length);
        say(key, args);
    }
    match due.from {
        Some(from) => say(
            "sla.due.range".into(),
            vec![("from", Arg::At(from)), ("at", Arg::At(due.at))],
        ),
        None => say("sla.due.at".into(), vec![("at", Arg::At(due.at))]),
    }
    say(format!("sla.promise.{}", target.promise.word()), Vec::new());
    Ok(explanation)
}

fn span_key(span: Span, less_than: bool) -> String {
    let unit = UNITS.iter().find(|(_, unit)| *unit == span.unit);
    let unit = unit.map_or("", |(word, _)| word);
    match (span.least, less_than) {
        (Some(_), _) => format!("sla.span.{unit}.range"),
        (None, true) => format!("sla.span.{unit}.less_than"),
        (None, false) => format!("sla.span.{unit}.within"),
    }
}

fn span_args(span: Span) -> Vec<(&'static str, Arg)> {
    let mut args = vec![("count", Arg::Count(span.count))];
    args.extend(span.least.map(|least| ("least", Arg::Count(least))));
    args
}

fn skipped(
    calendar: Option<&Calendar>,
    why: Why,
    length: i64,
) -> (String, Vec<(&'static str, Arg)>) {
    let mut args = vec![("length", Arg::Length(length))];
    let special = match (why, calendar) {
        (Why::Special(index), Some(calendar)) => calendar.special().get(index),
        _ => None,
    };
    let word = match (why, special) {
        (Why::Weekend, _) => "weekend",
        (Why::Pause, _) => "pause",
        (Why::Special(_), Some(day)) => {
            args.push(("name", Arg::Name(day.name.clone())));
            args.push(("date", Arg::Date(day.date)));
            if day.holiday { "holiday" } else { "exception" }
        }
        _ => "night",
    };
    (format!("sla.skipped.{word}"), args)
}

/// Cuts the pauses out of stretches: open or not, what is paused does not count.
pub(super) fn with_pauses(stretches: Vec<Stretch>, pauses: &[Pause]) -> Vec<Stretch> {
    let mut cut: Vec<Stretch> = Vec::with_capacity(stretches.len());
    let mut push = |from: Instant, to: Instant, why: Why| {
        if from >= to {
            return;
        }
        match cut.last_mut() {
            Some(last) if last.why == why && last.to == from => last.to = to,
            _ => cut.push(Stretch { from, to, why }),
        }
    };
    for Stretch { from, to, why } in stretches {
        let mut at = from;
        for pause in pauses {
            let (start, end) = (pause.from.clamp(at, to), pause.to.clamp(at, to));
            push(at, start, why);
            push(start, end, Why::Pause);
            at = at.max(end);
        }
        push(at, to, why);
    }
    cut
}

/// The dates that a list of stretches touches, as the desk's clock shows them: the days that a
/// time line draws.
pub fn dates(calendar: Option<&Calendar>, stretches: &[Stretch]) -> Vec<Date> {
    let local = |at: Instant| match calendar {
        Some(calendar) => calendar.zone().local(at).unwrap_or(at),
        None => at,
    };
    match (stretches.first(), stretches.last()) {
        (Some(first), Some(last)) => {
            (date_of(local(first.from))..=date_of(local(last.to - 1))).collect()
        }
        _ => Vec::new(),
    }
}

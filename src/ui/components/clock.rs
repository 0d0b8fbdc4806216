//! A clock of a draft or a case: when it is due in both zones, the line of its time, and how that is
//! counted, step by step, so that it can be checked with a calendar in hand (NEW-02).
//!
//! Never more is said than the policy promises (CSF-08): a goal is called one and is never overdue, and
//! what can't be computed has no time but a reason.

use std::rc::Rc;
use std::sync::Arc;

use chrono::DateTime;

use super::clock_line::clock_line;
use super::icon::icon;
use crate::browser::page::download_calendar;
use crate::browser::{clock as time, zones};
use crate::core::order::sort_by_key;
use crate::core::policy::Policy;
use crate::core::sla::calendar::{Stretch, Why};
use crate::core::sla::civil::{HOUR, midnight};
use crate::core::sla::clocks::{Clock, State, What};
use crate::core::sla::explain::{Arg, Explanation, Sentence};
use crate::core::sla::history::{Event, Mark};
use crate::core::sla::ics::{DueEvent, export};
use crate::core::sla::terms::{ClockWord, Facts, Promise};
use crate::ui::clocks::{Board, Name, Shown, of, server_now};
use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, details, div, li, ol, p, span, summary, time as moment, ul};
use crate::ui::state::{App, Words};
use leptos::ev;

/// How much time left is little.
const SOON: i64 = 4 * HOUR;
/// As many stretches of a calculation are listed; whoever checks more has the sentences.
const STRETCHES: usize = 60;

/// What clocks are about.
#[derive(Clone)]
pub struct About {
    /// Its identity, for files for a calendar; empty for what is not sent yet, which has none.
    pub id: String,
    /// What it is called there.
    pub title: String,
    /// Where to look.
    pub url: String,
    /// The zone of the customer's clock, empty if not known.
    pub zone: Memo<String>,
}

/// What a clock is called: by the policy where it says so.
pub fn name(words: &Words, board: &Board, clock: &Clock) -> String {
    let named = board.target(clock).and_then(|target| target.name.as_ref());
    match named {
        Some(name) => name.get(words.lang()).into(),
        None => words.t(&format!("sla.what.{}", clock.what.word())),
    }
}

/// What a clock says, in one line.
pub fn headline(words: &Words, board: &Board, clock: &Clock) -> String {
    let moment = |at| time::moment(words.lang(), at, "");
    let due = clock.due.map(|due| moment(due.at)).unwrap_or_default();
    let from = clock.due.and_then(|due| due.from).map(moment);
    let stopped = clock.stopped.map(moment).unwrap_or_default();
    let target = board.target(clock);
    let promise = target.map_or(Promise::Target, |target| target.promise);
    let hoped = matches!(promise, Promise::Goal | Promise::Estimate);
    let less = target.is_some_and(|target| target.less_than);
    let (key, at) = match (clock.state, clock.stopped) {
        (State::NotComputable(_), _) => ("clock.unknown", ""),
        (State::AsAgreed, _) => ("clock.as_agreed", ""),
        (State::Met, _) => ("clock.met", stopped.as_str()),
        (State::Missed, Some(_)) if hoped => ("clock.done", stopped.as_str()),
        (State::Missed, Some(_)) => ("clock.late", stopped.as_str()),
        (State::Missed, None) if promise == Promise::Estimate => {
            ("clock.estimate_past", due.as_str())
        }
        (State::Missed, None) if hoped => ("clock.goal_past", due.as_str()),
        (State::Missed, None) => ("clock.overdue", due.as_str()),
        (State::Paused, _) => ("clock.paused", due.as_str()),
        _ if promise == Promise::Goal => ("clock.goal", due.as_str()),
        _ if from.is_some() => ("clock.between", due.as_str()),
        _ if hoped => ("clock.estimate", due.as_str()),
        _ if less => ("clock.before", due.as_str()),
        _ => ("clock.by", due.as_str()),
    };
    let name = name(words, board, clock);
    let said = [
        ("what", name.as_str()),
        ("at", at),
        ("due", &due),
        ("from", from.as_deref().unwrap_or_default()),
    ];
    words.with(key, &said)
}

/// How far a due time is away, and the class that goes with it.
pub fn distance(words: &Words, at: i64, now: i64) -> (String, &'static str) {
    let length = |millis: i64| time::rough_length(words.lang(), millis);
    if at < now {
        let text = words.with("clock.over", &[("length", &length(now - at))]);
        return (text, "due-late");
    }
    let text = words.with("clock.in", &[("length", &length(at - now))]);
    (
        text,
        if at - now < SOON {
            "due-soon"
        } else {
            "due-later"
        },
    )
}

/// A badge with the time left.
pub fn badge(words: &Words, what: &str, at: i64, now: i64) -> AnyView {
    let (text, class) = distance(words, at, now);
    let mark = if class == "due-late" {
        "circle-alert"
    } else {
        "hourglass"
    };
    span()
        .class(format!("due {class}"))
        .attr("title", time::moment(words.lang(), at, ""))
        .child((
            icon(mark),
            span().child(format!("{what} ")),
            span().class("num").child(text),
        ))
        .into_any()
}

/// The clocks of a board that are to be shown, each built once so that what is unfolded stays so.
pub fn clocks(
    words: &Words,
    shown: Memo<Shown>,
    fits: fn(&Clock) -> bool,
    about: &About,
) -> AnyView {
    let (words, about) = (words.clone(), Rc::new(about.clone()));
    let names = Memo::new(move |_| {
        shown.with(|shown| {
            let Some(board) = &shown.0 else {
                return Vec::new();
            };
            let fitting = |name: &Name| board.clock(name).is_some_and(fits);
            let mut names: Vec<Name> = board.names().into_iter().filter(fitting).collect();
            sort_by_key(&mut names, |name| {
                let clock = board.clock(name);
                let due = clock
                    .and_then(|clock| clock.due)
                    .map_or(i64::MAX, |due| due.at);
                (clock.is_some_and(|clock| clock.stopped.is_some()), due)
            });
            names
        })
    });
    keyed(
        move || names.get(),
        move |name: &Name| one(&words, shown, name, &about),
    )
}

/// Makes something of a clock and its calculation, as long as there is such a clock.
fn part<T>(
    shown: Memo<Shown>,
    name: &Name,
    make: impl FnOnce(&Board, &Clock) -> Option<T>,
) -> Option<T> {
    shown.with(|shown| {
        let board = shown.0.as_ref()?;
        make(board, board.clock(name)?)
    })
}

fn one(words: &Words, shown: Memo<Shown>, key: &Name, about: &Rc<About>) -> AnyView {
    let with = || (words.clone(), key.clone());
    let due = {
        let (words, key) = with();
        move || {
            part(shown, &key, |board, clock| {
                Some(headline(&words, board, clock))
            })
        }
    };
    let instant = {
        let key = key.clone();
        move || {
            let at = part(shown, &key, |_, clock| Some(clock.due?.at))?;
            DateTime::from_timestamp_millis(at).map(|at| at.to_rfc3339())
        }
    };
    let left = {
        let (words, key) = with();
        // Before it is sent nothing runs, and what is left is what was promised.
        let sent = !about.id.is_empty();
        move || {
            part(shown, &key, |board, clock| {
                left(&words, board, clock).filter(|_| sent)
            })
        }
    };
    let elsewhere = {
        let ((words, key), zone) = (with(), about.zone);
        move || {
            part(shown, &key, |_, clock| {
                customers(&words, clock, &zone.get())
            })
        }
    };
    let line = {
        let (words, key) = with();
        move || {
            part(shown, &key, |board, clock| {
                let why = board.why(clock)?;
                let label = described(&words, board, clock, &why);
                clock_line(&words, clock, &why, board.calendar(clock), board.now, label)
            })
        }
    };
    let firm = {
        let (words, key) = with();
        move || part(shown, &key, |board, clock| firmness(&words, board, clock))
    };
    // What one reads, has marked or stands on is made anew only when it says something else.
    let steps = {
        let (words, key) = with();
        let said = {
            let words = words.clone();
            Memo::new(move |_| {
                part(shown, &key, |board, clock| {
                    calculation(&words, board, clock)
                })
            })
        };
        move || said.with(|said| said.as_ref().map(|said| steps(&words, said)))
    };
    let file = {
        let ((words, key), about) = (with(), about.clone());
        let sent = !about.id.is_empty();
        let ahead = {
            let key = key.clone();
            Memo::new(move |_| {
                let ahead = part(shown, &key, |board, clock| {
                    let due = clock.due?.at;
                    Some(clock.stopped.is_none() && due > board.now)
                });
                sent && ahead.unwrap_or_default()
            })
        };
        move || {
            let view = || untrack(|| calendar_file(&words, shown, &key, &about));
            ahead.get().then(view)
        }
    };
    let class = {
        let key = key.clone();
        move || {
            let known = part(shown, &key, |_, clock| clock.due);
            if known.is_some() {
                "clock"
            } else {
                "clock clock-plain"
            }
        }
    };
    div()
        .class(class)
        .attr("data-clock", key.0)
        .child((
            p().class("clock-due")
                .child(moment().attr("datetime", instant).child(due)),
            left,
            elsewhere,
            line,
            firm,
            details().class("why").child((
                summary().child(words.t("clock.why")),
                div().class("stack-s").child(steps),
            )),
            file,
        ))
        .into_any()
}

/// Time left on the clock's own hours, which is what is left of what was promised.
fn left(words: &Words, board: &Board, clock: &Clock) -> Option<AnyView> {
    let left = clock.left.filter(|_| clock.stopped.is_none())?;
    let length = |millis: i64| time::length(words.lang(), millis);
    let due = clock.due?.at;
    let promise = board.target(clock)?.promise;
    if left < 0 && matches!(promise, Promise::Goal | Promise::Estimate) {
        return None;
    }
    let (key, class) = match left {
        ..0 => ("clock.over", "small due-late"),
        _ if left < HOUR && clock.state == State::Running => ("clock.left", "small due-soon"),
        _ => ("clock.left", "small muted"),
    };
    let text = match key {
        "clock.over" => words.with("clock.over", &[("length", &length(board.now - due))]),
        _ if board.calendar(clock).is_some() => {
            words.with("clock.left_open", &[("length", &length(left))])
        }
        _ => words.with("clock.left", &[("length", &length(left))]),
    };
    Some(p().class(class).child(text).into_any())
}

/// The same by the customer's clock.
fn customers(words: &Words, clock: &Clock, zone: &str) -> Option<AnyView> {
    let due = clock.due?.at;
    if zone.is_empty() {
        return None;
    }
    let (own, theirs) = (
        time::moment(words.lang(), due, ""),
        time::moment(words.lang(), due, zone),
    );
    let text = match own == theirs {
        true => words.with("clock.customer_same", &[("zone", zone)]),
        false => words.with("clock.customer", &[("zone", zone), ("at", &theirs)]),
    };
    Some(p().class("small muted").child(text).into_any())
}

/// How firmly it is said, where that is less than a target, and the policy's word on it.
fn firmness(words: &Words, board: &Board, clock: &Clock) -> Option<AnyView> {
    let target = board.target(clock)?;
    let trouble = match clock.state {
        State::NotComputable(trouble) => Some(words.t(&format!("sla.trouble.{}", trouble.code()))),
        _ => None,
    };
    let promise = match target.promise {
        _ if clock.due.is_none() => None,
        Promise::Target => None,
        other => Some(words.t(&format!("sla.promise.{}", other.word()))),
    };
    let note = target.note.as_ref();
    let note = note.map(|note| note.get(words.lang()).to_string());
    // The policy's own sentence says it better than the portal's.
    let said = trouble.into_iter().chain(note.or(promise));
    let lines: Vec<_> = said
        .map(|text| p().class("small muted").child(text))
        .collect();
    (!lines.is_empty()).then(|| lines.into_any())
}

/// A sentence of a calculation in words.
fn sentence(words: &Words, one: &Sentence, in_hours: bool) -> String {
    let lang = words.lang();
    let span = one.key.strip_prefix("sla.span.").unwrap_or_default();
    let unit = span.split('.').next().unwrap_or_default();
    // A whole unit, of which the language knows the forms.
    let known = ["minutes", "hours", "days", "weeks", "months"].contains(&unit);
    let mut key = one.key.clone();
    if unit == "days" && in_hours {
        key = key.replace("days", "business_days");
    }
    let said: Vec<(&str, String)> = one
        .args
        .iter()
        .map(|(name, arg)| {
            let text = match arg {
                Arg::At(at) => time::moment(lang, *at, ""),
                Arg::Length(length) => time::length(lang, *length),
                Arg::Date(date) => time::day(lang, midnight(*date)),
                Arg::Count(count) if known && *name == "count" => {
                    time::in_words(lang, i64::from(*count), unit.trim_end_matches('s'))
                }
                Arg::Count(count) => {
                    match (unit, count) {
                        ("end_of_day", 0) => key = "sla.span.end_of_day.same".into(),
                        ("end_of_day", 1) => key = "sla.span.end_of_day.next".into(),
                        _ => {}
                    }
                    time::number(lang, u64::from(*count))
                }
                Arg::Name(name) => name.get(lang).to_string(),
            };
            (*name, text)
        })
        .collect();
    let said: Vec<(&str, &str)> = said
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    words.with(&key, &said)
}

/// The sentences of a calculation.
fn sentences(words: &Words, board: &Board, clock: &Clock, why: &Explanation) -> Vec<String> {
    let in_hours = board.calendar(clock).is_some();
    let all = why.sentences.iter();
    all.map(|one| sentence(words, one, in_hours)).collect()
}

/// The line in words: now, when it is due, and what didn't count.
fn described(words: &Words, board: &Board, clock: &Clock, why: &Explanation) -> String {
    let mut all = vec![
        format!(
            "{} {}",
            words.t("clock.now"),
            time::moment(words.lang(), board.now, "")
        ),
        headline(words, board, clock),
    ];
    let skipped = why
        .sentences
        .iter()
        .filter(|one| one.key.starts_with("sla.skipped."));
    all.extend(skipped.map(|one| sentence(words, one, true)));
    all.join(" · ")
}

/// A calculation in words.
#[derive(Clone, PartialEq)]
struct Said {
    sentences: Vec<String>,
    /// Whose clock the stretches are told by.
    zone: String,
    /// Every stretch of time, and whether it counted.
    stretches: Vec<(bool, String)>,
}

/// The calculation: its sentences, then every stretch of time by the desk's clock.
fn calculation(words: &Words, board: &Board, clock: &Clock) -> Option<Said> {
    let why = board.why(clock)?;
    let calendar = board.calendar(clock);
    let zone = calendar.map_or(String::new(), |calendar| calendar.zone().name.clone());
    let stretch = |one: &Stretch| {
        let text = stretch_text(words, board, clock, one, &zone);
        (one.why == Why::Open, text)
    };
    let stretches = match why.stretches.len() {
        // A single one says nothing that the sentences don't.
        0 | 1 => Vec::new(),
        _ => why.stretches.iter().take(STRETCHES).map(stretch).collect(),
    };
    Some(Said {
        sentences: sentences(words, board, clock, &why),
        stretches,
        zone: if zone.is_empty() { zones::own() } else { zone },
    })
}

fn steps(words: &Words, said: &Said) -> AnyView {
    let sentences = said.sentences.iter().map(|text| li().child(text.clone()));
    let stretches = said.stretches.iter().map(|(counted, text)| {
        li().class(if *counted { "counted" } else { "" })
            .child(text.clone())
    });
    let table = (!said.stretches.is_empty()).then(|| {
        let title = words.with("clock.stretches", &[("zone", &said.zone)]);
        (
            p().class("small muted").child(title),
            ul().class("stretches").child(stretches.collect_view()),
        )
    });
    (ol().class("calc").child(sentences.collect_view()), table).into_any()
}

fn stretch_text(
    words: &Words,
    board: &Board,
    clock: &Clock,
    stretch: &Stretch,
    zone: &str,
) -> String {
    let lang = words.lang();
    let why = match stretch.why {
        Why::Open => words.t("clock.stretch.open"),
        Why::Night => words.t("clock.stretch.night"),
        Why::Weekend => words.t("clock.stretch.weekend"),
        Why::Pause => words.t("clock.stretch.pause"),
        Why::Special(index) => board
            .calendar(clock)
            .and_then(|calendar| calendar.special().get(index))
            .map(|day| day.name.get(lang).to_string())
            .unwrap_or_default(),
    };
    words.with(
        "clock.stretch.line",
        &[
            ("from", &time::moment(lang, stretch.from, zone)),
            ("to", &time::moment(lang, stretch.to, zone)),
            ("length", &time::length(lang, stretch.to - stretch.from)),
            ("why", &why),
        ],
    )
}

/// The due time as a file for one's calendar (NEW-09).
fn calendar_file(words: &Words, shown: Memo<Shown>, key: &Name, about: &Rc<About>) -> AnyView {
    let (saved_words, key, about) = (words.clone(), key.clone(), about.clone());
    let label = part(shown, &key, |board, clock| Some(name(words, board, clock)));
    let save = move |_| {
        let words = &saved_words;
        let made = part(shown, &key, |board, clock| {
            let due = clock.due?.at;
            let title = format!("{} {}", about.title, name(words, board, clock));
            let why = board.why(clock)?;
            let lines = sentences(words, board, clock, &why);
            Some(export(&DueEvent {
                uid: &format!("{}-{}-{}@casement", about.id, key.0, key.1),
                stamp: server_now(),
                at: due,
                title: title.trim(),
                description: &lines.join("\n"),
                url: &about.url,
            }))
        });
        if let Some(text) = made {
            download_calendar(&format!("{}-{}.ics", about.id, key.0), &text);
        }
    };
    button()
        .class("btn btn-quiet btn-s no-print")
        .attr("type", "button")
        .on(ev::click, save)
        .child((
            icon("download"),
            words.t("clock.file"),
            span()
                .class("vh")
                .child(format!(" {}", label.unwrap_or_default())),
        ))
        .into_any()
}

/// Whether a clock says something while a draft is not sent yet.
pub fn before_sending(clock: &Clock) -> bool {
    matches!(
        clock.what,
        What::Response | What::Update | What::Restoration
    )
}

/// Running over nights and a weekend, waiting for the customer, answered in time and too late, overdue,
/// and one that can't be computed.
pub fn examples(app: App) -> super::example::Examples {
    let (words, policy) = (app.words_now(), super::example::policy(app));
    let now = server_now();
    let on = |hours: i64, mark: Mark| Event::new(now - hours * HOUR, mark);
    let stories: [(&'static str, Vec<Event>); 6] = [
        ("Just created", vec![on(0, Mark::Created)]),
        (
            "Waiting for the customer",
            vec![on(30, Mark::Created), on(29, Mark::Waiting)],
        ),
        (
            "Answered in time",
            vec![on(200, Mark::Created), on(199, Mark::Answered)],
        ),
        (
            "Answered too late",
            vec![on(700, Mark::Created), on(2, Mark::Answered)],
        ),
        ("Overdue", vec![on(700, Mark::Created)]),
        (
            "Can't be computed",
            vec![on(3, Mark::Created), on(1, Mark::Resumed)],
        ),
    ];
    let about = About {
        id: super::example::ID.into(),
        title: super::example::LONG.into(),
        url: String::new(),
        zone: Memo::new(|_| "America/St_Johns".into()),
    };
    let views = stories.into_iter().map(|(label, history)| {
        let policy = policy.clone();
        let shown = Memo::new(move |_| {
            let facts = usual(&policy);
            let board = of(app).board(app, &policy, facts, history.clone());
            Shown(board.map(Arc::new))
        });
        let answer = |clock: &Clock| clock.what == What::Response;
        let view = div()
            .class("clocks")
            .child(clocks(&words, shown, answer, &about));
        (label, view.into_any())
    });
    views.collect()
}

/// The facts of a case whose first answer is counted in business hours.
fn usual(policy: &Policy) -> Facts {
    let sla = &policy.sla;
    let first = |values: &[String]| values.first().cloned().unwrap_or_default();
    let in_hours = sla
        .targets
        .iter()
        .find(|one| one.what == What::Response && one.clock == ClockWord::Business);
    let when = in_hours.map(|one| &one.when);
    let value = |fact| {
        when.map(|when| first(when.values(fact)))
            .unwrap_or_default()
    };
    let region = sla
        .desks
        .iter()
        .rev()
        .map(|desk| desk.when.values("region"));
    Facts {
        plan: value("plan"),
        severity: value("severity"),
        region: region
            .map(first)
            .find(|one| !one.is_empty())
            .unwrap_or_default(),
        ..Facts::default()
    }
}

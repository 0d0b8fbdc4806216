//! Where clocks stand: beside the form (NEW-02), on a case and its return (NEW-09), in its time line, and
//! the hours of a region (NEW-08, MPT-15).

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::clock::{About, badge, before_sending, clocks, distance, headline, name};
use super::clock_line::legend;
use super::icon::icon;
use crate::browser::{clock as time, zones};
use crate::core::due::customer_of;
use crate::core::flow::journey;
use crate::core::policy::{FieldKind, Policy, Step};
use crate::core::route::Route;
use crate::core::sla::Trouble;
use crate::core::sla::calendar::{Calendar, Why};
use crate::core::sla::civil::DAY;
use crate::core::sla::clocks::{Clock, State, What};
use crate::core::sla::terms::Facts;
use crate::ui::clocks::{Board, Shown, of, of_all, of_draft, of_one};
use crate::ui::dom::prelude::*;
use crate::ui::dom::{aside, b, div, h2, li, p, section, span, time as moment, ul};
use crate::ui::state::{App, Words};

/// An instant after all others, the end of the year 9999.
const LAST: i64 = 253_402_300_799_000;

/// Whether the clocks stand beside a step: where one chooses what they depend on.
pub fn belongs_beside(policy: &Policy, step: &Step) -> bool {
    let kinds = [FieldKind::Severity, FieldKind::Region, FieldKind::Language];
    let says_something = !policy.sla.targets.is_empty() || !policy.sla.notes.is_empty();
    let decides = |key: &String| {
        let field = policy.field(key);
        field.is_some_and(|field| kinds.contains(&field.kind))
    };
    says_something && step.fields.iter().any(decides)
}

/// The clocks of the open draft, as if it were sent now.
pub fn panel(app: App, policy: &Arc<Policy>) -> AnyView {
    let words = app.words_now();
    let shown = of_draft(app, policy);
    let by_phone = Memo::new(move |_| {
        app.with_editor(|world, draft| journey(world, draft).by_phone)
            .unwrap_or(false)
    });
    let zone = Memo::new(move |_| {
        let found = app.with_editor(|world, draft| {
            let by_id = world.policy.field_of(FieldKind::OnBehalf);
            let by_name = world.policy.field_of(FieldKind::Customer);
            let id = by_id.map_or("", |field| draft.text(&field.key));
            let name = by_name.map_or("", |field| draft.text(&field.key));
            let customer = customer_of(world.customers, id, name);
            customer.map(|one| one.zone.clone())
        });
        known_zone(found.flatten().unwrap_or_default())
    });
    let about = About {
        id: String::new(),
        title: String::new(),
        url: String::new(),
        zone,
    };
    let intro = {
        let words = words.clone();
        move || {
            words.t(if by_phone.get() {
                "clock.if_called"
            } else {
                "clock.if_sent"
            })
        }
    };
    let nothing = {
        let words = words.clone();
        move || {
            let key = shown.with(|shown| match &shown.0 {
                Some(board) if board.clocks.iter().any(before_sending) => None,
                Some(board) => Some(nothing_yet(board)),
                None => None,
            })?;
            Some(p().class("small").child(words.t(key)))
        }
    };
    let hours = {
        let (words, policy) = (words.clone(), policy.clone());
        move || {
            let facts = shown.with(|shown| shown.0.as_ref().map(|board| board.facts.clone()))?;
            let region = policy.regions.iter().find(|one| one.id == facts.region)?;
            let name = region.name.get(words.lang()).to_string();
            hours_now(app, &words, &policy, &facts, Some(name))
        }
    };
    let notes = {
        let words = words.clone();
        move || {
            let texts = shown.with(|shown| shown.0.as_ref().map(|board| notes(&words, board)))?;
            let lines: Vec<_> = texts.into_iter().map(|text| li().child(text)).collect();
            (!lines.is_empty()).then(|| ul().class("small muted clock-notes").child(lines))
        }
    };
    let drawn = Memo::new(move |_| {
        shown.with(|shown| {
            let clocks = shown.0.as_ref().map(|board| board.clocks.iter());
            let mut clocks = clocks.into_iter().flatten();
            clocks.any(|clock| before_sending(clock) && clock.due.is_some())
        })
    });
    let (zone_words, legend_words) = (words.clone(), words.clone());
    let own_zone = move || {
        drawn.get().then(|| {
            let text = zone_words.with("clock.zone", &[("zone", &zones::own())]);
            p().class("small muted").child(text)
        })
    };
    section()
        .class("section card clock-panel")
        .attr("aria-labelledby", "clock-title")
        .child((
            div().class("stack-s").child((
                h2().id("clock-title").child(words.t("clock.title")),
                p().class("small muted").child(intro),
                hours,
            )),
            nothing,
            div()
                .class("clocks")
                .child(clocks(&words, shown, before_sending, &about)),
            move || drawn.get().then(|| legend(&legend_words)),
            own_zone,
            notes,
        ))
        .into_any()
}

/// The panel as what stands beside a page.
pub fn beside(app: App, policy: &Arc<Policy>) -> AnyView {
    aside()
        .class("page-aside")
        .attr("aria-labelledby", "clock-title")
        .child(panel(app, policy))
        .into_any()
}

/// Why there is no clock: something is not chosen yet, or nothing is promised.
fn nothing_yet(board: &Board) -> &'static str {
    let asks = |kind| board.policy.field_of(kind).is_some();
    let targets = &board.policy.sla.targets;
    if targets.iter().all(|one| one.what != What::Response) {
        "clock.none"
    } else if board.facts.severity.is_empty() && asks(FieldKind::Severity) {
        "clock.choose_severity"
    } else {
        "clock.none"
    }
}

fn notes(words: &Words, board: &Board) -> Vec<String> {
    let fitting = board.policy.sla.notes.iter();
    let fitting = fitting.filter(|note| note.when.fits(&board.facts));
    fitting
        .map(|note| note.text.get(words.lang()).to_string())
        .collect()
}

/// A zone that the browser can show times of; none otherwise.
fn known_zone(zone: String) -> String {
    match zones::is_known(&zone) {
        true => zone,
        false => String::new(),
    }
}

/// Whether the desk of a region is open now and until when, or when it opens; why it can't be said.
pub fn hours_now(
    app: App,
    words: &Words,
    policy: &Arc<Policy>,
    facts: &Facts,
    region: Option<String>,
) -> Option<AnyView> {
    if policy.sla.calendars.is_empty() {
        return None;
    }
    let all = of(app);
    let now = all.now();
    let state = all.hours(app, policy, facts, |hours| open_state(words, hours, now))?;
    let (open, text) = match state {
        Ok(said) => said,
        // Hours that the policy doesn't name are no trouble of the clock.
        Err(Trouble::NoCalendar) => return None,
        Err(trouble) => {
            let why = words.t(&format!("sla.trouble.{}", trouble.code()));
            (false, words.with("clock.hours_unknown", &[("why", &why)]))
        }
    };
    let region = region.map(|name| span().class("muted").child(format!("{name} · ")));
    let mark = if open { "circle-dot" } else { "circle-slash" };
    let class = if open { "hours hours-open" } else { "hours" };
    let view = p()
        .class(class)
        .child((icon(mark), span().child((region, text))));
    Some(view.into_any())
}

/// Whether a desk is open, in words.
fn open_state(
    words: &Words,
    hours: Result<Option<&Calendar>, Trouble>,
    now: i64,
) -> Result<(bool, String), Trouble> {
    let Some(calendar) = hours? else {
        return Ok((true, words.t("clock.open_always")));
    };
    let lang = words.lang();
    if !calendar.is_open(now)? {
        let at = time::moment(lang, calendar.next_opening(now)?, "");
        return Ok((false, words.with("clock.closed_now", &[("at", &at)])));
    }
    let until = calendar
        .stretches(now, now + 8 * DAY)?
        .first()
        .filter(|first| first.why == Why::Open)
        .map(|first| first.to);
    Ok(match until {
        Some(until) if until < now + 8 * DAY => {
            let at = time::moment(lang, until, "");
            (true, words.with("clock.open_now", &[("at", &at)]))
        }
        _ => (true, words.t("clock.open_always")),
    })
}

/// What clocks of a case are about.
fn about_case(app: App, id: &str) -> About {
    let id = id.to_string();
    let zone = {
        let id = id.clone();
        Memo::new(move |_| {
            let found = app.records.with(|records| {
                let case = records.cases.iter().find(|one| one.id == id)?;
                let (id, name) = (&case.customer_id, &case.customer_name);
                let customer = customer_of(&records.customers, id, name);
                customer.map(|one| one.zone.clone())
            });
            known_zone(found.unwrap_or_default())
        })
    };
    let number = app.records.with_untracked(|records| {
        let case = records.cases.iter().find(|one| one.id == id);
        case.map(|one| one.number.clone()).unwrap_or_default()
    });
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    let href = app.href(&Route::Case(id.clone()));
    About {
        title: number.clone(),
        id: if number.is_empty() { id } else { number },
        url: format!("{}{href}", origin.unwrap_or_default()),
        zone,
    }
}

/// The clocks of a case beside it; nothing where it has none.
pub fn of_case(app: App, words: &Words, id: &str) -> AnyView {
    section_of(app, words, id, "case-clocks", "clock.case", |clock| {
        !is_of_return(clock)
    })
}

/// The clocks of a return, with the days left to send the part back.
pub fn of_return(app: App, words: &Words, id: &str) -> AnyView {
    section_of(
        app,
        words,
        id,
        "return-clocks",
        "clock.return",
        is_of_return,
    )
}

fn is_of_return(clock: &Clock) -> bool {
    matches!(
        clock.what,
        What::RmaShip | What::RmaDeliver | What::RmaReturn | What::Centre
    )
}

fn section_of(
    app: App,
    words: &Words,
    id: &str,
    heading: &'static str,
    title: &'static str,
    fits: fn(&Clock) -> bool,
) -> AnyView {
    let shown = of_one(app, id);
    let about = about_case(app, id);
    let some = Memo::new(move |_| {
        shown.with(|shown| {
            let clocks = shown.0.as_ref().map(|board| board.clocks.iter());
            clocks.into_iter().flatten().any(fits)
        })
    });
    section()
        .class("card section")
        .attr("aria-labelledby", heading)
        .attr("hidden", move || (!some.get()).then_some(""))
        .child((
            h2().class("label").id(heading).child(words.t(title)),
            div()
                .class("clocks")
                .child(clocks(words, shown, fits, &about)),
        ))
        .into_any()
}

/// What is due next of a case, as a badge; nothing if nothing is.
pub fn next_badge(app: App, words: &Words, id: &str) -> AnyView {
    let (words, id, dues) = (words.clone(), id.to_string(), of_all(app));
    let clocks = of(app);
    let next = Memo::new(move |_| dues.with(|dues| dues.get(&id).cloned()));
    (move || {
        let next = next.get()?;
        let what = words.t(&format!("sla.what.{}", next.what));
        Some(badge(&words, &what, next.at, clocks.now()))
    })
    .into_any()
}

/// As [`next_badge`] for a narrow column: how far away it is, and what it is in words for whoever asks.
pub fn next_short(app: App, words: &Words, id: &str) -> AnyView {
    let (words, id, dues) = (words.clone(), id.to_string(), of_all(app));
    let clocks = of(app);
    let next = Memo::new(move |_| dues.with(|dues| dues.get(&id).cloned()));
    (move || {
        let next = next.get()?;
        let what = words.t(&format!("sla.what.{}", next.what));
        let (text, class) = distance(&words, next.at, clocks.now());
        let view = span()
            .class(format!("num {class}"))
            .attr(
                "title",
                format!("{what} {}", time::moment(words.lang(), next.at, "")),
            )
            .child((span().class("vh").child(format!("{what} ")), text));
        Some(view.into_any())
    })
    .into_any()
}

/// A clock in the time line of a case.
#[derive(Clone, PartialEq)]
pub struct Line {
    at: i64,
    stopped: bool,
    text: String,
    state: String,
}

/// The clocks of a case for its time line: those that were stopped where they were, those that run at
/// its end. What they say changes only with what happens, so that the line isn't made anew each time
/// that now moves on.
pub fn lines(words: &Words, shown: &Shown) -> Vec<Line> {
    let Some(board) = &shown.0 else {
        return Vec::new();
    };
    let line = |clock: &Clock| {
        let paused = clock.state == State::Paused;
        let told = clock.stopped.is_none() && !paused;
        Some(Line {
            // What stands still is due after all that has a time.
            at: match clock.stopped {
                None if paused => LAST,
                stopped => stopped.or(clock.due.map(|due| due.at))?,
            },
            stopped: clock.stopped.is_some(),
            text: match told {
                true => headline(words, board, clock),
                false => name(words, board, clock),
            },
            state: match told {
                true => String::new(),
                false => words.t(&format!("sla.state.{}", clock.state.word())),
            },
        })
    };
    board.clocks.iter().filter_map(line).collect()
}

/// A clock in the time line of a case, with the time at which it belongs.
pub fn event(words: &Words, line: &Line) -> (Option<DateTime<Utc>>, AnyView) {
    let (mark, class) = match line.stopped {
        true => ("circle-check", "event"),
        false => ("hourglass", "event event-due"),
    };
    let at = DateTime::from_timestamp_millis(line.at);
    let when = line.stopped.then(|| {
        moment()
            .class("nowrap")
            .attr("datetime", at.map(|at| at.to_rfc3339()))
            .child(time::record_time(words.lang(), at))
    });
    let view = li().class(class).child((
        span().class("event-mark").child(icon(mark)),
        div().child(p().class("event-line").child((
            b().child(line.text.clone()),
            format!(" {} ", line.state),
            when,
        ))),
    ));
    (at, view.into_any())
}

/// Beside a form.
pub fn examples(app: App) -> super::example::Examples {
    let policy = super::example::policy(app);
    vec![("Beside a form", panel(app, &policy))]
}

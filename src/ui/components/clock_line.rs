//! Time drawn: a line from before a clock's start to after it is due, with nights, weekends, holidays
//! and pauses, now, and the due time.
//!
//! The drawing shows what the calculation says and nothing else. It carries the same in words; whoever
//! doesn't see it misses nothing.

use crate::browser::clock as time;
use crate::core::sla::calendar::{Calendar, Stretch, Why};
use crate::core::sla::civil::{DAY, HOUR, MINUTE};
use crate::core::sla::clocks::Clock;
use crate::core::sla::explain::Explanation;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{El, li, svg, ul};
use crate::ui::state::Words;

/// How much of the narrowest width a label takes, in per cent: one letter, one character of Chinese or
/// Japanese, and the space to the next label.
const LETTER: f64 = 2.0;
const CHARACTER: f64 = 4.5;
const SPACE: f64 = 3.0;
/// A line shorter than this is marked by the hours of the desk, a longer one by days.
const SHORT: i64 = 30 * HOUR;

/// From when to when a line goes.
#[derive(Clone, Copy)]
struct Axis {
    from: i64,
    until: i64,
}

impl Axis {
    fn of(clock: &Clock, due: i64, now: i64) -> Axis {
        let end = match clock.stopped {
            Some(stopped) => due.max(stopped),
            None => due.max(now),
        };
        let room = ((end - clock.since) / 14).max(2 * MINUTE);
        Axis {
            from: clock.since - room,
            until: end + room,
        }
    }

    /// Where an instant is, in per cent.
    fn place(self, at: i64) -> f64 {
        let length = (self.until - self.from).max(1) as f64;
        ((at - self.from) as f64 / length * 100.0).clamp(0.0, 100.0)
    }

    fn at(self, at: i64) -> String {
        percent(self.place(at))
    }

    /// A stretch of the line, none if nothing of it can be seen.
    fn rect(self, class: &'static str, from: i64, to: i64) -> Option<El> {
        let (from, to) = (self.place(from), self.place(to));
        (to > from).then(|| {
            svg::rect()
                .class(class)
                .attr("x", percent(from))
                .attr("width", percent(to - from))
                .attr("y", "26")
                .attr("height", "12")
        })
    }
}

fn percent(value: f64) -> String {
    let hundredths = (value * 100.0).round() as i64;
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The line of a clock that has a due time.
pub fn clock_line(
    words: &Words,
    clock: &Clock,
    why: &Explanation,
    calendar: Option<&Calendar>,
    now: i64,
    label: String,
) -> Option<AnyView> {
    let due = clock.due?.at;
    let axis = Axis::of(clock, due, now);
    let seen = clock.stopped.unwrap_or(now);
    let mut parts: Vec<El> = Vec::new();
    parts.extend(around(axis, calendar, axis.from, clock.since));
    parts.extend(around(axis, calendar, due, axis.until));
    for stretch in &why.stretches {
        let (from, to) = (stretch.from, stretch.to);
        match stretch.why {
            Why::Open => {
                parts.extend(axis.rect("clock-used", from, to.min(seen)));
                parts.extend(axis.rect("clock-run", from.max(seen), to));
            }
            other => parts.extend(axis.rect(class_of(calendar, other), from, to)),
        }
    }
    parts.extend(axis.rect("clock-late", due, seen));
    let end_text = marked(axis, "clock-end", due, time::moment(words.lang(), due, ""));
    // Where both would stand on each other, the due time is what one looks for.
    let is_shown = clock.stopped.is_none() && now >= axis.from;
    let apart = (axis.place(due) - axis.place(now)).abs();
    let now_text = match (is_shown, apart) {
        (false, _) => Vec::new(),
        (true, ..34.0) => marked(axis, "clock-now", now, String::new()),
        _ => marked(axis, "clock-now", now, words.t("clock.now")),
    };
    let drawing = svg::svg()
        .class("clock-line")
        .attr("role", "img")
        .attr("aria-label", label)
        .child((parts, marks(words, axis, why), now_text, end_text));
    Some(drawing.into_any())
}

/// The desk's hours before and after.
fn around(axis: Axis, calendar: Option<&Calendar>, from: i64, to: i64) -> Vec<El> {
    let stretches = match calendar {
        Some(calendar) => calendar.stretches(from, to).unwrap_or_default(),
        None => vec![Stretch {
            from,
            to,
            why: Why::Open,
        }],
    };
    let rect = |one: &Stretch| match one.why {
        Why::Open => axis.rect("clock-open", one.from, one.to),
        other => axis.rect(class_of(calendar, other), one.from, one.to),
    };
    stretches.iter().filter_map(rect).collect()
}

fn class_of(calendar: Option<&Calendar>, why: Why) -> &'static str {
    match why {
        Why::Pause => "clock-pause",
        Why::Special(index) => {
            let day = calendar.and_then(|calendar| calendar.special().get(index));
            match day.is_some_and(|day| day.holiday) {
                true => "clock-holiday",
                false => "clock-closed",
            }
        }
        Why::Weekend => "clock-weekend",
        _ => "clock-closed",
    }
}

/// A line across, with its words above.
fn marked(axis: Axis, class: &'static str, at: i64, words: String) -> Vec<El> {
    let line = svg::line()
        .class(class)
        .attr("x1", axis.at(at))
        .attr("x2", axis.at(at))
        .attr("y1", "20")
        .attr("y2", "44");
    if words.is_empty() {
        return vec![line];
    }
    let class = if class == "clock-end" {
        "clock-end-text"
    } else {
        ""
    };
    let text = svg::text()
        .class(class)
        .attr("x", axis.at(at))
        .attr("y", "14")
        .attr("text-anchor", anchor(axis.place(at)))
        .child(words);
    vec![line, text]
}

fn anchor(place: f64) -> &'static str {
    match place {
        ..18.0 => "start",
        82.0.. => "end",
        _ => "middle",
    }
}

/// When the desk opens and closes on a short line, the days on a long one; labels as far as they have
/// room.
fn marks(words: &Words, axis: Axis, why: &Explanation) -> Vec<El> {
    let short = axis.until - axis.from < SHORT;
    let places = match short {
        true => {
            let edges = why.stretches.windows(2).map(|pair| pair[1].from);
            edges.collect()
        }
        false => time::midnights(axis.from, axis.until),
    };
    let mut drawn = Vec::new();
    let mut last = f64::MIN;
    for at in places {
        let place = axis.place(at);
        drawn.push(
            svg::line()
                .class("clock-mark")
                .attr("x1", axis.at(at))
                .attr("x2", axis.at(at))
                .attr("y1", "38")
                .attr("y2", "44"),
        );
        // The name of a day stands in its middle, that of an hour at its mark.
        let middle = if short {
            place
        } else {
            axis.place(at + DAY / 2)
        };
        let text = match short {
            true => time::hour_and_minute(words.lang(), at, ""),
            false => time::weekday(words.lang(), at),
        };
        if middle - last < width(&text) || middle > 95.0 || (short && place < 5.0) {
            continue;
        }
        last = middle;
        drawn.push(
            svg::text()
                .attr("x", percent(middle))
                .attr("y", "58")
                .attr("text-anchor", "middle")
                .child(text),
        );
    }
    drawn
}

/// How much of the width a label takes, with the space to the next, in per cent.
fn width(label: &str) -> f64 {
    let of_one = |one: char| if one.is_ascii() { LETTER } else { CHARACTER };
    label.chars().map(of_one).sum::<f64>() + SPACE
}

/// What the colours mean.
pub fn legend(words: &Words) -> AnyView {
    let entries = [
        ("clock-run", "clock.legend.counts"),
        ("clock-used", "clock.legend.gone"),
        ("clock-closed", "clock.legend.closed"),
        ("clock-weekend", "clock.legend.weekend"),
        ("clock-holiday", "clock.legend.holiday"),
        ("clock-pause", "clock.legend.pause"),
    ];
    let entry = |(class, key): (&'static str, &str)| {
        let rect = svg::rect()
            .class(class)
            .attr("width", "100%")
            .attr("height", "100%")
            .attr("rx", "2");
        li().child((
            svg::svg().attr("aria-hidden", "true").child(rect),
            words.t(key),
        ))
    };
    ul().class("legend")
        .child(entries.into_iter().map(entry).collect_view())
        .into_any()
}

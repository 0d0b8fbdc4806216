//! Time zones as tables, made from what `Intl` says of them.
//!
//! The browser knows every zone but tells only what a clock shows at an instant. A table is asked
//! for a few thousand times, once: it is kept in memory for the page and on the device for a month,
//! or until the browser is another one, since a newer browser may know newer rules. A zone that the
//! browser doesn't know is none, and what is counted in it says so.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};

use super::clock;
use super::page::{preference, set_preference};
use crate::core::sla::civil::{DAY, HOUR, Instant, MINUTE, SECOND, date, midnight};
use crate::core::sla::zone::Zone;

/// The years of the tables.
const YEARS: (i32, i32) = (1990, 2040);
/// For how long a table is kept on the device.
const KEPT: i64 = 30 * DAY;

thread_local! {
    /// The zones asked for so far; none is one that the browser doesn't know.
    static ZONES: RefCell<Vec<(String, Option<Zone>)>> = const { RefCell::new(Vec::new()) };
}

/// The zone of a name, if the browser knows it.
pub fn zone(name: &str) -> Option<Zone> {
    let known = ZONES.with_borrow(|zones| {
        let found = zones.iter().find(|(known, _)| known == name);
        found.map(|(_, zone)| zone.clone())
    });
    known.unwrap_or_else(|| {
        let zone = kept(name).or_else(|| made_and_kept(name));
        ZONES.with_borrow_mut(|zones| zones.push((name.into(), zone.clone())));
        zone
    })
}

/// Whether the browser can show times of a zone.
pub fn is_known(name: &str) -> bool {
    !name.is_empty() && Shown::new(name).is_some()
}

/// The zone of the person's own clock.
pub fn own() -> String {
    let format = js_sys::Intl::DateTimeFormat::new(&Array::new(), &js_sys::Object::new());
    let name = Reflect::get(&format.resolved_options(), &"timeZone".into());
    let name = name.ok().and_then(|name| name.as_string());
    name.unwrap_or_default()
}

fn bounds() -> (Instant, Instant) {
    let new_year = |year| midnight(date(year, 1, 1).unwrap_or_default());
    (new_year(YEARS.0), new_year(YEARS.1))
}

/// The table of a zone as `Intl` has it now; none if it doesn't know the zone.
pub fn made(name: &str) -> Option<Zone> {
    let shown = Shown::new(name)?;
    let (from, until) = bounds();
    // A format that can't be read would make a table that looks right and is wrong.
    shown.ahead(from)?;
    let ahead = &mut |at| shown.ahead(at).unwrap_or_default();
    Some(Zone::from_probe(name, from, until, ahead))
}

/// What a clock in a zone shows.
struct Shown {
    format: Function,
}

impl Shown {
    fn new(name: &str) -> Option<Shown> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let format: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.into();
        let settings = clock::options(&[
            ("timeZone", name),
            ("hourCycle", "h23"),
            ("year", "numeric"),
            ("month", "numeric"),
            ("day", "numeric"),
            ("hour", "numeric"),
            ("minute", "numeric"),
            ("second", "numeric"),
        ]);
        let language = JsValue::from("en-US");
        // It throws for a zone that it doesn't know.
        let made = Reflect::construct(&format, &Array::of2(&language, &settings)).ok()?;
        let format = Reflect::get(&made, &"format".into()).ok()?;
        Some(Shown {
            format: format.dyn_into().ok()?,
        })
    }

    /// How far the clock is ahead of UTC.
    fn ahead(&self, at: Instant) -> Option<i64> {
        let date_shown: JsValue = Date::new(&(at as f64).into()).into();
        let text = self.format.call1(&JsValue::UNDEFINED, &date_shown).ok()?;
        let text = text.as_string()?;
        let mut numbers = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(|part| part.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        let (month, day, year) = (next()?, next()?, next()?);
        let (hour, minute, second) = (next()?, next()?, next()?);
        let day = date(
            i32::try_from(year).ok()?,
            u32::try_from(month).ok()?,
            u32::try_from(day).ok()?,
        )?;
        let local = midnight(day) + hour * HOUR + minute * MINUTE + second * SECOND;
        Some(local - at.div_euclid(SECOND) * SECOND)
    }
}

fn browser() -> String {
    let navigator = web_sys::window().map(|window| window.navigator());
    let name = navigator.and_then(|navigator| navigator.user_agent().ok());
    name.unwrap_or_default()
}

/// The table that the device keeps of a zone, if this browser made it lately.
fn kept(name: &str) -> Option<Zone> {
    let json: Value = serde_json::from_str(&preference(&format!("zone.{name}"))?).ok()?;
    let made = json.get("made")?.as_i64()?;
    let by = json.get("by")?.as_str()?;
    if by != browser() || !(made..made + KEPT).contains(&clock::now()) {
        return None;
    }
    let change = |pair: &Value| Some((pair.get(0)?.as_i64()?, pair.get(1)?.as_i64()?));
    let table: Option<Vec<(i64, i64)>> =
        json.get("table")?.as_array()?.iter().map(change).collect();
    Zone::new(name, &table?, bounds().1)
}

fn made_and_kept(name: &str) -> Option<Zone> {
    let zone = made(name)?;
    let first = (zone.from(), zone.ahead(zone.from()).ok()?);
    let table = std::iter::once(first).chain(zone.changes());
    let table: Vec<Value> = table.map(|(from, ahead)| json!([from, ahead])).collect();
    let json = json!({ "made": clock::now(), "by": browser(), "table": table });
    set_preference(&format!("zone.{name}"), &json.to_string());
    Some(zone)
}

//! Time, chance and `Intl`: what the core may not look up itself.

use std::cell::RefCell;

use chrono::{DateTime, NaiveDate, Utc};
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Milliseconds since 1970, by this device's clock.
pub fn now() -> i64 {
    Date::now() as i64
}

/// Milliseconds since the page began, by a clock that nobody can set.
pub fn steady() -> i64 {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let performance = get(&js_sys::global(), "performance");
    let now = get(&performance, "now").dyn_into::<Function>();
    let millis = now.ok().and_then(|now| now.call0(&performance).ok());
    // Without one, the device's own clock is as good as there is.
    millis
        .and_then(|millis| millis.as_f64())
        .map_or_else(self::now, |millis| millis as i64)
}

/// Today's date where the person is.
pub fn today() -> NaiveDate {
    let date = Date::new_0();
    let year = i32::try_from(date.get_full_year()).unwrap_or(1970);
    NaiveDate::from_ymd_opt(year, date.get_month() + 1, date.get_date()).unwrap_or_default()
}

/// This moment where the person is, for the name of a file: `2026-11-20 14.05.33`.
pub fn stamp() -> String {
    let date = Date::new_0();
    let (year, month) = (date.get_full_year(), date.get_month() + 1);
    let (hours, minutes, seconds) = (date.get_hours(), date.get_minutes(), date.get_seconds());
    let day = date.get_date();
    format!("{year}-{month:02}-{day:02} {hours:02}.{minutes:02}.{seconds:02}")
}

/// A random number, for jitter.
pub fn dice() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

/// A new UUID from the browser's source of randomness.
pub fn uuid() -> String {
    web_sys::window()
        .and_then(|window| window.crypto().ok())
        .map(|crypto| crypto.random_uuid())
        .unwrap_or_else(|| format!("{:x}-{:x}-{:x}", now(), dice(), dice()))
}

pub(super) fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (key, value) in pairs {
        // Setting a property of a fresh object can't fail.
        let _ = Reflect::set(&options, &(*key).into(), &(*value).into());
    }
    options
}

thread_local! {
    /// The regional format that was chosen apart from the language; empty for the language's own.
    static FORMAT: RefCell<String> = RefCell::default();
}

/// Has dates and numbers written in the way of a region, whatever the language (MPT-08).
pub fn set_format(region: &str) {
    FORMAT.with_borrow_mut(|format| *format = region.into());
}

/// How a region writes the date and time of this moment, and a number.
pub fn example_of(region: &str, lang: &str) -> String {
    let chosen = FORMAT.replace(region.into());
    let example = format!("{} · {}", date_time(lang, now()), decimal(lang, 1234.5));
    set_format(&chosen);
    example
}

/// The way to write something in a language: the chosen region's, else the language's own.
fn locale(lang: &str) -> String {
    FORMAT.with_borrow(|format| match format.is_empty() {
        true => lang.into(),
        false => format.clone(),
    })
}

/// Where a region is chosen, dates are in figures: the names of months are words of a language.
const FIGURES: [(&str, &str); 3] = [
    ("year", "numeric"),
    ("month", "2-digit"),
    ("day", "2-digit"),
];

fn format_date(lang: &str, millis: i64, pairs: &[(&str, &str)]) -> String {
    let chosen = FORMAT.with_borrow(|format| !format.is_empty());
    let mut pairs = pairs.to_vec();
    let in_figures = chosen && pairs.iter().any(|(key, _)| *key == "dateStyle");
    if in_figures {
        let with_time = pairs.iter().any(|(key, _)| *key == "timeStyle");
        pairs.retain(|(key, _)| !key.ends_with("Style"));
        pairs.extend(FIGURES);
        if with_time {
            pairs.extend([("hour", "2-digit"), ("minute", "2-digit")]);
        }
    }
    let named = pairs
        .iter()
        .any(|(key, value)| *key == "weekday" || (*key == "month" && *value != "2-digit"));
    let locale = if named { lang.into() } else { locale(lang) };
    let locales = Array::of1(&locale.into());
    let format = Intl::DateTimeFormat::new(&locales, &options(&pairs));
    let date: JsValue = Date::new(&(millis as f64).into()).into();
    call(&format.format(), &date)
}

fn call(function: &Function, value: &JsValue) -> String {
    function
        .call1(&JsValue::UNDEFINED, value)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// Date and time to the minute in the person's own zone.
pub fn date_time(lang: &str, millis: i64) -> String {
    format_date(
        lang,
        millis,
        &[("dateStyle", "medium"), ("timeStyle", "short")],
    )
}

/// Time to the second, for "saved".
pub fn time_of_day(lang: &str, millis: i64) -> String {
    format_date(
        lang,
        millis,
        &[
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("second", "2-digit"),
            ("hourCycle", "h23"),
        ],
    )
}

/// A date without time, as on a contract; it belongs to no zone.
pub fn date(lang: &str, date: NaiveDate) -> String {
    let noon = date.and_hms_opt(12, 0, 0).unwrap_or_default().and_utc();
    format_date(
        lang,
        noon.timestamp_millis(),
        &[("dateStyle", "medium"), ("timeZone", "UTC")],
    )
}

/// A moment with its weekday, to the minute, in a zone that the browser knows, or in the person's own
/// if none is named.
pub fn moment(lang: &str, millis: i64, zone: &str) -> String {
    in_zone(
        lang,
        millis,
        zone,
        &[
            ("weekday", "short"),
            ("month", "short"),
            ("day", "numeric"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("hourCycle", "h23"),
        ],
    )
}

/// The hour and minute of a moment, as [`moment`].
pub fn hour_and_minute(lang: &str, millis: i64, zone: &str) -> String {
    let pairs = [
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
    ];
    in_zone(lang, millis, zone, &pairs)
}

/// The weekday and day of the month of a moment, as short as can be.
pub fn weekday(lang: &str, millis: i64) -> String {
    in_zone(
        lang,
        millis,
        "",
        &[("weekday", "short"), ("day", "numeric")],
    )
}

/// A date of a desk, which has no time and belongs to no zone, with its weekday.
pub fn day(lang: &str, midnight_in_utc: i64) -> String {
    let pairs = [("weekday", "short"), ("month", "short"), ("day", "numeric")];
    in_zone(lang, midnight_in_utc, "UTC", &pairs)
}

fn in_zone(lang: &str, millis: i64, zone: &str, pairs: &[(&str, &str)]) -> String {
    let mut pairs = pairs.to_vec();
    if !zone.is_empty() {
        pairs.push(("timeZone", zone));
    }
    format_date(lang, millis, &pairs)
}

/// A length of time in hours and minutes, in days and hours from four days on; what is begun of a
/// minute counts as one.
pub fn length(lang: &str, millis: i64) -> String {
    let minutes = (millis.max(0) + 59_999) / 60_000;
    let (days, hours) = (minutes / 1_440, minutes / 60);
    let parts = match (days, hours) {
        (4.., _) => [(days, "day"), (hours % 24, "hour")],
        _ => [(hours, "hour"), (minutes % 60, "minute")],
    };
    let said = parts.iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said
        .map(|(count, unit)| in_unit(lang, *count, unit, "short"))
        .collect();
    match said.is_empty() {
        true => in_unit(lang, 0, "minute", "short"),
        false => said.join(" "),
    }
}

/// A length of time in its largest unit that says something, for where there is little room.
pub fn rough_length(lang: &str, millis: i64) -> String {
    let minutes = millis.max(0) / 60_000;
    match minutes {
        0..60 => in_unit(lang, minutes, "minute", "short"),
        60..2_880 => in_unit(lang, minutes / 60, "hour", "short"),
        _ => in_unit(lang, minutes / 1_440, "day", "short"),
    }
}

/// A number of minutes, hours, days, weeks or months, written out.
pub fn in_words(lang: &str, count: i64, unit: &str) -> String {
    in_unit(lang, count, unit, "long")
}

fn in_unit(lang: &str, count: i64, unit: &str, display: &str) -> String {
    let settings = options(&[("style", "unit"), ("unit", unit), ("unitDisplay", display)]);
    let format = Intl::NumberFormat::new(&Array::of1(&lang.into()), &settings);
    call(&format.format(), &(count as f64).into())
}

/// The instants between two at which a day of the person's begins, at most sixty.
pub fn midnights(from: i64, until: i64) -> Vec<i64> {
    let day = Date::new(&(from as f64).into());
    let mut found = Vec::new();
    while found.len() < 60 {
        day.set_date(day.get_date() + 1);
        day.set_hours(0);
        day.set_minutes(0);
        day.set_seconds(0);
        day.set_milliseconds(0);
        let at = day.get_time() as i64;
        if at >= until {
            break;
        }
        found.push(at);
    }
    found
}

/// A month with its year.
pub fn month(lang: &str, first: NaiveDate) -> String {
    let noon = first.and_hms_opt(12, 0, 0).unwrap_or_default().and_utc();
    format_date(
        lang,
        noon.timestamp_millis(),
        &[("year", "numeric"), ("month", "short"), ("timeZone", "UTC")],
    )
}

/// A day and a time of day as written on a wall, without a zone: `2026-01-31T09:30`.
pub fn wall_time(lang: &str, text: &str) -> String {
    let time = Date::parse(&format!("{text}Z"));
    if time.is_nan() {
        return text.into();
    }
    format_date(
        lang,
        time as i64,
        &[
            ("dateStyle", "medium"),
            ("timeStyle", "short"),
            ("timeZone", "UTC"),
        ],
    )
}

/// A record's time, empty if it has none.
pub fn record_time(lang: &str, time: Option<DateTime<Utc>>) -> String {
    time.map(|time| date_time(lang, time.timestamp_millis()))
        .unwrap_or_default()
}

/// How long ago, in the largest unit that says something: "3 minutes ago".
pub fn ago(lang: &str, millis: i64) -> String {
    let seconds = (millis - now()) / 1_000;
    let (value, unit) = match seconds.abs() {
        0..=59 => (0, "minute"),
        60..=3_599 => (seconds / 60, "minute"),
        3_600..=86_399 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let locales = Array::of1(&lang.into());
    let format = Intl::RelativeTimeFormat::new(&locales, &options(&[("numeric", "auto")]));
    format.format(value as f64, unit).into()
}

/// A number with the language's separators.
pub fn number(lang: &str, value: u64) -> String {
    decimal(lang, value as f64)
}

fn decimal(lang: &str, value: f64) -> String {
    let format = Intl::NumberFormat::new(&Array::of1(&locale(lang).into()), &Object::new());
    call(&format.format(), &value.into())
}

/// An amount of money as the backend writes it, `69800` or `199.00`, in a currency; both as they
/// come where the browser knows no such currency.
pub fn money(lang: &str, amount: &str, currency: &str) -> String {
    let Ok(value) = amount.parse::<f64>() else {
        return format!("{amount} {currency}");
    };
    let iso = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !iso {
        return format!("{} {currency}", decimal(lang, value));
    }
    let settings = options(&[("style", "currency"), ("currency", currency)]);
    let format = Intl::NumberFormat::new(&Array::of1(&locale(lang).into()), &settings);
    call(&format.format(), &value.into())
}

/// Bytes in the unit a person would use.
pub fn bytes(lang: &str, value: u64) -> String {
    const UNITS: [&str; 4] = ["byte", "kilobyte", "megabyte", "gigabyte"];
    let mut amount = value as f64;
    let mut unit = 0;
    while amount >= 1_000.0 && unit + 1 < UNITS.len() {
        amount /= 1_000.0;
        unit += 1;
    }
    let settings = options(&[
        ("style", "unit"),
        ("unit", UNITS[unit]),
        ("unitDisplay", "short"),
        ("maximumSignificantDigits", "3"),
    ]);
    let format = Intl::NumberFormat::new(&Array::of1(&lang.into()), &settings);
    call(&format.format(), &amount.into())
}

/// A language's name in another; its code where the browser has no name for it.
pub fn language_name(lang: &str, of: &str) -> String {
    let name = || -> Option<String> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let names: Function = Reflect::get(&intl, &"DisplayNames".into()).ok()?.into();
        let settings = Array::of2(&lang.into(), &options(&[("type", "language")]));
        let names = Reflect::construct(&names, &settings).ok()?;
        let find: Function = Reflect::get(&names, &"of".into()).ok()?.into();
        find.call1(&names, &of.into()).ok()?.as_string()
    };
    name().unwrap_or_else(|| of.into())
}

/// Which plural form a number takes in a language.
pub fn plural(lang: &str, count: u64) -> String {
    let rules = Intl::PluralRules::new(&Array::of1(&lang.into()), &Object::new());
    rules.select(count as f64).into()
}

/// Text in the form in which the same words are the same characters: NFKC.
pub fn normalised(text: &str) -> String {
    js_sys::JsString::from(text)
        .unchecked_into::<js_sys::JsString>()
        .normalize("NFKC")
        .into()
}

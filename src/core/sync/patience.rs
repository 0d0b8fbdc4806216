//! How long to wait before something is asked again.
//!
//! What a backend asks for is read here in every form it comes in ([`asked`]), and turned into a
//! time together with the portal's own patience ([`wait`]). Neither ever fails: what can't be read
//! asks for nothing, and what is absurd is cut to [`LONGEST_ASKED`].

/// First wait after a failure, in milliseconds; doubles with each further one.
const FIRST_WAIT: i64 = 1_000;
/// Longest wait that the portal chooses itself.
const LONGEST_WAIT: i64 = 5 * 60_000;
/// Longest wait that a backend can ask for; absurd values must not stop the outbox for a day.
pub const LONGEST_ASKED: i64 = 15 * 60_000;

/// How long to wait after a number of failures: doubling, half of it by chance, so that many
/// devices don't come back in the same second, and never less than what was asked for.
pub fn wait(failures: u32, asked: Option<i64>, dice: u32) -> i64 {
    let full = FIRST_WAIT
        .saturating_mul(1 << failures.saturating_sub(1).min(16))
        .min(LONGEST_WAIT);
    let chosen = full / 2 + i64::from(dice) % (full / 2 + 1);
    asked.map_or(chosen, |asked| spread(asked, dice).max(chosen))
}

/// What was asked for, and up to a tenth more by chance; what is cut anyway is spread before the
/// cut instead, so that it never gets longer.
pub fn spread(asked: i64, dice: u32) -> i64 {
    let by_chance = |most: i64| i64::from(dice) % (most + 1);
    if asked > LONGEST_ASKED {
        return LONGEST_ASKED - by_chance(LONGEST_ASKED / 10);
    }
    let asked = asked.max(0);
    (asked + by_chance(asked / 10)).min(LONGEST_ASKED)
}

/// Milliseconds that a `Retry-After` asks for: seconds, also with a fraction, or a date, which is
/// compared with `now` on the backend's clock where that is known. Nothing that can be read asks
/// for nothing, and so does a time that has passed.
pub fn asked(header: Option<&str>, now: i64) -> Option<i64> {
    let text = header?.trim();
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.starts_with(|first: char| first.is_ascii_digit()) && !digits.contains(' ') {
        return seconds(digits);
    }
    if text.starts_with('-') {
        return Some(0);
    }
    Some(http_date(text, now)?.saturating_sub(now).max(0))
}

/// `120`, `1.5`, or more digits than anybody could mean.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let whole = whole.parse::<i64>().unwrap_or(i64::MAX);
    let thousandths = fraction
        .bytes()
        .chain(*b"000")
        .take(3)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(whole.saturating_mul(1_000).saturating_add(thousandths))
}

/// An HTTP date in milliseconds since 1970, in the three forms of RFC 9110, 5.6.7:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
/// `now` decides the century of two digits. By hand, because chrono's own way brings its whole
/// language of formats into the bundle.
pub fn http_date(text: &str, now: i64) -> Option<i64> {
    let parts: Vec<&str> = text
        .split([' ', ',', '-', ':'])
        .filter(|part| !part.is_empty())
        .collect();
    let (year, month, day, clock) = match *parts.as_slice() {
        [_, day, month, year, hour, minute, second, "GMT"] => {
            (year, month, day, [hour, minute, second])
        }
        [_, month, day, hour, minute, second, year] => (year, month, day, [hour, minute, second]),
        _ => return None,
    };
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS.iter().position(|name| *name == month)? as u32 + 1;
    let number = |text: &str| {
        let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let [hour, minute, second] = clock.map(number);
    let at = |year: u32| {
        chrono::NaiveDate::from_ymd_opt(year as i32, month, number(day)?)?
            // A leap second is counted with the second before it.
            .and_hms_opt(hour?, minute?, second?.min(59))
            .map(|time| time.and_utc().timestamp_millis())
    };
    let written = number(year)?;
    if year.len() != 2 {
        return at(written);
    }
    // More than fifty years ahead means the last century.
    const FIFTY_YEARS: i64 = 50 * 31_556_952_000;
    at(2_000 + written)
        .filter(|time| *time <= now.saturating_add(FIFTY_YEARS))
        .or_else(|| at(1_900 + written))
}

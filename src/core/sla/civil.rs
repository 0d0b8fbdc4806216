//! Dates and times of day as plain numbers: no zone, no clock, no locale.
//!
//! A *date* is a count of days since 1970-01-01, an *instant* a count of milliseconds since then in
//! UTC, a *local time* the same count as a wall clock shows it. Turning one into the other needs a
//! [`super::zone::Zone`]. Everything here is total: what does not exist (30 February) is `None`.

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Instant = i64;
/// What a wall clock shows, in milliseconds since it showed 1970-01-01 00:00.
pub type Local = i64;
/// Days since 1970-01-01.
pub type Date = i32;

/// A second in milliseconds.
pub const SECOND: i64 = 1_000;
/// A minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day of 24 hours in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// The date of a local time.
pub fn date_of(local: Local) -> Date {
    // A local time that i64 can hold in milliseconds may lie outside i32 days; clamping keeps the
    // order, and no calendar reaches that far.
    local
        .div_euclid(DAY)
        .clamp(i64::from(Date::MIN), i64::from(Date::MAX)) as Date
}

/// The local time at which a date begins.
pub fn midnight(date: Date) -> Local {
    i64::from(date) * DAY
}

/// The day of the week, Monday 0 to Sunday 6.
pub fn weekday(date: Date) -> usize {
    // 1970-01-01 was a Thursday.
    (i64::from(date) + 3).rem_euclid(7) as usize
}

/// The date of a year, month and day, if there is one.
pub fn date(year: i32, month: u32, day: u32) -> Option<Date> {
    let exists = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && (-9999..=9999).contains(&year);
    exists.then(|| count_days(year, month, day))
}

/// Counts in eras of 400 years that begin in March, so that the leap day comes last.
fn count_days(year: i32, month: u32, day: u32) -> Date {
    let year = if month < 3 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = ((153 * ((month as i32 + 9) % 12) + 2) / 5) + day as i32 - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day of a date.
pub fn parts(date: Date) -> (i32, u32, u32) {
    let days = i64::from(date) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * month + 2) / 5 + 1) as u32;
    let month = if month < 10 { month + 3 } else { month - 9 } as u32;
    let year = (year + era * 400) as i32 + i32::from(month < 3);
    (year, month, day)
}

/// How many days a month has.
pub fn days_in(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The same day so many months later; the last day of that month where it has no such day.
pub fn months_later(from: Date, months: u32) -> Option<Date> {
    let (year, month, day) = parts(from);
    let count = i64::from(year) * 12 + i64::from(month) - 1 + i64::from(months);
    let year = i32::try_from(count.div_euclid(12)).ok()?;
    let month = count.rem_euclid(12) as u32 + 1;
    date(year, month, day.min(days_in(year, month)))
}

/// A date as `2026-11-20`.
pub fn date_text(date: Date) -> String {
    let (year, month, day) = parts(date);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A local time as `2026-11-20T09:30`, with seconds and thousandths where they are not zero.
pub fn local_text(local: Local) -> String {
    let of_day = local.rem_euclid(DAY);
    let (minutes, rest) = (of_day / MINUTE, of_day % MINUTE);
    let date = date_text(date_of(local));
    let text = format!("{date}T{:02}:{:02}", minutes / 60, minutes % 60);
    match (rest / SECOND, rest % SECOND) {
        (0, 0) => text,
        (seconds, 0) => format!("{text}:{seconds:02}"),
        (seconds, thousandths) => format!("{text}:{seconds:02}.{thousandths:03}"),
    }
}

/// Reads a date as `2026-11-20`.
pub fn read_date(text: &str) -> Option<Date> {
    let mut scan = Scan(text.as_bytes());
    let date = scan.date()?;
    scan.0.is_empty().then_some(date)
}

/// Reads a time of day as `09:30`, in milliseconds. Hours run past 24 for what ends after
/// midnight: `30:00` is six in the morning of the next day.
pub fn read_time_of_day(text: &str) -> Option<i64> {
    let mut scan = Scan(text.as_bytes());
    let (hours, minutes) = (scan.digits(2)?, scan.sign(b':')?.digits(2)?);
    let fits = scan.0.is_empty() && minutes < 60 && hours * 60 + minutes <= 48 * 60;
    fits.then_some(hours * HOUR + minutes * MINUTE)
}

/// Reads `2026-11-20T09:30`, with or without seconds, and with `Z` or `+09:00` behind it or not:
/// the local time and, if it says so, how far the local clock is ahead of UTC.
pub fn read_time(text: &str) -> Option<(Local, Option<i64>)> {
    let mut scan = Scan(text.as_bytes());
    let mut local = midnight(scan.date()?);
    let (hours, minutes) = (scan.sign(b'T')?.digits(2)?, scan.sign(b':')?.digits(2)?);
    let seconds = match scan.sign(b':') {
        Some(scan) => scan.digits(2)?,
        None => 0,
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    local += hours * HOUR + minutes * MINUTE + seconds * SECOND + scan.thousandths();
    let ahead = match scan.0 {
        [] => None,
        [b'Z'] => Some(0),
        [b'+', ..] => Some(scan.offset()?),
        [b'-', ..] => Some(-scan.offset()?),
        _ => return None,
    };
    Some((local, ahead))
}

/// Reads an instant: a time that says its distance from UTC.
pub fn read_instant(text: &str) -> Option<Instant> {
    let (local, ahead) = read_time(text)?;
    Some(local - ahead?)
}

/// Bytes yet to be read.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.0 = rest;
        let value = |sum: i64, digit: &u8| sum * 10 + i64::from(digit - b'0');
        Some(digits.iter().fold(0, value))
    }

    fn sign(&mut self, sign: u8) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(&[sign])?;
        Some(self)
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.digits(4)?;
        let (month, day) = (self.sign(b'-')?.digits(2)?, self.sign(b'-')?.digits(2)?);
        date(year as i32, month as u32, day as u32)
    }

    /// A fraction of a second; what is finer than a thousandth is dropped.
    fn thousandths(&mut self) -> i64 {
        if self.sign(b'.').is_none() {
            return 0;
        }
        let mut scale = 100;
        let mut sum = 0;
        while let Some(digit) = self.digits(1) {
            sum += digit * scale;
            scale /= 10;
        }
        sum
    }

    fn offset(&mut self) -> Option<i64> {
        self.0 = self.0.get(1..)?;
        let (hours, minutes) = (self.digits(2)?, self.sign(b':')?.digits(2)?);
        let fits = self.0.is_empty() && hours < 24 && minutes < 60;
        fits.then_some(hours * HOUR + minutes * MINUTE)
    }
}

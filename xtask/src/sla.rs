//! What the clocks' commands share: zones of the system's database, public
//! holidays and policies of the portal; and `cargo xtask sla-vectors`, `holidays` and
//! `import-calendar`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use casement::core::reader::Problem;
use casement::core::sla::calendar::Holidays;
use casement::core::sla::civil::{Instant, SECOND, date, date_text, midnight};
use casement::core::sla::ics::import;
use casement::core::sla::terms::read_holidays;
use casement::core::sla::vectors::{Supplies, run};
use casement::core::sla::zone::Zone;
use chrono::{Offset, TimeZone};
use serde_json::Value;

use crate::process::Task;
use crate::{tools, workspace};

/// The zone of a name, from 1990 to 2040.
pub(crate) fn zone(name: &str) -> Option<Zone> {
    let tz: chrono_tz::Tz = name.parse().ok()?;
    let year = |year| date(year, 1, 1).map(midnight);
    let mut ahead = |at: Instant| {
        let time = chrono::DateTime::from_timestamp_millis(at).unwrap_or_default();
        let offset = tz.offset_from_utc_datetime(&time.naive_utc());
        i64::from(offset.fix().local_minus_utc()) * SECOND
    };
    Some(Zone::from_probe(name, year(1990)?, year(2040)?, &mut ahead))
}

/// The public holidays that the portal ships.
pub(crate) fn holidays() -> Result<Vec<Holidays>> {
    let mut sets = Vec::new();
    for path in json_files(&workspace::root().join("public/calendars"))? {
        let (set, problems) = read_holidays(&json(&path)?);
        if let Some(problem) = problems.first() {
            bail!("{}: {}", path.display(), told(problem));
        }
        sets.push(set);
    }
    Ok(sets)
}

/// Writes the public holidays again, in the same way on every machine.
pub(crate) fn write_holidays() -> Result<()> {
    let python = tools::python_with_holidays()?;
    let folder = workspace::root().join("public/calendars");
    Task::new(python)
        .arg(workspace::root().join("xtask/holidays/generate.py"))
        .arg(&folder)
        .run()?;
    let sets = holidays()?;
    let days: usize = sets.iter().map(|set| set.days.len()).sum();
    println!("{} files with {days} holidays", sets.len());
    Ok(())
}

/// The years that imported holidays are written for: those of the public ones.
const YEARS: (i32, i32) = (2024, 2030);

/// Writes the whole-day events of an iCalendar file as a calendar that policies can name.
pub(crate) fn import_calendar(file: &Path, name: &str) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let calendar = imported(&String::from_utf8_lossy(&bytes), name)?;
    let path = workspace::root().join(format!("public/calendars/{name}.json"));
    let text = serde_json::to_string_pretty(&calendar)? + "\n";
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    let days = calendar["days"].as_array().map_or(0, Vec::len);
    println!("{}: {days} holidays", path.display());
    Ok(())
}

/// The calendar file of what can be taken; what can't is told and left aside.
fn imported(text: &str, name: &str) -> Result<Value> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        bail!("`{name}` is no name for a calendar; take letters, digits and hyphens");
    }
    let found = import(text, YEARS.0, YEARS.1);
    for problem in &found.problems {
        println!("left aside: {}", told(problem));
    }
    if found.days.is_empty() {
        bail!("no whole-day event of {} to {} in it", YEARS.0, YEARS.1);
    }
    let days: Vec<Value> = found
        .days
        .iter()
        .map(|(date, name)| {
            let names: serde_json::Map<String, Value> = name
                .languages()
                .map(|lang| (lang.to_string(), name.get(lang).into()))
                .collect();
            serde_json::json!({ "date": date_text(*date), "name": names })
        })
        .collect();
    Ok(serde_json::json!({
        "$schema": "../schemas/calendar.schema.json",
        "country": name,
        "from": format!("{}-01-01", YEARS.0),
        "until": format!("{}-01-01", YEARS.1 + 1),
        "days": days,
    }))
}

/// Runs vectors of files and folders; the exit code is 1 if one fails and 2 if
/// a file has mistakes.
pub(crate) fn vectors(paths: &[PathBuf]) -> Result<u8> {
    let holidays = holidays()?;
    let supplies = Supplies {
        zone: &zone,
        holidays: &holidays,
        policy: &|id| json(&workspace::root().join(format!("public/policies/{id}.json"))).ok(),
    };
    let (mut passed, mut failed, mut malformed) = (0, 0, false);
    for path in files(paths)? {
        let shown = path.display();
        let json = match json(&path) {
            Ok(json) => json,
            Err(problem) => {
                println!("{shown}: {problem:#}");
                malformed = true;
                continue;
            }
        };
        match run(&json, &supplies) {
            Ok(outcomes) => {
                for outcome in outcomes {
                    if outcome.passed {
                        passed += 1;
                        continue;
                    }
                    failed += 1;
                    println!(
                        "{shown}: {}\n  expected {}\n  found    {}",
                        outcome.name, outcome.expected, outcome.found
                    );
                }
            }
            Err(problems) => {
                malformed = true;
                for problem in problems {
                    println!("{shown}: {}", told(&problem));
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(match (malformed, failed) {
        (true, _) => 2,
        (false, 0) => 0,
        (false, _) => 1,
    })
}

fn told(problem: &Problem) -> String {
    let Problem {
        path,
        expected,
        found,
        mend,
    } = problem;
    let path = if path.is_empty() { "the file" } else { path };
    format!("{path}: expected {expected}, found {found}; {mend}")
}

/// The files named, and those of the folders named.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(json_files(path)?);
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        bail!("no file to run; name files of vectors, or folders with such");
    }
    Ok(files)
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    Ok(files)
}

fn json(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).context("cannot be read")?;
    serde_json::from_str(&text).context("is no JSON; correct it there")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, text: &str) -> u8 {
        let folder = std::env::temp_dir().join(format!("casement-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("vectors.json");
        std::fs::write(&path, text).unwrap();
        let code = vectors(&[path]).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        code
    }

    #[test]
    fn an_imported_calendar_is_one_that_policies_can_name() {
        let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260804\r\n\
            SUMMARY:Founders' Day\r\nRRULE:FREQ=YEARLY;COUNT=2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let (holidays, problems) = read_holidays(&imported(text, "OURS").unwrap());
        assert_eq!(problems.len(), 0);
        let days: Vec<String> = holidays
            .days
            .iter()
            .map(|(day, _)| date_text(*day))
            .collect();
        assert_eq!(
            (holidays.id.as_str(), days),
            ("OURS", vec!["2026-08-04".into(), "2027-08-04".into()])
        );
        assert!(imported(text, "../ours").is_err());
        assert!(imported("BEGIN:VCALENDAR", "OURS").is_err());
    }

    #[test]
    fn the_exit_code_tells_a_wrong_answer_from_a_wrong_file() {
        let vector = |open| {
            format!(
                r#"{{ "vectors": [{{ "name": "a", "ask": {{ "is_open": "2026-11-20T00:00:00Z" }},
                "expect": {{ "open": {open} }} }}] }}"#
            )
        };
        assert_eq!(run("right", &vector("true")), 0);
        assert_eq!(run("wrong", &vector("false")), 1);
        assert_eq!(run("mistaken", &vector("7")), 2);
        assert_eq!(run("broken", "{"), 2);
    }
}

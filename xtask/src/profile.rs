//! `cargo xtask check-profile`: all that is wrong with descriptions of a backend, what is hardly meant,
//! what the portal does without, and what it would make of recorded answers. What is looked at is the
//! core's business.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use casement::core::profile::Profile;
use casement::core::profile::advice::{Examined, Seen, examine_text, replay};
use casement::core::reader::Problem;
use serde_json::Value;

use crate::cli::ProfileOptions;
use crate::policy::{counted, told};

/// Checks the files and says whether the portal could use all of them.
pub(crate) fn check(options: &ProfileOptions) -> Result<bool> {
    let mut usable = true;
    for path in &options.paths {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        // What is not UTF-8 is no JSON either, and is told as such with its place.
        let examined = examine_text(&String::from_utf8_lossy(&bytes), "/api", None);
        print(path, &examined);
        match (&examined.profile, &options.recorded) {
            (None, _) => usable = false,
            (Some(profile), Some(recorded)) => usable &= play(profile, recorded)?,
            (Some(_), None) => {}
        }
    }
    Ok(usable)
}

fn print(path: &Path, examined: &Examined) {
    let (mistakes, advice) = (examined.problems.len(), examined.advice.len());
    println!(
        "{}: {}, {}, {}",
        path.display(),
        counted(mistakes, "mistake", "mistakes"),
        counted(advice, "thing to look at", "things to look at"),
        counted(examined.limits.len(), "limit", "limits")
    );
    for problem in &examined.problems {
        println!("{}", told('✗', problem));
    }
    for problem in &examined.advice {
        println!("{}", told('·', problem));
    }
    for limit in &examined.limits {
        println!("– {}\n    {}", limit.path, limit.consequence);
    }
}

/// Runs recorded answers through a profile; false if they are not those that it asks for, or records
/// come of them that the portal can't use.
fn play(profile: &Profile, recorded: &Path) -> Result<bool> {
    let files = recordings(recorded)?;
    if files.is_empty() {
        bail!("there is no .json file in {}", recorded.display());
    }
    let now = UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_millis() as i64);
    let mut fits = true;
    for file in files {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let recording: Value = serde_json::from_str(&text)
            .with_context(|| format!("{} is no JSON", file.display()))?;
        let seen = replay(profile, &recording, now);
        if seen.is_empty() {
            bail!("{} has no \"runs\"", file.display());
        }
        for (index, one) in seen.iter().enumerate() {
            println!("{}, run {}: {}", file.display(), index + 1, one.what);
            println!("{}", shown(one));
            fits &= one.problems.is_empty();
        }
    }
    Ok(fits)
}

/// The file, or the JSON files under a folder in their order.
fn recordings(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.into()]);
    }
    let mut found = Vec::new();
    let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(recordings(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn shown(seen: &Seen) -> String {
    let mut lines: Vec<String> = Vec::new();
    for request in &seen.asked {
        lines.push(format!("    asked     {request}"));
    }
    for change in &seen.records {
        let record = match &change.record {
            Some(record) => record.to_string(),
            None => String::from("deleted"),
        };
        lines.push(format!("    {} {}  {record}", change.kind, change.id));
    }
    lines.push(format!("    outcome   {}", seen.outcome));
    lines.extend(seen.problems.iter().map(|one: &Problem| told('✗', one)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use casement::core::profile::Change;

    #[test]
    fn a_run_shows_what_was_asked_what_came_of_it_and_what_is_wrong() {
        let seen = Seen {
            what: "look for changes".into(),
            asked: vec!["GET /t?page=1".into()],
            records: vec![Change {
                kind: "case".into(),
                id: "7".into(),
                record: None,
            }],
            outcome: "all is read".into(),
            problems: vec![Problem {
                path: "exchange[1]".into(),
                expected: "an answer".into(),
                found: "none".into(),
                mend: "record it".into(),
            }],
        };
        assert_eq!(
            shown(&seen),
            "    asked     GET /t?page=1\n    case 7  deleted\n    outcome   all is read\n\
             ✗ exchange[1]\n    expected  an answer\n    found     none\n    to do     record it"
        );
    }
}

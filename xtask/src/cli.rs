//! What may be typed after `cargo xtask`, and the page that explains it.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};

/// The help page.
pub(crate) const HELP: &str = "\
Casement's commands.

  cargo xtask run [--port N] [--database URL] [--fresh]
      Build the portal, start the reference backend with example data and print
      the address and the accounts to sign in with; and, as another origin, a page
      with the widget. Ctrl-C ends it.
        --port N        the port on 127.0.0.1 (8080; another one if it is taken);
                        the page with the widget has the next
        --database URL  sqlite:PATH or postgres://… instead of a file in target/
        --fresh         start from the example data again

  cargo xtask test [--full] [WORD…]
      Check and test everything, and end with `N passed, N failed`.
        --full          more generated cases and more rounds
        WORD            a stage, or part of a test's name. The stages:
                          format lint licences native backend postgres openapi
                          tus browser bundle e2e faults
                        `cargo xtask test e2e` runs one stage,
                        `cargo xtask test native cms_10` some tests of one.

  cargo xtask faults [--rounds N] [--seed S] [--from N] [--browser NAME]
      Play rounds of the fault bench: the whole portal on a line that fails, in
      a browser that is killed at random moments. Prints what was lost, doubled
      or out of order, and the seed; ends with 1 if anything was. It goes on after
      that, and prints how the rounds can be seen again.
        --rounds N      how many rounds (100)
        --seed S        which faults, kills and texts (another one each time)
        --from N        the first round (1); each fifty begin with a fresh profile
        --browser NAME  chromium, firefox or webkit (chromium)

  cargo xtask fuzz [TARGET…] [--seconds N]
      Look for inputs that break what reads profiles, answers and calendars: each
      target of fuzz/targets, or those named. What is found is kept in fuzz/seeds,
      which the native tests replay; ends with 1 if anything was.
        --seconds N     for how long each (60)

  cargo xtask build
      Only build the portal's static files into dist/ and print their size.

  cargo xtask dev [--port N]
      Serve a debug build with live reload, in front of the backend with example
      data. Ctrl-C ends it.

  cargo xtask check-policy FILE…
      Tell every mistake of these policies, and what is hardly meant, each with its
      place and what to do (docs/policies.md). Ends with 1 if one can't be used.

  cargo xtask check-profile FILE… [--recorded PATH]
      Tell every mistake of these descriptions of a backend's API, what is hardly
      meant, and what the portal does without (docs/backends.md). Ends with 1 if
      one can't be used.
        --recorded PATH  a file with recorded answers, or a folder of such: run
                         them through the one profile and print the requests that
                         go out and the records that the portal would show

  cargo xtask sla-vectors FILE…
      Ask the clocks every question of these files, or of all files of these
      folders (docs/sla.md says how they are written), print each answer that is
      not the expected one and end with `N passed, N failed`.

  cargo xtask holidays
      Write public/calendars/ again, from the PyPI package `holidays`.

  cargo xtask import-calendar FILE.ics NAME
      Write public/calendars/NAME.json with the whole-day events of a calendar
      file, for policies whose desk keeps holidays of its own (docs/sla.md).

  cargo xtask bench sla
      Measure the clocks in headless Chromium, beside libraries from npm. Not
      among the tests, since its figures are those of the machine.

  cargo xtask bench store
      Measure the store and the outbox in headless Chromium, beside raw IndexedDB
      and libraries from npm, and typing in the release bundle.

  cargo xtask bench widget
      Measure <casement-portal> in headless Chromium: what it costs a page before
      it is used, beside a component from npm, how soon after a click its form is
      there, beside the full page, and what it leaves in memory when it is removed.

What is missing is installed first, in pinned versions and without a question:
tools into ~/.cache/casement (or $XDG_CACHE_HOME/casement), Debian packages by
apt-get when this is root or sudo needs no password. Nothing is installed twice.
";

/// One command with its options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(RunOptions),
    Build,
    Dev(DevOptions),
    Test(TestOptions),
    Faults(FaultOptions),
    Fuzz(FuzzOptions),
    CheckPolicy(Vec<PathBuf>),
    CheckProfile(ProfileOptions),
    SlaVectors(Vec<PathBuf>),
    Holidays,
    ImportCalendar(PathBuf, String),
    BenchSla,
    BenchStore,
    BenchWidget,
}

/// Options of `run`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RunOptions {
    pub(crate) port: u16,
    /// The database; `None` is a file in the target folder.
    pub(crate) database: Option<String>,
    pub(crate) fresh: bool,
}

/// Options of `dev`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DevOptions {
    pub(crate) port: u16,
}

/// Options of `check-profile`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ProfileOptions {
    pub(crate) paths: Vec<PathBuf>,
    /// A file with recorded answers, or a folder of such.
    pub(crate) recorded: Option<PathBuf>,
}

/// Options of `faults`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FaultOptions {
    pub(crate) rounds: u64,
    pub(crate) seed: u64,
    /// The first round; the first of all is 1.
    pub(crate) from: u64,
    pub(crate) browser: String,
}

/// Options of `fuzz`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FuzzOptions {
    /// Names of targets; all of them where none is named.
    pub(crate) targets: Vec<String>,
    pub(crate) seconds: u64,
}

/// Options of `test`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TestOptions {
    pub(crate) full: bool,
    /// Names of stages or parts of test names.
    pub(crate) words: Vec<String>,
}

const DEFAULT_PORT: u16 = 8080;

/// Reads the words after `cargo xtask`.
pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Command> {
    let mut words = words;
    let Some(name) = words.next() else {
        return Ok(Command::Help);
    };
    let rest: Vec<String> = words.collect();
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Command::Help);
    }
    match name.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help),
        "run" => parse_run(rest).map(Command::Run),
        "dev" => parse_dev(rest).map(Command::Dev),
        "test" => parse_test(rest).map(Command::Test),
        "fuzz" => parse_fuzz(rest).map(Command::Fuzz),
        "faults" => parse_faults(rest).map(Command::Faults),
        "build" => nothing_more("build", &rest).map(|()| Command::Build),
        "holidays" => nothing_more("holidays", &rest).map(|()| Command::Holidays),
        "import-calendar" => match rest.as_slice() {
            [file, name] => Ok(Command::ImportCalendar(PathBuf::from(file), name.clone())),
            _ => bail!("`import-calendar` needs a file and a name"),
        },
        "check-policy" if rest.is_empty() => bail!("`check-policy` needs files"),
        "check-policy" => Ok(Command::CheckPolicy(paths(rest))),
        "check-profile" => parse_profile(rest).map(Command::CheckProfile),
        "bench" if rest == ["sla"] => Ok(Command::BenchSla),
        "bench" if rest == ["store"] => Ok(Command::BenchStore),
        "bench" if rest == ["widget"] => Ok(Command::BenchWidget),
        "bench" => bail!("`bench` takes one word: sla, store or widget"),
        "sla-vectors" if rest.is_empty() => bail!("`sla-vectors` needs files or folders"),
        "sla-vectors" => Ok(Command::SlaVectors(paths(rest))),
        other => bail!("there is no command `{other}`"),
    }
}

fn paths(words: Vec<String>) -> Vec<PathBuf> {
    words.into_iter().map(PathBuf::from).collect()
}

fn nothing_more(command: &str, rest: &[String]) -> Result<()> {
    match rest.first() {
        None => Ok(()),
        Some(word) => bail!("`{command}` takes no `{word}`"),
    }
}

fn parse_run(words: Vec<String>) -> Result<RunOptions> {
    let mut options = RunOptions {
        port: DEFAULT_PORT,
        database: None,
        fresh: false,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--port" => options.port = port(words.next())?,
            "--database" => options.database = Some(value("--database", words.next())?),
            "--fresh" => options.fresh = true,
            other => bail!("`run` takes no `{other}`"),
        }
    }
    if options.fresh && options.database.is_some() {
        bail!(
            "--fresh empties only the file in target/; empty the database of --database yourself"
        );
    }
    Ok(options)
}

fn parse_dev(words: Vec<String>) -> Result<DevOptions> {
    let mut options = DevOptions { port: DEFAULT_PORT };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--port" => options.port = port(words.next())?,
            other => bail!("`dev` takes no `{other}`"),
        }
    }
    Ok(options)
}

fn parse_test(words: Vec<String>) -> Result<TestOptions> {
    let mut options = TestOptions::default();
    for word in words {
        match word.as_str() {
            "--full" => options.full = true,
            option if option.starts_with('-') => bail!("`test` takes no `{option}`"),
            _ => options.words.push(word),
        }
    }
    Ok(options)
}

fn parse_profile(words: Vec<String>) -> Result<ProfileOptions> {
    let mut options = ProfileOptions::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--recorded" => options.recorded = Some(value("--recorded", words.next())?.into()),
            option if option.starts_with('-') => bail!("`check-profile` takes no `{option}`"),
            path => options.paths.push(path.into()),
        }
    }
    match (options.paths.len(), &options.recorded) {
        (0, _) => bail!("`check-profile` needs files"),
        (1, _) | (_, None) => Ok(options),
        _ => bail!("recorded answers are those of one profile; name one"),
    }
}

fn parse_fuzz(words: Vec<String>) -> Result<FuzzOptions> {
    let mut options = FuzzOptions {
        targets: Vec::new(),
        seconds: 60,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => options.seconds = number("--seconds", words.next())?,
            option if option.starts_with('-') => bail!("`fuzz` takes no `{option}`"),
            _ => options.targets.push(word),
        }
    }
    Ok(options)
}

fn parse_faults(words: Vec<String>) -> Result<FaultOptions> {
    let now = std::time::UNIX_EPOCH.elapsed();
    let mut options = FaultOptions {
        rounds: 100,
        seed: now.map_or(1, |since| u64::from(since.subsec_nanos())),
        from: 1,
        browser: String::from("chromium"),
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rounds" => options.rounds = number("--rounds", words.next())?,
            "--seed" => options.seed = number("--seed", words.next())?,
            "--from" => options.from = number("--from", words.next())?,
            "--browser" => options.browser = value("--browser", words.next())?,
            other => bail!("`faults` takes no `{other}`"),
        }
    }
    let known = ["chromium", "firefox", "webkit"];
    if !known.contains(&options.browser.as_str()) {
        bail!("--browser is one of {}", known.join(", "));
    }
    Ok(options)
}

fn number(option: &str, word: Option<String>) -> Result<u64> {
    let word = value(option, word)?;
    word.parse()
        .map_err(|_| anyhow!("{option} needs a number, found `{word}`"))
}

fn port(word: Option<String>) -> Result<u16> {
    let word = value("--port", word)?;
    word.parse()
        .map_err(|_| anyhow!("`{word}` is not a port (0 to 65535)"))
}

fn value(option: &str, word: Option<String>) -> Result<String> {
    word.ok_or_else(|| anyhow!("{option} needs a value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn no_words_and_help_anywhere_show_the_help() {
        for line in ["", "help", "--help", "run --help", "test -h"] {
            assert_eq!(parsed(line).unwrap(), Command::Help, "{line}");
        }
    }

    #[test]
    fn run_takes_a_port_and_a_database() {
        let Command::Run(options) = parsed("run --port 9000 --database sqlite:x").unwrap() else {
            panic!("not `run`");
        };
        assert_eq!(options.port, 9000);
        assert_eq!(options.database.as_deref(), Some("sqlite:x"));
    }

    #[test]
    fn fresh_never_empties_a_database_someone_named() {
        assert!(parsed("run --fresh --database postgres://h/d").is_err());
    }

    #[test]
    fn test_separates_options_from_words() {
        let Command::Test(options) = parsed("test e2e --full cms_10").unwrap() else {
            panic!("not `test`");
        };
        assert!(options.full);
        assert_eq!(options.words, ["e2e", "cms_10"]);
    }

    #[test]
    fn unknown_words_are_refused() {
        for line in [
            "serve",
            "run --prot 1",
            "run --port x",
            "run --port",
            "build all",
            "holidays JP",
            "import-calendar ours.ics",
            "check-policy",
            "check-profile",
            "check-profile a.json b.json --recorded answers",
            "sla-vectors",
            "test --ful",
            "faults --rounds many",
            "faults --browser lynx",
            "fuzz --second 1",
            "fuzz lenses --seconds soon",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}

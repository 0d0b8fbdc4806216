//! Running other programs: with their output shown, read, or both.
//!
//! A program that is started and left running is a [`Server`]; it is ended when
//! its value is dropped. When this program is interrupted, servers and watched
//! programs are ended with all they have started.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// A program with its arguments and surroundings, ready to start.
pub(crate) struct Task {
    program: OsString,
    arguments: Vec<OsString>,
    variables: BTreeMap<OsString, Option<OsString>>,
    folder: PathBuf,
    account: Option<Account>,
}

/// The account a program runs under.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// What a watched program printed, and whether it succeeded.
pub(crate) struct Outcome {
    pub(crate) succeeded: bool,
    pub(crate) text: String,
}

impl Task {
    /// A program found on the PATH or named by its path, in the workspace folder.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Task {
        Task {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: without_cargo_run(),
            folder: crate::workspace::root(),
            account: None,
        }
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Task {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(crate) fn args<I>(mut self, arguments: I) -> Task
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        for argument in arguments {
            self.arguments.push(argument.as_ref().to_owned());
        }
        self
    }

    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Task {
        self.variables
            .insert(name.as_ref().to_owned(), Some(value.as_ref().to_owned()));
        self
    }

    pub(crate) fn folder(mut self, folder: impl AsRef<Path>) -> Task {
        self.folder = folder.as_ref().to_owned();
        self
    }

    pub(crate) fn account(mut self, account: Option<Account>) -> Task {
        self.account = account;
        self
    }

    /// Runs to the end, showing its output.
    pub(crate) fn run(self) -> Result<()> {
        let line = self.line();
        let status = self
            .command()
            .status()
            .with_context(|| cannot_start(&line))?;
        check(status, &line)
    }

    /// Runs to the end, keeping its output to itself unless it fails.
    pub(crate) fn run_quietly(self) -> Result<()> {
        self.read().map(drop)
    }

    /// Runs to the end and returns what it wrote to its standard output.
    pub(crate) fn read(self) -> Result<String> {
        let line = self.line();
        let output = self
            .command()
            .output()
            .with_context(|| cannot_start(&line))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            bail!("`{line}` failed ({}): {}", output.status, told.trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs to the end, showing its standard error, and returns its standard
    /// output whether it succeeds or not.
    pub(crate) fn read_whatever_comes(self) -> Result<Outcome> {
        let line = self.line();
        let mut command = self.command();
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| cannot_start(&line))?;
        Ok(Outcome {
            succeeded: output.status.success(),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }

    /// Whether it can be started and succeeds; its output is not shown.
    pub(crate) fn succeeds(self) -> bool {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Runs to the end like [`Task::run`], but gives up after a time.
    pub(crate) fn succeeds_within(self, limit: Duration) -> bool {
        let Ok(mut child) = self.command().spawn() else {
            return false;
        };
        let start = Instant::now();
        while start.elapsed() < limit {
            match child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) => thread::sleep(Duration::from_millis(100)),
                Err(_) => return false,
            }
        }
        end(&mut child);
        false
    }

    /// Runs to the end, showing its output and returning it as well.
    pub(crate) fn watch(self) -> Result<Outcome> {
        let line = self.line();
        let mut command = self.own_group();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| cannot_start(&line))?;
        let id = child.id();
        running(|list| list.push(id));
        let errors = child
            .stderr
            .take()
            .map(|stream| thread::spawn(move || echo(stream, std::io::stderr())));
        let output = child
            .stdout
            .take()
            .map(|stream| thread::spawn(move || echo(stream, std::io::stdout())));
        let status = child.wait();
        // What it has left running would hold its output open for ever.
        ask_group_to_end(id);
        running(|list| list.retain(|other| *other != id));
        let status = status.with_context(|| format!("`{line}` was lost"))?;
        let readers = [output, errors].into_iter().flatten();
        Ok(Outcome {
            succeeded: status.success(),
            text: readers
                .map(|reader| reader.join().unwrap_or_default())
                .collect(),
        })
    }

    /// Starts it and leaves it running; its output is shown.
    pub(crate) fn serve(self) -> Result<Server> {
        let line = self.line();
        let child = self
            .own_group()
            .spawn()
            .with_context(|| cannot_start(&line))?;
        Ok(Server::new(child))
    }

    /// Starts it and leaves it running; its standard output is handed out.
    pub(crate) fn serve_piped(self) -> Result<(Server, BufReader<ChildStdout>)> {
        let line = self.line();
        let mut command = self.own_group();
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| cannot_start(&line))?;
        let output = child.stdout.take().map(BufReader::new);
        let server = Server::new(child);
        let output = output.ok_or_else(|| anyhow!("`{line}` has no output"))?;
        Ok((server, output))
    }

    /// Starts it with its output written to a file.
    pub(crate) fn serve_logged(self, log: &Path) -> Result<Server> {
        let line = self.line();
        let file = std::fs::File::create(log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = self.own_group();
        command.stderr(file.try_clone()?).stdout(file);
        let child = command.spawn().with_context(|| cannot_start(&line))?;
        Ok(Server::new(child))
    }

    /// The command as one would type it.
    fn line(&self) -> String {
        let mut line = self.program.to_string_lossy().into_owned();
        for argument in &self.arguments {
            line.push(' ');
            line.push_str(&argument.to_string_lossy());
        }
        line
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }

    /// A process group of its own, so that Ctrl-C in a terminal reaches only us,
    /// and what the program starts in turn can be ended with it.
    fn own_group(&self) -> Command {
        let mut command = self.command();
        command.process_group(0);
        command
    }
}

/// A running program that is ended when this value goes.
pub(crate) struct Server {
    child: Child,
}

/// The process groups to end when this program is interrupted.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

impl Server {
    fn new(child: Child) -> Server {
        running(|list| list.push(child.id()));
        Server { child }
    }

    /// The exit status if it has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn end(&mut self) {
        let id = self.child.id();
        end(&mut self.child);
        running(|list| list.retain(|other| *other != id));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Asks everything that runs and all it has started to end, for the moment of an
/// interruption.
pub(crate) fn end_everything() {
    running(|list| {
        for id in list.drain(..) {
            ask_group_to_end(id);
        }
    });
}

fn running(change: impl FnOnce(&mut Vec<u32>)) {
    match RUNNING.lock() {
        Ok(mut list) => change(&mut list),
        Err(poisoned) => change(&mut poisoned.into_inner()),
    }
}

/// How long a program may take to end by itself before it is stopped.
const PATIENCE: Duration = Duration::from_secs(10);

fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    ask_to_end(child.id());
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    // Neither can fail in a way that leaves something to do: the program has
    // either just ended or is now stopped.
    let _ = child.kill();
    let _ = child.wait();
}

fn ask_to_end(id: u32) {
    if let Ok(id) = i32::try_from(id) {
        // It may just have ended by itself, which is what was wanted.
        let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
    }
}

fn ask_group_to_end(id: u32) {
    if let Ok(id) = i32::try_from(id) {
        // Usually nobody is left in it, which is what was wanted.
        let _ = killpg(Pid::from_raw(id), Signal::SIGTERM);
    }
}

/// Reads a stream to its end while copying it to another.
fn echo(stream: impl Read, mut to: impl Write) -> String {
    let mut text = String::new();
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|count| count > 0)
    {
        let shown = String::from_utf8_lossy(&line);
        // A closed terminal must not end the tests half-way.
        let _ = to.write_all(shown.as_bytes());
        text.push_str(&shown);
        line.clear();
    }
    text
}

/// The variables `cargo run` sets for this program and that must not leak into
/// the programs it starts: they would name the wrong package and compiler.
fn without_cargo_run() -> BTreeMap<OsString, Option<OsString>> {
    let mut variables = BTreeMap::new();
    for (name, _) in std::env::vars_os() {
        let leaks = name.to_str().is_some_and(|name| {
            name == "CARGO"
                || name == "LD_LIBRARY_PATH"
                || name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
        });
        if leaks {
            variables.insert(name, None);
        }
    }
    variables
}

fn check(status: ExitStatus, line: &str) -> Result<()> {
    if status.success() {
        Ok(())
    } else {
        bail!("`{line}` failed ({status})")
    }
}

fn cannot_start(line: &str) -> String {
    format!("cannot start `{line}`")
}

/// The path of a program on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_watched_program_says_is_returned_and_its_success_told() {
        let outcome = Task::new("sh")
            .args(["-c", "echo out; echo err >&2; exit 3"])
            .watch()
            .unwrap();
        assert!(!outcome.succeeded);
        assert!(outcome.text.contains("out\n") && outcome.text.contains("err\n"));
    }

    #[test]
    fn a_watched_program_that_leaves_another_running_is_not_waited_for() {
        let outcome = Task::new("sh")
            .args(["-c", "tail -f /dev/null & echo done"])
            .watch()
            .unwrap();
        assert!(outcome.succeeded);
        assert_eq!(outcome.text, "done\n");
    }

    #[test]
    fn a_server_ends_with_its_value() {
        let (server, mut output) = Task::new("sh")
            .args(["-c", "echo up; exec tail -f /dev/null"])
            .serve_piped()
            .unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        drop(server);
        assert_eq!(line, "up\n");
        assert_eq!(output.read_line(&mut line).unwrap(), 0);
    }

    #[test]
    fn a_failing_command_is_quoted_with_what_it_said() {
        let problem = Task::new("sh")
            .args(["-c", "echo why >&2; false"])
            .read()
            .unwrap_err();
        let text = problem.to_string();
        assert!(text.contains("sh -c") && text.ends_with("why"), "{text}");
    }
}

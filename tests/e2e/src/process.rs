//! Programs that are started for a test and ended by their process id, whatever becomes of the test.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running program; it ends when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program; what it prints is of no interest.
    pub fn start(command: &mut Command) -> Process {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Process {
            child: spawn(command.stderr(Stdio::null())),
        }
    }

    /// Starts a program and waits for the line that says it is ready; returns what follows `words`.
    pub fn start_until(command: &mut Command, words: &str) -> (Process, String) {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = spawn(command.stderr(Stdio::null()));
        let output = child.stdout.take().expect("the output is a pipe");
        let mut lines = BufReader::new(output).lines();
        let found = lines.by_ref().find_map(|line| {
            let line = line.ok()?;
            Some(line.split_once(words)?.1.trim().to_string())
        });
        // Whatever it prints later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let process = Process { child };
        match found {
            Some(found) => (process, found),
            None => panic!("{command:?} ended before it said “{words}”"),
        }
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the program at once, as a crash would.
    pub fn end(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

fn spawn(command: &mut Command) -> Child {
    match command.spawn() {
        Ok(child) => child,
        Err(error) => panic!("{command:?} could not be started: {error}"),
    }
}

/// A port on loopback that nobody listens to at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener
        .local_addr()
        .expect("a listener knows its own address");
    address.port()
}

/// Whether the tests run as root, to whom Chromium refuses its sandbox.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|itself| itself.uid() == 0)
}

/// Ends every process that was started with `folder` among its arguments. A browser's processes
/// outlive the driver that started them, and the profile's folder is theirs alone.
pub fn end_users_of(folder: &Path) {
    let folder = folder.to_string_lossy();
    let Ok(entries) = fs::read_dir("/proc") else {
        return;
    };
    let mut users = Vec::new();
    for entry in entries.flatten() {
        let id = entry.file_name().to_string_lossy().into_owned();
        if !id.bytes().all(|byte| byte.is_ascii_digit()) || id == std::process::id().to_string() {
            continue;
        }
        let arguments = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&arguments).contains(&*folder) {
            users.push(id);
        }
    }
    kill(&users);
}

/// Ends everything that was started by a process or by what that has started.
pub fn end_all_below(ancestor: u32) {
    let parents: HashMap<u32, u32> = parents().collect();
    let is_below = |mut id: u32| {
        while let Some(parent) = parents.get(&id) {
            if *parent == ancestor {
                return true;
            }
            id = *parent;
        }
        false
    };
    let found = parents.keys().filter(|id| is_below(**id));
    kill(&found.map(u32::to_string).collect::<Vec<_>>());
}

/// Every process with its parent, by their ids.
fn parents() -> impl Iterator<Item = (u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let id = entry.file_name().to_string_lossy().parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name stands in brackets and may hold any of them itself.
        let (_, after) = stat.rsplit_once(") ")?;
        Some((id, after.split(' ').nth(1)?.parse().ok()?))
    })
}

/// The shell's own `kill`, since not every system has one as a program.
fn kill(ids: &[String]) {
    if ids.is_empty() {
        return;
    }
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -KILL {}", ids.join(" "))])
        .stderr(Stdio::null())
        .status();
}

//! What comes from Debian's packages: browsers, their drivers, PostgreSQL.
//!
//! A package is looked for by a file of its own, not by its name, so that a
//! machine which has the program from elsewhere is left as it is.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{Task, find};
use crate::progress;

/// A package and what proves that it, or its like, is there.
pub(super) struct Package {
    name: &'static str,
    proof: Proof,
}

enum Proof {
    /// A program on the PATH.
    Program(&'static str),
    /// A file or folder.
    Path(&'static str),
}

const fn program(name: &'static str, program: &'static str) -> Package {
    Package {
        name,
        proof: Proof::Program(program),
    }
}

const fn path(name: &'static str, path: &'static str) -> Package {
    Package {
        name,
        proof: Proof::Path(path),
    }
}

/// Runs wasm-opt and compresses the bundle.
pub(super) const NODE: &[Package] = &[program("nodejs", "node"), program("npm", "npm")];

/// Rust for WebAssembly where rustup cannot fetch it.
pub(super) const RUST_FOR_WEB: &[Package] = &[
    path("rustc-web", "/usr/bin/rustc"),
    path("cargo-web", "/usr/bin/cargo"),
    path("rust-web-src", "/usr/lib/rustlib/src/rust/library"),
    path("rust-web-llvm", "/usr/share/doc/rust-web-llvm"),
    path("rust-web-clippy", "/usr/bin/cargo-clippy"),
    path("lld-22", "/usr/bin/wasm-ld-22"),
];

/// Three browser engines, the fonts of the portal's languages, a database.
pub(super) const FOR_TESTS: &[Package] = &[
    program("chromium", "chromium"),
    program("chromium-driver", "chromedriver"),
    program("firefox-esr", "firefox-esr"),
    program("webkit2gtk-driver", "WebKitWebDriver"),
    program("xvfb", "Xvfb"),
    program("xauth", "xauth"),
    program("dbus", "dbus-daemon"),
    path("fonts-dejavu-core", "/usr/share/fonts/truetype/dejavu"),
    path("fonts-noto-cjk", "/usr/share/fonts/opentype/noto"),
    path("postgresql", "/usr/lib/postgresql"),
    program("python3", "python3"),
    path("python3-venv", "/usr/share/doc/python3-venv"),
];

/// A ticket system that the full tests work with.
const REQUEST_TRACKER: &[Package] = &[
    path("request-tracker5", "/usr/share/request-tracker5"),
    path("rt5-db-sqlite", "/usr/share/doc/rt5-db-sqlite"),
    path(
        "rt5-standalone",
        "/usr/share/request-tracker5/libexec/rt-server",
    ),
    program("sqlite3", "sqlite3"),
];

/// What the fault bench's own WebKitGTK window is made with.
const LASTING_WEBKIT: &[Package] = &[
    path("python3-gi", "/usr/lib/python3/dist-packages/gi"),
    path("gir1.2-webkit2-4.1", "/usr/share/doc/gir1.2-webkit2-4.1"),
];

/// A WebKitGTK that finds what it has kept after it was killed. Without it, the fault bench closes
/// tabs instead, and says so.
pub(crate) fn lasting_webkit() -> Result<()> {
    match may_install() {
        true => ensure(LASTING_WEBKIT),
        false => Ok(()),
    }
}

/// Request Tracker, without a site of its own: the tests make theirs in temporary folders.
pub(super) fn request_tracker() -> Result<()> {
    if REQUEST_TRACKER.iter().all(Package::is_there) || !may_install() {
        return Ok(());
    }
    let answers = [
        "request-tracker5 request-tracker5/dbconfig-install boolean false",
        "request-tracker5 request-tracker5/rtname string desk.example",
        "request-tracker5 request-tracker5/organization string desk.example",
    ];
    for answer in answers {
        as_root("sh")
            .args(["-c", "echo \"$0\" | debconf-set-selections", answer])
            .run()?;
    }
    ensure(REQUEST_TRACKER)
}

/// The program of a package, unpacked into a folder and not installed, so that no service of it is
/// started on this machine. One that is on the PATH is used as it is.
pub(super) fn unpacked(package: &str, program: &str, folder: &Path) -> Result<PathBuf> {
    if let Some(program) = find(program) {
        return Ok(program);
    }
    let home = folder.join(format!("debian-{package}"));
    let unpacked = home.join("usr/bin").join(program);
    // Moved into its place last, so that an interrupted step is repeated.
    if unpacked.is_file() {
        return Ok(unpacked);
    }
    if !is_debian() {
        bail!("`{program}` is not on the PATH; install it and try again");
    }
    progress::step(format!("tools: fetching Debian's {package}, once"));
    let fresh = folder.join(format!("debian-{package}.new"));
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh)?;
    }
    std::fs::create_dir_all(&fresh)?;
    let download = || {
        Task::new("apt-get")
            .args(["download", "-q", package])
            .folder(&fresh)
    };
    if !download().succeeds() {
        // The lists of packages are missing on a machine that never asked for one.
        apt_get(&["update", "-q"])?;
        download().run()?;
    }
    for entry in std::fs::read_dir(&fresh)?.flatten() {
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "deb")
        {
            Task::new("dpkg-deb")
                .arg("-x")
                .arg(entry.path())
                .arg(&fresh)
                .run()?;
        }
    }
    std::fs::rename(&fresh, &home)?;
    Ok(unpacked)
}

/// Installs those packages whose proof is missing.
pub(super) fn ensure(packages: &[Package]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|package| !package.is_there())
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let wanted = missing.join(" ");
    if !is_debian() {
        bail!("this machine lacks what Debian packages as: {wanted}\nInstall it and try again");
    }
    progress::step(format!("tools: installing Debian's {wanted}"));
    let mend = format!(
        "run this as root and try again: apt-get update && apt-get install -y --no-install-recommends {wanted}"
    );
    if !may_install() {
        bail!("neither root nor sudo without a password; {mend}");
    }
    apt_get(&["update", "-q"]).with_context(|| mend.clone())?;
    let install = ["install", "-q", "-y", "--no-install-recommends"];
    let words: Vec<&str> = install.into_iter().chain(missing).collect();
    apt_get(&words).context(mend)
}

/// The folder of PostgreSQL's server programs, which Debian keeps off the PATH.
pub(super) fn postgres_programs() -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = match std::fs::read_dir("/usr/lib/postgresql") {
        Ok(folder) => folder
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .collect(),
        Err(_) => Vec::new(),
    };
    versions.retain(|folder| folder.join("initdb").is_file());
    versions.sort();
    if let Some(newest) = versions.pop() {
        return Ok(newest);
    }
    find("initdb")
        .and_then(|program| program.parent().map(Path::to_path_buf))
        .context("PostgreSQL's `initdb` is missing; on Debian: apt-get install postgresql")
}

pub(super) fn is_debian() -> bool {
    Path::new("/etc/debian_version").is_file() && find("apt-get").is_some()
}

/// A task that runs as root, by sudo if this is not root already.
pub(super) fn as_root(program: &str) -> Task {
    if is_root() {
        Task::new(program)
    } else {
        Task::new("sudo").args(["-n", program])
    }
}

pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn may_install() -> bool {
    is_root() || Task::new("sudo").args(["-n", "true"]).succeeds()
}

fn apt_get(words: &[&str]) -> Result<()> {
    as_root("env")
        .args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=600",
        ])
        .args(words)
        .run()
}

impl Package {
    fn is_there(&self) -> bool {
        match self.proof {
            Proof::Program(program) => find(program).is_some(),
            Proof::Path(path) => Path::new(path).exists(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_proven_by_its_program_or_its_file() {
        assert!(program("any", "sh").is_there());
        assert!(path("any", "/").is_there());
        assert!(!program("any", "no-such-program-anywhere").is_there());
        assert!(!path("any", "/no/such/path").is_there());
    }
}

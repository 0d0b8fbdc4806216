//! Where the programs are that the tests need, as `cargo xtask test e2e` names them.

use std::env;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The programs and files of the tests.
#[derive(Debug)]
pub struct Tools {
    /// The reference backend.
    pub backend: PathBuf,
    /// The release bundle.
    pub bundle: PathBuf,
    /// Chromium.
    pub chromium: PathBuf,
    /// Chromium's driver.
    pub chromedriver: PathBuf,
    /// Firefox.
    pub firefox: PathBuf,
    /// Firefox's driver.
    pub geckodriver: PathBuf,
    /// WebKitGTK's driver.
    pub webkitdriver: PathBuf,
    /// The built pages of docs/examples.
    pub examples: PathBuf,
    /// The script of axe-core.
    pub axe: PathBuf,
    /// A Python that has the ticket system Roundup.
    pub roundup: PathBuf,
    /// The proxy Caddy.
    pub caddy: PathBuf,
    /// The script of a sign-in provider.
    pub provider: PathBuf,
}

/// Finds the programs once; without them no test can begin.
pub fn tools() -> &'static Tools {
    static TOOLS: OnceLock<Tools> = OnceLock::new();
    TOOLS.get_or_init(|| Tools {
        backend: needed("CASEMENT_BACKEND_BIN"),
        bundle: needed("CASEMENT_DIST"),
        chromium: usual("CASEMENT_CHROMIUM", "/usr/bin/chromium"),
        chromedriver: needed("CASEMENT_CHROMEDRIVER"),
        firefox: usual("CASEMENT_FIREFOX", "/usr/bin/firefox-esr"),
        geckodriver: needed("CASEMENT_GECKODRIVER"),
        webkitdriver: needed("CASEMENT_WEBKITDRIVER"),
        examples: usual("CASEMENT_EXAMPLES", "../../target/examples"),
        axe: needed("CASEMENT_AXE"),
        roundup: usual("CASEMENT_ROUNDUP", "python3"),
        caddy: usual("CASEMENT_CADDY", "caddy"),
        provider: usual("CASEMENT_OIDC", "provider.mjs"),
    })
}

fn needed(name: &str) -> PathBuf {
    match env::var_os(name) {
        Some(path) => path.into(),
        None => panic!(
            "{name} is not set: these tests need the release bundle, the backend and the browsers' \
             drivers. Use `cargo xtask test e2e`, which prepares all of them."
        ),
    }
}

fn usual(name: &str, otherwise: &str) -> PathBuf {
    env::var_os(name).map_or_else(|| otherwise.into(), PathBuf::from)
}

//! One deployment of the portal, read from `portal.json`: which policies, which backend, whose
//! brand, which languages.

use serde_json::Value;

use super::embed::Embedding;
use super::oidc::{self, Client};
use super::reader::{Problem, Reader, read};
use super::retention::{RETENTIONS, Retention};
use super::text::LocalText;

/// A deployment.
#[derive(Clone, Debug, Default)]
pub struct Portal {
    /// Name in the context bar.
    pub name: LocalText,
    /// Ids of the policies, each a file in `policies/`.
    pub policies: Vec<String>,
    /// Where the backend's API begins, relative to the portal or absolute.
    pub api: String,
    /// How that API is spoken to: the id of a profile, a file in `backends/`.
    pub backend: String,
    /// Further origins that the profile may call, as `https://files.example`.
    pub origins: Vec<String>,
    /// Languages of the interface, the first is the default.
    pub languages: Vec<String>,
    /// Days after which a draft nobody touched is put away, its author told before; 0: never.
    pub draft_days: u64,
    /// What a device may keep.
    pub retention: Retention,
    /// Minutes without a touch after which the portal hides what it shows; 0: never.
    pub lock_minutes: u64,
    /// What is allowed of the portal on other pages.
    pub embed: Embedding,
    /// Hours after which what was brought from the backend is said to be old.
    pub stale_hours: u64,
    /// The provider at which one signs in; without one, the portal's own form asks.
    pub sign_in: Option<Client>,
}

impl Portal {
    /// Reads a deployment, or says everything that is wrong with it.
    pub fn read(json: &Value) -> Result<Portal, Vec<Problem>> {
        let (portal, problems) = read(json, |r| {
            let portal = Portal {
                name: r.local("name"),
                policies: r.texts("policies"),
                api: r.text("api"),
                backend: r.text_or_none("backend").unwrap_or("native".into()),
                origins: r.texts("origins"),
                languages: r.texts("languages"),
                draft_days: r.number_or_none("draft_days").unwrap_or(30),
                retention: match r.text_or_none("retention") {
                    Some(word) => retention(r, &word),
                    None => Retention::default(),
                },
                lock_minutes: r.number_or_none("lock_minutes").unwrap_or(0),
                embed: r
                    .object_or_none("embed", Embedding::read)
                    .unwrap_or_default(),
                stale_hours: r.number_or_none("stale_hours").unwrap_or(24),
                sign_in: r.object_or_none("sign_in", Client::read),
            };
            // Whether the portal is kept for times without network is for `page.js` and `sw.js`,
            // which also read it.
            r.flag("offline", true);
            if portal.policies.is_empty() {
                r.problem("policies", "at least one policy", "none", "name one");
            }
            if portal.languages.is_empty() {
                r.problem("languages", "at least one language", "none", "name one");
            }
            if !portal.api.is_empty() && !is_safe(&portal.api) {
                r.problem(
                    "api",
                    "a path on this server or an https address",
                    portal.api.as_str(),
                    "use https, credentials must not travel in the clear",
                );
            }
            r.done();
            portal
        });
        if problems.is_empty() {
            Ok(portal)
        } else {
            Err(problems)
        }
    }
}

fn retention(r: &Reader<'_>, word: &str) -> Retention {
    let found = RETENTIONS.iter().find(|(known, _)| *known == word);
    if found.is_none() {
        let all = RETENTIONS.map(|(known, _)| known).join(", ");
        r.problem(
            "retention",
            &format!("one of {all}"),
            word,
            "choose what a device may keep",
        );
    }
    found.map_or_else(Retention::default, |(_, retention)| *retention)
}

/// Whether credentials sent there stay on this server, on this machine, or encrypted.
fn is_safe(api: &str) -> bool {
    // Two slashes begin the name of another server.
    (api.starts_with('/') && !api.starts_with("//")) || oidc::is_safe(api)
}

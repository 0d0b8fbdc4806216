//! The page to try the widget on: `docs/examples/demo`, served by another origin than the portal, and a
//! portal that lets it.
//!
//! `localhost` and `127.0.0.1` are different sites for a browser, so the page and the portal are as far
//! apart as a vendor's site and a service of somebody else. The page comes with the strict policy that
//! docs/embedding.md recommends.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{run, workspace};

/// How long a browser may take for a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// A place for the page, before the portal's address is known.
pub(crate) struct Demo {
    listener: TcpListener,
    /// `http://localhost:PORT`
    pub(crate) origin: String,
}

impl Demo {
    /// Takes a port, the wanted one if it is free.
    pub(crate) fn at(port: u16) -> Result<Demo> {
        let listener = TcpListener::bind(("127.0.0.1", run::free_port(port)))?;
        let port = listener.local_addr()?.port();
        let origin = format!("http://localhost:{port}");
        Ok(Demo { listener, origin })
    }

    /// Serves the page for the portal at an address, as long as this program runs.
    pub(crate) fn serve(self, portal: &str, policies: &[String]) {
        let site = Site {
            folder: workspace::root().join("docs/examples/demo"),
            portal: portal.to_owned(),
            policies: json!(policies).to_string(),
        };
        thread::spawn(move || {
            for stream in self.listener.incoming().flatten() {
                // Whoever asks for nothing is not waited for.
                let _ = stream.set_read_timeout(Some(PATIENCE));
                let _ = site.answer(stream);
            }
        });
    }
}

/// A copy of the portal's files in which `portal.json` lets an origin hold it in a frame; and the
/// policies that it offers.
pub(crate) fn portal_for(dist: &Path, folder: &Path, origin: &str) -> Result<Vec<String>> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    copy(dist, folder)?;
    let file = folder.join("portal.json");
    let mut portal: Value = serde_json::from_str(&fs::read_to_string(&file)?)
        .with_context(|| format!("{} is not JSON", file.display()))?;
    let mut origins = portal["embed"]["origins"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    origins.push(origin.into());
    portal["embed"]["origins"] = origins.into();
    fs::write(&file, portal.to_string())?;
    // A compressed one would be the one without the origin.
    let _ = fs::remove_file(folder.join("portal.json.br"));
    let policies = portal["policies"].as_array().into_iter().flatten();
    Ok(policies
        .filter_map(|id| id.as_str().map(String::from))
        .collect())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

struct Site {
    folder: PathBuf,
    portal: String,
    policies: String,
}

impl Site {
    fn answer(&self, mut stream: TcpStream) -> Result<()> {
        let mut line = String::new();
        let mut reader = BufReader::new(stream.try_clone()?);
        reader.read_line(&mut line)?;
        let path = line.split_whitespace().nth(1).unwrap_or("/").to_owned();
        // The rest of the head is read, or the browser sees a broken connection.
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
        }
        let (status, kind, body) = match path.split(['?', '#']).next().unwrap_or("/") {
            "/" => ("302 Found\r\nLocation: /demo/", "text/plain", String::new()),
            path => match self.file(path) {
                Some((kind, body)) => ("200 OK", kind, body),
                None => (
                    "404 Not Found",
                    "text/plain",
                    "There is no such page.".into(),
                ),
            },
        };
        let portal = &self.portal;
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-cache\r\nConnection: close\r\nContent-Security-Policy: \
             default-src 'none'; script-src 'self' {portal}; style-src 'self'; frame-src {portal}; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\r\n{body}",
            body.len()
        )?;
        Ok(())
    }

    /// One of the page's files, with what it has to know of the portal.
    fn file(&self, path: &str) -> Option<(&'static str, String)> {
        let (name, kind) = match path {
            "/demo/" | "/demo/index.html" => ("index.html", "text/html"),
            "/demo/demo.css" => ("demo.css", "text/css"),
            "/demo/demo.js" => ("demo.js", "text/javascript"),
            _ => return None,
        };
        let text = fs::read_to_string(self.folder.join(name)).ok()?;
        let text = text.replace("__PORTAL__", &self.portal);
        Some((kind, text.replace("__POLICIES__", &self.policies)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::TemporaryFolder;

    fn site() -> Site {
        Site {
            folder: workspace::root().join("docs/examples/demo"),
            portal: String::from("http://127.0.0.1:1"),
            policies: String::from("[\"harbour\"]"),
        }
    }

    #[test]
    fn new_11_the_page_knows_the_portal_and_nothing_else_is_served() {
        let (_, page) = site().file("/demo/").unwrap();
        assert!(page.contains("src=\"http://127.0.0.1:1/embed.js\""));
        let (_, script) = site().file("/demo/demo.js").unwrap();
        assert!(script.contains("of [\"harbour\"])"), "{script}");
        for path in ["/demo/../demo.rs", "/Cargo.toml", "/demo", "/demo/x"] {
            assert!(site().file(path).is_none(), "{path}");
        }
    }

    #[test]
    fn new_11_the_copy_of_the_portal_lets_one_more_origin() {
        let folder = TemporaryFolder::new("demo").unwrap();
        let dist = folder.path().join("dist");
        fs::create_dir_all(dist.join("policies")).unwrap();
        fs::write(dist.join("policies/a.json"), "{}").unwrap();
        fs::write(
            dist.join("portal.json"),
            r#"{"policies": ["a"], "embed": {"origins": ["https://a.example"]}}"#,
        )
        .unwrap();
        fs::write(dist.join("portal.json.br"), "old").unwrap();
        let copy = folder.path().join("copy");
        for _ in 0..2 {
            let policies = portal_for(&dist, &copy, "http://localhost:1").unwrap();
            assert_eq!(policies, ["a"]);
        }
        let portal: Value =
            serde_json::from_str(&fs::read_to_string(copy.join("portal.json")).unwrap()).unwrap();
        assert_eq!(
            portal["embed"]["origins"],
            json!(["https://a.example", "http://localhost:1"])
        );
        assert!(copy.join("policies/a.json").exists());
        assert!(!copy.join("portal.json.br").exists());
    }
}

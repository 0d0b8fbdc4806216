//! Reads the command line. It only says what was asked; nothing is opened or started here.

use crate::http::limits::LARGEST_UPLOAD;
use crate::server::Config;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What the program prints for `--help` and after a mistake.
pub const USAGE: &str = "\
Usage: casement-backend serve [options]
       casement-backend openapi

serve options:
  --listen ADDRESS:PORT   where to listen (default 127.0.0.1:8470; port 0 chooses one)
  --database URL          sqlite:PATH or postgres://… (default DATABASE_URL,
                          else sqlite:casement.sqlite)
  --portal DIR            also serve the portal's files from DIR
  --example-data          fill an empty database with example accounts and cases
  --allow-origin ORIGIN   let pages of ORIGIN call the API (may be repeated)
  --max-upload BYTES      the largest file that can be uploaded piece by piece
                          (default 17179869184, 16 GiB)
  --faults                fail as POST /faults says, for tests; only on loopback

openapi prints the OpenAPI 3.1 document.";

const DEFAULT_DATABASE: &str = "sqlite:casement.sqlite";

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// Serve the API, and the portal if a folder is given.
    Serve(Box<Config>),
    /// Print the OpenAPI document.
    OpenApi,
    /// Print how to use the program.
    Help,
}

/// Turns arguments (without the program's name) into a command, or says what is wrong.
pub fn parse(
    arguments: impl Iterator<Item = String>,
    database_url: Option<String>,
) -> Result<Command, String> {
    let mut arguments = arguments;
    match arguments.next().as_deref() {
        Some("serve") => serve(arguments, database_url),
        Some("openapi") => match arguments.next() {
            None => Ok(Command::OpenApi),
            Some(extra) => Err(format!("openapi takes no arguments, found {extra:?}")),
        },
        Some("--help" | "-h" | "help") => Ok(Command::Help),
        Some(other) => Err(format!("there is no command {other:?}")),
        None => Err("a command is missing".to_owned()),
    }
}

fn serve(
    mut arguments: impl Iterator<Item = String>,
    database_url: Option<String>,
) -> Result<Command, String> {
    let mut config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 8470)),
        database: database_url.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
        portal: None,
        example_data: false,
        allow_origins: Vec::new(),
        max_upload: LARGEST_UPLOAD,
        faults: false,
    };
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--listen" => {
                let address = value()?;
                config.listen = address
                    .parse()
                    .map_err(|_| format!("--listen needs ADDRESS:PORT, found {address:?}"))?;
            }
            "--database" => config.database = value()?,
            "--portal" => config.portal = Some(PathBuf::from(value()?)),
            "--faults" => config.faults = true,
            "--example-data" => config.example_data = true,
            "--allow-origin" => config.allow_origins.push(origin(&value()?)?),
            "--max-upload" => {
                let bytes = value()?;
                config.max_upload = bytes.parse().map_err(|_| {
                    format!("--max-upload needs a number of bytes, found {bytes:?}")
                })?;
            }
            "--help" | "-h" => return Ok(Command::Help),
            other => return Err(format!("there is no option {other:?}")),
        }
    }
    Ok(Command::Serve(Box::new(config)))
}

/// Browsers send an origin without a path, so one with a path would never match.
fn origin(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or_default();
    if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) || !text.is_ascii() {
        return Err(format!(
            "--allow-origin needs scheme://host[:port] without a path, found {text:?}"
        ));
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, database_url: Option<&str>) -> Result<Command, String> {
        let arguments = line.split_whitespace().map(str::to_owned);
        parse(arguments, database_url.map(str::to_owned))
    }

    #[test]
    fn the_database_of_the_environment_is_used_unless_an_option_names_one() {
        let Ok(Command::Serve(config)) = read("serve", Some("postgres://localhost/a")) else {
            panic!("serve is a command");
        };
        assert_eq!(config.database, "postgres://localhost/a");

        let Ok(Command::Serve(config)) =
            read("serve --database sqlite:b", Some("postgres://localhost/a"))
        else {
            panic!("serve is a command");
        };
        assert_eq!(config.database, "sqlite:b");
    }

    #[test]
    fn an_allowed_origin_with_a_path_is_a_mistake() {
        assert!(read("serve --allow-origin https://portal.example", None).is_ok());
        assert!(read("serve --allow-origin https://portal.example/", None).is_err());
        assert!(read("serve --allow-origin portal.example", None).is_err());
    }
}

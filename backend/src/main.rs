//! The `casement-backend` program: reads its arguments and runs what they ask for.

use casement_backend::cli::{self, Command};
use casement_backend::{openapi, server};
use std::io::Write;
use std::process::ExitCode;
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    let arguments = std::env::args().skip(1);
    match cli::parse(arguments, std::env::var("DATABASE_URL").ok()) {
        Ok(Command::Serve(config)) => serve(*config),
        Ok(Command::OpenApi) => print(&format!("{:#}", openapi::document())),
        Ok(Command::Help) => print(cli::USAGE),
        Err(mistake) => {
            eprintln!("casement-backend: {mistake}\n\n{}", cli::USAGE);
            ExitCode::from(2)
        }
    }
}

fn serve(config: server::Config) -> ExitCode {
    log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed("could not start", &error),
    };
    runtime.block_on(async {
        let server = match server::Server::bind(config).await {
            Ok(server) => server,
            Err(error) => return failed("could not start", &error),
        };
        let ready = format!("casement-backend listening on http://{}", server.address());
        if print(&ready) != ExitCode::SUCCESS {
            return ExitCode::FAILURE;
        }
        server.run_until(server::asked_to_stop()).await;
        ExitCode::SUCCESS
    })
}

/// Lines go to stderr so that stdout holds nothing but the address.
fn log_to_stderr() {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    let targets = wanted
        .parse::<tracing_subscriber::filter::Targets>()
        .unwrap_or_else(|_| {
            tracing_subscriber::filter::Targets::new().with_default(tracing::Level::WARN)
        });
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(targets)
        .init();
}

fn print(text: &str) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("casement-backend: {what}: {error}");
    ExitCode::FAILURE
}

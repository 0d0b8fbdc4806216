//! The project's own commands, reached as `cargo xtask …`.
//!
//! Each command installs what it lacks in pinned versions, says what it is
//! doing, does nothing twice, and fails with what to do about it. `cli` holds
//! the help page; `tools` what is installed and how; `bundle` the portal's
//! static files; `backend` the reference backend as a process; `run`, `dev`, `test`,
//! `policy`, `profile` and `sla` the commands a person types.

mod backend;
mod bundle;
mod cli;
mod demo;
mod dev;
mod fuzz;
mod interrupt;
mod page_bench;
mod policy;
mod process;
mod profile;
mod progress;
mod run;
mod sla;
mod sla_bench;
mod store_bench;
mod test;
mod tools;
mod widget_bench;
mod workspace;

use std::process::ExitCode;

use cli::Command;

fn main() -> ExitCode {
    let outcome = match cli::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", cli::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Command::Run(options)) => run::run(&options),
        Ok(Command::Build) => bundle::command(),
        Ok(Command::Dev(options)) => dev::run(&options),
        Ok(Command::Test(options)) => test::run(&options),
        Ok(Command::Faults(options)) => test::faults(&options),
        Ok(Command::Fuzz(options)) => fuzz::run(&options),
        Ok(Command::BenchSla) => sla_bench::run(),
        Ok(Command::BenchStore) => store_bench::run(),
        Ok(Command::BenchWidget) => widget_bench::run(),
        Ok(Command::Holidays) => sla::write_holidays(),
        Ok(Command::ImportCalendar(file, name)) => sla::import_calendar(&file, &name),
        Ok(Command::CheckPolicy(paths)) => match policy::check(&paths) {
            Ok(usable) => return ExitCode::from(u8::from(!usable)),
            Err(problem) => Err(problem),
        },
        Ok(Command::CheckProfile(options)) => match profile::check(&options) {
            Ok(usable) => return ExitCode::from(u8::from(!usable)),
            Err(problem) => Err(problem),
        },
        Ok(Command::SlaVectors(paths)) => match sla::vectors(&paths) {
            Ok(code) => return ExitCode::from(code),
            Err(problem) => Err(problem),
        },
        Err(problem) => {
            eprintln!("error: {problem}\n\nSee `cargo xtask --help`.");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

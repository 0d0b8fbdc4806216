//! Classes that a library offers to scripts and that no script can have one of.
//!
//! What a library exports stays in the program, and in its script, whoever uses the library for what.
//! A class whose things are made neither by the script (it has no constructor) nor by the program (it
//! wraps none) is there in vain, with all that the program does for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::names::{Input, put_number, with_section};

/// The section of what a program offers.
const EXPORTS: u8 = 7;

/// Drops such classes from the script, and what only they ask for from what the program offers. The
/// program's optimiser drops what stands behind it.
pub(super) fn drop_classes(program: &Path, script: &Path) -> Result<()> {
    let code = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let text = fs::read_to_string(script)?;
    let (kept, dropped) = without_classes(&text);
    let of_kept = asked(&kept);
    let mut unasked = asked(&dropped);
    unasked.retain(|name| !of_kept.contains(name));
    fs::write(program, without_exports(&code, &unasked)?)?;
    fs::write(script, kept)?;
    Ok(())
}

/// The script without them, and what was taken out.
fn without_classes(text: &str) -> (String, String) {
    let mut kept = text.to_string();
    let mut dropped = String::new();
    for piece in text.split("\nexport class ").skip(1) {
        let Some((name, body)) = piece.split_once(' ') else {
            continue;
        };
        let body = body.split("\n}\n").next().unwrap_or_default();
        if body.contains("__wrap(") || body.contains("constructor(") {
            continue;
        }
        for (start, end) in [
            (format!("\nexport class {name} "), "\n}\n"),
            (format!("\nif (Symbol.dispose) {name}."), ";\n"),
            (format!("\nconst {name}Finalization "), ";\n"),
        ] {
            if let Some((before, rest)) = kept.split_once(&start)
                && let Some((taken, after)) = rest.split_once(end)
            {
                dropped.push_str(taken);
                kept = format!("{before}\n{after}");
            }
        }
    }
    (kept, dropped)
}

/// What a piece of the script asks of the program.
fn asked(text: &str) -> BTreeSet<String> {
    let of_name = |one: char| one.is_ascii_alphanumeric() || "_$".contains(one);
    let names = text.split("wasm.").skip(1);
    let names = names.map(|rest| rest.split(|one| !of_name(one)).next().unwrap_or_default());
    names.map(String::from).collect()
}

/// The program without some of its exports; everything else stays byte for byte.
fn without_exports(code: &[u8], unasked: &BTreeSet<String>) -> Result<Vec<u8>> {
    with_section(code, EXPORTS, |content| exports(content, unasked))
}

fn exports(content: &[u8], unasked: &BTreeSet<String>) -> Result<Vec<u8>> {
    let mut input = Input(content);
    let (mut count, mut kept) = (0, Vec::<u8>::new());
    for _ in 0..input.number()? {
        let before = input.0;
        let name = std::str::from_utf8(input.counted()?)?;
        // What kind of thing it is, and which.
        input.byte()?;
        input.number()?;
        if !unasked.contains(name) {
            count += 1;
            kept.extend(&before[..before.len() - input.0.len()]);
        }
    }
    let mut output = Vec::new();
    put_number(&mut output, count);
    output.extend(kept);
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::super::names::put_counted;
    use super::*;

    const SCRIPT: &str = "import * as one from \"x\"

export class Sink {
    free() {
        wasm.__wbg_sink_free(this.__wbg_ptr, 0);
    }
    close() {
        return wasm.sink_close(wasm.shared());
    }
}
if (Symbol.dispose) Sink.prototype[Symbol.dispose] = Sink.prototype.free;

export class Mounted {
    static __wrap(ptr) {
        return ptr;
    }
    free() {
        wasm.__wbg_mounted_free(wasm.shared(), 0);
    }
}
const SinkFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_sink_free(ptr, 1));
const last = 1;
";

    #[test]
    fn a_class_of_which_there_can_be_none_goes_with_all_that_belongs_to_it() {
        let (kept, dropped) = without_classes(SCRIPT);
        assert!(!kept.contains("Sink"), "{kept}");
        assert!(kept.contains("export class Mounted {"), "{kept}");
        assert!(kept.ends_with("const last = 1;\n"), "{kept}");
        let names = ["__wbg_sink_free", "shared", "sink_close"].map(String::from);
        assert_eq!(asked(&dropped), BTreeSet::from(names));
        assert!(asked(&kept).contains("shared"));
    }

    #[test]
    fn a_class_that_can_be_made_stays() {
        let script = "\nexport class Made {\n    constructor() {\n    }\n}\n";
        assert_eq!(without_classes(script), (script.into(), String::new()));
    }

    #[test]
    fn the_program_offers_all_but_what_is_not_asked_for_any_more() {
        let program = |names: &[&str]| {
            let mut exports = Vec::new();
            put_number(&mut exports, names.len() as u64);
            for name in names {
                put_counted(&mut exports, name.as_bytes());
                exports.extend([0, 200, 1]);
            }
            let mut program = b"\0asm\x01\0\0\0".to_vec();
            program.push(EXPORTS);
            put_counted(&mut program, &exports);
            program.push(10);
            put_counted(&mut program, &[7; 300]);
            program
        };
        let code = program(&["sink_close", "memory", "__wbg_sink_free"]);
        let unasked = ["sink_close", "__wbg_sink_free"].map(String::from);
        let lean = without_exports(&code, &BTreeSet::from(unasked)).unwrap();
        assert_eq!(lean, program(&["memory"]));
        assert!(without_exports(&code[..code.len() - 1], &BTreeSet::new()).is_err());
    }
}

//! Short names between the program and its script.
//!
//! `wasm-bindgen` names each function that the program takes from the script after what it does and
//! a hash, once in the program and once in the script. Hashes do not compress, so the names are a
//! thirtieth of the first load. Only these two files know them, so any others will do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// What a program begins with: its mark and version.
const HEADER: usize = 8;

/// The section of what a program takes from outside.
const IMPORTS: u8 = 2;

/// The names that were given, by those that were there.
type Names = BTreeMap<String, String>;

/// Gives short names in a program and in the script it takes `module` from.
pub(super) fn shorten(program: &Path, script: &Path, module: &str) -> Result<()> {
    let code = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let text = fs::read_to_string(script)?;
    let mut names = Names::new();
    fs::write(program, in_program(&code, module, &mut names)?)?;
    fs::write(script, in_script(&text, &names)?)?;
    Ok(())
}

/// The program with other names in its imports; everything else stays byte for byte.
fn in_program(code: &[u8], module: &str, names: &mut Names) -> Result<Vec<u8>> {
    with_section(code, IMPORTS, |content| imports(content, module, names))
}

/// A program with another content in one of its sections; everything else stays byte for byte.
pub(super) fn with_section(
    code: &[u8],
    which: u8,
    mut changed: impl FnMut(&[u8]) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let mut input = Input(code);
    let mut output = input.take(HEADER)?.to_vec();
    while !input.0.is_empty() {
        let section = input.byte()?;
        let content = input.counted()?;
        output.push(section);
        if section == which {
            put_counted(&mut output, &changed(content)?);
        } else {
            put_counted(&mut output, content);
        }
    }
    Ok(output)
}

fn imports(content: &[u8], module: &str, names: &mut Names) -> Result<Vec<u8>> {
    let mut input = Input(content);
    let count = input.number()?;
    let mut output = Vec::new();
    put_number(&mut output, count);
    for _ in 0..count {
        let from = input.counted()?;
        let name = input.counted()?;
        put_counted(&mut output, from);
        if from == module.as_bytes() {
            let next = format!("i{}", names.len());
            let name = String::from_utf8(name.to_vec())?;
            let short = names.entry(name).or_insert(next);
            put_counted(&mut output, short.as_bytes());
        } else {
            put_counted(&mut output, name);
        }
        let before = input.0;
        input.skip_type()?;
        output.extend(&before[..before.len() - input.0.len()]);
    }
    Ok(output)
}

/// The script with the same names. Each has exactly one place in it, or it means something else too.
fn in_script(text: &str, names: &Names) -> Result<String> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut output = String::with_capacity(text.len());
    let of_name = |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
    for piece in text.split_inclusive(|character| !of_name(character)) {
        let word = piece.trim_end_matches(|character| !of_name(character));
        match names.get_key_value(word) {
            Some((name, short)) => {
                *places.entry(name).or_default() += 1;
                output.push_str(short);
                output.push_str(&piece[word.len()..]);
            }
            None => output.push_str(piece),
        }
    }
    for name in names.keys() {
        let found = places.get(name.as_str()).copied().unwrap_or_default();
        ensure!(
            found == 1,
            "the script names {name} {found} times, not once"
        );
    }
    Ok(output)
}

/// What is still to be read of a program.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .context("the program ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// A number in groups of seven bits, the lowest first.
    pub(super) fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for group in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        bail!("a number of the program does not end")
    }

    pub(super) fn counted(&mut self) -> Result<&'a [u8]> {
        let count = self.number()?;
        self.take(usize::try_from(count)?)
    }

    /// What kind of thing an import is.
    fn skip_type(&mut self) -> Result<()> {
        match self.byte()? {
            // A function, by the number of its signature.
            0 => self.number().map(drop),
            // A table: what it holds, and its size.
            1 => {
                self.byte()?;
                self.skip_limits()
            }
            2 => self.skip_limits(),
            // A variable: what it holds, and whether it changes.
            3 => self.take(2).map(drop),
            other => bail!("an import of an unknown kind, {other}"),
        }
    }

    fn skip_limits(&mut self) -> Result<()> {
        let has_most = self.byte()? & 1 == 1;
        self.number()?;
        if has_most {
            self.number()?;
        }
        Ok(())
    }
}

pub(super) fn put_number(output: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        output.push(number as u8 | 0x80);
        number >>= 7;
    }
    output.push(number as u8);
}

pub(super) fn put_counted(output: &mut Vec<u8>, bytes: &[u8]) {
    put_number(output, bytes.len() as u64);
    output.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "./bg.js";

    /// A program that takes two functions from the script and a memory from elsewhere.
    fn program(first: &str, second: &str) -> Vec<u8> {
        let mut imports = vec![3];
        for name in [first, second] {
            put_counted(&mut imports, MODULE.as_bytes());
            put_counted(&mut imports, name.as_bytes());
            imports.extend([0, 200, 1]);
        }
        put_counted(&mut imports, b"other");
        put_counted(&mut imports, b"memory");
        imports.extend([2, 1, 17, 34]);
        let mut program = b"\0asm\x01\0\0\0".to_vec();
        program.push(IMPORTS);
        put_counted(&mut program, &imports);
        program.push(10);
        put_counted(&mut program, &[7; 300]);
        program
    }

    #[test]
    fn imports_of_the_script_get_short_names_and_nothing_else_changes() {
        let mut names = Names::new();
        let code = program("__wbg_get_0123456789abcdef", "__wbg_get");
        let short = in_program(&code, MODULE, &mut names).unwrap();
        assert_eq!(short, program("i0", "i1"));
        assert_eq!(names["__wbg_get"], "i1");
    }

    #[test]
    fn the_script_gets_the_same_names_and_longer_ones_are_not_touched() {
        let names = Names::from([(String::from("__wbg_get"), String::from("i0"))]);
        let script = "const a={__wbg_get:function(){return __wbg_get_imports()}};";
        assert_eq!(
            in_script(script, &names).unwrap(),
            "const a={i0:function(){return __wbg_get_imports()}};"
        );
    }

    #[test]
    fn a_name_that_the_script_has_not_or_has_twice_is_an_error() {
        let names = Names::from([(String::from("__wbg_get"), String::from("i0"))]);
        assert!(in_script("{}", &names).is_err());
        assert!(in_script("{__wbg_get:__wbg_get}", &names).is_err());
    }

    #[test]
    fn a_program_that_ends_too_early_is_an_error() {
        let code = program("a", "b");
        assert!(in_program(&code[..code.len() - 1], MODULE, &mut Names::new()).is_err());
    }
}

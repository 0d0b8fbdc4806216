//! The shapes by which secrets and personal data are known.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Kind;

/// The longest value, token or address that is looked at, in bytes.
const LONGEST: usize = 4_096;

/// How tokens of well-known issuers begin, and how many letters and digits follow at least.
const TOKENS: [(&str, usize); 14] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("npm_", 30),
    ("eyJ", 30),
];

/// What values that must stay secret are called, in small letters.
const NAMES: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "private_key",
    "credential",
    "パスワード",
    "密码",
    "口令",
];

/// Values that say that there is none, or that it is masked already.
const EMPTY: [&str; 8] = [
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "redacted",
    "n/a",
];

/// The end of a private key that begins here.
pub(super) fn private_key(text: &str) -> Option<usize> {
    let label = text.strip_prefix("-----BEGIN ")?;
    let label = label.get(..label.find("-----")?)?;
    if label.len() > 60 || !label.contains("PRIVATE KEY") {
        return None;
    }
    let end = format!("-----END {label}-----");
    // A key that was cut off is one to its end.
    Some(text.find(&end).map_or(text.len(), |at| at + end.len()))
}

/// Whether a line says that a number of it is one of a person.
pub(super) fn names_a_personal_number(line: &str) -> bool {
    let small = line.to_lowercase();
    let names = [
        "マイナンバー",
        "個人番号",
        "my number",
        "mynumber",
        "my_number",
        "身份证",
    ];
    names.iter().any(|name| small.contains(name))
}

/// What begins at a byte of a line: its kind, its first byte and the one behind its last.
pub(super) fn at(line: &[u8], at: usize, names_person: bool) -> Option<(Kind, usize, usize)> {
    let found = |kind: Kind, to: usize| Some((kind, at, to));
    if let Some((from, to)) = secret_value(line, at) {
        return Some((Kind::Password, from, to));
    }
    if at > 0 && is_word(line[at - 1]) {
        return None;
    }
    if let Some((from, to)) = bearer(line, at) {
        return Some((Kind::Token, from, to));
    }
    if let Some(to) = token(line, at) {
        return found(Kind::Token, to);
    }
    if let Some(to) = email(line, at) {
        return found(Kind::Email, to);
    }
    if let Some(to) = address(line, at) {
        return found(Kind::IpAddress, to);
    }
    if let Some((kind, to)) = numbers(line, at, names_person) {
        return found(kind, to);
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The end of a run of bytes that fit.
fn run(line: &[u8], from: usize, fits: impl Fn(u8) -> bool) -> usize {
    let rest = line.get(from..).unwrap_or_default();
    let length = rest.iter().take(LONGEST).take_while(|byte| fits(**byte));
    from + length.count()
}

fn begins(line: &[u8], at: usize, with: &str) -> bool {
    let found = line.get(at..at + with.len());
    found.is_some_and(|found| found.eq_ignore_ascii_case(with.as_bytes()))
}

/// The value of `password = "…"`, `"token": "…"`, `pwd:…`.
fn secret_value(line: &[u8], at: usize) -> Option<(usize, usize)> {
    let name = NAMES.iter().find(|name| begins(line, at, name))?;
    let rest_of_name = |byte: u8| is_word(byte) || byte == b'-';
    let mut next = run(line, at + name.len(), rest_of_name);
    next = run(line, next, |byte| matches!(byte, b'"' | b'\'' | b']'));
    next = run(line, next, |byte| byte == b' ');
    let full_width = line
        .get(next..)
        .is_some_and(|rest| rest.starts_with("：".as_bytes()));
    next = match line.get(next)? {
        b'=' | b':' => run(line, next + 1, |byte| matches!(byte, b'=' | b'>')),
        _ if full_width => next + "：".len(),
        _ => return None,
    };
    next = run(line, next, |byte| matches!(byte, b' ' | b'\t'));
    let end = match line.get(next)? {
        quote @ (b'"' | b'\'') => {
            next += 1;
            run(line, next, |byte| byte != *quote && byte != b'\n')
        }
        _ => run(line, next, |byte| {
            !matches!(
                byte,
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b'&' | b'"' | b'\'' | b'}'
            )
        }),
    };
    let value = line.get(next..end)?;
    let says_nothing = EMPTY
        .iter()
        .any(|empty| value.eq_ignore_ascii_case(empty.as_bytes()));
    let is_masked = value
        .iter()
        .all(|byte| matches!(byte, b'*' | b'x' | b'.' | b'#'));
    let is_marked = matches!(value.first(), Some(b'<' | b'[' | b'{' | b'$' | b'%'));
    (!value.is_empty() && !says_nothing && !is_masked && !is_marked).then_some((next, end))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// What follows `Bearer` or `Basic` in a header.
fn bearer(line: &[u8], at: usize) -> Option<(usize, usize)> {
    let scheme = ["Bearer ", "Basic "]
        .into_iter()
        .find(|one| begins(line, at, one))?;
    let from = at + scheme.len();
    let to = run(line, from, is_token_byte);
    let has_digit = line.get(from..to)?.iter().any(u8::is_ascii_digit);
    (to - from >= 16 && has_digit).then_some((from, to))
}

fn token(line: &[u8], at: usize) -> Option<usize> {
    let begins = |(start, _): &&(&str, usize)| line[at..].starts_with(start.as_bytes());
    let (start, length) = TOKENS.iter().find(begins)?;
    let end = run(line, at + start.len(), |byte| {
        is_word(byte) || matches!(byte, b'-' | b'.')
    });
    (end - at - start.len() >= *length).then_some(end)
}

fn email(line: &[u8], at: usize) -> Option<usize> {
    let local = |byte: u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte);
    if !local(line[at]) || at > 0 && local(line[at - 1]) {
        return None;
    }
    let sign = run(line, at, local);
    if line.get(sign) != Some(&b'@') || sign - at > 64 {
        return None;
    }
    let end = run(line, sign + 1, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
    });
    let domain = std::str::from_utf8(&line[sign + 1..end]).ok()?;
    let domain = domain.trim_end_matches(['.', '-']);
    let (name, top) = domain.rsplit_once('.')?;
    let is_top = top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_top && !name.is_empty()).then_some(sign + 1 + domain.len())
}

/// An address of version 4 or 6 that is not the machine itself.
fn address(line: &[u8], at: usize) -> Option<usize> {
    let part = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    if !part(line[at]) || at > 0 && part(line[at - 1]) {
        return None;
    }
    let end = run(line, at, part);
    if line.get(end).is_some_and(|byte| is_word(*byte)) {
        return None;
    }
    let text = std::str::from_utf8(line.get(at..end)?).ok()?;
    let text = text.trim_end_matches(['.', ':']);
    let known = match text.parse::<Ipv4Addr>() {
        Ok(four) => Some(!four.is_loopback() && !four.is_unspecified()),
        Err(_) => None,
    };
    let known = known.or_else(|| {
        let six = text.parse::<Ipv6Addr>().ok()?;
        Some(!six.is_loopback() && !six.is_unspecified())
    });
    if known == Some(true) {
        return Some(at + text.len());
    }
    // With a port behind it.
    let host = text.split(':').next()?;
    let four = host.parse::<Ipv4Addr>().ok()?;
    (!four.is_loopback() && !four.is_unspecified()).then_some(at + host.len())
}

/// Groups of digits: a card, a number of a person, a phone.
fn numbers(line: &[u8], at: usize, names_person: bool) -> Option<(Kind, usize)> {
    let plus = line[at] == b'+';
    let opened = line[at] == b'(' || plus;
    if !(line[at].is_ascii_digit() || opened) || at > 0 && matches!(line[at - 1], b'.' | b'-') {
        return None;
    }
    let mut end = at;
    let mut digits = Vec::new();
    let mut groups = 0;
    let mut before = b' ';
    for byte in line[at..].iter().take(32) {
        let separates = matches!(byte, b' ' | b'-' | b'(' | b')');
        let goes_on = byte.is_ascii_digit() || separates || *byte == b'+' && end == at;
        // Two separators in a row end a number, but for brackets.
        let twice =
            separates && matches!(before, b' ' | b'-') && matches!(byte, b' ' | b'-') && end > at;
        if !goes_on || twice {
            break;
        }
        if byte.is_ascii_digit() {
            groups += u32::from(!before.is_ascii_digit());
            digits.push(byte - b'0');
        }
        before = *byte;
        end += 1;
    }
    while end > at && !line[end - 1].is_ascii_digit() {
        end -= 1;
    }
    let next = line.get(end).copied().unwrap_or(b' ');
    if is_word(next) || digits.is_empty() {
        return None;
    }
    if names_person && matches!(digits.len(), 12 | 18) && !plus {
        return Some((Kind::PersonalNumber, end));
    }
    let is_card =
        (13..=19).contains(&digits.len()) && (3..=6).contains(&digits[0]) && luhn(&digits);
    if is_card && !plus {
        return Some((Kind::Card, end));
    }
    let international = plus && (8..=15).contains(&digits.len());
    let national = digits[0] == 0 && groups == 3 && matches!(digits.len(), 10 | 11);
    (international || national).then_some((Kind::Phone, end))
}

/// The check digit of cards.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

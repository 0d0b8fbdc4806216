//! Secrets and personal data in a text, before it leaves the device (NEW-05).
//!
//! [`find`] points at them and says what each is; [`mask`] makes a text without them. It finds what
//! has a shape: keys and tokens, values that call themselves passwords, card numbers whose check
//! digit is right, addresses. What has none (a name, a plain word that is a password) it can't find,
//! and the page says so. It reads every byte a bounded number of times.

mod shapes;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A private key, from its first line to its last.
    PrivateKey,
    /// A token that gives access to whoever has it.
    Token,
    /// A value that is called a password, a secret or a key.
    Password,
    /// The number of a payment card.
    Card,
    /// A number by which a state knows a person; only where the line says that it is one.
    PersonalNumber,
    /// A mail address.
    Email,
    /// A phone number.
    Phone,
    /// An address of a machine.
    IpAddress,
}

/// All kinds, the gravest first.
pub const KINDS: [Kind; 8] = [
    Kind::PrivateKey,
    Kind::Token,
    Kind::Password,
    Kind::Card,
    Kind::PersonalNumber,
    Kind::Email,
    Kind::Phone,
    Kind::IpAddress,
];

impl Kind {
    /// Its word among the texts of the interface, and in a masked text.
    pub fn key(self) -> &'static str {
        match self {
            Kind::PrivateKey => "private_key",
            Kind::Token => "token",
            Kind::Password => "password",
            Kind::Card => "card",
            Kind::PersonalNumber => "personal_number",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::IpAddress => "ip_address",
        }
    }
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub from: usize,
    /// The byte behind its last.
    pub to: usize,
}

/// Everything that is found, in the order of the text; no two overlap.
pub fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < text.len() {
        if let Some(end) = shapes::private_key(&text[start..]) {
            let (from, to) = (start, start + end);
            let kind = Kind::PrivateKey;
            found.push(Finding { kind, from, to });
            start = to;
            continue;
        }
        let line = text[start..].split_inclusive('\n').next().unwrap_or("");
        // A key may begin in the middle of a line, as in JSON.
        let key = line.find("-----BEGIN ").filter(|at| *at > 0);
        let line = &line[..key.unwrap_or(line.len())];
        in_line(line, start, &mut found);
        start += line.len();
    }
    found
}

fn in_line(line: &str, start: usize, found: &mut Vec<Finding>) {
    let names_person = shapes::names_a_personal_number(line);
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match shapes::at(bytes, at, names_person) {
            Some((kind, from, to)) => {
                let (from, to) = (start + from, start + to);
                found.push(Finding { kind, from, to });
                at = to - start;
            }
            None => at += 1,
        }
    }
}

/// The name of the copy without them: `radius.masked.log`.
pub fn masked_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem}.masked.{ending}"),
        _ => format!("{name}.masked"),
    }
}

/// A text with each of these places said by its kind, as `[email]`.
pub fn mask(text: &str, findings: &[Finding]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for finding in findings {
        masked.push_str(text.get(at..finding.from).unwrap_or(""));
        masked.push('[');
        masked.push_str(finding.kind.key());
        masked.push(']');
        at = finding.to;
    }
    masked.push_str(text.get(at..).unwrap_or(""));
    masked
}

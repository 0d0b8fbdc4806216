//! A bounded part of JMESPath, for the few places that a pointer can't reach.
//!
//! The language is total, but not cheap: thirty doublings of a text fill any memory. Every step and
//! every piece of a result is therefore counted, and a query that would go beyond its bounds has no
//! result. That is why it is written here: what there is to use counts nothing. Left out are
//! arithmetic (which the language has none of), `avg sum ceil floor abs` and `sort_by`'s kin on
//! expressions other than a field or a query.

use std::cell::Cell;
use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

/// Longest source, in bytes.
pub const LONGEST: usize = 1_000;
/// How deep expressions may stand in each other.
const DEEPEST: usize = 24;
/// How many steps and pieces of results one query may take.
const STEPS: usize = 200_000;

/// A query, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Query(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Current,
    Literal(Value),
    Field(String),
    Index(i64),
    Slice(Option<i64>, Option<i64>, i64),
    /// The right of what the left finds.
    Then(Box<Node>, Box<Node>),
    /// The right of every entry of the list that the left finds.
    Each(Box<Node>, Box<Node>),
    /// The right of every value of the object that the left finds.
    Values(Box<Node>, Box<Node>),
    Flatten(Box<Node>),
    Filter(Box<Node>, Box<Node>, Box<Node>),
    List(Vec<Node>),
    Hash(Vec<(String, Node)>),
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare(&'static str, Box<Node>, Box<Node>),
    Call(&'static str, Vec<Node>),
    /// `&expression`, for the functions that take one.
    Expression(Box<Node>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Quoted(String),
    Number(i64),
    Literal(Value),
    Sign(&'static str),
    End,
}

/// The functions, and with how many arguments each is called.
const FUNCTIONS: [(&str, usize); 20] = [
    ("contains", 2),
    ("ends_with", 2),
    ("join", 2),
    ("keys", 1),
    ("last", 1),
    ("length", 1),
    ("map", 2),
    ("max_by", 2),
    ("merge", 0),
    ("min_by", 2),
    ("not_null", 0),
    ("reverse", 1),
    ("sort", 1),
    ("sort_by", 2),
    ("starts_with", 2),
    ("to_array", 1),
    ("to_number", 1),
    ("to_string", 1),
    ("type", 1),
    ("values", 1),
];

const SIGNS: [&str; 24] = [
    "[?", "[]", "||", "&&", "==", "!=", "<=", ">=", ".", "*", "[", "]", "{", "}", "(", ")", ",",
    ":", "|", "!", "<", ">", "&", "@",
];

impl Query {
    /// Reads a query, or says what is wrong with it.
    pub fn read(source: &str) -> Result<Query, String> {
        if source.len() > LONGEST {
            return Err(format!("longer than {LONGEST} characters"));
        }
        let tokens = tokens(source)?;
        let mut parser = Parser { tokens, at: 0 };
        let node = parser.expression(0, 0)?;
        match parser.peek() {
            Token::End => Ok(Query(node)),
            other => Err(format!("{} is too much", shown(other))),
        }
    }

    /// What it finds; null where it finds nothing or would take too long.
    pub fn find(&self, value: &Value) -> Value {
        let search = Search {
            left: Cell::new(STEPS),
        };
        search.find(&self.0, value).unwrap_or(Value::Null)
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Name(text) | Token::Quoted(text) => format!("\"{text}\""),
        Token::Number(number) => number.to_string(),
        Token::Literal(value) => value.to_string(),
        Token::Sign(sign) => format!("\"{sign}\""),
        Token::End => "the end".into(),
    }
}

fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = rest.trim_start();
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
            found.push(Token::Name(name.into()));
            rest = after;
        } else if first.is_ascii_digit() || first == '-' {
            let end = rest[1..].find(|c: char| !c.is_ascii_digit());
            let (number, after) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
            let number = number
                .parse()
                .map_err(|_| format!("{number} is no number"))?;
            found.push(Token::Number(number));
            rest = after;
        } else if matches!(first, '"' | '\'' | '`') {
            let (inner, after) = quoted(&rest[1..], first)?;
            found.push(match first {
                '\'' => Token::Literal(Value::String(inner.replace("\\'", "'"))),
                '`' => Token::Literal(literal(&inner.replace("\\`", "`"))),
                _ => match serde_json::from_str(&format!("\"{inner}\"")) {
                    Ok(Value::String(name)) => Token::Quoted(name),
                    _ => return Err(format!("\"{inner}\" is no name")),
                },
            });
            rest = after;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            found.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            return Err(format!("\"{first}\" is unknown"));
        }
    }
    found.push(Token::End);
    Ok(found)
}

/// What stands up to the closing mark, and what comes behind it.
fn quoted(text: &str, mark: char) -> Result<(&str, &str), String> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        if letter == mark && !escaped {
            return Ok((&text[..at], &text[at + 1..]));
        }
        escaped = letter == '\\' && !escaped;
    }
    Err(format!("a {mark} without its second"))
}

fn literal(text: &str) -> Value {
    // What is no JSON is taken as a text, as older versions of the language did.
    serde_json::from_str(text.trim()).unwrap_or_else(|_| Value::String(text.trim().into()))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

/// How firmly a token binds what stands before it.
fn power(token: &Token) -> u8 {
    match token {
        Token::Sign("|") => 1,
        Token::Sign("||") => 2,
        Token::Sign("&&") => 3,
        Token::Sign("==" | "!=" | "<" | "<=" | ">" | ">=") => 5,
        Token::Sign("[]") => 9,
        Token::Sign("*") => 20,
        Token::Sign("[?") => 21,
        Token::Sign(".") => 40,
        Token::Sign("!") => 45,
        Token::Sign("{") => 50,
        Token::Sign("[") => 55,
        Token::Sign("(") => 60,
        _ => 0,
    }
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn peek_behind(&self) -> &Token {
        self.tokens.get(self.at + 1).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Token::Sign(found) if *found == sign);
        if here {
            self.at += 1;
        }
        here
    }

    fn need(&mut self, sign: &str) -> Result<(), String> {
        if self.is(sign) {
            return Ok(());
        }
        Err(format!("\"{sign}\" instead of {}", shown(self.peek())))
    }

    fn expression(&mut self, least: u8, depth: usize) -> Result<Node, String> {
        if depth > DEEPEST {
            return Err("too deep".into());
        }
        let mut left = self.first(depth)?;
        while power(self.peek()) > least {
            left = self.further(left, depth)?;
        }
        Ok(left)
    }

    fn boxed(&mut self, least: u8, depth: usize) -> Result<Box<Node>, String> {
        Ok(Box::new(self.expression(least, depth + 1)?))
    }

    fn first(&mut self, depth: usize) -> Result<Node, String> {
        Ok(match self.next() {
            Token::Literal(value) => Node::Literal(value),
            Token::Name(name) if matches!(self.peek(), Token::Sign("(")) => {
                self.call(&name, depth)?
            }
            Token::Name(name) | Token::Quoted(name) => Node::Field(name),
            Token::Sign("@") => Node::Current,
            Token::Sign("!") => Node::Not(self.boxed(45, depth)?),
            Token::Sign("&") => Node::Expression(self.boxed(0, depth)?),
            Token::Sign("(") => {
                let inner = self.expression(0, depth + 1)?;
                self.need(")")?;
                inner
            }
            Token::Sign("*") => {
                let right = self.projected(20, depth)?;
                Node::Values(Box::new(Node::Current), right)
            }
            Token::Sign("[]") => {
                let right = self.projected(9, depth)?;
                Node::Each(Box::new(Node::Flatten(Box::new(Node::Current))), right)
            }
            Token::Sign("[?") => self.filter(Node::Current, depth)?,
            Token::Sign("{") => self.hash(depth)?,
            Token::Sign("[") => match (self.peek(), self.peek_behind()) {
                (Token::Number(_) | Token::Sign(":"), _) => self.index(Node::Current, depth)?,
                (Token::Sign("*"), Token::Sign("]")) => {
                    self.at += 2;
                    let right = self.projected(20, depth)?;
                    Node::Each(Box::new(Node::Current), right)
                }
                _ => Node::List(self.several("]", depth)?),
            },
            other => return Err(format!("{} is not expected", shown(&other))),
        })
    }

    fn further(&mut self, left: Node, depth: usize) -> Result<Node, String> {
        let left = Box::new(left);
        Ok(match self.next() {
            Token::Sign(".") => match self.peek() {
                Token::Sign("*") => {
                    self.at += 1;
                    Node::Values(left, self.projected(20, depth)?)
                }
                _ => Node::Then(left, Box::new(self.behind_dot(depth)?)),
            },
            Token::Sign("|") => Node::Then(left, self.boxed(1, depth)?),
            Token::Sign("||") => Node::Or(left, self.boxed(2, depth)?),
            Token::Sign("&&") => Node::And(left, self.boxed(3, depth)?),
            Token::Sign("[]") => {
                let right = self.projected(9, depth)?;
                Node::Each(Box::new(Node::Flatten(left)), right)
            }
            Token::Sign("[?") => self.filter(*left, depth)?,
            Token::Sign("[") => match self.peek() {
                Token::Sign("*") => {
                    self.at += 1;
                    self.need("]")?;
                    Node::Each(left, self.projected(20, depth)?)
                }
                _ => self.index(*left, depth)?,
            },
            Token::Sign(sign @ ("==" | "!=" | "<" | "<=" | ">" | ">=")) => {
                Node::Compare(sign, left, self.boxed(5, depth)?)
            }
            other => return Err(format!("{} is not expected", shown(&other))),
        })
    }

    fn behind_dot(&mut self, depth: usize) -> Result<Node, String> {
        match self.peek() {
            Token::Name(_) | Token::Quoted(_) => self.expression(40, depth + 1),
            Token::Sign("[") => {
                self.at += 1;
                Ok(Node::List(self.several("]", depth)?))
            }
            Token::Sign("{") => {
                self.at += 1;
                self.hash(depth)
            }
            other => Err(format!("{} behind a point", shown(other))),
        }
    }

    /// What is asked of every element of a projection.
    fn projected(&mut self, least: u8, depth: usize) -> Result<Box<Node>, String> {
        if power(self.peek()) < 10 {
            return Ok(Box::new(Node::Current));
        }
        match self.peek() {
            Token::Sign("[" | "[?") => self.boxed(least, depth),
            Token::Sign(".") => {
                self.at += 1;
                if self.is("*") {
                    let right = self.projected(20, depth + 1)?;
                    return Ok(Box::new(Node::Values(Box::new(Node::Current), right)));
                }
                let mut left = self.behind_dot_at(least, depth)?;
                while power(self.peek()) > least {
                    left = self.further(left, depth + 1)?;
                }
                Ok(Box::new(left))
            }
            other => Err(format!("{} is not expected", shown(other))),
        }
    }

    fn behind_dot_at(&mut self, least: u8, depth: usize) -> Result<Node, String> {
        match self.peek() {
            Token::Name(_) | Token::Quoted(_) => self.expression(least, depth + 1),
            _ => self.behind_dot(depth),
        }
    }

    fn filter(&mut self, left: Node, depth: usize) -> Result<Node, String> {
        let condition = self.boxed(0, depth)?;
        self.need("]")?;
        let right = self.projected(21, depth)?;
        Ok(Node::Filter(Box::new(left), condition, right))
    }

    /// An index or a slice, behind its opening bracket.
    fn index(&mut self, left: Node, depth: usize) -> Result<Node, String> {
        let mut parts = [None; 3];
        let mut part = 0;
        loop {
            match self.next() {
                Token::Number(number) => parts[part] = Some(number),
                Token::Sign(":") if part < 2 => part += 1,
                Token::Sign("]") => break,
                other => return Err(format!("{} in brackets", shown(&other))),
            }
        }
        if part == 0 {
            let index = Node::Index(parts[0].unwrap_or(0));
            return Ok(Node::Then(Box::new(left), Box::new(index)));
        }
        let step = parts[2].unwrap_or(1);
        if step == 0 {
            return Err("a slice with the step 0".into());
        }
        let slice = Node::Slice(parts[0], parts[1], step);
        let left = Node::Then(Box::new(left), Box::new(slice));
        Ok(Node::Each(Box::new(left), self.projected(20, depth)?))
    }

    fn several(&mut self, end: &str, depth: usize) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        if self.is(end) {
            return Ok(nodes);
        }
        loop {
            nodes.push(self.expression(0, depth + 1)?);
            if self.is(end) {
                return Ok(nodes);
            }
            self.need(",")?;
        }
    }

    fn hash(&mut self, depth: usize) -> Result<Node, String> {
        let mut pairs = Vec::new();
        loop {
            let key = match self.next() {
                Token::Name(key) | Token::Quoted(key) => key,
                other => return Err(format!("{} in the place of a key", shown(&other))),
            };
            self.need(":")?;
            pairs.push((key, self.expression(0, depth + 1)?));
            if self.is("}") {
                return Ok(Node::Hash(pairs));
            }
            self.need(",")?;
        }
    }

    fn call(&mut self, name: &str, depth: usize) -> Result<Node, String> {
        self.at += 1;
        let arguments = self.several(")", depth)?;
        let known = FUNCTIONS.iter().find(|(known, _)| *known == name);
        let Some((name, count)) = known else {
            return Err(format!("there is no function {name}"));
        };
        if *count != 0 && arguments.len() != *count {
            return Err(format!("{name} takes {count}, not {}", arguments.len()));
        }
        Ok(Node::Call(name, arguments))
    }
}

/// One evaluation; nothing once it has taken too many steps.
struct Search {
    left: Cell<usize>,
}

fn weight(value: &Value) -> usize {
    1 + match value {
        Value::String(text) => text.len() / 16,
        Value::Array(entries) => entries.iter().map(weight).sum(),
        Value::Object(fields) => fields.values().map(|value| 1 + weight(value)).sum(),
        _ => 0,
    }
}

impl Search {
    fn pay(&self, steps: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(steps)?);
        Some(())
    }

    fn copy(&self, value: &Value) -> Option<Value> {
        self.pay(weight(value))?;
        Some(value.clone())
    }

    fn find(&self, node: &Node, at: &Value) -> Option<Value> {
        self.pay(1)?;
        Some(match node {
            Node::Current => self.copy(at)?,
            Node::Literal(value) => self.copy(value)?,
            Node::Field(name) => self.copy(at.get(name).unwrap_or(&Value::Null))?,
            Node::Index(index) => self.copy(nth(at, *index))?,
            Node::Slice(from, to, step) => self.slice(at, *from, *to, *step)?,
            Node::Then(left, right) => match self.reach(left, at) {
                Some(place) => self.find(right, place)?,
                None => self.find(right, &self.find(left, at)?)?,
            },
            Node::Each(left, right) => match self.find(left, at)? {
                Value::Array(entries) => self.each(right, entries.iter())?,
                _ => Value::Null,
            },
            Node::Values(left, right) => match self.find(left, at)? {
                Value::Object(fields) => self.each(right, fields.values())?,
                _ => Value::Null,
            },
            Node::Flatten(left) => match self.find(left, at)? {
                Value::Array(entries) => {
                    let flat = entries.into_iter().flat_map(|entry| match entry {
                        Value::Array(inner) => inner,
                        other => vec![other],
                    });
                    Value::Array(flat.collect())
                }
                _ => Value::Null,
            },
            Node::Filter(left, condition, right) => match self.find(left, at)? {
                Value::Array(entries) => {
                    let mut kept = Vec::new();
                    for entry in &entries {
                        if is_true(&self.find(condition, entry)?) {
                            kept.push(entry);
                        }
                    }
                    self.each(right, kept.into_iter())?
                }
                _ => Value::Null,
            },
            Node::List(_) | Node::Hash(_) if at.is_null() => Value::Null,
            Node::List(nodes) => {
                let found = nodes.iter().map(|node| self.find(node, at));
                Value::Array(found.collect::<Option<_>>()?)
            }
            Node::Hash(pairs) => {
                let found = pairs
                    .iter()
                    .map(|(key, node)| Some((key.clone(), self.find(node, at)?)));
                Value::Object(found.collect::<Option<_>>()?)
            }
            Node::Or(left, right) => {
                let found = self.find(left, at)?;
                if is_true(&found) {
                    found
                } else {
                    self.find(right, at)?
                }
            }
            Node::And(left, right) => {
                let found = self.find(left, at)?;
                if is_true(&found) {
                    self.find(right, at)?
                } else {
                    found
                }
            }
            Node::Not(inner) => Value::Bool(!is_true(&self.find(inner, at)?)),
            Node::Compare(sign, left, right) => {
                compare(sign, &self.find(left, at)?, &self.find(right, at)?)
            }
            Node::Call(name, arguments) => self.call(name, arguments, at)?,
            Node::Expression(_) => Value::Null,
        })
    }

    /// Where a path of plain names and numbers leads, without copying on the way.
    fn reach<'v>(&self, node: &Node, at: &'v Value) -> Option<&'v Value> {
        match node {
            Node::Current => Some(at),
            Node::Field(name) => Some(at.get(name).unwrap_or(&Value::Null)),
            Node::Index(index) => Some(nth(at, *index)),
            Node::Then(left, right) => self.reach(right, self.reach(left, at)?),
            _ => None,
        }
    }

    fn each<'v>(&self, node: &Node, entries: impl Iterator<Item = &'v Value>) -> Option<Value> {
        let mut found = Vec::new();
        for entry in entries {
            let one = self.find(node, entry)?;
            if !one.is_null() {
                found.push(one);
            }
        }
        Some(Value::Array(found))
    }

    fn slice(&self, at: &Value, from: Option<i64>, to: Option<i64>, step: i64) -> Option<Value> {
        let Value::Array(entries) = at else {
            return Some(Value::Null);
        };
        let length = entries.len() as i64;
        let (low, high) = if step > 0 {
            (0, length)
        } else {
            (-1, length - 1)
        };
        let end = |index: Option<i64>, missing: i64| match index {
            None => missing,
            Some(index) if index < 0 => index.saturating_add(length).clamp(low, high),
            Some(index) => index.clamp(low, high),
        };
        let (first, last) = if step > 0 { (low, high) } else { (high, low) };
        let (mut index, last) = (end(from, first), end(to, last));
        let mut found = Vec::new();
        while (step > 0 && index < last) || (step < 0 && index > last) {
            found.push(self.copy(nth(at, index))?);
            index = index.saturating_add(step);
        }
        Some(Value::Array(found))
    }

    fn call(&self, name: &str, arguments: &[Node], at: &Value) -> Option<Value> {
        if let [first, second] = arguments {
            match (name, first, second) {
                ("map", Node::Expression(node), list) => {
                    let list = self.find(list, at)?;
                    let entries = list.as_array().into_iter().flatten();
                    let found = entries.map(|entry| self.find(node, entry));
                    return Some(Value::Array(found.collect::<Option<_>>()?));
                }
                ("sort_by" | "max_by" | "min_by", list, Node::Expression(node)) => {
                    return self.ordered(name, self.find(list, at)?, node);
                }
                _ => {}
            }
        }
        let found = arguments.iter().map(|node| self.find(node, at));
        let found: Vec<Value> = found.collect::<Option<_>>()?;
        self.pay(found.iter().map(weight).sum())?;
        Some(apply(name, found))
    }

    fn ordered(&self, name: &str, list: Value, by: &Node) -> Option<Value> {
        let Value::Array(entries) = list else {
            return Some(Value::Null);
        };
        let mut keyed = Vec::new();
        for entry in entries {
            keyed.push((self.find(by, &entry)?, entry));
        }
        self.pay(keyed.len() * 16)?;
        keyed.sort_by(|a, b| order(&a.0, &b.0));
        let mut sorted: Vec<Value> = keyed.into_iter().map(|(_, entry)| entry).collect();
        Some(match name {
            "max_by" => sorted.pop().unwrap_or_default(),
            "min_by" if sorted.is_empty() => Value::Null,
            "min_by" => sorted.swap_remove(0),
            _ => Value::Array(sorted),
        })
    }
}

fn nth(value: &Value, index: i64) -> &Value {
    let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let index = if index < 0 {
        entries.len().checked_sub(index.unsigned_abs() as usize)
    } else {
        usize::try_from(index).ok()
    };
    let found = index.and_then(|index| entries.get(index));
    found.unwrap_or(&Value::Null)
}

fn is_true(value: &Value) -> bool {
    !(super::value::is_empty(value) || *value == Value::Bool(false))
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            a.partial_cmp(&b).unwrap_or(Ordering::Equal)
        }
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

fn compare(sign: &str, a: &Value, b: &Value) -> Value {
    let ordered = a.is_number() && b.is_number();
    Value::Bool(match sign {
        "==" => same(a, b),
        "!=" => !same(a, b),
        _ if !ordered => return Value::Null,
        "<" => order(a, b).is_lt(),
        "<=" => order(a, b).is_le(),
        ">" => order(a, b).is_gt(),
        _ => order(a, b).is_ge(),
    })
}

fn apply(name: &str, arguments: Vec<Value>) -> Value {
    let first = arguments.first().unwrap_or(&Value::Null);
    let second = arguments.get(1).unwrap_or(&Value::Null);
    match (name, first, second) {
        ("length", Value::String(text), _) => text.chars().count().into(),
        ("length", Value::Array(entries), _) => entries.len().into(),
        ("length", Value::Object(fields), _) => fields.len().into(),
        ("join", Value::String(between), Value::Array(entries)) => {
            let texts = entries.iter().filter_map(Value::as_str);
            Value::String(texts.collect::<Vec<_>>().join(between))
        }
        ("contains", Value::String(text), Value::String(part)) => text.contains(part).into(),
        ("contains", Value::Array(entries), wanted) => {
            entries.iter().any(|entry| same(entry, wanted)).into()
        }
        ("starts_with", Value::String(text), Value::String(part)) => text.starts_with(part).into(),
        ("ends_with", Value::String(text), Value::String(part)) => text.ends_with(part).into(),
        ("to_string", Value::String(text), _) => text.as_str().into(),
        ("to_string", other, _) => other.to_string().into(),
        ("to_number", Value::Number(number), _) => Value::Number(number.clone()),
        ("to_number", Value::String(text), _) => number(text),
        ("to_array", Value::Array(_), _) => first.clone(),
        ("to_array", other, _) => Value::Array(vec![other.clone()]),
        ("keys", Value::Object(fields), _) => fields.keys().cloned().collect(),
        ("values", Value::Object(fields), _) => fields.values().cloned().collect(),
        ("last", Value::Array(_), _) => nth(first, -1).clone(),
        ("reverse", Value::Array(entries), _) => entries.iter().rev().cloned().collect(),
        ("reverse", Value::String(text), _) => text.chars().rev().collect::<String>().into(),
        ("sort", Value::Array(entries), _) => {
            let mut sorted = entries.clone();
            sorted.sort_by(order);
            Value::Array(sorted)
        }
        ("type", value, _) => match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
        .into(),
        ("not_null", _, _) => {
            let found = arguments.into_iter().find(|value| !value.is_null());
            found.unwrap_or_default()
        }
        ("merge", _, _) => {
            let mut merged = Map::new();
            for one in arguments {
                if let Value::Object(fields) = one {
                    merged.extend(fields);
                }
            }
            Value::Object(merged)
        }
        _ => Value::Null,
    }
}

/// A text as a number: whole where it is whole.
pub fn number(text: &str) -> Value {
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(whole) => whole.into(),
        Err(_) => match text.parse::<f64>().ok().and_then(Number::from_f64) {
            Some(number) => Value::Number(number),
            None => Value::Null,
        },
    }
}

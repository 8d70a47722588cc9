//! A captured statement and what is bound to it.

use folkmoot::platform::db::Id;
use serde::{Deserialize, Serialize};

use crate::seed::{self, Kind};

/// What is bound: something of the request, or what it always is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// The seeded council.
    Council,
    /// The seeded challenge.
    Challenge,
    /// The idea of the request.
    Idea,
    /// The caller's account.
    Account,
    /// The same as text: the key of a budget.
    AccountText,
    /// The caller's session.
    Session,
    /// A fresh random id.
    Fresh,
    /// The voter that an earlier statement found.
    Voter,
    /// The instant of the request.
    Now,
    /// Always this number.
    Int(i64),
    /// Always this text.
    Text(String),
    /// Always any of these: what PostgreSQL is given for `= ANY($1)`.
    Texts(Vec<String>),
    /// Always nothing.
    Null,
}

/// A statement in the SQL of its database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// With `?` or `$1`.
    pub sql: String,
    /// In order.
    pub binds: Vec<Bind>,
    /// Whether Folkmoot keeps it prepared, or has it parsed and planned again each time.
    pub prepared: bool,
}

/// What Folkmoot runs for each kind of request, transactions included.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Statements {
    /// A page of ideas.
    pub list: Vec<Statement>,
    /// One idea.
    pub detail: Vec<Statement>,
    /// A support.
    pub support: Vec<Statement>,
}

impl Statement {
    /// Reads what diesel tells of a query: the SQL and its binds as Rust's `Debug` writes them.
    pub fn read(told: &str, sample: Sample) -> anyhow::Result<Self> {
        let (sql, binds) = told.split_once(" -- binds: ").unwrap_or((told, "[]"));
        let sql = sql.trim().to_owned();
        let makes_voter = sql.to_lowercase().replace(['"', '`'], "").starts_with("insert into voters");
        let binds = split(inside(binds.trim()).unwrap_or_default())
            .into_iter()
            .map(|text| read_bind(&text, sample, makes_voter));
        Ok(Self { binds: binds.collect::<anyhow::Result<_>>()?, sql, prepared: false })
    }

    /// Whether it begins so, whatever its case.
    pub fn begins(&self, word: &str) -> bool {
        self.sql.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
    }
}

/// The numbers of the request that the statements were captured from.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The idea.
    pub idea: u32,
    /// The account and its session.
    pub account: u32,
}

fn inside(list: &str) -> Option<&str> {
    list.strip_prefix('[')?.strip_suffix(']')
}

// At the commas that are within no quotes and no brackets.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut depth, mut quoted, mut escaped) = (0_i32, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(std::mem::take(&mut part).trim().to_owned());
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    if !part.trim().is_empty() {
        parts.push(part.trim().to_owned());
    }
    parts
}

fn read_bind(text: &str, sample: Sample, makes_voter: bool) -> anyhow::Result<Bind> {
    let text = text.strip_prefix("Some(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let account = seed::id(Kind::Account, sample.account);
    if text == "None" {
        return Ok(Bind::Null);
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Bind::Int(number));
    }
    if text.starts_with('"') {
        let text: String = serde_json::from_str(text)?;
        return Ok(if text == account.to_string() { Bind::AccountText } else { Bind::Text(text) });
    }
    if let Ok(id) = text.parse::<Id>() {
        return Ok(match id {
            id if id == seed::council() => Bind::Council,
            id if id == seed::challenge() => Bind::Challenge,
            id if id == seed::id(Kind::Idea, sample.idea) => Bind::Idea,
            id if id == account => Bind::Account,
            id if id == seed::id(Kind::Session, sample.account) => Bind::Session,
            _ if makes_voter => Bind::Fresh,
            _ => Bind::Voter,
        });
    }
    if text.starts_with("20") && text.ends_with('Z') {
        return Ok(Bind::Now);
    }
    match inside(text) {
        Some(words) => Ok(Bind::Texts(split(words).iter().map(|word| read_word(word)).collect::<anyhow::Result<_>>()?)),
        None => Ok(Bind::Text(read_word(text)?)),
    }
}

/// A word of the vocabulary, by the name of its variant.
fn read_word(text: &str) -> anyhow::Result<String> {
    anyhow::ensure!(text.chars().all(char::is_alphanumeric), "unknown bind {text}");
    let mut word = String::new();
    for c in text.chars() {
        if c.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.extend(c.to_lowercase());
    }
    Ok(word)
}

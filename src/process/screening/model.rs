//! What screeners are shown, and what they find.

use std::ops::Range;

use crate::vocabulary::{FindingKind, Screener, TextField};

/// A screener came to no result. What it would have looked for is not said to be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unchecked;

/// A word of a council's list, folded as texts are: one word, or several that stand one after the other.
pub type Listed = Vec<String>;

/// A text that screeners are shown.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// In one line.
    pub title: &'a str,
    /// In Markdown.
    pub body: &'a str,
    /// The council's words, where they could be read.
    pub words: Result<&'a [Listed], &'a Unchecked>,
}

impl<'a> Item<'a> {
    /// Its fields, in the order in which they are read.
    pub fn fields(&self) -> [Field<'a>; 2] {
        [Field { name: TextField::Title, text: self.title }, Field { name: TextField::Body, text: self.body }]
    }
}

/// One field of a text.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Which.
    pub name: TextField,
    /// What it says.
    pub text: &'a str,
}

impl Field<'_> {
    /// Something in this field, between two bytes.
    ///
    /// # Errors
    /// Where they are no places between its characters: a fault of the screener, which then has checked nothing.
    pub fn mark(&self, kind: FindingKind, bytes: Range<usize>) -> Result<Mark, Unchecked> {
        let before = self.text.get(..bytes.start).ok_or(Unchecked)?;
        let found = self.text.get(bytes).filter(|found| !found.is_empty()).ok_or(Unchecked)?;
        let start = i32::try_from(before.chars().count()).map_err(|_too_long| Unchecked)?;
        let length = i32::try_from(found.chars().count()).map_err(|_too_long| Unchecked)?;
        let end = start.checked_add(length).ok_or(Unchecked)?;
        Ok(Mark { kind, place: Some(Place { field: self.name, start, end }) })
    }
}

/// A place in a text, in Unicode scalar values from its beginning; `end` is the first that is not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In which field.
    pub field: TextField,
    /// Where it begins.
    pub start: i32,
    /// Where it is over.
    pub end: i32,
}

/// What a screener found, and where; nowhere where it is about the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What.
    pub kind: FindingKind,
    /// Where.
    pub place: Option<Place>,
}

impl Mark {
    /// Something about the whole.
    pub fn whole(kind: FindingKind) -> Self {
        Self { kind, place: None }
    }
}

/// A mark, with the screener that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whose.
    pub screener: Screener,
    /// What and where.
    pub mark: Mark,
}

/// What a text shows by itself.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What was found in it.
    pub findings: Vec<Finding>,
    /// By what it is known again; nothing where it is too short to mean anything.
    pub digest: Option<String>,
}

/// How a text came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// How many other ideas of the council say the same.
    pub same_text: i64,
    /// Whether its author's account is new.
    pub account_is_new: bool,
    /// How many ideas they have submitted in the last hour, if it is.
    pub submitted_lately: i64,
    /// How many accounts are as new in the last minutes, if it is.
    pub newcomers: i64,
}

/// Looks at texts and how they came. Pure.
pub trait Screen: Sync {
    /// Its name.
    fn name(&self) -> Screener;

    /// What it finds in a text.
    ///
    /// # Errors
    /// Where it could not look.
    fn read(&self, item: &Item<'_>) -> Result<Vec<Mark>, Unchecked>;

    /// What it finds in how a text came.
    fn weigh(&self, circumstances: &Circumstances) -> Option<FindingKind> {
        let _most_look_at_the_text_only = circumstances;
        None
    }
}

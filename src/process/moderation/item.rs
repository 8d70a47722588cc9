//! What a case is about: an idea, or a comment under it. The one place where due process asks which of the two it is.

use diesel::prelude::*;

use crate::participation::comments::model::CommentRow;
use crate::participation::comments::queries as comments;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries as ideas;
use crate::participation::ideas::rules::{Move, public_number};
use crate::people::accounts::Viewer;
use crate::people::councils::model::Council;
use crate::platform::db::schema::decisions;
use crate::platform::db::{Hold, Id, Tx};
use crate::platform::error::Result;
use crate::process::appeals::force::lock_in_force;
use crate::process::appeals::queries::taken;
use crate::vocabulary::{DecisionKind, IdeaState};

/// Which idea, or which comment under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The idea.
    pub idea: Id,
    /// The comment; none where it is about the idea itself.
    pub comment: Option<Id>,
}

impl Subject {
    /// An idea itself.
    pub fn idea(idea: Id) -> Self {
        Self { idea, comment: None }
    }

    /// The id of whichever of the two it is.
    pub fn id(self) -> Id {
        self.comment.unwrap_or(self.idea)
    }

    /// What it is called in a mail.
    pub fn word(self) -> &'static str {
        if self.comment.is_some() { "comment" } else { "idea" }
    }
}

/// Characters of a comment that a mail quotes at most.
const QUOTED: usize = 200;

/// How a comment begins.
pub fn beginning(body: &str) -> String {
    let cut: String = body.chars().take(QUOTED).collect();
    if cut.len() < body.len() { format!("{} …", cut.trim_end()) } else { cut }
}

/// Narrows rows to those about a subject.
#[macro_export]
macro_rules! about {
    ($query:expr, $table:ident, $subject:expr) => {{
        let of: $crate::process::moderation::item::Subject = $subject;
        let query = $query.filter($table::idea_id.eq(of.idea)).into_boxed();
        match of.comment {
            Some(comment) => query.filter($table::comment_id.eq(comment)),
            None => query.filter($table::comment_id.is_null()),
        }
    }};
}

/// An idea, or a comment with the idea that it is under, as it is now.
#[derive(Clone, Debug)]
pub struct Item {
    /// The idea.
    pub idea: IdeaRow,
    /// The comment; none where it is about the idea itself.
    pub comment: Option<CommentRow>,
}

impl Item {
    /// Which it is.
    pub fn subject(&self) -> Subject {
        Subject { idea: self.idea.id, comment: self.comment.as_ref().map(|comment| comment.id) }
    }

    /// Where it stands.
    pub fn state(&self) -> IdeaState {
        self.comment.as_ref().map_or(self.idea.state, |comment| comment.state)
    }

    /// The revision in force.
    pub fn revision(&self) -> i32 {
        self.comment.as_ref().map_or(self.idea.revision, |comment| comment.revision)
    }

    /// Whose it is, while they are here.
    pub fn author(&self) -> Option<Id> {
        match &self.comment {
            Some(comment) => comment.author_id,
            None => self.idea.author_id,
        }
    }

    /// What a mail quotes of it: the title of an idea, or how a comment begins.
    pub fn quoted(&self) -> String {
        match &self.comment {
            Some(comment) => beginning(&comment.body),
            None => self.idea.title.clone(),
        }
    }

    /// Where a person reads it on the council's site.
    pub fn address(&self, council: &Council) -> String {
        let number = public_number(&council.idea_prefix, self.idea.number);
        let idea = format!("{}/ideas/{number}", council.site_url.trim_end_matches('/'));
        match &self.comment {
            Some(comment) => format!("{idea}#comment-{}", comment.id),
            None => idea,
        }
    }

    /// Title and text; a comment has no title.
    pub fn text(&self) -> (&str, &str) {
        match &self.comment {
            Some(comment) => ("", &comment.body),
            None => (&self.idea.title, &self.idea.body),
        }
    }
}

/// Whose it is, or was: a comment under somebody's idea is not theirs.
///
/// # Errors
/// 404 where there is no such thing.
pub fn find(tx: &mut Tx<'_>, council: &Council, of: Subject) -> Result<Item> {
    let idea = ideas::find_idea(tx, council, &of.idea.to_string(), &Viewer::Staff)?;
    let comment = of.comment.map(|comment| comments::find_comment(tx, council.id, comment)).transpose()?;
    Ok(Item { idea, comment })
}

/// The same, held to the end of this unit, and as it is now that it is: what is under an idea is held with it.
///
/// # Errors
/// 404 where there is no such thing.
pub fn hold(tx: &mut Tx<'_>, council: &Council, of: Subject) -> Result<Item> {
    ideas::hold_idea(tx, council, &of.idea.to_string(), &Viewer::Staff, Hold::Alone)?;
    find(tx, council, of)
}

/// Moves it.
///
/// # Errors
/// 409 where the step is none from its state.
pub fn step(tx: &mut Tx<'_>, council: &Council, item: &Item, by: Move, decision: Option<Id>) -> Result<IdeaState> {
    match &item.comment {
        Some(comment) => comments::move_comment(tx, council.id, comment, by, decision),
        None => ideas::move_idea(tx, council, &item.idea, by, decision),
    }
}

/// Gives it a further revision.
///
/// # Errors
/// 412 where it has changed since it was read.
pub fn revise(tx: &mut Tx<'_>, council: Id, item: &Item, title: &str, body: &str) -> Result<()> {
    match &item.comment {
        Some(comment) => comments::revise_comment(tx, council, comment, body).map(|_| ()),
        None => ideas::revise_idea(tx, council, &item.idea, title, body, item.idea.category.as_deref()),
    }
}

/// Title and text in one of its revisions, while they are kept.
///
/// # Errors
/// What the database answers.
pub fn find_revision(tx: &mut Tx<'_>, council: Id, of: Subject, revision: i32) -> Result<Option<(String, String)>> {
    match of.comment {
        Some(comment) => Ok(comments::find_revision(tx, council, comment, revision)?.map(|body| (String::new(), body))),
        None => ideas::find_revision(tx, council, of.idea, revision),
    }
}

/// Whether it was ever public.
///
/// # Errors
/// What the database answers.
pub fn was_public(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<bool> {
    match of.comment {
        Some(comment) => Ok(comments::find_comment(tx, council, comment)?.published_at.is_some()),
        None => ideas::was_public(tx, council, of.idea),
    }
}

/// Whether the last that was decided of it is that its author is to change it.
///
/// # Errors
/// What the database answers.
pub fn was_given_back(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<bool> {
    let last: Option<DecisionKind> = about!(decisions::table.filter(decisions::council_id.eq(council)), decisions, of)
        .order((decisions::decided_at.desc(), decisions::id.desc()))
        .select(decisions::kind)
        .first(&mut **tx)
        .optional()?;
    Ok(last == Some(DecisionKind::ReturnForChanges))
}

/// Locks or unlocks what may be written under it, by all that has been decided and appealed against by now.
///
/// # Errors
/// What the database answers.
pub fn set_lock(tx: &mut Tx<'_>, council: Id, item: &Item) -> Result<()> {
    let locked_by = lock_in_force(&taken(tx, council, item.subject())?);
    match &item.comment {
        Some(comment) if comment.locked_by != locked_by => comments::set_lock(tx, council, comment.id, locked_by),
        None if item.idea.locked_by != locked_by => ideas::set_lock(tx, council, item.idea.id, locked_by),
        _ => Ok(()),
    }
}

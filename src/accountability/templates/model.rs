//! Rows of templates, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{AnswerKind, EntryKind, Visibility};

/// A template.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::answer_templates)]
pub struct TemplateRow {
    /// Its id.
    pub id: Id,
    /// By which officers find it.
    pub title: String,
    /// The kind of the answers that it is for.
    pub kind: AnswerKind,
    /// In Markdown.
    pub body: String,
    /// Raised by each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What a template is made of, tidied and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateDraft {
    /// By which officers find it.
    pub title: String,
    /// The kind of the answers that it is for.
    pub kind: AnswerKind,
    /// In Markdown.
    pub body: String,
}

/// A template was made, changed or taken away.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateChanged {
    /// Which.
    pub template: Id,
    /// Counts from one; null where it is gone.
    pub version: Option<i64>,
}

impl Entry for TemplateChanged {
    const KIND: EntryKind = EntryKind::TemplateChanged;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.template
    }
}

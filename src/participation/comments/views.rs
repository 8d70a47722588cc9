//! What comments take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Shown;
use super::rules::Seen;
use crate::participation::ideas::model::Restriction;
use crate::participation::ideas::rules::is_restricted;
use crate::participation::ideas::views::TombstoneView;
use crate::people::accounts::identity::{self, AuthorView};
use crate::platform::db::{Id, Instant};
use crate::platform::html::markdown;
use crate::platform::secrets::Secrets;
use crate::vocabulary::{HeldFor, IdeaState, Stance};

/// Write a comment.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteComment {
    /// In Markdown.
    #[schema(
        min_length = 1,
        max_length = 4_000,
        example = "The lollipop lady stops at nine, and we come at ten past."
    )]
    pub body: String,
    /// What you say to the idea; `neutral` unless told.
    #[schema(nullable = false)]
    pub stance: Option<Stance>,
    /// The comment that you answer; left out, your comment stands by itself under the idea.
    #[schema(nullable = false)]
    pub parent: Option<Id>,
}

/// Revise a comment.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviseComment {
    /// In Markdown.
    #[schema(min_length = 1, max_length = 4_000)]
    pub body: String,
}

/// A comment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommentView {
    /// Its id.
    pub id: Id,
    /// The idea that it is about.
    pub idea: Id,
    /// The comment that it stands below; null where it stands by itself.
    #[schema(required = true)]
    pub parent: Option<Id>,
    /// How many comments stand above it: two at most. What answers one of the deepest stands beside it.
    #[schema(minimum = 0, maximum = 2)]
    pub depth: i32,
    /// Where it stands.
    pub state: IdeaState,
    /// What it says to the idea; null on a tombstone.
    #[schema(required = true)]
    pub stance: Option<Stance>,
    /// In Markdown; null on a tombstone.
    #[schema(required = true)]
    pub body: Option<String>,
    /// As safe HTML; null on a tombstone.
    #[schema(required = true)]
    pub body_html: Option<String>,
    /// Whose it is; null where they have gone, and on a tombstone.
    #[schema(required = true)]
    pub author: Option<AuthorView>,
    /// How many comments stand right below it; with a tombstone they are out of sight.
    pub replies: i64,
    /// Whether a moderator has locked the thread below it: it takes no more comments.
    pub locked: bool,
    /// The comment above it that is not shown, and this one with it: it is not for what stands here. For its author and staff, where
    /// one comment is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hidden_with: Option<Id>,
    /// The revision in force.
    pub revision: i32,
    /// Send it as `If-Match: "<version>"` with a change; each change raises it.
    pub version: i64,
    /// When it was written.
    pub written_at: Instant,
    /// While it waits for a moderator: why, as far as it is known. For its author and staff, where one comment is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub held_for: Option<Vec<HeldFor>>,
    /// Where it was restricted: why and when. Where one comment is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tombstone: Option<TombstoneView>,
}

/// Where a comment is shown: in which council and challenge, and what authors are shown by.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The council.
    pub council: Id,
    /// The challenge.
    pub challenge: Id,
    /// What authors are shown by.
    pub secrets: &'a Secrets,
}

impl CommentView {
    /// What somebody is shown of it, with how many stand right below it.
    pub fn of((row, name, profile): Shown, seen: Seen, replies: i64, setting: Setting<'_>) -> Self {
        let Setting { council, challenge, secrets } = setting;
        let open = seen == Seen::Whole;
        let author = name.zip(row.author_id).filter(|_| open);
        Self {
            id: row.id,
            idea: row.idea_id,
            parent: row.parent_id,
            depth: row.depth,
            state: row.state,
            stance: open.then_some(row.stance),
            body_html: open.then(|| markdown(&row.body)),
            body: open.then_some(row.body),
            author: author.map(|(name, account)| identity::author(secrets, council, challenge, account, profile, name)),
            replies: if open { replies } else { 0 },
            locked: row.locked_by.is_some(),
            hidden_with: None,
            revision: row.revision,
            version: row.version,
            written_at: row.written_at,
            held_for: None,
            tombstone: None,
        }
    }

    /// With why it is restricted; in full where all of it is shown.
    pub fn with(self, restriction: Option<Restriction>, seen: Seen) -> Self {
        let restriction = restriction.filter(|_| is_restricted(self.state));
        let tombstone = restriction.map(|found| TombstoneView::of(found, seen == Seen::Whole));
        Self { tombstone, ..self }
    }
}

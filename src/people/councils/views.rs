//! What councils take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Council, Ground, domains};
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{MergeSilence, ProofOfWork, Role, Under18};

/// Make a council.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCouncil {
    /// Its name in addresses.
    #[schema(pattern = "^[a-z][a-z0-9-]{1,38}[a-z0-9]$", example = "aldermoor")]
    pub slug: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 120, pattern = r"^[^\r\n]*$", example = "Aldermoor Borough Council")]
    pub name: String,
    /// IANA time zone.
    #[schema(max_length = 60, example = "Europe/London")]
    pub time_zone: String,
    /// BCP 47.
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", example = "en-GB")]
    pub language: String,
    /// What the public numbers of its ideas begin with.
    #[schema(pattern = "^[A-Z]{2,6}$", example = "ALD")]
    pub idea_prefix: String,
    /// Where its frontend is; links in mails lead there. The plain pages of this installation unless given.
    #[schema(max_length = 300, nullable = false, example = "https://ideas.aldermoor.example")]
    pub site_url: Option<String>,
    /// Who is invited as its first admin.
    #[schema(max_length = 254, example = "admin@aldermoor.example")]
    pub first_admin_email: String,
}

/// A council.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilView {
    /// Its id.
    pub id: Id,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// IANA time zone: its days begin and end there.
    pub time_zone: String,
    /// BCP 47.
    pub language: String,
    /// What the public numbers of its ideas begin with.
    pub idea_prefix: String,
    /// Where its frontend is.
    pub site_url: String,
    /// Whether its staff must sign in with a second factor or a passkey.
    pub staff_second_factor: bool,
    /// Whoever is younger cannot have an account.
    pub minimum_age: i32,
    /// How it takes people under eighteen.
    pub under_18: Under18,
    /// When it asks for a proof of work: `always` is worth beginning one while somebody still types.
    pub proof_of_work: ProofOfWork,
    /// Mail domains that it takes from newcomers, whatever the list of throw-away ones says.
    pub mail_domains_allowed: Vec<String>,
    /// Mail domains that it does not take from newcomers.
    pub mail_domains_refused: Vec<String>,
    /// Whether an idea that waits for longer than was promised is published without a moderator, where no screener found
    /// anything, nobody has reported it, and its author is not known to be under eighteen. Its case stays open.
    pub publish_clean_by_clock: bool,
    /// Whether it opens no further challenge while answers are overdue.
    pub no_new_challenges_while_overdue: bool,
    /// What it means where supporters of an idea that is to be merged say nothing.
    pub silence_in_merges: MergeSilence,
    /// Counts its changes.
    pub version: i64,
}

/// Change a council's settings; what is left out stays (RFC 7396).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCouncil {
    /// Its name.
    #[schema(min_length = 1, max_length = 120, pattern = r"^[^\r\n]*$", nullable = false)]
    pub name: Option<String>,
    /// Where its frontend is; links in mails lead there.
    #[schema(max_length = 300, nullable = false)]
    pub site_url: Option<String>,
    /// Whether its staff must sign in with a second factor or a passkey.
    #[schema(nullable = false)]
    pub staff_second_factor: Option<bool>,
    /// Whoever is younger cannot have an account.
    #[schema(minimum = 13, maximum = 18, nullable = false)]
    pub minimum_age: Option<i32>,
    /// How it takes people under eighteen.
    #[schema(nullable = false)]
    pub under_18: Option<Under18>,
    /// When it asks for a proof of work.
    #[schema(nullable = false)]
    pub proof_of_work: Option<ProofOfWork>,
    /// Mail domains that it takes from newcomers, though the list of throw-away ones has them; with those below each.
    #[schema(max_items = 200, nullable = false, example = json!(["relay.example"]))]
    pub mail_domains_allowed: Option<Vec<String>>,
    /// Mail domains that it does not take from newcomers, with those below each. Where several of both lists fit, the longest
    /// decides.
    #[schema(max_items = 200, nullable = false, example = json!(["spam.example"]))]
    pub mail_domains_refused: Option<Vec<String>>,
    /// Whether an idea that waits for longer than was promised is published without a moderator, where nothing speaks against
    /// it.
    #[schema(nullable = false)]
    pub publish_clean_by_clock: Option<bool>,
    /// Whether it opens no further challenge while answers are overdue.
    #[schema(nullable = false)]
    pub no_new_challenges_while_overdue: Option<bool>,
    /// What it means where supporters of an idea that is to be merged say nothing; of what is proposed from then on.
    #[schema(nullable = false)]
    pub silence_in_merges: Option<MergeSilence>,
}

impl From<&Council> for CouncilView {
    fn from(row: &Council) -> Self {
        Self {
            id: row.id,
            slug: row.slug.clone(),
            name: row.name.clone(),
            time_zone: row.time_zone.clone(),
            language: row.language.clone(),
            idea_prefix: row.idea_prefix.clone(),
            site_url: row.site_url.clone(),
            staff_second_factor: row.staff_second_factor,
            minimum_age: row.minimum_age,
            under_18: row.under_18,
            proof_of_work: row.proof_of_work,
            mail_domains_allowed: domains(&row.mail_domains_allowed).map(str::to_owned).collect(),
            mail_domains_refused: domains(&row.mail_domains_refused).map(str::to_owned).collect(),
            publish_clean_by_clock: row.publish_clean_by_clock,
            no_new_challenges_while_overdue: row.no_new_challenges_while_overdue,
            silence_in_merges: row.silence_in_merges,
            version: row.version,
        }
    }
}

/// All councils of the installation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilList {
    /// By name in addresses.
    pub items: Vec<CouncilView>,
}

/// Publish a privacy notice.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishNotice {
    /// The notice, in Markdown.
    #[schema(min_length = 20, max_length = 20_000)]
    pub body: String,
}

/// A privacy notice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// Counts up.
    pub version: i32,
    /// In Markdown.
    pub body: String,
    /// As safe HTML.
    pub body_html: String,
    /// Since when.
    pub published_at: Instant,
}

/// A rule of the council that a restriction can be based on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroundView {
    /// Its name in decisions.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,38}$", example = "personal_data")]
    pub code: String,
    /// Its title.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", example = "Personal data of others")]
    pub title: String,
    /// The rule itself, as it is quoted to the author.
    #[schema(min_length = 10, max_length = 2_000)]
    pub body: String,
    /// Whether it is about somebody's safety: then the council's safeguarding lead is told at once, and nobody else on which
    /// ground something is withheld. `false` unless it is said.
    #[serde(default)]
    #[schema(required = false, example = false)]
    pub safeguarding: bool,
}

impl From<Ground> for GroundView {
    fn from(row: Ground) -> Self {
        Self { code: row.code, title: row.title, body: row.body, safeguarding: row.safeguarding }
    }
}

/// All grounds of a council.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroundList {
    /// By code.
    pub items: Vec<GroundView>,
}

/// Invite somebody to the staff.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Where the invitation is sent.
    #[schema(max_length = 254, example = "mo@aldermoor.example")]
    pub email: String,
    /// What they will be able to do; not `resident`.
    pub role: Role,
}

/// Invite an admin from outside.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteAdmin {
    /// Where the invitation goes.
    #[schema(max_length = 254, example = "ada@aldermoor.example")]
    pub email: String,
}

/// Accept an invitation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// Fifteen characters or more.
    #[schema(min_length = 15, max_length = 128)]
    pub password: String,
    /// How you are called among the staff.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\r\n]*$")]
    pub display_name: String,
}

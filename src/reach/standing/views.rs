//! What standing gives.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::platform::db::Id;
use crate::platform::error::Result;

/// Of which things.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StateQuery {
    /// Ids or public numbers of ideas, separated by commas; 100 at most. What you cannot see is left out of the answer.
    #[param(nullable = false)]
    pub ideas: Option<String>,
    /// Ids of challenges, separated by commas; 100 at most.
    #[param(nullable = false)]
    pub challenges: Option<String>,
}

/// Whether something would be taken now, and why not.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Permit {
    /// Whether it would.
    pub allowed: bool,
    /// The code of the refusal that would come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "phase_not_open")]
    pub code: Option<String>,
    /// The refusal in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// When it would be taken, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<crate::platform::db::Instant>)]
    pub opens_at: Option<String>,
    /// What would change it, where something would.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "verify_residency")]
    pub fix: Option<String>,
}

impl From<Result<()>> for Permit {
    fn from(verdict: Result<()>) -> Self {
        let Err(error) = verdict else { return Self { allowed: true, ..Self::default() } };
        let problem = error.problem();
        Self {
            allowed: false,
            code: Some(problem.code.as_str().into()),
            opens_at: problem.extra.get("opens_at").and_then(|at| at.as_str()).map(str::to_owned),
            fix: problem.extra.get("fix").and_then(|fix| fix.as_str()).map(str::to_owned),
            detail: Some(problem.detail.unwrap_or_else(|| problem.code.detail().into())),
        }
    }
}

/// What you may do with an idea: one for each operation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdeaCan {
    /// Report it.
    pub report: Permit,
    /// Support it.
    pub support: Permit,
    /// Take support back.
    pub withdraw_support: Permit,
    /// Comment on it.
    pub comment: Permit,
    /// Revise it.
    pub revise: Permit,
    /// Withdraw it.
    pub withdraw: Permit,
    /// Answer it.
    pub answer: Permit,
    /// Make a commitment on it.
    pub commit: Permit,
    /// Open a case on it.
    pub open_case: Permit,
}

/// How you stand to an idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdeaStanding {
    /// The idea.
    pub idea: Id,
    /// Whether it is yours.
    pub mine: bool,
    /// Whether you support it.
    pub supported: bool,
    /// What you may do.
    pub can: IdeaCan,
}

/// What you may do in a challenge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChallengeCan {
    /// Submit an idea.
    pub submit: Permit,
    /// Support its public ideas.
    pub support: Permit,
}

/// How you stand to a challenge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChallengeStanding {
    /// The challenge.
    pub challenge: Id,
    /// What you may do.
    pub can: ChallengeCan,
}

/// How you stand to what you asked about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StateView {
    /// In the order of asking, without those that you cannot see.
    pub ideas: Vec<IdeaStanding>,
    /// In the order of asking, without those that you cannot see.
    pub challenges: Vec<ChallengeStanding>,
}

/// A word on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WordView {
    /// As it is sent.
    #[schema(example = "partly_accepted")]
    pub word: &'static str,
    /// As a person reads it.
    #[schema(example = "Partly accepted")]
    pub label: String,
    /// What it means.
    pub explanation: &'static str,
}

/// Words that belong together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WordList {
    /// The name of the list.
    #[schema(example = "answer_kind")]
    pub name: &'static str,
    /// Its words, in the order in which they are best shown.
    pub words: Vec<WordView>,
}

/// Every word that goes over the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VocabularyView {
    /// BCP 47: the language of labels and explanations.
    #[schema(example = "en-GB")]
    pub language: &'static str,
    /// The lists.
    pub lists: Vec<WordList>,
}

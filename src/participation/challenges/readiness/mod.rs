//! What a council owes the public before it asks: the list, what of it may be waived, and the gate. Pure.
//!
//! It follows the first three Gunning principles of a fair consultation (R v London Borough of Brent, ex parte Gunning, 1985):
//! it comes while things are still open, with enough to judge them by, and with time enough.

pub mod routes;
pub mod views;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::model::Phase;
use super::rehearsals::rules::Seen;
use crate::platform::db::{Instant, Json};
use crate::platform::error::{Code, Fault, Result};
use crate::platform::html::tidy;
use crate::vocabulary::{ItemState, ReadinessItem, Stage, Waivable};

/// People who can moderate that a council with an open challenge has at least.
pub const MODERATORS: i64 = 2;
/// For so long ideas are taken at least, unless it is said why not.
pub const TIME: Duration = Duration::from_secs(14 * 86_400);

/// What the public is told before it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// How far the council is.
    #[serde(default)]
    #[schema(required = false)]
    pub stage: Option<Stage>,
    /// What is decided already, and cannot be changed by what comes in; say so where it is nothing.
    #[serde(default)]
    #[schema(
        min_length = 3,
        max_length = 2_000,
        required = false,
        example = "That the lane is rebuilt next year. How, is open."
    )]
    pub already_decided: Option<String>,
    /// Plans, figures, reports: what somebody needs to judge the question.
    #[serde(default)]
    #[schema(max_items = 20, required = false)]
    pub documents: Vec<Document>,
    /// What of the list is not done, and why; everybody reads it.
    #[serde(default)]
    #[schema(max_items = 3, required = false)]
    pub waived: Vec<Waiver>,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What it is called.
    #[schema(min_length = 3, max_length = 200, pattern = r"^[^\r\n]*$", example = "Traffic counts of 2026")]
    pub title: String,
    /// Where it is.
    #[schema(format = "uri", max_length = 500, example = "https://aldermoor.example/mill-lane/counts.pdf")]
    pub url: String,
}

/// Why something of the list is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// What.
    pub item: Waivable,
    /// Why.
    #[schema(min_length = 10, max_length = 1_000, example = "The money has to be claimed by the end of the month.")]
    pub reason: String,
}

impl Background {
    /// As it is kept: without what surrounds a text.
    pub fn tidied(&self) -> Self {
        Self {
            stage: self.stage,
            already_decided: self.already_decided.as_deref().map(tidy).filter(|text| !text.is_empty()),
            documents: self
                .documents
                .iter()
                .map(|one| Document { title: tidy(&one.title), url: one.url.trim().to_owned() })
                .collect(),
            waived: self.waived.iter().map(|one| Waiver { item: one.item, reason: tidy(&one.reason) }).collect(),
        }
    }

    /// What is wrong with it beyond its shape.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, document) in self.documents.iter().enumerate() {
            let web = url::Url::parse(document.url.trim()).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
            if !web {
                let at = format!("/background/documents/{index}/url");
                faults.push(Fault::at(at, "wrong_format", "An address that begins with https://."));
            }
        }
        for (index, waiver) in self.waived.iter().enumerate() {
            if self.waived.iter().take(index).any(|other| other.item == waiver.item) {
                let at = format!("/background/waived/{index}/item");
                faults.push(Fault::at(at, "already_exists", "This is there twice."));
            }
        }
        faults
    }

    fn waives(&self, item: Waivable) -> Option<&str> {
        self.waived.iter().find(|one| one.item == item).map(|one| one.reason.as_str())
    }
}

impl TryFrom<Json> for Background {
    type Error = serde_json::Error;

    fn try_from(stored: Json) -> std::result::Result<Self, Self::Error> {
        serde_json::from_value(stored.0)
    }
}

/// What the gate looks at.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// It is an open door, which has no phases and no outcome.
    pub open_door: bool,
    /// It is said how many have to support an idea there.
    pub threshold: bool,
    /// The promise is written.
    pub promise: bool,
    /// The decision-maker has accepted it.
    pub accepted: bool,
    /// The council has at least one ground.
    pub grounds: bool,
    /// The council has a privacy notice.
    pub notice: bool,
    /// Active accounts that can moderate.
    pub moderators: i64,
    /// Somebody from outside decides what the only moderator may not.
    pub outside_reviewer: bool,
    /// There is a phase that takes ideas and ends later than now.
    pub submitting_phase: bool,
    /// For how long ideas are taken, from now on.
    pub time: Duration,
    /// The outcome is promised for after the last phase.
    pub outcome_after_phases: bool,
    /// What took place in a rehearsal in which the whole way of an idea was tried out, where there was one.
    pub rehearsed: Option<Seen>,
    /// What the public is told before it is asked.
    pub background: Background,
}

/// One thing that has to be there before a challenge opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which.
    pub code: ReadinessItem,
    /// How it stands.
    pub state: ItemState,
    /// What to do where it is missing, what was done where it is, or why it is not where it was waived.
    pub detail: String,
}

/// For how long ideas are taken from an instant on: from the first phase that takes them to the end of the last.
pub fn time_given(phases: &[Phase], now: Instant) -> Duration {
    let taking = || phases.iter().filter(|phase| phase.submit && phase.ends_at > now);
    let (first, last) = (taking().map(|one| one.starts_at).min(), taking().map(|one| one.ends_at).max());
    first.zip(last).map_or(Duration::ZERO, |(first, last)| last.since(first.max(now)))
}

/// The whole list: done, missing or waived.
pub fn readiness(facts: &Gate) -> Vec<Item> {
    use ReadinessItem as Code;
    let of = &facts.background;
    let item = |code, done, before: &str, missing: &str| {
        let state = if done { ItemState::Done } else { ItemState::Missing };
        Item { code, state, detail: if done { before } else { missing }.to_owned() }
    };
    let or_waived = |item: Item, waivable| match (item.state, of.waives(waivable)) {
        (ItemState::Missing, Some(reason)) => Item { state: ItemState::Waived, detail: reason.to_owned(), ..item },
        _ => item,
    };
    let all = vec![
        item(
            Code::Promise,
            facts.promise,
            "We wrote down who decides, what is in their power, and by when you are answered.",
            "Write the promise: who decides, what is in their power, and by when.",
        ),
        item(
            Code::Acceptance,
            facts.accepted,
            "Whoever decides has read that promise and accepted it.",
            "Ask the decision-maker to accept the promise, and wait until they have.",
        ),
        item(
            Code::Stage,
            of.stage.is_some(),
            "We said how far we are, so that you know what can still be changed.",
            "Say how far you are: `background.stage`.",
        ),
        item(
            Code::AlreadyDecided,
            of.already_decided.is_some(),
            "We said what is decided already.",
            "Say what is decided already, or that nothing is: `background.already_decided`.",
        ),
        item(
            Code::Threshold,
            facts.threshold,
            "We said how many of you put something before us that we have to decide.",
            "Say how many have to support an idea so that it is owed a decision: `/open-door/threshold`.",
        ),
        or_waived(
            item(
                Code::Documents,
                !of.documents.is_empty(),
                "We put what there is to know where everybody can read it.",
                "Name what people need to judge the question: `background.documents`. Or waive it with a reason.",
            ),
            Waivable::Documents,
        ),
        item(
            Code::Phases,
            facts.submitting_phase,
            "We said when ideas are taken and when they are supported.",
            "Add a phase that takes ideas and has not ended.",
        ),
        or_waived(
            item(
                Code::TimeToAnswer,
                facts.time >= TIME,
                "We give you at least fourteen days.",
                "Take ideas for at least fourteen days from now on. Or waive it with a reason.",
            ),
            Waivable::TimeToAnswer,
        ),
        item(
            Code::OutcomeDate,
            facts.outcome_after_phases,
            "We said when you hear what came of it.",
            "Promise the outcome for a day after the last phase.",
        ),
        or_waived(
            item(
                Code::Rehearsal,
                facts.rehearsed.is_some(),
                &facts.rehearsed.map(|seen| seen.told()).unwrap_or_default(),
                "Rehearse it (`…/rehearsal`): submit an idea there, decide on it, answer it. Or waive it with a reason.",
            ),
            Waivable::Rehearsal,
        ),
        item(
            Code::Moderators,
            facts.moderators >= MODERATORS || (facts.moderators > 0 && facts.outside_reviewer),
            "We made sure that somebody else than who decides looks at what you say against it.",
            "Have at least two people who can moderate, or one and an outside reviewer.",
        ),
        item(
            Code::Grounds,
            facts.grounds,
            "We wrote down on which grounds something may be taken down.",
            "Write at least one ground on which content may be restricted.",
        ),
        item(
            Code::PrivacyNotice,
            facts.notice,
            "We said what we keep about you, and for how long.",
            "Publish the council's privacy notice.",
        ),
    ];
    let of_questions =
        [Code::Stage, Code::AlreadyDecided, Code::Documents, Code::Phases, Code::TimeToAnswer, Code::OutcomeDate];
    let belongs = |item: &Item| match item.code {
        Code::Threshold => facts.open_door,
        code => !facts.open_door || !of_questions.contains(&code),
    };
    all.into_iter().filter(belongs).collect()
}

/// The gate: the list, where nothing of it is missing.
///
/// # Errors
/// 409 with everything that is missing.
pub fn may_open(facts: &Gate) -> Result<Vec<Item>> {
    let items = readiness(facts);
    let missing: Vec<_> = items
        .iter()
        .filter(|item| item.state == ItemState::Missing)
        .map(|item| json!({ "code": item.code, "detail": item.detail }))
        .collect();
    if missing.is_empty() { Ok(items) } else { Err(Code::NotReady.problem().with("missing", missing).into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::PhaseKind;

    fn all() -> Gate {
        Gate {
            open_door: false,
            threshold: false,
            promise: true,
            accepted: true,
            grounds: true,
            notice: true,
            moderators: 2,
            outside_reviewer: false,
            submitting_phase: true,
            time: TIME,
            outcome_after_phases: true,
            rehearsed: Some(Seen { people: 3, submitted: 4, decided: 2, answered: 1 }),
            background: Background {
                stage: Some(Stage::Exploring),
                already_decided: Some("Nothing.".into()),
                documents: vec![Document { title: "Counts".into(), url: "https://a.example/counts".into() }],
                waived: Vec::new(),
            },
        }
    }

    fn missing(gate: &Gate) -> Vec<String> {
        let problem = may_open(gate).unwrap_err().problem();
        let missing = problem.extra["missing"].as_array().unwrap().clone();
        missing.iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_gate_names_everything_that_is_missing_at_once() {
        // All but the threshold, which is an open door's.
        assert_eq!(missing(&Gate { moderators: 1, ..Gate::default() }).len(), ReadinessItem::ALL.len() - 1);
        let door = Gate { open_door: true, moderators: 1, ..Gate::default() };
        let owed = ["promise", "acceptance", "threshold", "rehearsal", "moderators", "grounds", "privacy_notice"];
        assert_eq!(missing(&door), owed);
        assert!(may_open(&all()).unwrap().iter().all(|item| item.state == ItemState::Done));
    }

    #[test]
    fn only_documents_time_and_rehearsal_may_be_waived_and_the_reason_is_told() {
        let short = Gate {
            time: TIME - Duration::from_secs(1),
            rehearsed: None,
            background: Background { documents: Vec::new(), ..all().background },
            ..all()
        };
        assert_eq!(missing(&short), ["documents", "time_to_answer", "rehearsal"]);
        let waived =
            Waivable::ALL.iter().map(|item| Waiver { item: *item, reason: "It cannot wait.".into() }).collect();
        let confirmed = Gate { background: Background { waived, ..short.background.clone() }, ..short };
        let told: Vec<_> = may_open(&confirmed)
            .unwrap()
            .into_iter()
            .filter(|item| item.state == ItemState::Waived)
            .map(|item| (item.code, item.detail))
            .collect();
        let reason = || "It cannot wait.".to_owned();
        let waivable = [ReadinessItem::Documents, ReadinessItem::TimeToAnswer, ReadinessItem::Rehearsal];
        assert_eq!(told, waivable.map(|item| (item, reason())));
        // What is done needs no waiver, and what is not on that list cannot have one.
        assert_eq!(missing(&Gate { promise: false, ..confirmed }), ["promise"]);
    }

    #[test]
    fn time_is_counted_from_now_and_over_the_phases_that_take_ideas() {
        let day = |n: u64| Instant::from_micros(0).plus(Duration::from_secs(n * 86_400));
        let phase = |from, to, submit| Phase {
            kind: PhaseKind::Ideation,
            starts_at: day(from),
            ends_at: day(to),
            submit,
            comment: false,
            support: true,
            vote: false,
        };
        let phases = [phase(10, 20, true), phase(20, 25, true), phase(25, 60, false)];
        let days = |now| time_given(&phases, day(now)).as_secs() / 86_400;
        assert_eq!((days(0), days(10), days(15), days(30)), (15, 15, 10, 0));
    }
}

//! When an outcome can be published, and what it must be. Pure.

use super::model::{OutcomeDraft, Theme};
use super::views::PublishOutcome;
use crate::accountability::filled;
use crate::platform::error::{Code, Error, Problem, Result};
use crate::vocabulary::ChallengeState;

/// An outcome as it is stored.
///
/// # Errors
/// 422 with all faults.
pub fn draft(wish: &PublishOutcome) -> Result<OutcomeDraft> {
    let mut faults = Vec::new();
    let summary = filled("/summary", &wish.summary, &mut faults);
    let mut ideas = Vec::with_capacity(wish.ideas.len());
    for (index, linked) in wish.ideas.iter().enumerate() {
        let reference = filled(&format!("/ideas/{index}/idea"), &linked.idea, &mut faults);
        let became = filled(&format!("/ideas/{index}/what_became_of_it"), &linked.what_became_of_it, &mut faults);
        ideas.push((reference, became));
    }
    let mut themes = Vec::with_capacity(wish.themes.len());
    for (index, theme) in wish.themes.iter().enumerate() {
        let mut text = |name: &str, text: &str| filled(&format!("/themes/{index}/{name}"), text, &mut faults);
        let (title, heard, how) = (text("title", &theme.title), text("heard", &theme.heard), text("how", &theme.how));
        themes.push(Theme { title, heard, how, ..theme.clone() });
    }
    let next_steps = wish.next_steps.as_deref().map(|text| filled("/next_steps", text, &mut faults));
    if faults.is_empty() {
        Ok(OutcomeDraft { summary, themes, next_steps, ideas })
    } else {
        Err(Error::invalid(faults))
    }
}

/// Only what is over has an outcome.
///
/// # Errors
/// 409 before, with the time when it closes, where that is known.
pub fn can_be_concluded(state: ChallengeState, closes_at: Option<crate::platform::db::Instant>) -> Result<()> {
    if matches!(state, ChallengeState::Closed | ChallengeState::Concluded) {
        return Ok(());
    }
    let problem: Problem = Code::WrongState.because("The outcome can be published once the challenge is closed.");
    Err(problem.with("state", state).with("opens_at", closes_at).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accountability::outcomes::views::LinkIdea;
    use crate::vocabulary::ThemeEffect;

    #[test]
    fn only_what_is_over_has_an_outcome() {
        for (state, may) in [
            (ChallengeState::Draft, false),
            (ChallengeState::Open, false),
            (ChallengeState::Closed, true),
            (ChallengeState::Concluded, true),
        ] {
            assert_eq!(can_be_concluded(state, None).is_ok(), may, "{state}");
        }
    }

    #[test]
    fn every_empty_text_is_told() {
        let linked = LinkIdea { idea: " ".into(), what_became_of_it: "\n".into() };
        let theme = Theme {
            title: " ".into(),
            heard: "".into(),
            asked_about: true,
            effect: ThemeEffect::Changed,
            how: "We did.".into(),
        };
        let wish = PublishOutcome {
            summary: " ".into(),
            themes: vec![theme],
            next_steps: Some(" ".into()),
            ideas: vec![linked],
        };
        assert_eq!(draft(&wish).unwrap_err().problem().faults.len(), 6);
    }
}

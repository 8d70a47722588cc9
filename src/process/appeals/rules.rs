//! Who may appeal, until when, and who decides. Pure.

use anyhow::Context as _;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use crate::participation::ideas::rules::Move;
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::{AppealResult, DecisionKind, IdeaState};

/// Months in which a decision can be appealed against (Digital Services Act, article 20(1): at least six).
const MONTHS: i32 = 6;

/// Until when a decision can be appealed against: the day six months after it ends, where the council is.
///
/// # Errors
/// Where the zone is unknown, or the day lies beyond all calendars.
pub fn until(decided: Instant, zone: &str) -> anyhow::Result<Instant> {
    let zone = TimeZone::get(zone).with_context(|| format!("the time zone {zone} is not known"))?;
    let day = decided.timestamp().to_zoned(zone.clone()).date();
    let end = day.checked_add(MONTHS.months()).and_then(jiff::civil::Date::tomorrow).and_then(|day| day.to_zoned(zone));
    Ok(Instant::new(end.context("the last day of an appeal is too far away")?.timestamp()))
}

/// Whether a decision is still open to an appeal.
///
/// # Errors
/// 409 where it is too late.
pub fn in_time(now: Instant, until: Instant) -> Result<()> {
    if now < until {
        return Ok(());
    }
    let detail =
        "A decision can be appealed against within six months, and they are over. You can still write to the council.";
    Err(Code::WrongState.because(detail).into())
}

/// Whether somebody of the staff may decide an appeal.
///
/// # Errors
/// 403 where they took the decision that it is against, or made the appeal (case G8).
pub fn may_decide(barred: Id, appellant: Id, by: Id) -> Result<()> {
    if by == barred {
        let detail = "You took the decision that this appeal is against. Somebody else has to look at it.";
        return Err(Code::Forbidden.because(detail).into());
    }
    if by == appellant {
        return Err(Code::Forbidden.because("This is your own appeal. Somebody else has to look at it.").into());
    }
    Ok(())
}

/// A restriction that takes the place of another: what, and on which ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// What.
    pub kind: DecisionKind,
    /// The code of the ground.
    pub ground: String,
}

/// What an appeal comes to: the restriction that is in force from now on, none where it is reversed.
///
/// # Errors
/// 422 where a result and what was sent beside it do not fit.
pub fn outcome(result: AppealResult, first: &Restriction, instead: Option<Restriction>) -> Result<Option<Restriction>> {
    match (result, instead) {
        (AppealResult::Upheld, None) => Ok(Some(first.clone())),
        (AppealResult::Reversed, None) => Ok(None),
        (AppealResult::Upheld | AppealResult::Reversed, Some(_)) => {
            let detail = "Only where the decision is amended is there another one in its place.";
            Err(Error::fault("/instead", "not_taken", detail))
        }
        (AppealResult::Amended, None) => {
            Err(Error::fault("/instead", "required", "Say what takes the place of the decision."))
        }
        (AppealResult::Amended, Some(instead)) if instead.kind == DecisionKind::Publish => {
            let detail = "To publish is to reverse the decision: send `reversed`.";
            Err(Error::fault("/instead/decision", "not_taken", detail))
        }
        (AppealResult::Amended, Some(instead)) if instead.kind == DecisionKind::PublishWithEdit => {
            let detail = "Reverse the decision, and open a case to take words out.";
            Err(Error::fault("/instead/decision", "not_taken", detail))
        }
        (AppealResult::Amended, Some(instead)) if &instead == first => {
            let detail = "This is the decision as it was: send `upheld`, or amend it.";
            Err(Error::fault("/instead", "not_taken", detail))
        }
        (AppealResult::Amended, Some(instead)) => Ok(Some(instead)),
    }
}

/// What becomes of an idea or a comment by the restriction that is in force after an appeal; nothing where that is so already, or where
/// something else has become of the idea since, as where its author has changed what was given back.
pub fn follows(state: IdeaState, in_force: Option<DecisionKind>) -> Option<Move> {
    use DecisionKind::{Hide, Lock, Publish, PublishWithEdit, Remove, ReturnForChanges};
    use IdeaState::{Hidden, Published, Removed, Returned};
    match (state, in_force) {
        (Returned | Hidden | Removed, None | Some(Publish | PublishWithEdit | Lock)) => Some(Move::Restore),
        (Returned | Published | Removed, Some(Hide)) => Some(Move::HideInstead),
        (Returned | Published | Hidden, Some(Remove)) => Some(Move::RemoveInstead),
        (Published | Hidden | Removed, Some(ReturnForChanges)) => Some(Move::ReturnInstead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restriction(kind: DecisionKind, ground: &str) -> Restriction {
        Restriction { kind, ground: ground.into() }
    }

    #[test]
    fn six_months_end_with_a_local_day_and_are_never_shorter_for_a_short_month() {
        let until = |at: &str| until(at.parse().unwrap(), "Europe/London").unwrap().to_string();
        assert_eq!(until("2026-01-15T23:30:00Z"), "2026-07-15T23:00:00Z");
        assert_eq!(until("2026-08-31T10:00:00Z"), "2027-03-01T00:00:00Z");
        // Half past midnight of the next day, where the council is.
        assert_eq!(until("2026-07-15T23:30:00Z"), "2027-01-17T00:00:00Z");
    }

    #[test]
    fn who_decided_first_or_appeals_does_not_decide_again() {
        let (one, other, third) = (Id::from_text("one"), Id::from_text("other"), Id::from_text("third"));
        assert!(may_decide(one, other, one).is_err());
        assert!(may_decide(one, other, other).is_err());
        assert!(may_decide(one, other, third).is_ok());
    }

    #[test]
    fn a_result_and_what_takes_its_place_fit_each_other() {
        let first = restriction(DecisionKind::Remove, "insult");
        let milder = restriction(DecisionKind::Hide, "insult");
        assert_eq!(outcome(AppealResult::Upheld, &first, None).unwrap(), Some(first.clone()));
        assert_eq!(outcome(AppealResult::Reversed, &first, None).unwrap(), None);
        assert_eq!(outcome(AppealResult::Amended, &first, Some(milder.clone())).unwrap(), Some(milder.clone()));
        for (result, instead) in [
            (AppealResult::Upheld, Some(milder.clone())),
            (AppealResult::Reversed, Some(milder)),
            (AppealResult::Amended, None),
            (AppealResult::Amended, Some(first.clone())),
            (AppealResult::Amended, Some(restriction(DecisionKind::Publish, "insult"))),
            (AppealResult::Amended, Some(restriction(DecisionKind::PublishWithEdit, "insult"))),
        ] {
            assert!(outcome(result, &first, instead).is_err(), "{result}");
        }
    }
}

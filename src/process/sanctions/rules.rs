//! Who may be warned or suspended, and for how long. Pure.

use std::time::Duration;

use crate::platform::db::Instant;
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::{AccountState, AppealResult, SanctionKind};

/// Days that a suspension lasts at most; what is to last longer is decided again (Digital Services Act, article 23: for a
/// reasonable period of time).
const MOST_DAYS: u64 = 366;

/// Days in which an appeal against a sanction is decided.
pub const APPEAL_DAYS: u64 = 14;

/// Whether a sanction and its end fit each other.
///
/// # Errors
/// 422 where a suspension has no end, one that is over, or one too far away, and where a warning has one.
pub fn lasts(kind: SanctionKind, until: Option<Instant>, now: Instant) -> Result<()> {
    let fault = |code, detail| Err(Error::fault("/until", code, detail));
    match (kind, until) {
        (SanctionKind::Warn, None) => Ok(()),
        (SanctionKind::Warn, Some(_)) => fault("not_taken", "A warning has no end."),
        (SanctionKind::Suspend, None) => fault("required", "Say until when: nobody is suspended without an end."),
        (SanctionKind::Suspend, Some(until)) if until <= now => fault("too_small", "This moment is over."),
        (SanctionKind::Suspend, Some(until)) if until > now.plus(Duration::from_secs(MOST_DAYS * 86_400)) => {
            fault("too_large", "At most 366 days. What is to last longer is decided again then.")
        }
        (SanctionKind::Suspend, Some(_)) => Ok(()),
    }
}

/// Only an account in use is warned or suspended.
///
/// # Errors
/// 409 in another state.
pub fn in_use(state: AccountState) -> Result<()> {
    if state == AccountState::Active {
        return Ok(());
    }
    let detail = "Only an account in use can be warned or suspended.";
    Err(Code::WrongState.because(detail).with("state", state).into())
}

/// What an appeal makes of a sanction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It stands.
    None,
    /// A suspension that runs ends now.
    Ends,
    /// A suspension ends earlier.
    EndsAt(Instant),
}

/// What comes of a sanction by the result of an appeal.
///
/// # Errors
/// 422 where a result and what was sent beside it do not fit: only a suspension is amended, and only to an earlier end that is
/// still to come.
pub fn outcome(
    result: AppealResult,
    (kind, until): (SanctionKind, Option<Instant>),
    instead: Option<Instant>,
    now: Instant,
) -> Result<Effect> {
    let fault = |code, detail| Err(Error::fault("/until", code, detail));
    match (result, instead) {
        (AppealResult::Upheld, None) => Ok(Effect::None),
        (AppealResult::Reversed, None) => Ok(Effect::Ends),
        (AppealResult::Upheld | AppealResult::Reversed, Some(_)) => {
            fault("not_taken", "Only where a suspension is amended has it another end.")
        }
        (AppealResult::Amended, _) if kind == SanctionKind::Warn => {
            Err(Error::fault("/result", "not_taken", "A warning stands, or it is reversed."))
        }
        (AppealResult::Amended, None) => fault("required", "Say when the suspension ends instead."),
        (AppealResult::Amended, Some(at)) if at <= now => {
            fault("too_small", "This moment is over: send `reversed`, or a later one.")
        }
        (AppealResult::Amended, Some(at)) if until.is_none_or(|until| at >= until) => {
            fault("too_large", "An appeal makes a suspension shorter, never longer.")
        }
        (AppealResult::Amended, Some(at)) => Ok(Effect::EndsAt(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: u64) -> Instant {
        Instant::from_micros(0).plus(Duration::from_secs(days * 86_400))
    }

    fn told<T>(result: Result<T>) -> Option<(String, String)> {
        let error = result.err()?;
        let problem = error.problem();
        problem.faults.first().map(|fault| (fault.pointer.to_string(), fault.code.to_string()))
    }

    #[test]
    fn a_suspension_has_an_end_within_a_year_and_a_warning_has_none() {
        use SanctionKind::{Suspend, Warn};
        let code = |kind, until| told(lasts(kind, until, at(1))).map(|(_, code)| code);
        assert_eq!(code(Warn, None), None);
        assert_eq!(code(Warn, Some(at(2))).as_deref(), Some("not_taken"));
        assert_eq!(code(Suspend, None).as_deref(), Some("required"));
        assert_eq!(code(Suspend, Some(at(1))).as_deref(), Some("too_small"));
        assert_eq!(code(Suspend, Some(at(367))), None);
        assert_eq!(code(Suspend, Some(at(368))).as_deref(), Some("too_large"));
    }

    #[test]
    fn only_an_account_in_use_is_sanctioned() {
        assert!(in_use(AccountState::Active).is_ok());
        for state in [AccountState::Suspended, AccountState::Unconfirmed, AccountState::Erased] {
            assert_eq!(in_use(state).unwrap_err().code(), Code::WrongState);
        }
    }

    #[test]
    fn an_appeal_ends_a_sanction_or_makes_it_shorter_and_never_longer() {
        use AppealResult::{Amended, Reversed, Upheld};
        let suspended = (SanctionKind::Suspend, Some(at(30)));
        let warned = (SanctionKind::Warn, None);
        assert_eq!(outcome(Upheld, suspended, None, at(5)).unwrap(), Effect::None);
        assert_eq!(outcome(Reversed, warned, None, at(5)).unwrap(), Effect::Ends);
        assert_eq!(outcome(Amended, suspended, Some(at(7)), at(5)).unwrap(), Effect::EndsAt(at(7)));
        for (result, of, instead, pointer) in [
            (Upheld, suspended, Some(at(7)), "/until"),
            (Reversed, suspended, Some(at(7)), "/until"),
            (Amended, suspended, None, "/until"),
            (Amended, suspended, Some(at(5)), "/until"),
            (Amended, suspended, Some(at(30)), "/until"),
            (Amended, warned, Some(at(7)), "/result"),
        ] {
            assert_eq!(told(outcome(result, of, instead, at(5))).unwrap().0, pointer, "{result} {instead:?}");
        }
    }
}

//! What a milestone must be, and when it is late. Pure.

use sha2::{Digest as _, Sha256};

use super::model::Reached;
use super::views::{PlanMilestone, ReachMilestone};
use crate::accountability::commitments::rules::plain_day;
use crate::accountability::filled;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::vocabulary::CommitmentStatus;

/// Milestones of one commitment at most.
pub const MOST: i64 = 50;

/// Title and day of a milestone as they are stored.
///
/// # Errors
/// 422 with all faults.
pub fn draft(wish: &PlanMilestone) -> Result<(String, String)> {
    let mut faults = Vec::new();
    let title = filled("/title", &wish.title, &mut faults);
    plain_day("/planned_on", &wish.planned_on, &mut faults);
    if faults.is_empty() { Ok((title, wish.planned_on.clone())) } else { Err(Error::invalid(faults)) }
}

/// That a milestone was reached, as it is stored.
///
/// # Errors
/// 422 with all faults.
pub fn reached(wish: &ReachMilestone) -> Result<Reached> {
    let mut faults = Vec::new();
    plain_day("/done_on", &wish.done_on, &mut faults);
    let evidence = filled("/evidence", &wish.evidence, &mut faults);
    let evidence_url = wish.evidence_url.as_deref().and_then(|address| match plain_address(address) {
        Some(url) => Some(url),
        None => {
            faults.push(Fault::at(
                "/evidence_url",
                "wrong_format",
                "A full address that begins with https:// or http://.",
            ));
            None
        }
    });
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    Ok(Reached { done_on: wish.done_on.clone(), evidence, evidence_url })
}

/// By which what shows that a milestone was reached is known again: the hash that the ledger has of it.
pub fn evidence_hash(reached: &Reached) -> String {
    let address = reached.evidence_url.as_deref().map(|url| format!("\n{url}")).unwrap_or_default();
    hex::encode(Sha256::digest(format!("{}{address}", reached.evidence)))
}

fn plain_address(address: &str) -> Option<String> {
    let url = url::Url::parse(address.trim()).ok()?;
    let plain = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    plain.then(|| url.into())
}

/// What is dropped has no further steps.
///
/// # Errors
/// 409 where it is.
pub fn can_be_planned(status: CommitmentStatus) -> Result<()> {
    match status {
        CommitmentStatus::Dropped => {
            Err(Code::WrongState.because("A commitment that is dropped has no further steps.").into())
        }
        _ => Ok(()),
    }
}

/// Whether a step was reached after its day, or is not reached and its day is over; all days as `YYYY-MM-DD`. What is dropped
/// is owed no more from that day on, but what had been late stays so.
pub fn late(planned_on: &str, done_on: Option<&str>, dropped_on: Option<&str>, today: &str) -> bool {
    planned_on < done_on.or(dropped_on).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_is_shown_as_late_even_when_it_is_done() {
        let late = |done_on, today| late("2027-03-31", done_on, None, today);
        assert!(!late(None, "2027-03-31"));
        assert!(late(None, "2027-04-01"));
        assert!(!late(Some("2027-03-31"), "2027-06-01"));
        assert!(late(Some("2027-04-01"), "2027-06-01"));
        assert!(!super::late("2027-03-31", None, Some("2027-03-31"), "2027-06-01"));
        assert!(super::late("2027-03-31", None, Some("2027-04-01"), "2027-06-01"), "dropping heals nothing");
        assert!(!super::late("2027-03-31", Some("2027-03-30"), Some("2027-04-01"), "2027-06-01"));
    }

    #[test]
    fn what_shows_it_is_a_text_and_an_address_that_can_be_followed() {
        let wish = |evidence: &str, url: Option<&str>| ReachMilestone {
            done_on: "2027-03-31".into(),
            evidence: evidence.into(),
            evidence_url: url.map(Into::into),
        };
        assert!(reached(&wish("Photographs", Some("https://aldermoor.example/photos"))).is_ok());
        assert!(reached(&wish("Photographs", None)).is_ok());
        for address in ["javascript:alert(1)", "/photos", "https://ana:secret@aldermoor.example/"] {
            assert!(reached(&wish("Photographs", Some(address))).is_err(), "{address}");
        }
        assert!(reached(&wish(" ", None)).is_err());
    }
}

//! What a commitment must be, and when it is late. Pure.

use super::model::CommitmentDraft;
use super::views::{ChangeCommitment, MakeCommitment};
use crate::accountability::calendars::rules::day;
use crate::accountability::filled;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::tidy;
use crate::vocabulary::{CommitmentStatus, IdeaState, IdeaStatus};

/// A commitment as it is stored.
///
/// # Errors
/// 422 with all faults.
pub fn draft(wish: &MakeCommitment) -> Result<CommitmentDraft> {
    let mut faults = Vec::new();
    let what = filled("/what", &wish.what, &mut faults);
    let office = filled("/office", &wish.office, &mut faults);
    plain_day("/due_on", &wish.due_on, &mut faults);
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    Ok(CommitmentDraft { what, office, due_on: wish.due_on.clone() })
}

/// A day as it is written and in no other way, for days are compared as text; a fault where it is another.
pub fn plain_day(pointer: &str, text: &str, faults: &mut Vec<Fault>) {
    if day(text).is_none() {
        faults.push(Fault::at(pointer, "wrong_format", "A day from the year 2000 on, written like 2027-03-31."));
    }
}

/// A commitment follows from a yes to an idea that everybody sees.
///
/// # Errors
/// 409 in any other state or status.
pub fn can_be_committed(state: IdeaState, status: IdeaStatus) -> Result<()> {
    if state != IdeaState::Published {
        return Err(Code::WrongState.because("Only a public idea can lead to a commitment.").into());
    }
    if matches!(status, IdeaStatus::Accepted | IdeaStatus::PartlyAccepted) {
        return Ok(());
    }
    let detail = "A commitment follows from an idea that is accepted, in whole or in part.";
    Err(Code::WrongState.because(detail).with("status", status).into())
}

/// The status and its reason after a change. A new status does not keep the reason of the old one.
///
/// # Errors
/// 422 where something is dropped without a reason.
pub fn changed(
    (status, reason): (CommitmentStatus, Option<&str>),
    wish: &ChangeCommitment,
) -> Result<(CommitmentStatus, Option<String>)> {
    let next = wish.status.unwrap_or(status);
    let reason = match &wish.status_reason {
        Some(text) => Some(tidy(text)),
        None if next == status => reason.map(ToOwned::to_owned),
        None => None,
    };
    let reason = reason.filter(|text| !text.is_empty());
    if next == CommitmentStatus::Dropped && reason.is_none() {
        return Err(Error::fault("/status_reason", "required", "Say why it is dropped: the reason is public."));
    }
    Ok((next, reason))
}

/// Whether something promised for `due_on` is still owed on a later day, or was when it was dropped; all days as `YYYY-MM-DD`.
pub fn late(due_on: &str, status: CommitmentStatus, dropped_on: Option<&str>, today: &str) -> bool {
    match status {
        CommitmentStatus::Delivered => false,
        CommitmentStatus::Planned | CommitmentStatus::InProgress => due_on < today,
        CommitmentStatus::Dropped => dropped_on.is_some_and(|dropped_on| due_on < dropped_on),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(due_on: &str) -> MakeCommitment {
        MakeCommitment { what: "A crossing".into(), office: "Highways".into(), due_on: due_on.into() }
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        assert!(draft(&wish("2027-02-28")).is_ok());
        for other in ["2027-02-29", "20270228", "2027-02-28T00:00:00", "-002027-02-28", "1999-12-31", " 2027-02-28", ""]
        {
            assert!(draft(&wish(other)).is_err(), "{other}");
        }
    }

    #[test]
    fn dropping_needs_a_reason_and_a_new_status_does_not_keep_the_old_one() {
        let change = |status, reason: Option<&str>| ChangeCommitment { status, status_reason: reason.map(Into::into) };
        let planned = (CommitmentStatus::Planned, Some("Budget agreed"));
        assert!(changed(planned, &change(Some(CommitmentStatus::Dropped), None)).is_err());
        assert!(changed(planned, &change(Some(CommitmentStatus::Dropped), Some("  "))).is_err());
        assert!(changed(planned, &change(Some(CommitmentStatus::Dropped), Some("No money"))).is_ok());
        let done = changed(planned, &change(Some(CommitmentStatus::Delivered), None)).unwrap();
        assert_eq!(done, (CommitmentStatus::Delivered, None));
        let same = changed(planned, &change(None, None)).unwrap();
        assert_eq!(same, (CommitmentStatus::Planned, Some("Budget agreed".to_owned())));
    }

    #[test]
    fn late_begins_on_the_day_after_and_ends_with_the_work() {
        let late = |status, dropped_on, today| late("2027-03-31", status, dropped_on, today);
        assert!(!late(CommitmentStatus::Planned, None, "2027-03-31"));
        assert!(late(CommitmentStatus::InProgress, None, "2027-04-01"));
        assert!(!late(CommitmentStatus::Delivered, None, "2027-04-01"));
        // Dropping it in time ends what is owed; later, it heals nothing.
        assert!(!late(CommitmentStatus::Dropped, Some("2027-03-31"), "2027-06-01"));
        assert!(late(CommitmentStatus::Dropped, Some("2027-04-01"), "2027-06-01"));
    }

    #[test]
    fn only_a_yes_is_committed_to() {
        let yes =
            IdeaStatus::ALL.iter().filter(|status| can_be_committed(IdeaState::Published, **status).is_ok()).count();
        assert_eq!(yes, 2);
        assert!(can_be_committed(IdeaState::Hidden, IdeaStatus::Accepted).is_err());
    }
}

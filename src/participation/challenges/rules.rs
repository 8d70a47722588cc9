//! When a challenge takes what, and what it needs to open. Pure.

use super::model::{ChallengeRow, Eligibility, Phase};
use crate::people::verification::model::Facts;
use crate::platform::db::Instant;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::vocabulary::{AgeBand, ChallengeKind};

/// What residents can do in a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Submit ideas.
    Submit,
    /// Support ideas.
    Support,
    /// Comment on ideas.
    Comment,
    /// Cast ballots.
    Vote,
}

impl Phase {
    fn permits(&self, switch: Switch) -> bool {
        match switch {
            Switch::Submit => self.submit,
            Switch::Support => self.support,
            Switch::Comment => self.comment,
            Switch::Vote => self.vote,
        }
    }
}

/// The phase at an instant, if any: boundaries are half-open.
pub fn phase_at(phases: &[Phase], now: Instant) -> Option<&Phase> {
    phases.iter().find(|phase| phase.starts_at <= now && now < phase.ends_at)
}

/// Whether the challenge takes it now.
///
/// # Errors
/// 409 with the instant when it opens, where it will.
pub fn permits(challenge: &ChallengeRow, phases: &[Phase], switch: Switch, now: Instant) -> Result<()> {
    let word = match switch {
        Switch::Submit => "new ideas",
        Switch::Support => "support",
        Switch::Comment => "comments",
        Switch::Vote => "votes",
    };
    // An open door takes all of it but votes, always.
    if challenge.kind == ChallengeKind::OpenDoor
        && switch != Switch::Vote
        && challenge.opened_at.is_some_and(|at| at <= now)
    {
        return Ok(());
    }
    let running = challenge.opened_at.is_some_and(|at| at <= now) && challenge.closes_at.is_some_and(|at| now < at);
    if running && phase_at(phases, now).is_some_and(|phase| phase.permits(switch)) {
        return Ok(());
    }
    let next = phases
        .iter()
        .filter(|phase| phase.permits(switch) && phase.starts_at > now)
        .map(|phase| phase.starts_at)
        .filter(|at| challenge.opened_at.is_some() && challenge.closes_at.is_some_and(|closes| *at < closes))
        .min();
    let ended = phases.iter().filter(|phase| phase.permits(switch)).map(|phase| phase.ends_at).max();
    let ended = ended.map(|at| challenge.closes_at.map_or(at, |closes| at.min(closes))).filter(|at| *at <= now);
    Err(match (next, ended) {
        (Some(at), _) => Error::not_open(format!("This challenge takes {word} from {at}."), Some(at)),
        _ if challenge.opened_at.is_none_or(|at| at > now) => Error::not_open("This challenge is not open yet.", None),
        (None, Some(at)) => {
            Error::not_open(format!("This challenge takes {word} no longer: that ended at {at}."), None)
        }
        (None, None) => Error::not_open(format!("This challenge takes no {}.", word.trim_start_matches("new ")), None),
    })
}

/// Whether somebody of whom this is known has a say in it.
///
/// # Errors
/// 403 where they came by a link for another challenge; 409 with what would fix it, where something would.
pub fn admits(challenge: &ChallengeRow, switch: Switch, facts: &Facts) -> Result<()> {
    facts.takes_part(challenge.id)?;
    let Eligibility { verified, minimum_age_band, wards, to_submit } = &challenge.eligibility;
    if !matches!(switch, Switch::Support | Switch::Vote) && !to_submit {
        return Ok(());
    }
    let refused = |detail: &str, fix: Option<&str>| -> Result<()> {
        let problem = Code::NotEligible.because(detail);
        Err(match fix {
            Some(fix) => problem.with("fix", fix),
            None => problem,
        }
        .into())
    };
    match (minimum_age_band, facts.age_band) {
        (Some(least), Some(said)) if said < *least => {
            return refused("This challenge is for people who are older.", None);
        }
        (Some(AgeBand::Adult), None) => {
            return refused("This challenge is for adults. Say that you are one.", Some("state_age_band"));
        }
        _ => {}
    }
    let Some(shown) = &facts.verified else {
        return match *verified || !wards.is_empty() {
            true => refused("Show first that you live in the council's area.", Some("verify_residency")),
            false => Ok(()),
        };
    };
    match &shown.ward {
        _ if wards.is_empty() => Ok(()),
        Some(ward) if wards.contains(ward) => Ok(()),
        Some(_) => refused("This challenge is for other wards than yours.", None),
        None => refused("Show first which ward you live in.", Some("verify_residency")),
    }
}

/// What is wrong with a list of phases: each ends after it starts, and none overlaps the one before.
pub fn phase_faults(phases: &[Phase]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut last: Option<Instant> = None;
    for (index, phase) in phases.iter().enumerate() {
        if phase.ends_at <= phase.starts_at {
            faults.push(Fault::at(format!("/phases/{index}/ends_at"), "out_of_order", "A phase ends after it starts."));
        }
        if last.is_some_and(|end| phase.starts_at < end) {
            faults.push(Fault::at(
                format!("/phases/{index}/starts_at"),
                "out_of_order",
                "A phase starts when the one before has ended, or later.",
            ));
        }
        last = Some(phase.ends_at);
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::people::verification::model::VerificationRow;
    use crate::platform::db::Id;
    use crate::vocabulary::{AccountKind, ModerationPolicy, PhaseKind, VerificationMethod, VotingRule};

    fn day(n: u64) -> Instant {
        Instant::from_micros(0).plus(Duration::from_secs(n * 86_400))
    }

    fn challenge(opened: Option<u64>, closes: Option<u64>) -> ChallengeRow {
        ChallengeRow {
            council_id: Id::random(),
            id: Id::random(),
            kind: ChallengeKind::Question,
            title: String::new(),
            question: String::new(),
            body: String::new(),
            language: "en".into(),
            moderation: ModerationPolicy::Post,
            trusted_after: 3,
            voting_rule: VotingRule::Support,
            eligibility: Eligibility::default(),
            opened_at: opened.map(day),
            closes_at: closes.map(day),
            version: 1,
            created_at: day(0),
        }
    }

    fn phases() -> Vec<Phase> {
        let phase = |kind, from, to, submit, support| Phase {
            kind,
            starts_at: day(from),
            ends_at: day(to),
            submit,
            comment: false,
            support,
            vote: false,
        };
        vec![phase(PhaseKind::Ideation, 10, 20, true, false), phase(PhaseKind::Voting, 20, 30, false, true)]
    }

    // case C5
    #[test]
    fn a_boundary_belongs_to_the_phase_that_begins() {
        let (open, phases) = (challenge(Some(1), Some(30)), phases());
        let takes = |switch, at| permits(&open, &phases, switch, at).is_ok();
        let almost = |n| Instant::from_micros(day(n).micros() - 1);
        assert_eq!((takes(Switch::Submit, almost(10)), takes(Switch::Submit, day(10))), (false, true));
        assert_eq!((takes(Switch::Submit, almost(20)), takes(Switch::Submit, day(20))), (true, false));
        assert_eq!((takes(Switch::Support, almost(20)), takes(Switch::Support, day(20))), (false, true));
        assert_eq!((takes(Switch::Support, almost(30)), takes(Switch::Support, day(30))), (true, false));
    }

    #[test]
    fn an_open_door_takes_both_from_its_opening_on_for_ever() {
        let door = |opened| ChallengeRow { kind: ChallengeKind::OpenDoor, ..challenge(opened, None) };
        for switch in [Switch::Submit, Switch::Support] {
            assert!(permits(&door(Some(1)), &[], switch, day(10_000)).is_ok());
            assert!(permits(&door(None), &[], switch, day(10_000)).is_err());
        }
    }

    #[test]
    fn a_refusal_says_when_it_opens_unless_it_never_will() {
        let (open, phases) = (challenge(Some(1), Some(30)), phases());
        let opens = |row: &ChallengeRow, switch, at| {
            permits(row, &phases, switch, at).unwrap_err().problem().extra.get("opens_at").cloned().unwrap()
        };
        assert_eq!(opens(&open, Switch::Support, day(12)), serde_json::json!(day(20)));
        assert_eq!(opens(&open, Switch::Submit, day(25)), serde_json::Value::Null);
        assert_eq!(opens(&challenge(None, None), Switch::Submit, day(12)), serde_json::Value::Null);
        assert_eq!(opens(&challenge(Some(1), Some(15)), Switch::Support, day(12)), serde_json::Value::Null);
    }

    fn known(age_band: Option<AgeBand>, ward: Option<Option<&str>>) -> Facts {
        let row = |ward: Option<&str>| VerificationRow {
            method: VerificationMethod::InPerson,
            ward: ward.map(str::to_owned),
            office: None,
            tag: None,
            verified_at: day(0),
            good_until: day(1_000),
        };
        Facts {
            verified: ward.map(row),
            age_band,
            protected: false,
            kind: AccountKind::Full,
            takes_part_in: Vec::new(),
        }
    }

    #[test]
    fn who_has_a_say_follows_from_what_is_known_and_the_refusal_says_what_would_help() {
        let of = |eligibility: Eligibility| ChallengeRow { eligibility, ..challenge(Some(1), Some(30)) };
        let anybody = of(Eligibility::default());
        let verified = of(Eligibility { verified: true, ..Eligibility::default() });
        let grown_up = of(Eligibility { minimum_age_band: Some(AgeBand::Adult), ..Eligibility::default() });
        let mill = of(Eligibility { wards: vec!["Mill".into()], to_submit: true, ..Eligibility::default() });
        let people = [
            ("nobody in particular", known(None, None)),
            ("a child", known(Some(AgeBand::Under18), Some(Some("Mill")))),
            ("an adult", known(Some(AgeBand::Adult), None)),
            ("somebody verified", known(None, Some(None))),
            ("somebody of Mill", known(Some(AgeBand::Adult), Some(Some("Mill")))),
            ("somebody of Hill", known(Some(AgeBand::Adult), Some(Some("Hill")))),
        ];
        let said = |verdict: Result<()>| match verdict {
            Ok(()) => "yes".to_owned(),
            Err(error) => error.problem().extra.get("fix").map_or("no".into(), |fix| fix.to_string()),
        };
        let mut table = String::new();
        for (name, facts) in &people {
            let cells: Vec<String> = [&anybody, &verified, &grown_up, &mill]
                .map(|row| said(admits(row, Switch::Support, facts)))
                .into_iter()
                .chain([said(admits(&verified, Switch::Submit, facts)), said(admits(&mill, Switch::Submit, facts))])
                .collect();
            table.push_str(&format!("{name}: {}\n", cells.join(", ")));
        }
        insta::assert_snapshot!(table, @r#"
        nobody in particular: yes, "verify_residency", "state_age_band", "verify_residency", yes, "verify_residency"
        a child: yes, yes, no, yes, yes, yes
        an adult: yes, "verify_residency", yes, "verify_residency", yes, "verify_residency"
        somebody verified: yes, yes, "state_age_band", "verify_residency", yes, "verify_residency"
        somebody of Mill: yes, yes, yes, yes, yes, yes
        somebody of Hill: yes, yes, yes, no, yes, no
        "#);
        let guest = Facts { kind: AccountKind::Ephemeral, ..known(None, None) };
        assert_eq!(admits(&anybody, Switch::Support, &guest).unwrap_err().code(), Code::Forbidden);
        let guest = Facts { takes_part_in: vec![anybody.id], ..guest };
        assert!(admits(&anybody, Switch::Support, &guest).is_ok());
    }
}

//! What a rehearsal is for, where it leads, and for how long. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::participation::challenges::model::Phase;
use crate::platform::db::{Id, Instant, Json};
use crate::vocabulary::PhaseKind;

/// For so long ideas are taken in a rehearsal.
pub const LASTS: Duration = Duration::from_secs(30 * 86_400);
/// For so long the staff can read what was done in one that is over; then it is emptied.
pub const READABLE: Duration = Duration::from_secs(90 * 86_400);
/// What follows the id of a rehearsal in the address under which the staff play residents.
const AS_RESIDENT: &str = ".resident";

/// What took place in a rehearsal, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Seen {
    /// People who were there.
    pub people: i64,
    /// Ideas that were submitted.
    pub submitted: i64,
    /// Ideas that were decided on.
    pub decided: i64,
    /// Ideas that were answered.
    pub answered: i64,
}

impl Seen {
    /// Whether the whole way of an idea was tried out: handed in, decided on, answered.
    pub fn whole_way(&self) -> bool {
        self.submitted > 0 && self.decided > 0 && self.answered > 0
    }

    /// As the public is told before it is asked.
    pub fn told(&self) -> String {
        let of = |n: i64, one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
        format!(
            "We tried it out among ourselves first: {} handed in {}, of which {} decided on and {} answered.",
            of(self.people, "person", "people"),
            of(self.submitted, "idea", "ideas"),
            of(self.decided, "was", "were"),
            of(self.answered, "was", "were"),
        )
    }
}

impl TryFrom<Json> for Seen {
    type Error = serde_json::Error;

    fn try_from(stored: Json) -> Result<Self, Self::Error> {
        serde_json::from_value(stored.0)
    }
}

/// The phases of a challenge as they are rehearsed: all that they allow at some time is allowed at once, from now on. An open
/// door has none.
pub fn laid(phases: &[Phase], now: Instant) -> Vec<Phase> {
    if phases.is_empty() {
        return Vec::new();
    }
    let some = |allows: fn(&Phase) -> bool| phases.iter().any(allows);
    vec![Phase {
        kind: PhaseKind::Ideation,
        starts_at: now,
        ends_at: now.plus(LASTS),
        submit: true,
        comment: some(|phase| phase.comment),
        support: some(|phase| phase.support),
        vote: some(|phase| phase.vote),
    }]
}

/// Which rehearsal stands in an address, and whether whoever asks plays a resident.
pub fn read_address(reference: &str) -> Option<(Id, bool)> {
    let (id, as_resident) = match reference.strip_suffix(AS_RESIDENT) {
        Some(id) => (id, true),
        None => (reference, false),
    };
    id.parse().ok().map(|id| (id, as_resident))
}

/// What stands for the council in addresses of a rehearsal.
pub fn address(rehearsal: Id, as_resident: bool) -> String {
    format!("{rehearsal}{}", if as_resident { AS_RESIDENT } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_way_of_an_idea_is_all_three_steps_and_is_told_in_words() {
        let seen = Seen { people: 1, submitted: 2, decided: 1, answered: 1 };
        assert!(seen.whole_way());
        for less in [Seen { submitted: 0, ..seen }, Seen { decided: 0, ..seen }, Seen { answered: 0, ..seen }] {
            assert!(!less.whole_way());
        }
        let told = "We tried it out among ourselves first: 1 person handed in 2 ideas, of which 1 was decided on and 1 was answered.";
        assert_eq!(seen.told(), told);
    }

    #[test]
    fn what_is_allowed_at_some_time_is_rehearsed_at_once() {
        let (then, now) = (Instant::from_micros(0), Instant::from_micros(9));
        let phase = |submit, support| Phase {
            kind: PhaseKind::Voting,
            starts_at: then,
            ends_at: then,
            submit,
            comment: false,
            support,
            vote: false,
        };
        let laid = laid(&[phase(true, false), phase(false, true)], now);
        let [one] = laid.as_slice() else { panic!("{laid:?}") };
        assert_eq!((one.submit, one.support, one.comment, one.vote), (true, true, false, false));
        assert_eq!((one.starts_at, one.ends_at), (now, now.plus(LASTS)));
        assert_eq!(super::laid(&[], now), []);
    }

    #[test]
    fn an_address_tells_the_rehearsal_and_the_part() {
        let id = Id::random();
        for part in [false, true] {
            assert_eq!(read_address(&address(id, part)), Some((id, part)));
        }
        for other in ["aldermoor", ".resident", ""] {
            assert_eq!(read_address(other), None);
        }
    }
}

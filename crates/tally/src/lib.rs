#![doc = include_str!("../README.md")]
#![expect(
    clippy::indexing_slicing,
    reason = "positions of candidates and groups are checked once, when a profile is made"
)]

pub mod blt;
pub mod bradley_terry;
pub mod count;
pub mod equal_shares;
pub mod greedy;
pub mod pabulib;
pub mod phragmen;
pub mod profile;
pub mod ranking;
pub mod share;
pub mod stv;
pub mod ties;
pub mod totals;

pub use count::{Means, Rule, Step, Tie, Told, Unfit, count};
pub use profile::{Ballot, Candidate, Fault, Form, Mark, Profile};
pub use share::Share;
pub use ties::{BrokenBy, TieBroken, TieOrder};

/// What a count comes to: positions in [`Profile::candidates`], how it came to it, and each tie that was broken on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<R> {
    /// Who won, in the order in which they did.
    pub winners: Vec<usize>,
    /// Step by step.
    pub rounds: Vec<R>,
    /// Every tie that was broken.
    pub ties_broken: Vec<TieBroken>,
}

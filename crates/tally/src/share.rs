//! An amount of money that somebody has or pays, for people to read.

use std::fmt;

use num_bigint::BigUint;
use num_traits::ToPrimitive as _;
use serde::{Serialize, Serializer};

/// Hundredths of the smallest unit of money, rounded down. Counts are made with exact amounts; this is how they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Share(u64);

impl Share {
    /// Of an exact fraction.
    pub(crate) fn of(numerator: &BigUint, denominator: &BigUint) -> Self {
        Self((numerator * 100_u32 / denominator).to_u64().unwrap_or(u64::MAX))
    }

    /// Of an amount in the smallest unit.
    pub fn whole(amount: u64) -> Self {
        Self(amount.saturating_mul(100))
    }

    /// In hundredths of the smallest unit.
    pub fn hundredths(self) -> u64 {
        self.0
    }

    /// In the smallest unit, rounded down.
    pub fn floor(self) -> u64 {
        self.0 / 100
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

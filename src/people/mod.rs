//! Who takes part: accounts and councils.

pub mod accounts;
pub mod councils;

//! Who takes part: accounts, how they sign in, and councils.

pub mod accounts;
pub mod councils;
pub mod credentials;
pub mod factors;
pub mod sessions;
pub mod sso;

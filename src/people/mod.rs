//! Who takes part: accounts, how they sign in, and councils.

pub mod accounts;
pub mod audit;
pub mod councils;
pub mod credentials;
pub mod factors;
pub mod keys;
pub mod offices;
pub mod proof_of_work;
pub mod sandboxes;
pub mod sessions;
pub mod sso;
pub mod staff;
pub mod verification;

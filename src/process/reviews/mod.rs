//! The outside reviewer: where nobody else of the staff may decide an appeal, somebody from outside is shown that one case, and
//! decides it by a link.

pub mod granting;
mod holdings;
pub mod jobs;
pub mod queries;
pub mod routes;
pub mod views;

//! The audit log as the council's admins read it. It is written by `platform::audit`, and changed by nobody.

pub mod model;
pub mod queries;
pub mod routes;
pub mod views;

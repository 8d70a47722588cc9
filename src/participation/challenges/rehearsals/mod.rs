//! Rehearsals: before the public is asked, the staff, and whom they invite, try out the whole way of an idea.
//!
//! A rehearsal is a council of its own, a copy as the sandboxes of test keys are, so that nothing of it can be seen, counted or
//! mailed elsewhere. The tokens of the council that it is of lead into it, under an address of its own; for everybody else there
//! is no such council.

mod holdings;
pub mod jobs;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;

//! A council's copy for programs with test keys. It is a council of its own, which no address leads to: only the caller of a
//! test key is led there, under the name of the council that it is a copy of, and from there nothing leads out.

mod holdings;
pub mod jobs;
pub mod queries;
pub mod routes;

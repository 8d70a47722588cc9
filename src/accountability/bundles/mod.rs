//! All that is public of a challenge in one file, for whoever reviews a decision: JSON, CSV, what each column is, and checksums.
//!
//! It holds nothing that no other address of the API shows, and nothing that depends on the clock: the same data make the same bytes.

pub mod queries;
pub mod routes;
pub mod sections;
mod write;

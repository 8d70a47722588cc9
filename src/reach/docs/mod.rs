//! The contract as a page to read and to try, and what is told in it beside the operations: how to begin, an example
//! of each request and answer, every refusal, and who may do what.

pub mod document;
pub mod routes;

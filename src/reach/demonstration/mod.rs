//! What only a demo has: a clock that can be moved, and the mails it has sent.

pub mod routes;

//! What waits for one of the staff: one look in the morning, by the lists that their work is done from.

pub mod routes;
pub mod rules;
pub mod views;

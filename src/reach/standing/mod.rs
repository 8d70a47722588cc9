//! What may I do here? The same rules that enforce, asked beforehand, so that a frontend shows only doors that open; and
//! the words that it shows them by.

pub mod routes;
pub mod rules;
pub mod views;

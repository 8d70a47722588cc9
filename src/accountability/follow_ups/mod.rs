//! One question that the author of an idea may ask back when it was answered. It puts the idea among those that wait again,
//! with a clock of its own, and is answered by the next revision of the answer. That it was asked is public; its text, which
//! no moderator has looked at, is read by the author and staff.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;

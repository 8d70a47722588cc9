//! How the council keeps its promises, as a whole and office by office: counted once an hour, and read by everybody.

mod holdings;
pub mod jobs;
pub mod model;
pub mod moderation;
pub mod plots;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod table;
pub mod views;

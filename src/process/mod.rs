//! By what process: screening, moderation, decisions on people, and appeals against both.

pub mod appeals;
pub mod merges;
pub mod moderation;
pub mod reviews;
pub mod sanctions;
pub mod screening;
pub mod signals;

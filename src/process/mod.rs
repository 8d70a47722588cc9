//! By what process: screening, moderation, and appeals against it.

pub mod appeals;
pub mod merges;
pub mod moderation;
pub mod screening;
pub mod signals;

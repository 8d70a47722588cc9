//! By what process: moderation, and appeals against it.

pub mod appeals;
pub mod moderation;

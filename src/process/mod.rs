//! By what process: moderation.

pub mod moderation;

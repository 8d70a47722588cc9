//! Folkmoot: the backend of a public ideas platform.
//!
//! A ground floor ([`platform`]), words ([`vocabulary`]), and wings of rooms, first to last; a room uses the ones
//! before it, never after it. `docs/ARCHITECTURE.md` is the map.

// The attributes of handlers name what stands here by this name.
extern crate self as folkmoot;

pub mod app;
pub mod cli;
pub mod platform;
pub mod router;
pub mod vocabulary;

pub mod people;

pub mod process;

pub mod participation;

pub mod accountability;

pub mod reach;

pub mod stewardship;

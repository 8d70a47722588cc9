//! The ground floor: what any such service needs. Knows no wing of the house.

pub mod audit;
pub mod clock;
pub mod config;
pub mod db;
pub mod entries;
pub mod error;
pub mod html;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod metrics;
pub mod secrets;
pub mod telemetry;

//! The screeners, one file each.

pub mod bursts;
pub mod characters;
pub mod links;
pub mod personal_data;
mod phone_numbers;
pub mod repetition;
pub mod words;

use super::model::Screen;

/// All of them.
pub const ALL: [&dyn Screen; 6] = [
    &links::Links,
    &repetition::Repetition,
    &personal_data::PersonalData,
    &characters::Characters,
    &words::Words,
    &bursts::Bursts,
];

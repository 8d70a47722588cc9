//! What is owed to people and to whoever operates the platform: their data, and how long it is kept.

pub mod privacy;

use crate::platform::http::doors::Doors;

/// The doors of these rooms.
pub fn routes(doors: &mut Doors<'_, '_>) {
    privacy::routes::routes(doors);
}

//! How word gets out, and how people get here: public feeds, changes to follow, campaigns.

pub mod campaigns;
pub mod demonstration;
pub mod docs;
pub mod feeds;
pub mod pages;
pub mod staff;
pub mod standing;
pub mod work;

use crate::platform::http::doors::Doors;

/// The doors of these rooms.
pub fn routes(doors: &mut Doors<'_, '_>) {
    feeds::routes::routes(doors);
    campaigns::routes::routes(doors);
    standing::routes::routes(doors);
    demonstration::routes::routes(doors);
}

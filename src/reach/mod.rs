//! How word gets out, and how people get here: public feeds, changes to follow, campaigns.

pub mod campaigns;
pub mod demonstration;
pub mod docs;
pub mod feeds;
pub mod pages;
pub mod standing;

/// The doors of these rooms.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    feeds::routes::routes(config);
    campaigns::routes::routes(config);
    standing::routes::routes(config);
    demonstration::routes::routes(config);
}

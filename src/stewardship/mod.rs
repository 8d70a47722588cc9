//! What is owed to people and to whoever operates the platform: their data, and how long it is kept.

pub mod privacy;

/// The doors of these rooms.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    privacy::routes::routes(config);
}

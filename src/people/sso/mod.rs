//! Single sign-on: a council's own OpenID Connect providers, and which of their people is which account here.
//!
//! Who somebody is here follows from issuer and subject and from nothing else: no address, name or other claim finds or
//! joins an account (case E10). What a provider says of an address is not read at all.

mod holdings;
pub mod model;
pub mod provider;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;

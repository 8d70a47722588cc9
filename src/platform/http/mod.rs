//! What every request and answer has in common.

pub mod address;
pub mod doors;
pub mod idempotency;
pub mod json;
pub mod kept;
pub mod limit;
pub mod middleware;
pub mod openapi;
pub mod outbound;
pub mod page;
pub mod query;
pub mod reply;
pub mod streams;

pub use idempotency::Once;
pub use json::{Json, MaybeJson};
pub use page::{Page, Paging};
pub use query::{NoQuery, Query};
pub use reply::{IfMatch, MaybeIfMatch, Reply};

use crate::platform::db::Id;
use crate::platform::error::{Error, Result};

/// An id in an address; what is none leads nowhere.
///
/// # Errors
/// 404.
pub fn id_of(text: &str, what: &str) -> Result<Id> {
    text.parse().map_err(|_not_an_id: uuid::Error| Error::not_found(what))
}

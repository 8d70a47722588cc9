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
pub use query::Query;
pub use reply::{IfMatch, MaybeIfMatch, Reply};

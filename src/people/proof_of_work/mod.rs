//! Proof of work: who comes where very much comes shows that their device has worked for a moment, in the format of ALTCHA,
//! version 2, and without anybody else being asked. Owns what was spent. Never the only way: one waits, or goes by a
//! mailed link.

mod holdings;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};

use crate::platform::error::{Error, Result};

pub use routes::{OtherWay, limited};

/// The header that a proof comes in.
pub const HEADER: &str = "Proof-Of-Work";

/// What came along as a proof; whether it is one is not known yet.
#[derive(Clone, Debug)]
pub struct Shown(Option<String>);

impl FromRequest for Shown {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.headers().get(HEADER).map(|value| value.to_str().unwrap_or_default());
        ready(match value {
            Some(text) if !(1..=4_096).contains(&text.len()) => {
                Err(Error::fault(HEADER, "wrong_format", "A proof of work has 1 to 4096 printable ASCII characters."))
            }
            value => Ok(Self(value.map(str::to_owned))),
        })
    }
}

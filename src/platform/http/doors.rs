//! What can be registered under `/v1`: a handler that says in its signature whom it is for, and nothing else.
//!
//! It names a row of the permission table (`Allowed<acts::…>`, `PlatformAdmin`) or one of the listed
//! [exceptions](crate::vocabulary::permissions::exceptions):
//!
//! ```
//! use folkmoot::platform::http::doors::{Anybody, Doors, get};
//! use folkmoot::vocabulary::permissions::exceptions;
//!
//! #[utoipa::path(responses((status = 200)))]
//! #[get("/words")]
//! async fn look(_: Anybody<exceptions::ReadVocabulary>) -> &'static str {
//!     "words"
//! }
//! fn routes(doors: &mut Doors<'_, '_>) {
//!     doors.service(look);
//! }
//! ```
//!
//! The same without that does not build:
//!
//! ```compile_fail,E0277
//! use folkmoot::platform::http::doors::{Anybody, Doors, get};
//! use folkmoot::vocabulary::permissions::exceptions;
//!
//! #[utoipa::path(responses((status = 200)))]
//! #[get("/words")]
//! async fn look() -> &'static str {
//!     "words"
//! }
//! fn routes(doors: &mut Doors<'_, '_>) {
//!     doors.service(look);
//! }
//! ```
//!
//! nor does something that only bears the name:
//!
//! ```compile_fail,E0277
//! use folkmoot::platform::http::doors::{Doors, get};
//! type Allowed = actix_web::HttpRequest;
//!
//! #[utoipa::path(responses((status = 200)))]
//! #[get("/words")]
//! async fn look(_: Allowed) -> &'static str {
//!     "words"
//! }
//! fn routes(doors: &mut Doors<'_, '_>) {
//!     doors.service(look);
//! }
//! ```

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::{HttpServiceFactory, Payload};
use actix_web::{FromRequest, HttpRequest};
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

pub use doors::{delete, get, patch, post, put};

use crate::vocabulary::permissions::Action;
use crate::vocabulary::permissions::exceptions::Exception;

/// An argument of a handler that says whom it is for.
pub trait Caller: FromRequest {
    /// The row of the permission table; none for a listed exception.
    const ROW: Option<Action>;
}

/// A handler that says whom it is for. The attributes of this module implement it; nobody does so by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no row of the permission table",
    note = "take an argument `Allowed<acts::…>`, or say in `vocabulary::permissions::exceptions` why it needs none"
)]
pub trait Door {
    /// Whom it asks for.
    type Asks: Caller;
}

/// Where rooms register their doors.
pub struct Doors<'c, 's>(&'c mut ServiceConfig<'s>);

impl<'c, 's> Doors<'c, 's> {
    /// Those of a part of the router.
    pub fn new(config: &'c mut ServiceConfig<'s>) -> Self {
        Self(config)
    }

    /// Registers a door.
    pub fn service<D: HttpServiceFactory + OpenApiFactory + Door + 'static>(&mut self, door: D) -> &mut Self {
        self.0.service(door);
        self
    }
}

/// Whoever comes: for the listed exceptions.
#[derive(Clone, Copy, Debug)]
pub struct Anybody<E>(PhantomData<E>);

impl<E: Exception> FromRequest for Anybody<E> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(PhantomData)))
    }
}

impl<E: Exception> Caller for Anybody<E> {
    const ROW: Option<Action> = None;
}

//! What may go wrong, by meaning; and how a person is told (RFC 9457).
//!
//! A refusal is a [`Problem`]: its code and text are part of the product. Everything else is
//! [`Error::Internal`]: logged once, where the request ends, and never described to the caller.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, ResponseError};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::platform::db::Instant;
use crate::platform::http::limit::Standing;

/// The result of anything a request does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident = $code:literal $status:literal $title:literal $detail:literal;)+) => {
        /// Every refusal there is. The code is stable; the texts may change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $(#[doc = $detail] $variant),+ }
        impl Code {
            /// Every code, for the vocabulary and the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Stable, snake_case.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// The HTTP status.
            pub fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }
            /// A short title.
            pub fn title(self) -> &'static str { match self { $(Self::$variant => $title),+ } }
            /// What a person can do about it.
            pub fn detail(self) -> &'static str { match self { $(Self::$variant => $detail),+ } }
        }
    };
}

codes! {
    Malformed = "malformed" 400 "Cannot be read" "The request could not be read. Check that it is well-formed JSON in UTF-8.";
    BadCursor = "bad_cursor" 400 "Cursor does not fit" "This cursor does not belong to this list. Begin again without it.";
    Unauthenticated = "unauthenticated" 401 "Sign in first" "Sign in and send the access token as a bearer token.";
    BadToken = "bad_token" 401 "Token not accepted" "The access token is wrong, its session has ended, or it belongs to another council. Sign in again.";
    TokenExpired = "token_expired" 401 "Token has run out" "The access token has run out. Refresh the session, or sign in again.";
    BadCredentials = "bad_credentials" 401 "Not signed in" "Email and password do not fit together, or the address has not been confirmed.";
    SecondFactorNeeded = "second_factor_needed" 401 "A second factor is needed" "Send a code of your app, or one of your recovery codes, beside the rest.";
    SignInAgain = "sign_in_again" 403 "Sign in again first" "This needs a session that began within the last ten minutes. Sign in again, then repeat it.";
    StaffSecondFactor = "staff_second_factor" 403 "Staff need a second factor" "This council asks its staff for a second factor. Add an app or a passkey to your account, or sign in with it.";
    CeremonyOver = "ceremony_over" 409 "Begin again" "What was to be signed has run out, was signed already, or was never ours. Begin again.";
    Forbidden = "forbidden" 403 "Not yours to do" "Your role does not allow this.";
    NotFound = "not_found" 404 "Not found" "There is nothing at this address, or nothing you may see.";
    MethodNotAllowed = "method_not_allowed" 405 "Method not allowed" "This address does not take that method.";
    TooSlow = "too_slow" 408 "Too slow" "The request did not arrive in time. Nothing was changed; send it again.";
    NotReady = "not_ready" 409 "Not ready to open" "Something is still missing before this challenge can open.";
    PhaseNotOpen = "phase_not_open" 409 "Not open now" "The challenge does not take this at the moment.";
    AnswersOverdue = "answers_overdue" 409 "Answers are overdue" "This council opens no further challenge while answers are overdue. `challenges` says in which.";
    QuietPeriod = "quiet_period" 409 "A quiet period" "The phases run into days on which the council is quiet. `ground` and `until` say why and how long; `fix` says what to send so that it opens all the same.";
    NotEligible = "not_eligible" 409 "Not for you to do here" "This challenge is for others. `fix` names what would change that, where something would.";
    AlreadyVoted = "already_voted" 409 "Has a say already" "Whoever you have shown yourself to be has had their say in this challenge, from another account.";
    WrongState = "wrong_state" 409 "Not in this state" "This cannot be done in the state it is in.";
    AlreadyExists = "already_exists" 409 "Already there" "There is one already.";
    AlreadyDone = "already_done" 409 "Already done" "This was done by an earlier request with the same key.";
    StillRunning = "still_running" 409 "Still running" "The first request with this key has not finished. Try again in a moment.";
    AlreadyDecided = "already_decided" 409 "Already decided" "Somebody has decided this case.";
    LastAdmin = "last_admin" 409 "The last admin" "A council keeps one admin who can sign in. Make somebody else one first.";
    Changed = "changed" 412 "Changed meanwhile" "It has been changed since you read it. Read it again and repeat your change.";
    TooLarge = "too_large" 413 "Too large" "The request is larger than is taken here.";
    UnsupportedType = "unsupported_type" 415 "Send JSON" "Send the body as application/json.";
    Invalid = "invalid" 422 "Something needs changing" "Some of what you sent cannot be taken: `errors` says what. What has to be looked up is judged when the rest is right.";
    KeyReused = "key_reused" 422 "Key used for something else" "This idempotency key was used with another body. Use a new key.";
    LinkInvalid = "link_invalid" 422 "This link no longer works" "The link has been used, has run out, or was never ours. Ask for a new one.";
    NotVerified = "not_verified" 422 "Not verified" "What you stated is not what the council has, or has been used before. Check it, or verify in another way.";
    ProviderRefused = "provider_refused" 422 "Sign-in not accepted" "What the sign-in provider answered cannot be accepted. Begin again; if that does not help, tell the council.";
    PreconditionNeeded = "precondition_needed" 428 "Say which version" "Send If-Match with the ETag you last read, so that nobody's change is lost.";
    ProofOfWorkNeeded = "proof_of_work_needed" 428 "Show a proof of work" "Very much is coming in just now. Let your device work for a moment and send its proof along, wait, or go by a mailed link.";
    TooMany = "too_many_requests" 429 "Too many requests" "Wait for the time in Retry-After and try again.";
    Internal = "internal" 500 "Our fault" "Something went wrong on our side. It has been written down under this request id.";
    Busy = "busy" 503 "Busy" "Too much is waiting just now. Nothing was changed; try again in a moment.";
    Unavailable = "unavailable" 503 "Not available" "The service cannot answer at the moment. Nothing was changed; try again in a moment.";
}

/// One thing wrong with the input, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) into the body; for a query parameter, `?name`.
    pub pointer: String,
    /// Stable, snake_case.
    pub code: String,
    /// What a person can do about it.
    pub detail: String,
}

impl Fault {
    /// A fault at a pointer.
    pub fn at(pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

/// A refusal in words.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which one.
    pub code: Code,
    /// In place of the code's own text.
    pub detail: Option<String>,
    /// All that is wrong with the input.
    pub faults: Vec<Fault>,
    /// Further members, for instance `opens_at`.
    pub extra: Map<String, Value>,
    /// Seconds until it is worth trying again.
    pub retry_after: Option<u64>,
    /// The budget that is used up.
    pub limited: Option<Box<Standing>>,
}

/// What may go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A refusal the caller is told of.
    #[error("{}: {}", .0.code.as_str(), .0.detail.as_deref().unwrap_or(.0.code.detail()))]
    Problem(Box<Problem>),
    /// The database asks for the same transaction once more.
    #[error("transient: {0}")]
    Transient(DieselError),
    /// Cannot answer now; the reason is for the log.
    #[error("unavailable: {0}")]
    Unavailable(anyhow::Error),
    /// A fault of ours.
    #[error("internal: {0:#}")]
    Internal(anyhow::Error),
}

impl Code {
    /// The refusal with the code's own text.
    pub fn problem(self) -> Problem {
        Problem { code: self, detail: None, faults: Vec::new(), extra: Map::new(), retry_after: None, limited: None }
    }
    /// The refusal in other words.
    pub fn because(self, detail: impl Into<String>) -> Problem {
        Problem { detail: Some(detail.into()), ..self.problem() }
    }
}

impl Problem {
    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.extra.insert(name.into(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }
    /// Says when to try again.
    #[must_use]
    pub fn retry_in(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
    /// Says which budget is used up.
    #[must_use]
    pub fn limited(mut self, standing: Standing) -> Self {
        self.limited = Some(Box::new(standing));
        self
    }
    /// The document, with the request's id where it is known.
    pub fn document(&self, instance: Option<&str>) -> Value {
        let mut document = self.extra.clone();
        document.insert("type".into(), format!("/problems/{}", self.code.as_str()).into());
        document.insert("title".into(), self.code.title().into());
        document.insert("status".into(), self.code.status().into());
        document.insert("code".into(), self.code.as_str().into());
        document.insert("detail".into(), self.detail.clone().unwrap_or_else(|| self.code.detail().into()).into());
        if let Some(instance) = instance {
            document.insert("instance".into(), instance.into());
        }
        if !self.faults.is_empty() {
            document.insert("errors".into(), serde_json::to_value(&self.faults).unwrap_or(Value::Null));
        }
        Value::Object(document)
    }
    /// The answer.
    pub fn response(&self, instance: Option<&str>) -> HttpResponse {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6750: without a token there is no error to name.
            let challenge = match self.code {
                Code::BadToken | Code::TokenExpired => "Bearer error=\"invalid_token\"",
                _ => "Bearer",
            };
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        let mut response = response.body(self.document(instance).to_string());
        if let Some(standing) = &self.limited {
            standing.tell(response.headers_mut());
        }
        response
    }
}

impl Error {
    /// Not there, or not the caller's to know of.
    pub fn not_found(what: &str) -> Self {
        Code::NotFound.because(format!("There is no such {what}, or none you may see.")).into()
    }
    /// The input is understood and cannot be taken; all its faults at once.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Problem { faults, ..Code::Invalid.problem() }.into()
    }
    /// The input has one fault.
    pub fn fault(pointer: &str, code: &str, detail: &str) -> Self {
        Self::invalid(vec![Fault::at(pointer, code, detail)])
    }
    /// Too much is waiting.
    pub fn busy() -> Self {
        Code::Busy.problem().retry_in(1).into()
    }
    /// Cannot answer now; `reason` is for the log.
    pub fn unavailable(reason: impl Into<anyhow::Error>) -> Self {
        Self::Unavailable(reason.into())
    }
    /// Refused until `opens_at`, where that is known.
    pub fn not_open(detail: impl Into<String>, opens_at: Option<Instant>) -> Self {
        Code::PhaseNotOpen.because(detail).with("opens_at", opens_at).into()
    }
    /// Whether it is a refusal of ours, so that nothing is wrong with what it was asked through.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Problem(_))
    }
    /// Whether the same transaction may succeed when it is run once more.
    pub fn wants_retry(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
    /// Whether it is a refusal of the database that may not come twice: those without a name of their own, among them
    /// deadlocks and time-outs, which PostgreSQL tells only in words of the server's language; and a unique key that
    /// somebody took between our look and our write, which the second look sees.
    pub fn is_unnamed(&self) -> bool {
        let Self::Internal(reason) = self else { return false };
        let error = reason.downcast_ref::<DieselError>();
        use DatabaseErrorKind::{UniqueViolation, Unknown};
        matches!(error, Some(DieselError::DatabaseError(Unknown | UniqueViolation, _)))
    }
    /// What the caller is told.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Problem(problem) => (**problem).clone(),
            Self::Transient(_) => Code::Busy.problem().retry_in(1),
            Self::Unavailable(_) => Code::Unavailable.problem().retry_in(2),
            Self::Internal(_) => Code::Internal.problem(),
        }
    }
    /// Which refusal, where it is one.
    pub fn code(&self) -> Code {
        self.problem().code
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        if super::db::is_transient(&error) {
            return Self::Transient(error);
        }
        match error {
            // Read-only: this server is not the one that writes, for instance after another took over.
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::ReadOnlyTransaction,
                info,
            ) => Self::Unavailable(anyhow::anyhow!(info.message().to_owned())),
            // What it refers to went at this moment, as the account of somebody who erases it on another device.
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info) => {
                tracing::warn!(constraint = info.constraint_name(), "what was referred to is gone");
                Code::WrongState.because("What this refers to is gone. Load it again.").into()
            }
            DieselError::BrokenTransactionManager => Self::Unavailable(anyhow::anyhow!("broken transaction")),
            other => Self::Internal(other.into()),
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse {
        self.problem().response(None)
    }
}

/// Names what is missing where a query finds nothing.
pub trait OrNotFound<T> {
    /// 404 where there is no row.
    ///
    /// # Errors
    /// 404, or what the query answered.
    fn or_not_found(self, what: &str) -> Result<T>;
}

impl<T> OrNotFound<T> for std::result::Result<T, DieselError> {
    fn or_not_found(self, what: &str) -> Result<T> {
        match self {
            Err(DieselError::NotFound) => Err(Error::not_found(what)),
            other => Ok(other?),
        }
    }
}

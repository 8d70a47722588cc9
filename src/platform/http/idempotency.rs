//! Retries that do not double. The key is written in the transaction of the effect, with the answer: a client that
//! lost the reply after the commit gets the first answer again, byte for byte (case H7).

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use diesel::prelude::*;
use futures_util::future::{Ready, ready};

use super::Reply;
use crate::platform::db::schema::idempotency_keys as keys;
use crate::platform::db::{Db, Id, Tx, dialect};
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::secrets::Secrets;

crate::holds! {
    idempotency_keys: "Repeats of a request that was answered: the answer is given again and not done again.", [],
    Kept::Hours { after: "created_at", hours: KEPT_HOURS } => {
        Nothing: council_id, route, body_mac, status, location, etag;
        Identifier: caller, key;
        Writing: response;
        Time: created_at;
    }
}

/// How long a key is kept, in hours.
pub const KEPT_HOURS: u64 = 24;

/// The operations that read a key.
pub const READ_BY: &[&str] = &[
    "register",
    "create_council",
    "invite_admin",
    "draft_challenge",
    "begin_rehearsal",
    "submit_idea",
    "write_comment",
    "decide_case",
    "make_case_batch",
    "propose_merge",
    "answer_idea",
    "answer_ideas",
    "make_answer_template",
    "write_note",
    "publish_update",
    "take_up_idea",
    "follow_up",
    "plan_milestone",
    "make_commitment",
    "make_campaign",
    "create_ground",
    "invite_staff",
    "make_office",
    "declare_quiet_period",
    "make_key",
    "record_in_person",
    "make_letters",
    "make_identity_provider",
];

/// Who repeats: set by whoever knows the caller, before the handler runs.
#[derive(Clone, Debug)]
pub struct CallerKey(pub String);

/// The idempotency key of a request, if it has one.
#[derive(Clone, Debug)]
pub struct Once {
    key: Option<String>,
    caller: String,
    route: String,
}

impl FromRequest for Once {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = match request.headers().get("Idempotency-Key").map(|value| value.to_str()) {
            None => None,
            Some(Ok(key)) if (1..=200).contains(&key.len()) => Some(key.to_owned()),
            Some(_) => {
                return ready(Err(Error::invalid(vec![Fault::at(
                    "Idempotency-Key",
                    "wrong_format",
                    "An idempotency key has 1 to 200 printable ASCII characters.",
                )])));
            }
        };
        ready(Ok(Self {
            key,
            caller: request
                .extensions()
                .get::<CallerKey>()
                .map_or_else(|| "anonymous".into(), |caller| caller.0.clone()),
            // The path and not the pattern: the same key on two challenges is two keys.
            route: format!("{} {}", request.method(), request.path()),
        }))
    }
}

#[derive(Queryable)]
struct Kept {
    body_mac: String,
    status: i32,
    location: Option<String>,
    etag: Option<String>,
    response: Option<String>,
}

impl Once {
    /// Does `work` once for this key and body, in one transaction with the memory of it.
    ///
    /// # Errors
    /// What `work` answers, unremembered; 422 for another body, 409 while the first still runs, 409 with the
    /// address where the first answer held a secret.
    pub async fn write(
        self,
        db: &Db,
        secrets: &Secrets,
        council: Id,
        body: &[u8],
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        let Some(key) = self.key else { return db.write(work).await };
        // A MAC and not a digest: a short body could be guessed from its digest.
        let body_mac = secrets.mac("idempotency", &[body]);
        let lock = secrets
            .mac("idempotency-lock", &[council.bytes(), self.caller.as_bytes(), self.route.as_bytes(), key.as_bytes()]);
        let lock = lock.bytes().take(8).fold(0_i64, |sum, byte| (sum << 8) | i64::from(byte));
        let (caller, route) = (self.caller, self.route);
        db.write(move |tx| {
            if !dialect::try_lock(tx, lock)? {
                return Err(Code::StillRunning.problem().retry_in(1).into());
            }
            let kept = keys::table
                .find((council, &caller, &route, &key))
                .select((keys::body_mac, keys::status, keys::location, keys::etag, keys::response))
                .first::<Kept>(&mut **tx)
                .optional()?;
            if let Some(kept) = kept {
                return replay(kept, &body_mac);
            }
            let reply = work(tx)?;
            diesel::insert_into(keys::table)
                .values((
                    keys::council_id.eq(council),
                    keys::caller.eq(&caller),
                    keys::route.eq(&route),
                    keys::key.eq(&key),
                    keys::body_mac.eq(&body_mac),
                    keys::status.eq(i32::from(reply.status)),
                    keys::location.eq(&reply.location),
                    keys::etag.eq(&reply.etag),
                    keys::response.eq((!reply.secret).then_some(&reply.body)),
                    keys::created_at.eq(tx.now()),
                ))
                .execute(&mut **tx)?;
            Ok(reply)
        })
        .await
    }
}

fn replay(kept: Kept, body_mac: &str) -> Result<Reply> {
    if !Secrets::same(&kept.body_mac, body_mac) {
        return Err(Code::KeyReused.problem().into());
    }
    let Some(body) = kept.response else {
        return Err(Code::AlreadyDone.problem().with("location", kept.location).into());
    };
    Ok(Reply {
        status: u16::try_from(kept.status).unwrap_or(200),
        body,
        location: kept.location,
        etag: kept.etag,
        replayed: true,
        ..Reply::nothing()
    })
}

//! Who a request comes from, and what the permission table lets them do.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::future::{Ready, ready};

use super::look_up::mac_of;
use crate::app::App;
use crate::people::councils::model::Council;
use crate::platform::audit::By;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::http::address::site_of;
use crate::platform::http::doors::Caller;
use crate::platform::http::limit::{self, Limited};
use crate::platform::http::{Once, Reply};
use crate::vocabulary::Role;
use crate::vocabulary::permissions::acts::Act;
use crate::vocabulary::permissions::{Action, Party};

/// An account that is signed in.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account, or the platform admin.
    pub id: Id,
    /// What it may do in its council.
    pub role: Role,
    /// How its owner wishes to be called.
    pub display_name: String,
    /// The session.
    pub session: Id,
    /// Whether the council asks its staff for a second factor, and this session has shown none.
    pub weak: bool,
}

impl Actor {
    /// Whether the permission table lets them act, and their session is good enough for it: the extractors ask this, and
    /// whoever tells beforehand what they would say.
    ///
    /// # Errors
    /// 403.
    pub fn may(&self, action: Action) -> Result<()> {
        if !action.allows(Party::Member(self.role)) {
            return Err(not_allowed(action).into());
        }
        // What everybody may, and what mends it.
        let harmless = action.allows(Party::Visitor) || action == Action::UseAccount;
        if self.weak && !harmless { Err(Code::StaffSecondFactor.problem().into()) } else { Ok(()) }
    }
}

/// Whose eyes content is seen with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody.
    Visitor,
    /// A resident: sees their own besides.
    Account(Id),
    /// The council's staff.
    Staff,
}

/// What was found out about a request before its handler runs.
#[derive(Clone)]
pub(super) struct Found {
    pub party: Party,
    pub actor: Option<Actor>,
    pub council: Option<Arc<Council>>,
    pub network: IpAddr,
    /// The council of the caller, whatever the address names.
    pub home: Option<Id>,
    /// The key that was shown in place of a session, and what it is for.
    pub key: Option<(Id, Vec<Action>)>,
    /// The council of the key, and the day to be noted as the last on which it was used, where that is another than before.
    pub used: Option<(Id, String)>,
}

impl Found {
    /// Whether a key was shown that is for nothing that visitors and residents may not do too.
    fn is_public_only(&self) -> bool {
        let open = |row: &Action| row.allows(Party::Visitor) || row.allows(Party::Member(Role::Resident));
        self.key.as_ref().is_some_and(|(_, rows)| rows.iter().all(open))
    }

    pub fn visitor(council: Option<Arc<Council>>, network: IpAddr) -> Self {
        Self { party: Party::Visitor, actor: None, council, network, home: None, key: None, used: None }
    }

    pub fn by(&self) -> By {
        match (&self.actor, self.party) {
            (None, _) => By::Nobody,
            (Some(actor), Party::Platform) => By::Platform(actor.id),
            (Some(actor), _) => match &self.key {
                Some((key, _)) => By::Key { account: actor.id, key: *key },
                None => By::Account(actor.id),
            },
        }
    }
}

/// Left by whoever refused a signed-in account, for the audit log.
pub(super) struct Refused(pub Action);

/// A caller whom the permission table allows `A`, and the council it is about.
#[derive(Clone)]
pub struct Allowed<A> {
    /// The council of the address.
    pub council: Arc<Council>,
    actor: Option<Actor>,
    network: IpAddr,
    by: By,
    public_only: bool,
    action: PhantomData<A>,
}

/// A platform admin.
#[derive(Clone, Debug)]
pub struct PlatformAdmin {
    /// Who.
    pub id: Id,
}

impl<A> Allowed<A> {
    /// The account that is signed in.
    ///
    /// # Errors
    /// 401 for a visitor.
    pub fn actor(&self) -> Result<&Actor> {
        self.actor.as_ref().ok_or_else(|| Code::Unauthenticated.problem().into())
    }

    /// Who acts, for the audit log.
    pub fn by(&self) -> By {
        self.by
    }

    /// Whose eyes content is seen with.
    pub fn viewer(&self) -> Viewer {
        match &self.actor {
            None => Viewer::Visitor,
            Some(actor) if actor.role == Role::Resident || actor.weak => Viewer::Account(actor.id),
            // Whoever gives a website a key to read with does not publish by it what only the staff sees.
            Some(_) if self.public_only => Viewer::Visitor,
            Some(_) => Viewer::Staff,
        }
    }

    /// Refuses a program: this is done by somebody who is signed in.
    ///
    /// # Errors
    /// 403 where a key was shown.
    pub fn in_person(&self) -> Result<()> {
        match self.by {
            By::Key { .. } => Err(Code::Forbidden.because("No key may do this. Sign in to do it.").into()),
            _ => Ok(()),
        }
    }

    /// Whether a second factor is missing.
    pub fn is_weak(&self) -> bool {
        self.actor.as_ref().is_some_and(|actor| actor.weak)
    }

    /// Whether the caller belongs to the council's staff.
    pub fn is_staff(&self) -> bool {
        self.viewer() == Viewer::Staff
    }

    /// The network the request comes from, as a MAC: good for counting, useless for finding.
    pub fn network(&self, app: &App) -> String {
        mac_of(app, self.network)
    }

    /// The same of the site that the network is one of, for what makes work for others.
    pub fn site(&self, app: &App) -> String {
        mac_of(app, site_of(self.network))
    }

    /// Writes one atomic unit on the caller's budget.
    ///
    /// # Errors
    /// 429 where the budget is used up, or what `work` answers; either way nothing was written or taken.
    pub async fn write(
        &self,
        app: &App,
        limited: Limited,
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        app.db.write(self.on_budget(app, limited, work)).await
    }

    /// The same, once for an idempotency key and body.
    ///
    /// # Errors
    /// As [`Allowed::write`] and [`Once::write`].
    pub async fn write_once(
        &self,
        app: &App,
        limited: Limited,
        once: Once,
        body: &[u8],
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        let work = self.on_budget(app, limited, work);
        once.write(&app.db, &app.config.secrets, self.council.id, body, work).await
    }

    fn on_budget(
        &self,
        app: &App,
        limited: Limited,
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static {
        let key = match self.by {
            By::Key { key, .. } => format!("key:{key}"),
            _ => self.actor.as_ref().map_or_else(|| self.network(app), |actor| actor.id.to_string()),
        };
        on_budget(app.config.limits, limited, key, work)
    }
}

fn on_budget(
    limits: bool,
    limited: Limited,
    key: String,
    work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
) -> impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static {
    move |tx| {
        let standing = if limits { Some(limit::take(tx, limited, &key)?) } else { None };
        Ok(work(tx)?.limited(standing))
    }
}

impl PlatformAdmin {
    /// Writes one atomic unit, once for an idempotency key and body.
    ///
    /// # Errors
    /// As [`Allowed::write_once`].
    pub async fn write_once(
        &self,
        app: &App,
        once: Once,
        body: &[u8],
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        let work = on_budget(app.config.limits, Limited::Write, self.id.to_string(), work);
        once.write(&app.db, &app.config.secrets, Id::NONE, body, work).await
    }
}

impl<A: Act + 'static> FromRequest for Allowed<A> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(allowed(request).map(|(found, council)| Self {
            council,
            by: found.by(),
            public_only: found.is_public_only(),
            actor: found.actor,
            network: found.network,
            action: PhantomData,
        }))
        .into_checked::<A>(request)
    }
}

impl<A: Act + 'static> Caller for Allowed<A> {
    const ROW: Option<Action> = Some(A::ACTION);
}

impl Caller for PlatformAdmin {
    const ROW: Option<Action> = Some(Action::OperatePlatform);
}

// The refusal by role comes before the one by address, so that a stranger learns nothing from the difference.
trait Checked<T> {
    fn into_checked<A: Act>(self, request: &HttpRequest) -> Ready<Result<T>>;
}

impl<T> Checked<T> for Ready<Result<T>> {
    fn into_checked<A: Act>(self, request: &HttpRequest) -> Ready<Result<T>> {
        let found = request.extensions().get::<Found>().cloned();
        let party = found.as_ref().map_or(Party::Visitor, |found| found.party);
        if found.as_ref().is_some_and(|found| found.key.as_ref().is_some_and(|(_, rows)| !rows.contains(&A::ACTION))) {
            request.extensions_mut().insert(Refused(A::ACTION));
            let detail = format!("This key is not for that ({}).", A::ACTION.as_str());
            return ready(Err(Code::Forbidden.because(detail).into()));
        }
        let verdict = match (party, found.and_then(|found| found.actor)) {
            (Party::Member(_), Some(actor)) => actor.may(A::ACTION),
            _ if A::ACTION.allows(party) => Ok(()),
            (Party::Visitor | Party::Member(_), _) => Err(Code::Unauthenticated.problem().into()),
            (Party::Platform, _) => Err(Code::BadToken.problem().into()),
        };
        if matches!(party, Party::Member(_)) && !A::ACTION.allows(party) {
            request.extensions_mut().insert(Refused(A::ACTION));
        }
        match verdict {
            Ok(()) => self,
            Err(refusal) => ready(Err(refusal)),
        }
    }
}

fn not_allowed(action: Action) -> Problem {
    let who: Vec<&str> = Party::ALL.iter().filter(|party| action.allows(**party)).map(|party| party.as_str()).collect();
    Code::Forbidden.because(format!(
        "Your role does not allow this ({}). Who may: {}.",
        action.as_str(),
        who.join(", ")
    ))
}

fn allowed(request: &HttpRequest) -> Result<(Found, Arc<Council>)> {
    let found = request.extensions().get::<Found>().cloned();
    let found = found.ok_or_else(|| Error::Internal(anyhow::anyhow!("the caller was not looked up")))?;
    let council = found.council.clone().ok_or_else(|| Error::not_found("council"))?;
    Ok((found, council))
}

impl FromRequest for PlatformAdmin {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Found>().cloned();
        ready(match found {
            Some(Found { party: Party::Platform, actor: Some(actor), .. }) => Ok(Self { id: actor.id }),
            Some(Found { party: Party::Member(_), .. }) => {
                request.extensions_mut().insert(Refused(Action::OperatePlatform));
                Err(Code::Forbidden.problem().into())
            }
            _ => Err(Code::Unauthenticated.problem().into()),
        })
    }
}

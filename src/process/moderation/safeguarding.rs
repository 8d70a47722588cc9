//! What is withheld for somebody's safety: whoever the council has named is told at once, and nobody in public hears more than that.

use std::sync::Arc;

use diesel::prelude::*;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::item;
use super::queries::find_decision;
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::Allowed;
use crate::people::accounts::queries::{admins, find_account, mail_address};
use crate::people::councils::queries::council_by_id;
use crate::platform::audit::{self, Event};
use crate::platform::db::schema::safeguarding_leads as leads;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, get, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Reply};
use crate::platform::jobs::{Job, enqueue};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, AuditAction, Role};

pub(super) fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_safeguarding_lead).service(name_safeguarding_lead);
}

/// Who is told at once of what is withheld for somebody's safety.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SafeguardingLead {
    /// The account of one of the staff; null where nobody is named, and all admins are told.
    #[schema(required = true)]
    pub account: Option<Id>,
}

/// Somebody of the staff who can be told.
fn is_of_staff(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<bool> {
    let found = find_account(tx, council, account)?;
    Ok(found.is_some_and(|found| found.state == AccountState::Active && found.role != Role::Resident))
}

fn find_lead(tx: &mut Tx<'_>, council: Id) -> Result<Option<Id>> {
    let named: Option<Id> = leads::table.find(council).select(leads::account_id).first(&mut **tx).optional()?;
    match named {
        Some(account) if is_of_staff(tx, council, account)? => Ok(Some(account)),
        _ => Ok(None),
    }
}

fn set_lead(tx: &mut Tx<'_>, council: Id, account: Option<Id>) -> Result<()> {
    let now = tx.now();
    diesel::delete(leads::table.find(council)).execute(&mut **tx)?;
    if let Some(account) = account {
        let row = (leads::council_id.eq(council), leads::account_id.eq(account), leads::named_at.eq(now));
        diesel::insert_into(leads::table).values(row).execute(&mut **tx)?;
    }
    Ok(())
}

/// Read who the safeguarding lead is
///
/// The account that is told at once of what is withheld for somebody's safety; null where nobody is named, or whoever was has left the
/// staff: then all admins are told.
#[utoipa::path(tag = "Councils", operation_id = "read_safeguarding_lead", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "Who it is", body = SafeguardingLead)))]
#[get("/councils/{council}/safeguarding-lead")]
async fn read_safeguarding_lead(app: App, who: Allowed<acts::ManageCouncil>) -> Result<Reply> {
    let council = who.council.id;
    let account = app.db.read(move |tx| find_lead(tx, council)).await?;
    Reply::ok(&SafeguardingLead { account })
}

/// Name the safeguarding lead
///
/// Somebody of the staff, who gets a mail as soon as something is withheld on a ground for somebody's safety; with null, all admins
/// get it.
#[utoipa::path(tag = "Councils", operation_id = "name_safeguarding_lead", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = SafeguardingLead,
    responses((status = 200, description = "Named", body = SafeguardingLead)))]
#[put("/councils/{council}/safeguarding-lead")]
async fn name_safeguarding_lead(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    body: Json<SafeguardingLead>,
) -> Result<Reply> {
    let (council, wish, by) = (Arc::clone(&who.council), body.value, who.by());
    who.write(&app, Limited::Write, move |tx| {
        if let Some(account) = wish.account
            && !is_of_staff(tx, council.id, account)?
        {
            return Err(Error::fault(
                "/account",
                "not_in_list",
                "Nobody of the staff has this account: `/staff` lists them.",
            ));
        }
        let before = find_lead(tx, council.id)?;
        set_lead(tx, council.id, wish.account)?;
        let event = Event::new(AuditAction::SafeguardingLeadNamed, by).before(json!({ "account": before }));
        audit::record(tx, council.id, event.after(json!({ "account": wish.account })))?;
        Reply::ok(&wish)
    })
    .await
}

/// Finds who is to be told of a decision.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AlertOfSafety {
    /// The decision.
    pub decision: Id,
}

/// Tells one of them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AlertOneOfSafety {
    /// The decision.
    pub decision: Id,
    /// Who is told.
    pub account: Id,
}

impl Job<App> for AlertOfSafety {
    const KIND: &'static str = "alert_of_safety";

    fn key(&self) -> String {
        self.decision.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let fan_out = move |tx: &mut Tx<'_>| {
                let told = match find_lead(tx, council)? {
                    Some(lead) if mail_address(tx, council, lead)?.is_some() => vec![lead],
                    _ => admins(tx, council)?,
                };
                told.into_iter().try_for_each(|account| {
                    enqueue(tx, council, &AlertOneOfSafety { decision: self.decision, account })
                })
            };
            Ok(app.db.write(fan_out).await?)
        })
    }
}

impl Job<App> for AlertOneOfSafety {
    const KIND: &'static str = "alert_one_of_safety";

    fn key(&self) -> String {
        format!("{}:{}", self.decision, self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let mail = app.db.read(move |tx| {
                let Some(to) = mail_address(tx, council, self.account)? else { return Ok(None) };
                let decision = find_decision(tx, council, self.decision)?;
                let council = council_by_id(tx, council)?;
                let item = item::find(tx, &council, decision.subject())?;
                let number = public_number(&council.idea_prefix, item.idea.number);
                let context = json!({
                    "council": council.name, "of": item.subject().word(), "number": number, "effect": decision.kind,
                    "at": council.local_time(decision.decided_at)?,
                    "link": item.address(&council),
                });
                Ok(Some((context, to)))
            });
            match mail.await? {
                Some((context, to)) => send(&app, "safeguarding_alert", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

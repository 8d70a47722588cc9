//! Rows of councils.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant, Json};
use crate::vocabulary::{MergeSilence, ProofOfWork, Under18};

/// A tenant, and the controller of its data.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::councils)]
pub struct Council {
    /// Its id.
    pub id: Id,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// IANA time zone: its days begin and end there.
    pub time_zone: String,
    /// BCP 47.
    pub language: String,
    /// What the public numbers of its ideas begin with.
    pub idea_prefix: String,
    /// Where its frontend is; links in mails lead there.
    pub site_url: String,
    /// Whether its staff must sign in with a second factor or a passkey.
    pub staff_second_factor: bool,
    /// Whoever is younger cannot have an account.
    pub minimum_age: i32,
    /// How it takes people under eighteen.
    pub under_18: Under18,
    /// When it asks for a proof of work.
    pub proof_of_work: ProofOfWork,
    /// Mail domains that it takes, whatever the list of throw-away ones says.
    pub mail_domains_allowed: Json,
    /// Mail domains that it does not take.
    pub mail_domains_refused: Json,
    /// Whether what nothing was found in is published when a moderator has not come in time.
    pub publish_clean_by_clock: bool,
    /// Whether no challenge opens while answers are overdue.
    pub no_new_challenges_while_overdue: bool,
    /// What it means to say nothing where ideas are to be merged.
    pub silence_in_merges: MergeSilence,
    /// Raised by each change.
    pub version: i64,
    /// When it joined.
    pub created_at: Instant,
    /// The council that it is a copy of, for test keys.
    pub sandbox_of: Option<Id>,
}

/// The names in a list of domains.
pub fn domains(list: &Json) -> impl Iterator<Item = &str> {
    list.0.as_array().into_iter().flatten().filter_map(|name| name.as_str())
}

/// A rule of the council that a restriction can be based on.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::grounds)]
pub struct Ground {
    /// Its name in addresses and decisions.
    pub code: String,
    /// Its title.
    pub title: String,
    /// The rule itself.
    pub body: String,
    /// Whether it is about somebody's safety.
    pub safeguarding: bool,
}

impl Council {
    /// A moment as it is written to people of this council.
    ///
    /// # Errors
    /// Where no calendar reaches it.
    pub fn local_time(&self, at: Instant) -> anyhow::Result<String> {
        let zone = jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let at = jiff::Timestamp::from_microsecond(at.micros())?.to_zoned(zone);
        Ok(at.strftime("%-d %B %Y, %H:%M %Z").to_string())
    }
}

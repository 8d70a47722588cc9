//! Who there is in Aldermoor: the council, its staff and its residents.

use super::story::{FIRST_RESIDENTS, OFFICE, UNEXPLAINED};
use super::words;
use crate::people::accounts::platform_admins::upsert_platform_admin;
use crate::people::accounts::queries::{self as accounts, NewAccount};
use crate::people::councils::model::{Council, Ground};
use crate::people::councils::queries::{self as councils, NewCouncil};
use crate::people::offices::queries::{insert_office, set_members};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Error, Result};
use crate::reach::demonstration::{COUNCIL, STAFF};
use crate::vocabulary::{AccountState, Role};

pub(super) fn found(tx: &mut Tx<'_>, hash: &str, site_url: &str) -> Result<(Council, People)> {
    upsert_platform_admin(tx, "platform@folkmoot.example", hash)?;
    let council = councils::insert_council(
        tx,
        &NewCouncil {
            slug: COUNCIL.into(),
            name: "Aldermoor Borough Council".into(),
            time_zone: "Europe/London".into(),
            language: "en-GB".into(),
            idea_prefix: "ALD".into(),
            site_url: site_url.into(),
        },
    )?;
    let notice = "We keep your address to write to you about your ideas, and what you publish under the name you choose. \
                  Nothing else.";
    councils::insert_notice(tx, council.id, notice)?;
    let ground = Ground {
        code: "demonstration".into(),
        title: "Demonstration".into(),
        body: UNEXPLAINED.into(),
        safeguarding: false,
    };
    councils::insert_ground(tx, council.id, &ground)?;
    let ground = Ground {
        code: "personal_data".into(),
        title: "Personal data of others".into(),
        body: "Names, addresses or pictures of people who have not agreed.".into(),
        safeguarding: false,
    };
    councils::insert_ground(tx, council.id, &ground)?;
    let mut staff = Vec::new();
    for (email, name, role) in STAFF {
        staff.push((role, account(tx, &council, email, name, role, hash)?));
    }
    let who = |wanted: Role| {
        let found = staff.iter().find(|(role, _)| *role == wanted).map(|(_, id)| *id);
        found.ok_or_else(|| Error::Internal(anyhow::anyhow!("the demo has no {wanted}")))
    };
    let (officer, moderator) = (who(Role::Officer)?, who(Role::Moderator)?);
    let office = insert_office(tx, council.id, OFFICE)?;
    set_members(tx, council.id, office.id, &[officer])?;
    let residents = residents(tx, &council, hash, 0, FIRST_RESIDENTS)?;
    Ok((council, People { officer, moderator, residents }))
}

/// Some of the residents, from one place in their list to another.
pub(super) fn residents(tx: &mut Tx<'_>, council: &Council, hash: &str, from: usize, to: usize) -> Result<Vec<Id>> {
    let mut made = Vec::new();
    for (first_name, n) in words::RESIDENTS.iter().zip(1_usize..).take(to).skip(from) {
        let (email, name) = (format!("resident{n}@aldermoor.example"), format!("{first_name} (resident {n})"));
        made.push(account(tx, council, &email, &name, Role::Resident, hash)?);
    }
    Ok(made)
}

#[derive(Clone)]
pub(super) struct People {
    pub(super) officer: Id,
    pub(super) moderator: Id,
    pub(super) residents: Vec<Id>,
}

impl People {
    /// Who writes the idea of a place in the story: somebody else each time.
    pub(super) fn author(&self, n: usize) -> Option<Id> {
        self.residents.iter().cycle().nth(5 + 7 * n).copied()
    }

    /// Some who support it, and never its author.
    pub(super) fn backers(&self, n: usize, many: usize) -> Vec<Id> {
        let author = self.author(n);
        self.residents
            .iter()
            .cycle()
            .skip(3 * n)
            .take(self.residents.len())
            .filter(|one| Some(**one) != author)
            .take(many)
            .copied()
            .collect()
    }
}

pub(super) fn account(
    tx: &mut Tx<'_>,
    council: &Council,
    email: &str,
    name: &str,
    role: Role,
    hash: &str,
) -> Result<Id> {
    let new = NewAccount {
        email,
        email_key: email,
        display_name: name,
        password_hash: hash,
        role,
        state: AccountState::Active,
    };
    accounts::insert_account(tx, council.id, &new)?
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("{email} is there already")))
}

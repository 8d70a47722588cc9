//! What only a demo has: people whom everybody knows, a clock that can be moved, and the mails it has sent.

pub mod routes;

use crate::app::App;
use crate::people::accounts::queries::find_by_email;
use crate::people::councils::queries::find_council;
use crate::people::sessions::routes::open_session;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::vocabulary::Role;

/// The council of the demo.
pub const COUNCIL: &str = "aldermoor";

/// The password of everybody in the demo.
pub const PASSWORD: &str = "seven herons over aldermoor-by-sea";

/// The staff: address, name, role.
pub const STAFF: [(&str, &str, Role); 5] = [
    ("admin@aldermoor.example", "Ada (admin)", Role::Admin),
    ("moderator@aldermoor.example", "Mo (moderator)", Role::Moderator),
    ("moderator2@aldermoor.example", "Mina (moderator)", Role::Moderator),
    ("officer@aldermoor.example", "Otto (officer)", Role::Officer),
    ("analyst@aldermoor.example", "Ann (analyst)", Role::Analyst),
];

/// How many residents there are.
pub const RESIDENTS: u16 = 45;

/// Signs somebody of a role in, and of the residents the one of this number, without a password: an access token, where there is a demo.
///
/// # Errors
/// What the database answers.
pub fn sign_in_as(tx: &mut Tx<'_>, app: &App, (role, resident): (Role, u16)) -> Result<Option<String>> {
    let Some(council) = find_council(tx, COUNCIL)? else { return Ok(None) };
    let staff = STAFF.iter().find(|(.., one)| *one == role).map(|(email, ..)| *email);
    let resident = format!("resident{resident}@aldermoor.example");
    let Some(account) = find_by_email(tx, council.id, staff.unwrap_or(&resident))? else { return Ok(None) };
    open_session(tx, app, council.id, account.id).map(Some)
}

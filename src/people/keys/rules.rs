//! What a key looks like, and what it may be for. Pure.

use std::time::Duration;

use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Fault, Result};
use crate::vocabulary::permissions::{Action, Party};
use crate::vocabulary::{KeyMode, Role};

/// What every key begins with, so that whoever finds one in the wrong place knows what it is.
fn prefix(mode: KeyMode) -> &'static str {
    match mode {
        KeyMode::Live => "fm_live_",
        KeyMode::Test => "fm_test_",
    }
}

/// Days that a key is good for at most.
pub const MOST_DAYS: u64 = 366;

/// Keys of one account that are good at the same time, at most.
pub const MOST_KEYS: i64 = 20;

/// What no program does: be a person, make other keys, or change who has power.
const NEVER: [Action; 4] = [Action::UseAccount, Action::ManageStaff, Action::ManageKeys, Action::OperatePlatform];

/// A key as a program shows it.
#[derive(Clone)]
pub struct ShownKey {
    /// Which key it says it is.
    pub id: Id,
    /// What it says it works with.
    pub mode: KeyMode,
    /// What only its holder knows.
    pub secret: String,
}

/// A key as it is shown once.
pub fn written(mode: KeyMode, id: Id, secret: &str) -> String {
    format!("{}{}_{secret}", prefix(mode), id.to_string().replace('-', ""))
}

/// Reads what a program shows, where it has the form of a key.
pub fn read(token: &str) -> Option<ShownKey> {
    let (mode, rest) = KeyMode::ALL.iter().find_map(|mode| Some((*mode, token.strip_prefix(prefix(*mode))?)))?;
    let (id, secret) = rest.split_once('_')?;
    let id = id.parse().ok().filter(|_| id.len() == 32)?;
    Some(ShownKey { id, mode, secret: secret.to_owned() })
}

/// Whether somebody who has so many keys may make another.
///
/// # Errors
/// 409 where they have enough.
pub fn may_make(keys: i64) -> Result<()> {
    if keys < MOST_KEYS {
        return Ok(());
    }
    let detail =
        format!("You have {MOST_KEYS} keys that are still good, and that is the most. End one that is not used.");
    Err(Code::WrongState.because(detail).into())
}

/// Everything that is wrong with what a key is asked for.
pub fn faults(scopes: &[String], role: Role, expires_at: Instant, now: Instant) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, name) in scopes.iter().enumerate() {
        let pointer = format!("/scopes/{place}");
        match Action::named(name) {
            None => faults.push(Fault::at(pointer, "not_in_list", "The permission table has no such row.")),
            Some(action) if NEVER.contains(&action) => {
                faults.push(Fault::at(pointer, "not_taken", "This is nothing that a key may do."));
            }
            Some(action) if !action.allows(Party::Member(role)) => {
                faults.push(Fault::at(pointer, "not_taken", "Your own role does not allow this."));
            }
            Some(_) if scopes.iter().take(place).any(|before| before == name) => {
                faults.push(Fault::at(pointer, "repeated", "Name each row once."));
            }
            Some(_) => {}
        }
    }
    if expires_at <= now {
        faults.push(Fault::at("/expires_at", "too_small", "This moment is over."));
    }
    if expires_at > now.plus(Duration::from_secs(MOST_DAYS * 86_400)) {
        faults.push(Fault::at("/expires_at", "too_large", "A key is good for a year at most."));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is() {
        let id = Id::random();
        for mode in KeyMode::ALL {
            let key = written(*mode, id, "a_b-c");
            assert!(key.starts_with(&format!("fm_{mode}_")));
            let shown = read(&key).unwrap();
            assert_eq!((shown.mode, shown.id, shown.secret.as_str()), (*mode, id, "a_b-c"));
        }
        let key = written(KeyMode::Live, id, "a_b-c");
        for other in ["", "fm_live_", "fm_live_x_y", "fm_test_", &key.replace("live", "dead"), &key[8..]] {
            assert!(read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_key_is_for_no_more_than_its_maker_may_and_never_for_power_over_others() {
        let (now, later) = (Instant::from_micros(0), Instant::from_micros(1));
        let codes = |scopes: &[&str], role, until| {
            let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            faults(&scopes, role, until, now).into_iter().map(|fault| (fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        assert_eq!(codes(&["public.read", "answer.give"], Role::Admin, later), []);
        for never in ["account.use", "staff.manage", "key.manage", "platform.operate", "idea.submit"] {
            assert_eq!(codes(&[never], Role::Admin, later), [("/scopes/0".into(), "not_taken".into())], "{never}");
        }
        assert_eq!(codes(&["no.such"], Role::Admin, later), [("/scopes/0".into(), "not_in_list".into())]);
        let twice = codes(&["answer.give", "answer.give"], Role::Officer, later);
        assert_eq!(twice, [("/scopes/1".into(), "repeated".into())]);
        assert_eq!(codes(&[], Role::Admin, now), [("/expires_at".into(), "too_small".into())]);
        let far = now.plus(Duration::from_secs(367 * 86_400));
        assert_eq!(codes(&[], Role::Admin, far), [("/expires_at".into(), "too_large".into())]);
    }
}

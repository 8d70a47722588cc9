//! What becomes of a refresh token. Pure.

use crate::platform::db::Instant;

/// Seconds in which a refresh token that was just used gives the same successor (case B16).
pub const GRACE_SECONDS: u64 = 20;

/// What to do with a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// It is the current one: rotate.
    Rotate,
    /// It was the current one a moment ago: give its successor again.
    Repeat,
    /// It was used before: somebody else has it. End the session.
    Reuse,
}

/// Decides by generations and the clock.
pub fn refresh(shown: i32, current: i32, refreshed_at: Instant, now: Instant) -> Refresh {
    if shown == current {
        Refresh::Rotate
    } else if shown.checked_add(1) == Some(current) && now.since(refreshed_at).as_secs() < GRACE_SECONDS {
        Refresh::Repeat
    } else {
        Refresh::Reuse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // case B15
    #[test]
    fn a_refresh_token_used_again_after_the_grace_ends_the_session() {
        let at = Instant::from_micros(0);
        let later = at.plus(std::time::Duration::from_secs(GRACE_SECONDS));
        assert_eq!(refresh(3, 3, at, later), Refresh::Rotate);
        assert_eq!(refresh(2, 3, at, at), Refresh::Repeat);
        assert_eq!(refresh(2, 3, at, later), Refresh::Reuse);
        assert_eq!(refresh(1, 3, at, at), Refresh::Reuse);
    }
}

//! Who may take a held act back, and when. Pure.

use crate::platform::error::{Code, Result};
use crate::vocabulary::HeldActState;

/// Whether something held may be taken back; whoever has taken it back may ask again.
///
/// # Errors
/// 409 where it has been done, or could not be.
pub fn may_withdraw(state: HeldActState) -> Result<bool> {
    match state {
        HeldActState::Held => Ok(true),
        HeldActState::Withdrawn => Ok(false),
        HeldActState::CarriedOut => {
            Err(Code::WrongState.because("The quiet period is over, and this has been done.").into())
        }
        HeldActState::Failed => {
            Err(Code::WrongState.because("The quiet period is over, and this could not be done.").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_can_be_taken_back_and_what_is_over_cannot() {
        let told: Vec<_> = HeldActState::ALL.iter().map(|state| may_withdraw(*state).ok()).collect();
        assert_eq!(told, [Some(true), None, None, Some(false)]);
    }
}

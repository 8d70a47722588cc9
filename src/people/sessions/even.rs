//! Refusals of a sign-in are given at even times, so that their own time tells nothing (case B2).
//!
//! What is known takes a row or two more to refuse than what is not. That is a hundredth of a millisecond or a tenth, and five
//! hundred tries show it; no care in the statements takes it quite away.

use std::time::{Duration, Instant};

use crate::platform::error::{Code, Error, Result};

/// Holds back the refusal of a credential until a whole number of `step` has passed since `begun`; everything else passes at
/// once. Zero holds nothing back.
///
/// Waiting costs a timer and no worker. Whoever is turned away for want of room hears it before there is anything to hold back.
pub async fn refused_evenly<T>(begun: Instant, step: Duration, outcome: Result<T>) -> Result<T> {
    if matches!(&outcome, Err(Error::Problem(problem)) if problem.code == Code::BadCredentials) {
        tokio::time::sleep(wait(begun.elapsed(), step)).await;
    }
    outcome
}

/// What is left to the end of the step that is being used up.
fn wait(gone: Duration, step: Duration) -> Duration {
    let begun = gone.as_nanos().checked_rem(step.as_nanos()).unwrap_or_default();
    step.saturating_sub(Duration::from_nanos_u128(begun))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(100);

    #[test]
    fn what_took_a_little_more_is_answered_at_the_same_time() {
        for gone in [1, 16, 17, 99] {
            let gone = Duration::from_millis(gone);
            assert_eq!(gone + wait(gone, STEP), STEP);
        }
    }

    #[test]
    fn what_took_longer_than_a_step_is_answered_at_the_end_of_the_next() {
        let gone = Duration::from_millis(130);
        assert_eq!(gone + wait(gone, STEP), STEP * 2);
    }

    #[test]
    fn no_step_is_no_wait() {
        assert_eq!(wait(Duration::from_millis(130), Duration::ZERO), Duration::ZERO);
    }
}

//! When a proof is asked for, how hard it is, and what is one. Pure, but for the random parts of a new one.

use std::time::Duration;

use altcha::{
    Challenge, CreateChallengeOptions, HmacAlgorithm, Payload, VerifySolutionOptions, create_challenge, sign_challenge,
    verify_solution,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::platform::config::Work;
use crate::platform::db::{Id, Instant};
use crate::platform::http::limit::Stage;
use crate::platform::secrets::Secrets;
use crate::vocabulary::ProofOfWork;

/// Seconds that a proof can be worked on and shown.
pub const GOOD_FOR: u64 = 600;

/// Characters of a proof at most; those of the widget have about seven hundred.
const LONGEST: usize = 4_096;

/// Whether a proof is asked for. A council that always asks leaves the ways by a mailed link as they are, for those whose
/// device cannot work, or who have no scripts.
pub fn is_asked(stages: &[Stage], policy: ProofOfWork, is_mailed_way: bool) -> bool {
    let much = stages.iter().any(|stage| matches!(stage, Stage::Asks(_)));
    much || (policy == ProofOfWork::Always && !is_mailed_way)
}

/// How long one waits until none is asked for; none where waiting does not help.
pub fn wait(stages: &[Stage], policy: ProofOfWork, is_mailed_way: bool) -> Option<Duration> {
    if is_asked(&[], policy, is_mailed_way) {
        return None;
    }
    let waits = stages.iter().filter_map(|stage| match stage {
        Stage::Asks(wait) => Some(*wait),
        Stage::Free | Stage::Full(_) => None,
    });
    waits.max()
}

/// Tries that a proof needs at most: twice as many with each quarter of the load, from the least to the most.
pub fn tries(work: Work, load: u32) -> u32 {
    work.least.saturating_mul(1_u32.checked_shl(load).unwrap_or(u32::MAX)).clamp(1, work.most.max(1))
}

/// What a council's proofs are signed with, so that those of another are none.
#[derive(Clone)]
pub struct Signing {
    parameters: String,
    key: String,
}

impl Signing {
    /// Of a council.
    pub fn of(secrets: &Secrets, council: Id) -> Self {
        Self {
            parameters: secrets.mac("proof_of_work", &[council.bytes()]),
            key: secrets.mac("proof_of_work_key", &[council.bytes()]),
        }
    }
}

/// Makes what is to be worked on: the counter to be found is among the first `tries`.
///
/// # Errors
/// Where the parameters are out of range.
pub fn made(signing: &Signing, work: Work, counter: u32, until: Instant) -> anyhow::Result<Challenge> {
    let options = CreateChallengeOptions {
        counter: Some(counter),
        cost: work.rounds,
        expires_at: Some(until.micros().div_euclid(1_000_000)),
        hmac_signature_secret: Some(signing.parameters.clone()),
        hmac_key_signature_secret: Some(signing.key.clone()),
        ..CreateChallengeOptions::default()
    };
    create_challenge(options).map_err(|error| anyhow::anyhow!("proof of work: {error}"))
}

/// A proof that fits; whether it has run out or was spent is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What it is known by.
    pub nonce: String,
    /// When it runs out.
    pub expires_at: Instant,
}

/// Reads what was shown; none where it is nothing of ours, or the work was not done.
pub fn read(signing: &Signing, shown: &str) -> Option<Proof> {
    if shown.len() > LONGEST {
        return None;
    }
    let Payload { challenge, solution } = serde_json::from_slice(&STANDARD.decode(shown.trim()).ok()?).ok()?;
    let signed = |parameters: &altcha::ChallengeParameters| {
        sign_challenge(&HmacAlgorithm::Sha256, &mut parameters.clone(), None, &signing.parameters, None).ok()
    };
    let ours = signed(&challenge.parameters)?.signature?;
    if !Secrets::same(&ours, challenge.signature.as_deref()?) {
        return None;
    }
    let seconds = challenge.parameters.expires_at?;
    let mut parameters = challenge.parameters;
    // The crate asks the system for the time; ours comes from the clock, and is asked by whoever spends it.
    parameters.expires_at = None;
    let challenge = signed(&parameters)?;
    let options = VerifySolutionOptions {
        hmac_key_signature_secret: Some(signing.key.clone()),
        ..VerifySolutionOptions::new(&challenge, &solution, signing.parameters.as_str())
    };
    let fits = verify_solution(options).is_ok_and(|result| result.verified);
    let expires_at = Instant::from_micros(seconds.saturating_mul(1_000_000));
    fits.then_some(Proof { nonce: parameters.nonce, expires_at })
}

#[cfg(test)]
mod tests {
    use altcha::{SolveChallengeOptions, solve_challenge};

    use super::*;

    const WORK: Work = Work { rounds: 2, least: 10, most: 160 };

    fn solved(challenge: &Challenge) -> Payload {
        let solution = solve_challenge(SolveChallengeOptions::new(challenge)).unwrap().unwrap();
        Payload { challenge: challenge.clone(), solution }
    }

    fn written(payload: &Payload) -> String {
        STANDARD.encode(serde_json::to_vec(payload).unwrap())
    }

    #[test]
    fn a_proof_is_asked_for_where_much_comes_or_the_council_says_so_and_always_leaves_the_mailed_way() {
        use ProofOfWork::{Always, WhenAsked};
        let (free, much) = ([Stage::Free, Stage::Free], [Stage::Free, Stage::Asks(Duration::from_secs(5))]);
        for (stages, policy, mailed, asked) in [
            (&free, WhenAsked, false, false),
            (&free, WhenAsked, true, false),
            (&much, WhenAsked, false, true),
            (&much, WhenAsked, true, true),
            (&free, Always, false, true),
            (&free, Always, true, false),
            (&much, Always, false, true),
            (&much, Always, true, true),
        ] {
            assert_eq!(is_asked(stages, policy, mailed), asked, "{stages:?} {policy:?} {mailed}");
            let helps = asked && (policy == WhenAsked || mailed);
            let waits = wait(stages, policy, mailed);
            assert_eq!(waits, helps.then_some(Duration::from_secs(5)), "{stages:?} {policy:?} {mailed}");
        }
    }

    #[test]
    fn the_work_doubles_with_the_load_within_its_bounds() {
        let work = Work::default();
        assert_eq!([0, 1, 2, 3, 4].map(|load| tries(work, load)), [2_000, 4_000, 8_000, 16_000, 32_000]);
        assert_eq!([5, 31, 32, u32::MAX].map(|load| tries(work, load)), [32_000; 4]);
        assert_eq!(tries(Work { rounds: 1, least: 0, most: 0 }, 3), 1);
    }

    #[test]
    fn work_that_was_done_is_read_and_what_was_changed_or_is_anothers_is_not() {
        let secrets = Secrets::generate();
        let (here, there) =
            (Signing::of(&secrets, Id::from_bytes([1; 16])), Signing::of(&secrets, Id::from_bytes([2; 16])));
        let until = Instant::from_micros(1_800_000_000_000_000);
        let challenge = made(&here, WORK, 7, until).unwrap();
        let payload = solved(&challenge);
        assert_eq!(payload.solution.counter, 7);
        let proof = read(&here, &written(&payload)).unwrap();
        assert_eq!(proof, Proof { nonce: challenge.parameters.nonce.clone(), expires_at: until });
        assert_eq!(read(&there, &written(&payload)), None, "of another council");
        assert_eq!(read(&Signing::of(&Secrets::generate(), Id::from_bytes([1; 16])), &written(&payload)), None);

        let mut lazy = payload.clone();
        lazy.solution.derived_key = "00".repeat(32);
        let mut longer = payload.clone();
        longer.challenge.parameters.expires_at = Some(2_000_000_000);
        let mut endless = payload.clone();
        endless.challenge.parameters.expires_at = None;
        let mut easier = payload.clone();
        easier.challenge.parameters.key_prefix = String::new();
        let mut again = payload.clone();
        again.challenge.parameters.nonce = "00".repeat(16);
        let mut unsigned = payload.clone();
        unsigned.challenge.signature = None;
        let mut keyless = payload.clone();
        keyless.challenge.parameters.key_signature = None;
        for changed in [lazy, longer, endless, easier, again, unsigned, keyless] {
            assert_eq!(read(&here, &written(&changed)), None, "{changed:?}");
        }
        for nothing in ["", "e30=", "x", "bnVsbA==", &"A".repeat(5_000)] {
            assert_eq!(read(&here, nothing), None, "{nothing:.20}");
        }
    }
}

//! Codes of apps and codes on paper. Pure.

use totp_rs::{Algorithm, Builder, Totp};

use crate::platform::db::Instant;

/// Bytes of a seed: as many as SHA-1 gives (RFC 4226, section 4).
pub const SEED_BYTES: usize = 20;
/// Recovery codes at once.
pub const RECOVERY_CODES: usize = 10;
/// Letters and digits that nobody takes for another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The codes of a seed as apps know them: SHA-1, six digits, thirty seconds; one step early or late is taken (RFC 6238, 5.2).
fn totp(seed: &[u8], issuer: &str, account: &str) -> Option<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(seed.to_vec())
        .with_account_name(account)
        .with_issuer(Some(issuer))
        .build()
        .ok()
}

/// What an app reads from a QR picture.
pub fn app_address(seed: &[u8], council: &str, whom: &str) -> Option<String> {
    // A colon would end the issuer's name.
    totp(seed, &council.replace(':', " "), &whom.replace(':', " "))?.to_url().ok()
}

/// The step of a code, where it is right now and was not shown before.
pub fn step_of(seed: &[u8], code: &str, last_step: i64, now: Instant) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.seconds()).ok()?;
    let step = i64::try_from(totp(seed, "folkmoot", "account")?.check(&code, seconds)?).ok()?;
    (step > last_step).then_some(step)
}

/// The code that an app shows: for the demo and tests.
pub fn code_at(seed: &[u8], now: Instant) -> Option<String> {
    let seconds = u64::try_from(now.seconds()).ok()?;
    Some(totp(seed, "folkmoot", "account")?.generate(seconds).to_string())
}

/// A code on paper: fifty bits, in two groups that can be read aloud.
pub fn recovery_code(random: [u8; 10]) -> String {
    let letters = random.map(|byte| ALPHABET.get(usize::from(byte % 32)).copied().map_or('0', char::from));
    let (first, second) = letters.split_at(5);
    format!("{}-{}", first.iter().collect::<String>(), second.iter().collect::<String>())
}

/// A code as it was typed, without what does not matter; letters that look like digits are taken for them.
pub fn typed_code(code: &str) -> String {
    let kept = code.chars().filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_code_is_right_for_a_minute_and_a_half_and_once() {
        // RFC 6238, appendix B: the last six of the eight digits.
        let seed = b"12345678901234567890";
        let at = Instant::from_micros(59_000_000);
        assert_eq!(step_of(seed, "287 082", 0, at), Some(1));
        assert_eq!(step_of(seed, "287082", 1, at), None, "it was shown before");
        assert_eq!(step_of(seed, "287082", 0, at.plus(Duration::from_secs(30))), Some(1));
        assert_eq!(step_of(seed, "287082", 0, at.plus(Duration::from_secs(61))), None);
        assert_eq!(step_of(seed, "287083", 0, at), None);
        assert_eq!(code_at(seed, at).as_deref(), Some("287082"));
    }

    #[test]
    fn a_recovery_code_may_be_typed_as_people_do() {
        let code = recovery_code([0, 1, 2, 3, 4, 5, 31, 30, 255, 7]);
        assert_eq!(code, "01234-5zyz7");
        assert_eq!(typed_code(" O1234 5ZYZ7 "), typed_code(&code));
    }

    #[test]
    fn an_app_is_told_the_council_and_the_address() {
        let address = app_address(b"12345678901234567890", "Aldermoor: Council", "ana@example.org").unwrap();
        assert!(address.starts_with("otpauth://totp/"), "{address}");
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{address}");
    }
}

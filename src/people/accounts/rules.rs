//! What an address, a name and a password must be. Pure.

use unicode_normalization::UnicodeNormalization as _;

use crate::platform::error::Fault;

/// Characters of a password at least, where it is the only factor (NIST SP 800-63B-4).
pub const PASSWORD_MIN: usize = 15;
/// Characters at most; longer is refused before it is hashed.
pub const PASSWORD_MAX: usize = 128;

/// What makes two spellings of an address one account: NFKC, lower case, without what follows a plus (case C8).
pub fn email_key(email: &str) -> Option<String> {
    let email: String = email.trim().nfkc().flat_map(char::to_lowercase).collect();
    if email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let parsed = email_address::EmailAddress::parse_with_options(
        &email,
        email_address::Options::default().without_display_text().without_domain_literal().with_required_tld(),
    )
    .ok()?;
    let local = parsed.local_part().split('+').next()?;
    if local.is_empty() {
        return None;
    }
    Some(format!("{local}@{}", parsed.domain()))
}

/// What is wrong with a password for this account, where anything is.
pub fn password_faults(pointer: &str, password: &str, context: &[&str]) -> Vec<Fault> {
    let length = password.chars().count();
    if length > PASSWORD_MAX {
        return vec![Fault::at(pointer, "too_long", format!("At most {PASSWORD_MAX} characters."))];
    }
    let mut faults = Vec::new();
    if length < PASSWORD_MIN {
        faults.push(Fault::at(
            pointer,
            "too_short",
            format!(
                "At least {PASSWORD_MIN} characters: three or four words that do not belong together are easy to keep."
            ),
        ));
    }
    let lowered = password.to_lowercase();
    let mut letters: Vec<char> = lowered.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let known = ["password", "passwort", "qwertyuiop", "123456789", "letmein", "iloveyou", "folkmoot"];
    let told = context.iter().map(|word| word.to_lowercase()).filter(|word| word.chars().count() > 3);
    let stripped =
        known.iter().map(|word| (*word).to_owned()).chain(told).fold(lowered, |rest, word| rest.replace(&word, ""));
    if letters.len() < 5 || stripped.chars().count() < 8 {
        faults.push(Fault::at(
            pointer,
            "too_easy",
            "This is easy to guess. Leave out your name, the council's and common passwords.",
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    // case C8
    #[test]
    fn spellings_of_one_address_are_one_account() {
        for spelling in ["Ana@Example.org", " ana@example.org ", "ana+council@example.org", "ＡＮＡ@example.org"] {
            assert_eq!(email_key(spelling).as_deref(), Some("ana@example.org"), "{spelling}");
        }
        for not_one in [
            "",
            "ana",
            "ana@",
            "@example.org",
            "ana@localhost",
            "a na@example.org",
            "+x@example.org",
            "Ana <ana@example.org>",
        ] {
            assert_eq!(email_key(not_one), None, "{not_one}");
        }
        let key = email_key("Ana+x@Example.org").unwrap();
        assert_eq!(email_key(&key), Some(key.clone()), "a key is its own key");
    }

    // case B5
    #[test]
    fn a_password_is_long_and_not_easy_and_any_characters_will_do() {
        let codes = |password: &str| {
            password_faults("/password", password, &["Aldermoor", "ana"])
                .into_iter()
                .map(|f| f.code)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes("correct horse battery"), Vec::<String>::new());
        assert_eq!(codes("пароль из слов 🌳🌳"), Vec::<String>::new());
        assert_eq!(codes(&"x1y2z3a4".repeat(16)), Vec::<String>::new());
        assert_eq!(codes("short one"), ["too_short"]);
        assert_eq!(codes("passwordpassword"), ["too_easy"]);
        assert_eq!(codes("Aldermoor123456789"), ["too_easy"]);
        assert_eq!(codes(&"x".repeat(1_000_000)), ["too_long"]);
    }
}

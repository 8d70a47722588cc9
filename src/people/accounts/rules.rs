//! What an address, a name and a password must be. Pure.

use unicode_normalization::UnicodeNormalization as _;

use super::model::AccountRow;
use crate::people::councils::model::Council;
use crate::platform::error::{Code, Fault, Result};
use crate::vocabulary::{AccountKind, AgeBand, Under18};

/// Characters of a password at least, where it is the only factor (NIST SP 800-63B-4, 3.1.1.2).
pub const PASSWORD_MIN: usize = 15;
/// The same beside a second factor.
pub const PASSWORD_MIN_BESIDE: usize = 8;
/// Characters at most; longer is refused before it is hashed.
pub const PASSWORD_MAX: usize = 128;
/// Characters that are held to the lists: what begins well is good enough, and the work grows with the square.
const JUDGED: usize = 40;

/// Domains that put what has dots in it, or not, into one mailbox.
const WITHOUT_DOTS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// What makes two spellings of an address one account (case C8): NFKC, lower case, the domain in ASCII, without what
/// follows a plus, and without dots where the provider does not see them. The key of a key is the key itself.
pub fn email_key(email: &str) -> Option<String> {
    let email: String = email.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect();
    if email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (local, domain) = email.rsplit_once('@')?;
    // By the rules of names, so that two spellings of one domain are one, and what only looks like a name is none.
    let domain = idna::domain_to_ascii_strict(domain.strip_suffix('.').unwrap_or(domain)).ok()?;
    let mut local = local.split('+').next()?.to_owned();
    if WITHOUT_DOTS.contains(&domain.as_str()) {
        local.retain(|c| c != '.');
    }
    let domain = if domain == "googlemail.com" { "gmail.com" } else { &domain };
    let key = format!("{local}@{domain}");
    let options = email_address::Options::default();
    let options = options.without_display_text().without_domain_literal().with_required_tld();
    email_address::EmailAddress::parse_with_options(&key, options).ok()?;
    (key.len() <= 254).then_some(key)
}

/// Why somebody of this age cannot join this council, where they cannot.
pub fn age_fault(said: Option<AgeBand>, council: &Council) -> Option<Fault> {
    let at = |code: &str, detail: String| Some(Fault::at("/age_band", code, detail));
    match said {
        Some(AgeBand::UnderMinimum) => at(
            "too_young",
            format!(
                "You have to be {} to join, and we have kept nothing of what you sent. Ask a grown-up to bring your idea.",
                council.minimum_age
            ),
        ),
        Some(AgeBand::Under18) if council.under_18 == Under18::Refused => at(
            "too_young",
            "You have to be 18 to join, and we have kept nothing of what you sent. Ask a grown-up to bring your idea."
                .into(),
        ),
        None if council.under_18 != Under18::Allowed => {
            at("required", "Say how old you are; a date is not asked for.".into())
        }
        _ => None,
    }
}

/// Whether the council protects somebody of this age.
pub fn is_to_be_protected(said: Option<AgeBand>, council: &Council) -> bool {
    said == Some(AgeBand::Under18) && council.under_18 == Under18::AllowedProtected
}

/// Whether an account can be shown otherwise.
///
/// # Errors
/// 409 where its owner is protected, or has no account of their own to make public.
pub fn may_change_identity(account: &AccountRow, name: bool, profile_public: Option<bool>) -> Result<()> {
    if account.is_protected() && (name || profile_public == Some(true)) {
        let detail = "Since you are under eighteen, the name you were given stays, and your profile is private.";
        return Err(Code::WrongState.because(detail).into());
    }
    if account.kind == AccountKind::Ephemeral && profile_public == Some(true) {
        let detail = "You take part by a mailed link. Make it an account of your own before you make a profile public.";
        return Err(Code::WrongState.because(detail).with("fix", "upgrade").into());
    }
    Ok(())
}

/// Whether somebody may say that they are of another age: protection is taken up by a word, and not laid down by one.
///
/// # Errors
/// 409 where they would be protected no more.
pub fn may_state_age(account: &AccountRow, protected: bool) -> Result<()> {
    if account.is_protected() && !protected {
        let detail = "You are protected, for you said that you are under eighteen. An office of the council that sees that you have \
             come of age can end it.";
        return Err(Code::WrongState.because(detail).into());
    }
    Ok(())
}

/// Characters of a password at least.
pub fn least(second_factor: bool) -> usize {
    if second_factor { PASSWORD_MIN_BESIDE } else { PASSWORD_MIN }
}

/// What is wrong with a password for this account, where anything is: its length, or that it is among the first that are
/// tried, by the lists of zxcvbn (common passwords, names, words, keys in a row) and what is known of the account. No
/// kinds of characters are asked for.
pub fn password_faults(pointer: &str, password: &str, least: usize, context: &[&str]) -> Vec<Fault> {
    let length = password.chars().count();
    if length > PASSWORD_MAX {
        return vec![Fault::at(pointer, "too_long", format!("At most {PASSWORD_MAX} characters."))];
    }
    let mut faults = Vec::new();
    if length < least {
        let detail = format!("At least {least} characters: words that do not belong together are easy to keep.");
        faults.push(Fault::at(pointer, "too_short", detail));
    }
    let words: Vec<String> = context.iter().flat_map(|text| words_of(text)).chain(["folkmoot".to_owned()]).collect();
    let known: Vec<&str> = words.iter().map(String::as_str).collect();
    let judged: String = password.to_lowercase().chars().take(JUDGED).collect();
    // Ten million guesses are what somebody who has the hashes tries in a quarter of an hour at the cost of one here.
    if zxcvbn::zxcvbn(&judged, &known).guesses() < 10_000_000 {
        let detail = "This is easy to guess. Leave out your name, the council's and common passwords.";
        faults.push(Fault::at(pointer, "too_easy", detail));
    }
    faults
}

/// The words of a text in small letters, and all of it together.
fn words_of(text: &str) -> Vec<String> {
    let lowered = text.to_lowercase();
    let words: Vec<&str> = lowered.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).collect();
    words.iter().map(|word| (*word).to_owned()).chain([lowered.clone(), words.concat()]).collect()
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
        for spelling in ["a.n.a@gmail.com", "Ana+x@googlemail.com", "ana@GMAIL.com."] {
            assert_eq!(email_key(spelling).as_deref(), Some("ana@gmail.com"), "{spelling}");
        }
        assert_eq!(email_key("a.n.a@example.org").as_deref(), Some("a.n.a@example.org"), "elsewhere a dot is a letter");
        for spelling in
            ["ana@bücher.example", "ana@BÜCHER.example", "ana@xn--bcher-kva.example", "ana@bu\u{308}cher.example"]
        {
            assert_eq!(email_key(spelling).as_deref(), Some("ana@xn--bcher-kva.example"), "{spelling}");
        }
        for not_one in [
            "ana@xn--a.example",
            "ana@-a.example",
            "ana@exa_mple.org",
            "ana@exam ple.org",
            "ana@[127.0.0.1]",
            "+@gmail.com",
            "...@gmail.com",
        ] {
            assert_eq!(email_key(not_one), None, "{not_one}");
        }
    }

    // case C8
    proptest::proptest! {
        #[test]
        fn the_key_of_a_key_is_the_key_itself(
            local in "[\\PC]{1,20}|[a-zA-ZÀ-ž.+ßİſK]{1,20}",
            domain in "(gmail|googlemail|[a-zÀ-žß.-]{1,12}|xn--[a-z0-9-]{1,8})\\.(com|org|COM|рф)",
        ) {
            if let Some(key) = email_key(&format!("{local}@{domain}")) {
                proptest::prop_assert_eq!(email_key(&key), Some(key.clone()));
                proptest::prop_assert!(!key.contains('+') && key.rsplit_once('@').is_some_and(|(_, domain)| domain.is_ascii()));
            }
        }
    }

    // case B5
    #[test]
    fn a_password_is_long_and_not_easy_and_any_characters_will_do() {
        let codes = |password: &str| {
            password_faults("/password", password, PASSWORD_MIN, &["Aldermoor Borough Council", "ana@example.org"])
                .into_iter()
                .map(|f| f.code)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes("correct horse battery"), Vec::<String>::new());
        assert_eq!(codes("пароль из слов 🌳🌳"), Vec::<String>::new());
        assert_eq!(codes(&"x1y2z3a4".repeat(16)), Vec::<String>::new());
        assert_eq!(codes("k7 hÿ-Qe4"), ["too_short"]);
        for easy in [
            "passwordpassword",
            "Aldermoor123456789",
            "AldermoorBoroughCouncil",
            "aaaaaaaaaaaaaaaaaaaa",
            "qwertyuiopasdfgh",
        ] {
            assert_eq!(codes(easy), ["too_easy"], "{easy}");
        }
        let beside = |password: &str| password_faults("/password", password, PASSWORD_MIN_BESIDE, &["ana"]).len();
        assert_eq!((beside("k7 hÿ-Qe"), beside("k7 hÿ-Q"), beside("password1")), (0, 1, 1));
        assert_eq!(codes(&"x".repeat(1_000_000)), ["too_long"]);
    }
}

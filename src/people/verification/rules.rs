//! How what is stated is written before it is compared. Pure.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::platform::db::Id;
use crate::platform::error::Fault;
use crate::platform::html::{fold, tidy};
use crate::platform::secrets::Secrets;

/// Days that a verification is good for: people move.
pub const GOOD_FOR_DAYS: u64 = 730;

/// Without look-alikes: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Letters and digits of a code; five bits each.
const CODE_LETTERS: usize = 12;

/// A postcode as it is compared: `ab1 2cd` as `AB12CD`.
pub fn postcode(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

/// A random code of sixty bits, as it is printed: `7GQ4-XK2M-0ABC`.
pub fn fresh_code() -> String {
    let bits = rand::random::<[u8; CODE_LETTERS]>();
    let letter = |byte: u8| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from).unwrap_or_default();
    let letters: Vec<char> = bits.into_iter().map(letter).collect();
    letters.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A code as it is compared: as people type and misread it.
pub fn code(text: &str) -> String {
    let read = |c: char| match c {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    text.to_uppercase().chars().filter(char::is_ascii_alphanumeric).map(read).collect()
}

/// The key that a council computes the hashes of its register with, in hexadecimal.
pub fn register_key(secrets: &Secrets, council: Id) -> String {
    hex::encode(secrets.mac("register-key", &[council.bytes()]))
}

/// The hash of an entry of the register: HMAC-SHA256, in hexadecimal, of surname, date of birth and postcode, with a `|`
/// between them: the surname in small letters without accents, blanks or hyphens, the date as `1980-02-29`, the postcode in
/// capitals without blanks. The key is the text of [`register_key`].
pub fn register_hash(key: &str, surname: &str, birth_date: &str, postcode_stated: &str) -> String {
    let surname: String = fold(surname).chars().filter(|c| c.is_alphanumeric()).collect();
    let stated = format!("{surname}|{}|{}", birth_date.trim(), postcode(postcode_stated));
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    // It takes keys of any length.
    mac.map(|mac| hex::encode(mac.chain_update(stated).finalize().into_bytes())).unwrap_or_default()
}

/// What stands for an entry or a letter, so that the database tells neither, not even to who made them.
pub fn tag(secrets: &Secrets, council: Id, method: &str, of: &str) -> String {
    secrets.mac("verification-tag", &[council.bytes(), method.as_bytes(), of.as_bytes()])
}

/// What is wrong with the name of a ward, where anything is; and the name as it is kept.
pub fn ward(pointer: &str, text: &str) -> Result<String, Fault> {
    let name = tidy(text);
    if name.is_empty() || name.starts_with(['=', '+', '-', '@']) || name.chars().any(char::is_control) {
        return Err(Fault::at(pointer, "wrong_format", "The name of a ward, which does not begin with = + - or @."));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_what_was_printed() {
        assert_eq!(postcode(" ab1-2cd "), "AB12CD");
        for _ in 0..64 {
            let printed = fresh_code();
            assert_eq!(printed.len(), 14);
            let typed = printed.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            assert_eq!(code(&typed), printed.replace('-', ""));
        }
    }

    #[test]
    fn spellings_of_one_person_are_one_entry_and_two_people_are_two() {
        let hash = |surname, born, postcode| register_hash("key", surname, born, postcode);
        assert_eq!(hash("O'Brien-Müller", "1980-02-29", "AB1 2CD"), hash("obrien muller", "1980-02-29", "ab12cd"));
        assert_ne!(hash("Brien", "1980-02-29", "AB1 2CD"), hash("Brien", "1980-02-28", "AB1 2CD"));
        assert_ne!(hash("Brien", "1980-02-29", "AB1 2CD"), register_hash("other", "Brien", "1980-02-29", "AB1 2CD"));
        // As a council computes it: printf 'brien|1980-02-29|AB12CD' | openssl dgst -sha256 -hmac key
        assert_eq!(hash("Brien", "1980-02-29", "AB1 2CD").len(), 64);
    }

    #[test]
    fn a_tag_is_of_one_council_and_one_way() {
        let (secrets, council) = (Secrets::generate(), Id::random());
        assert_ne!(tag(&secrets, council, "code_letter", "x"), tag(&secrets, Id::random(), "code_letter", "x"));
        assert_ne!(tag(&secrets, council, "code_letter", "x"), tag(&secrets, council, "register_match", "x"));
    }
}

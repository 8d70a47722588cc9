//! What a display name may be. It may be anybody's invention; it may not be taken for somebody else's, and least of all for
//! the council's. Pure.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{MixedScript as _, skeleton};

use crate::platform::error::Fault;

/// Characters at most.
pub const NAME_MAX: usize = 60;

/// Marks on one letter at most: more is no spelling but a tower.
const MARKS: usize = 4;

/// Besides letters, digits and marks.
const PUNCTUATION: &str = " .,'’-·&()!_";

/// A table of figures takes these for the beginning of a formula.
const FORMULAS: [char; 4] = ['=', '+', '-', '@'];

/// Who speaks for a council, in English and in its language.
const OFFICIAL: [(&str, &[&str]); 8] = [
    (
        "en",
        &[
            "council",
            "councillor",
            "mayor",
            "moderator",
            "moderation",
            "admin",
            "administrator",
            "official",
            "officer",
            "staff",
            "support",
            "system",
            "folkmoot",
        ],
    ),
    ("de", &["rat", "stadtrat", "stadtverwaltung", "bürgermeister", "moderator", "moderation", "verwaltung", "amt"]),
    ("fr", &["mairie", "maire", "conseil", "modérateur", "modération", "administrateur", "officiel"]),
    ("es", &["ayuntamiento", "alcalde", "concejo", "moderador", "administrador", "oficial"]),
    ("it", &["comune", "sindaco", "consiglio", "moderatore", "amministratore", "ufficiale"]),
    ("nl", &["gemeente", "burgemeester", "raad", "moderator", "beheerder", "officieel"]),
    ("cy", &["cyngor", "cynghorydd", "maer", "cymedrolwr", "gweinyddwr", "swyddogol"]),
    ("pl", &["rada", "urząd", "burmistrz", "moderator", "administrator", "oficjalny"]),
];

/// Words that make a claim no less of one.
const FILLING: [&str; 9] = ["the", "a", "of", "your", "team", "office", "real", "account", "and"];

/// What is wrong with a name whoever bears it, where anything is.
pub fn name_faults(pointer: &str, name: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !name.chars().any(char::is_alphanumeric) {
        faults.push(Fault::at(pointer, "too_short", "At least 1 letter or digit that can be seen."));
    }
    if name.chars().count() > NAME_MAX {
        faults.push(Fault::at(pointer, "too_long", format!("At most {NAME_MAX} characters.")));
    }
    if name.starts_with(FORMULAS) {
        faults.push(Fault::at(pointer, "wrong_format", "A name does not begin with = + - or @."));
    }
    // What looks like another letter of the same script is that letter: no full-width or mathematical ones.
    let strange = name.chars().any(|c| !(c.is_alphanumeric() || is_combining_mark(c) || PUNCTUATION.contains(c)));
    let marks = name.chars().map(is_combining_mark);
    let tower = marks.fold((0, 0), |(run, most), mark| if mark { (run + 1, most.max(run + 1)) } else { (0, most) }).1;
    if strange || tower > MARKS || name.nfkc().ne(name.chars()) {
        faults.push(Fault::at(
            pointer,
            "wrong_character",
            "Use letters and digits as they are on a keyboard, spaces and . , ' - & ( ) only.",
        ));
    }
    if words(name).any(|word| !word.is_single_script()) {
        faults.push(Fault::at(pointer, "mixed_scripts", "Use the letters of one script in a word."));
    }
    faults
}

/// Whether a name could be taken for the council, one of its offices, or somebody who speaks for it.
pub fn is_official(name: &str, language: &str, council: &[&str], offices: &[String]) -> bool {
    let whole = likeness(name);
    let named = council.iter().copied().chain(offices.iter().map(String::as_str));
    if named.map(likeness).any(|taken| taken == whole) {
        return true;
    }
    let primary = language.split('-').next().unwrap_or_default();
    let official: Vec<String> = OFFICIAL
        .iter()
        .filter(|(of, _)| *of == "en" || *of == primary)
        .flat_map(|(_, list)| list.iter().map(|word| likeness(word)))
        .collect();
    // Run together, as in "adminteam", it is still one claim; and so it is with a number behind it.
    if official.contains(&whole.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()) {
        return true;
    }
    let filling: Vec<String> = FILLING.iter().map(|word| likeness(word)).collect();
    let of_council: Vec<String> = council.iter().flat_map(|text| words(text)).map(likeness).collect();
    let said: Vec<String> = words(name).map(likeness).filter(|word| !filling.contains(word)).collect();
    said.iter().any(|word| official.contains(word))
        && said.iter().all(|word| official.contains(word) || of_council.contains(word))
}

/// The same for whatever looks alike: the skeleton of UTS #39, without case, spaces, accents and the figures that stand in
/// for letters.
fn likeness(text: &str) -> String {
    let folded: String = crate::platform::html::fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    let folded = stood_for(&folded);
    let like: String = skeleton(&folded).flat_map(char::to_lowercase).collect();
    stood_for(&like).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn stood_for(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | 'i' | 'ı' | '|' => 'l',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            other => other,
        })
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c))).filter(|word| !word.is_empty())
}

/// Half of a name that is given: something about it.
const HOW: [&str; 24] = [
    "Amber", "Brave", "Bright", "Calm", "Clever", "Copper", "Curious", "Early", "Gentle", "Golden", "Green", "Happy",
    "Honest", "Keen", "Kind", "Lively", "Merry", "Patient", "Quick", "Quiet", "Silver", "Steady", "Sunny", "Warm",
];

/// The other half: what it is.
const WHAT: [&str; 24] = [
    "Badger",
    "Beech",
    "Blackbird",
    "Bramble",
    "Clover",
    "Curlew",
    "Dormouse",
    "Finch",
    "Hare",
    "Hazel",
    "Heron",
    "Kestrel",
    "Lark",
    "Linnet",
    "Maple",
    "Otter",
    "Owl",
    "Poppy",
    "Robin",
    "Rowan",
    "Sparrow",
    "Swift",
    "Willow",
    "Wren",
];

/// A name for somebody who is not to be known by their own, from a number.
pub fn given_name(number: u64) -> String {
    let pick = |list: &[&'static str], n: u64| {
        usize::try_from(n % list.len() as u64).ok().and_then(|at| list.get(at).copied()).unwrap_or_default()
    };
    let (how, rest) = (pick(&HOW, number), number / HOW.len() as u64);
    let (what, rest) = (pick(&WHAT, rest), rest / WHAT.len() as u64);
    format!("{how} {what} {}", 1_000 + rest % 9_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(name: &str) -> Vec<String> {
        name_faults("/display_name", name).into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn names_of_all_scripts_will_do_and_tricks_will_not() {
        for name in [
            "Ana",
            "Jo O'Neill-Smith",
            "Łukasz",
            "Анна Smith",
            "山田 太郎",
            "たなか花子",
            "Nguyễn Văn A",
            "محمد",
            "अनिता",
            "R2",
            "Zoë (Mill Lane)",
        ] {
            assert_eq!(codes(name), Vec::<String>::new(), "{name}");
        }
        assert_eq!(codes("Pаypal"), ["mixed_scripts"], "a Cyrillic letter among Latin ones");
        for (name, code) in [
            ("An\u{200b}a", "wrong_character"),
            ("\u{202e}ana", "wrong_character"),
            ("ＡＮＡ", "wrong_character"),
            ("𝐀na", "wrong_character"),
            ("a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}", "wrong_character"),
            ("<b>Ana</b>", "wrong_character"),
            ("=SUM(A1)", "wrong_format"),
            ("+Ana", "wrong_format"),
            ("@ana", "wrong_format"),
            ("-ana", "wrong_format"),
            ("...", "too_short"),
            ("\u{3164}", "wrong_character"),
        ] {
            assert!(codes(name).contains(&code.to_owned()), "{name}: {:?}", codes(name));
        }
    }

    #[test]
    fn nobody_speaks_for_the_council() {
        let offices = ["Director of Streets".to_owned()];
        let council = ["aldermoor", "Aldermoor Borough Council"];
        let official = |name: &str| is_official(name, "de-DE", &council, &offices);
        for name in [
            "Admin",
            "adm1n",
            "ADMIN",
            "A d m i n",
            "аdmіn",
            "Moderator",
            "m0derator",
            "The Moderator",
            "Council Admin",
            "Admin 7",
            "Aldermoor Borough Council",
            "aldermoor borough councіl",
            "Aldermoor Admin",
            "Director of Streets",
            "director-of-streets",
            "Stadtverwaltung",
            "Admin Team",
            "Officiаl",
        ] {
            assert!(official(name), "{name}");
        }
        for name in ["Ana", "Maya Council-Estate", "Streets", "Rathaus Fan", "Bill", "Mairie"] {
            assert!(!official(name), "{name}");
        }
    }

    #[test]
    fn given_names_are_good_names() {
        for number in [0, 1, 575, 576, 5_183_999, u64::MAX] {
            assert_eq!(codes(&given_name(number)), Vec::<String>::new());
        }
        assert_eq!(given_name(0), "Amber Badger 1000");
        assert_ne!(given_name(1), given_name(576));
    }
}

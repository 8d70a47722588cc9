//! What an office is called. Pure.

use unicode_normalization::UnicodeNormalization as _;

/// What makes two spellings of a name one office: NFKC, lower case, spaces as one.
pub fn name_key(name: &str) -> String {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_office() {
        for spelling in ["Director of Place", " director  of place", "DIRECTOR OF ＰＬＡＣＥ"] {
            assert_eq!(name_key(spelling), "director of place");
        }
        assert_ne!(name_key("Director of Places"), name_key("Director of Place"));
    }
}

//! What the staff takes out of a text before it is public: words, and never a word put into somebody's mouth. Pure.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use utoipa::ToSchema;

use crate::platform::error::{Error, Fault, Result};
use crate::platform::html::tidy;
use crate::vocabulary::TextChange;

/// Characters that a mark such as `[a telephone number]` may have between its brackets.
const MARK: usize = 40;

/// Title and text as they are to be public; what is left out stays.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The title; a comment has none.
    pub title: Option<String>,
    /// The text, in Markdown.
    pub body: Option<String>,
}

/// A piece of a text, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Piece {
    /// What became of it.
    pub change: TextChange,
    /// The piece.
    pub text: String,
}

/// What the staff has taken out of an idea, in pieces that make up the whole text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EditView {
    /// Of its title.
    pub title: Vec<Piece>,
    /// Of its text.
    pub body: Vec<Piece>,
}

/// Title and text after an edit.
///
/// # Errors
/// 422 with each of the two that has words in it which its author has not written, or where nothing is taken out.
pub fn edited((title, body): (&str, &str), edit: &Edit) -> Result<(String, String)> {
    let next = |given: &Option<String>, before: &str| given.as_deref().map_or_else(|| before.to_owned(), tidy);
    let (new_title, new_body) = (next(&edit.title, title), next(&edit.body, body));
    let mut faults = Vec::new();
    for (pointer, before, after) in [("/edit/title", title, &new_title), ("/edit/body", body, &new_body)] {
        if !only_takes_out(before, after) {
            let detail = "Only take words out. What stands in their place is a mark in brackets, such as [a name].";
            faults.push(Fault::at(pointer, "not_theirs", detail));
        }
    }
    // A comment has none.
    if !title.is_empty() && new_title.chars().count() < 3 {
        faults.push(Fault::at("/edit/title", "too_short", "At least 3 characters that can be seen."));
    }
    if faults.is_empty() && (new_title.as_str(), new_body.as_str()) == (title, body) {
        faults.push(Fault::at("/edit", "unchanged", "This is the text as it is: send `publish`."));
    }
    if faults.is_empty() { Ok((new_title, new_body)) } else { Err(Error::invalid(faults)) }
}

/// Whether every word of a text stands in the one before, in the same order; marks in brackets are no words.
fn only_takes_out(before: &str, after: &str) -> bool {
    let mut known = words(before);
    let bare = without_marks(after);
    words(&bare).all(|word| known.any(|one| one == word))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn without_marks(text: &str) -> String {
    let (mut bare, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('[') {
        bare.push_str(before);
        // Where a mark was, one word has ended and another begins.
        bare.push(' ');
        rest = match after.split_once(']') {
            Some((mark, after)) if mark.chars().count() <= MARK => after,
            _ => after,
        };
    }
    bare.push_str(rest);
    bare
}

/// How a text became another one.
pub fn pieces(before: &str, after: &str) -> Vec<Piece> {
    let diff = TextDiff::from_words(before, after);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => TextChange::Kept,
            ChangeTag::Delete => TextChange::TakenOut,
            ChangeTag::Insert => TextChange::PutIn,
        };
        match pieces.last_mut().filter(|last| last.change == kind) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(Piece { change: kind, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEFORE: &str = "Ask Ada Okoro at 9 Mill Lane (01632 960 123), she knows.";

    #[test]
    fn words_are_taken_out_and_marked_and_none_is_put_in() {
        for good in [
            "Ask [a name] at [an address] ([a telephone number]), she knows.",
            "Ask, she knows.",
            "Ask [...] she knows.",
            "",
            BEFORE,
        ] {
            assert!(only_takes_out(BEFORE, good), "{good}");
        }
        for bad in [
            "Ask the council, she knows.",
            "she knows. Ask Ada Okoro.",
            "Ask her [name].",
            "Ask [this is far too long for a mark, and says something of its own], she knows.",
        ] {
            assert!(!only_takes_out(BEFORE, bad), "{bad}");
        }
    }

    #[test]
    fn an_edit_that_changes_nothing_is_none() {
        let edit =
            |title: Option<&str>, body: Option<&str>| Edit { title: title.map(Into::into), body: body.map(Into::into) };
        assert!(edited(("A crossing", BEFORE), &edit(None, Some(BEFORE))).is_err());
        assert!(edited(("A crossing", BEFORE), &edit(Some("A"), None)).is_err());
        let (title, body) = edited(("A crossing", BEFORE), &edit(None, Some("Ask [a name]."))).unwrap();
        assert_eq!((title.as_str(), body.as_str()), ("A crossing", "Ask [a name]."));
    }

    #[test]
    fn the_pieces_say_what_was_taken_out() {
        let told = pieces("Ask Ada at noon.", "Ask [a name] at noon.");
        let of = |change| told.iter().filter(move |piece| piece.change == change).map(|piece| piece.text.clone());
        assert_eq!(of(TextChange::TakenOut).collect::<String>().trim(), "Ada");
        assert_eq!(of(TextChange::PutIn).collect::<String>().split_whitespace().collect::<Vec<_>>(), ["[a", "name]"]);
    }

    proptest! {
        #[test]
        fn the_pieces_make_up_both_texts(before in ".{0,60}", after in ".{0,60}") {
            let told = pieces(&before, &after);
            let but = |left_out| -> String {
                told.iter().filter(|piece| piece.change != left_out).map(|piece| piece.text.as_str()).collect()
            };
            prop_assert_eq!(but(TextChange::PutIn), before);
            prop_assert_eq!(but(TextChange::TakenOut), after);
        }
    }
}

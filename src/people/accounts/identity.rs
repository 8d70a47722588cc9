//! How somebody is shown to others: by a name, and by an id that is never the account's. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::db::Id;
use crate::platform::secrets::Secrets;

/// Who wrote something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthorView {
    /// The same wherever they write in this challenge; another in each challenge, unless they have made their profile
    /// public: then it is the profile's, in all of them.
    pub id: Id,
    /// How they wish to be called.
    pub display_name: String,
}

/// Somebody in a challenge as others see them.
pub fn author(
    secrets: &Secrets,
    council: Id,
    challenge: Id,
    account: Id,
    profile: Option<Id>,
    display_name: String,
) -> AuthorView {
    let mac = || secrets.mac("author", &[council.bytes(), challenge.bytes(), account.bytes()]);
    AuthorView { id: profile.unwrap_or_else(|| Id::from_text(&mac())), display_name }
}

#[cfg(test)]
mod tests {
    use super::*;

    // case G1
    #[test]
    fn nobody_is_followed_from_one_challenge_to_another_unless_they_wish_it() {
        let secrets = Secrets::generate();
        let (council, one, other, ana) = (Id::random(), Id::random(), Id::random(), Id::random());
        let id = |council, challenge, profile| author(&secrets, council, challenge, ana, profile, "Ana".into()).id;
        assert_eq!(id(council, one, None), id(council, one, None));
        assert_ne!(id(council, one, None), id(council, other, None));
        assert_ne!(id(council, one, None), id(Id::random(), one, None));
        assert_ne!(id(council, one, None), ana);
        let profile = Id::random();
        assert_eq!((id(council, one, Some(profile)), id(council, other, Some(profile))), (profile, profile));
    }
}

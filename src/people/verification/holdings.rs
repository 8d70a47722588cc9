//! What the tables of verification hold of people.

use crate::holds;

holds! {
    verifications: "That somebody has shown that they live here; nothing of what they stated.", [Of::Goes("account_id")],
    Kept::WithOwner => {
        Nothing: council_id, office;
        Identifier: account_id;
        Credential: tag;
        Residency: method, ward;
        Time: verified_at, good_until;
    }
}

holds! {
    area_postcodes: "Which postcodes lie in which ward.", [], Kept::WithOwner => {
        Nothing: council_id, postcode, ward;
    }
}

holds! {
    letter_codes: "Codes of letters to residents, as keyed hashes; it is not kept who was sent which.", [],
    Kept::Hours { after: "expires_at", hours: 0 } => {
        Nothing: council_id, batch_id;
        Credential: code_mac;
        Residency: ward;
        Time: expires_at, used_at;
    }
}

holds! {
    register_entries: "The register of residents, as keyed hashes that the council computed.", [],
    Kept::Otherwise("until the council uploads another") => {
        Nothing: council_id;
        Credential: tag;
        Residency: ward;
    }
}

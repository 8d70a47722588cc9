//! What verification takes and gives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::VerificationRow;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::VerificationMethod;

/// State a postcode.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatePostcode {
    /// Of where you live.
    #[schema(min_length = 2, max_length = 12, example = "AB1 2CD")]
    pub postcode: String,
}

/// State the code of a letter.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateCode {
    /// As it is printed; small letters and missing hyphens do no harm.
    #[schema(min_length = 12, max_length = 24, example = "7GQ4-XK2M-0ABC")]
    pub code: String,
}

/// State what the register says of you. It is compared and thrown away.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateFacts {
    /// Your surname.
    #[schema(min_length = 1, max_length = 120, example = "Brien")]
    pub surname: String,
    /// Your date of birth.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "1980-02-29")]
    pub birth_date: String,
    /// Of where you live.
    #[schema(min_length = 2, max_length = 12, example = "AB1 2CD")]
    pub postcode: String,
}

/// Say that somebody was seen in person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordInPerson {
    /// The address of their account.
    #[schema(max_length = 254, example = "ana@example.org")]
    pub email: String,
    /// The office that saw them: its id or name, as the council has it.
    #[schema(min_length = 3, max_length = 120, example = "Mill Lane Library")]
    pub office: String,
    /// Where they live.
    #[schema(min_length = 1, max_length = 80, nullable = false, example = "Mill")]
    pub ward: Option<String>,
    /// Whether it has seen, too, that they are eighteen or older: who was protected is so no more, and may choose a name.
    #[serde(default)]
    #[schema(required = false)]
    pub of_age: bool,
}

/// How one's residency stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerificationView {
    /// Whether it is shown.
    pub verified: bool,
    /// In which way.
    #[schema(required = true)]
    pub method: Option<VerificationMethod>,
    /// Of which ward.
    #[schema(required = true)]
    pub ward: Option<String>,
    /// Which office saw it.
    #[schema(required = true)]
    pub office: Option<String>,
    /// Since when.
    #[schema(required = true)]
    pub verified_at: Option<Instant>,
    /// Until when.
    #[schema(required = true)]
    pub good_until: Option<Instant>,
}

impl From<Option<VerificationRow>> for VerificationView {
    fn from(row: Option<VerificationRow>) -> Self {
        Self {
            verified: row.is_some(),
            method: row.as_ref().map(|row| row.method),
            verified_at: row.as_ref().map(|row| row.verified_at),
            good_until: row.as_ref().map(|row| row.good_until),
            office: row.as_ref().and_then(|row| row.office.clone()),
            ward: row.and_then(|row| row.ward),
        }
    }
}

/// The postcodes of a ward.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WardPostcodes {
    /// Its name.
    #[schema(min_length = 1, max_length = 80, example = "Mill")]
    pub ward: String,
    /// Its postcodes.
    #[schema(max_items = 20_000)]
    pub postcodes: Vec<String>,
}

/// Upload the postcodes of the council's area.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadPostcodes {
    /// Whether the list takes the place of the one before; else it is added to it, for lists longer than a body.
    #[serde(default)]
    #[schema(required = false)]
    pub replace: bool,
    /// By ward.
    #[schema(max_items = 500)]
    pub wards: Vec<WardPostcodes>,
}

/// The entries of a ward.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WardEntries {
    /// Its name, where the register tells it.
    #[schema(min_length = 1, max_length = 80, nullable = false, example = "Mill")]
    pub ward: Option<String>,
    /// The hashes of its entries, in hexadecimal.
    #[schema(max_items = 4_000)]
    pub hashes: Vec<String>,
}

/// Upload hashes of the entries of a register.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadRegister {
    /// Whether the list takes the place of the one before; else it is added to it, for lists longer than a body.
    #[serde(default)]
    #[schema(required = false)]
    pub replace: bool,
    /// By ward.
    #[schema(max_items = 500)]
    pub wards: Vec<WardEntries>,
}

/// What a council has given to verify residents with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeansView {
    /// Postcodes in the list.
    pub postcodes: i64,
    /// Codes of letters that nobody has used and that have not run out.
    pub codes: i64,
    /// Entries of the register.
    pub register_entries: i64,
}

/// The key to compute hashes with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegisterKeyView {
    /// Use the bytes of this text as they are.
    pub key: String,
    /// How to compute a hash with it.
    pub how: &'static str,
}

/// Letters to a ward.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WardLetters {
    /// Which.
    #[schema(min_length = 1, max_length = 80, nullable = false, example = "Mill")]
    pub ward: Option<String>,
    /// How many.
    #[schema(minimum = 1, maximum = 5_000, example = 500)]
    pub letters: u32,
}

/// Make the codes of a batch of letters.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeLetters {
    /// By ward; 5,000 letters at most in all.
    #[schema(min_items = 1, max_items = 100)]
    pub wards: Vec<WardLetters>,
    /// Days that the codes are good for.
    #[schema(minimum = 1, maximum = 365, example = 60)]
    pub good_for_days: u32,
}

/// A batch of letters.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LettersView {
    /// Its id.
    pub id: Id,
    /// Until when its codes are good.
    pub expires_at: Instant,
    /// A table for the printer: `code,ward`. It is shown this once; what is kept does not tell the codes.
    #[schema(example = "code,ward\r\n7GQ4-XK2M-0ABC,Mill\r\n")]
    pub csv: String,
}

//! What each column says of a person, said once by the room that owns its table.
//!
//! Three things follow from it and nobody has to remember them: what somebody can download, what goes when they go, and the
//! record of processing (`docs/DATA-PROTECTION.md`). A table that nobody speaks for, or a column that is left out, does not
//! compile.

/// What a column says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Data {
    /// Nothing: settings, counts, and what the council says of itself.
    Nothing,
    /// An id that stands for somebody, or for what is theirs.
    Identifier,
    /// How somebody is called.
    Name,
    /// Where mail reaches them.
    Address,
    /// How old they said that they are.
    Age,
    /// What shows that it is them: hashes, seeds, public keys. It is given to nobody, not even to them.
    Credential,
    /// On what, and in which way, they sign in.
    Device,
    /// Their role, and what was decided about them.
    Standing,
    /// That they live here, and in which ward.
    Residency,
    /// What they have written.
    Writing,
    /// What they support.
    Opinion,
    /// When they did something.
    Time,
    /// What a ballot says, and what that is written down with. It is in nobody's copy.
    Secret,
    /// What others did, by number: of few it could tell what one of them chose. It is in nobody's copy.
    Others,
}

impl Data {
    /// Whether it says nothing.
    pub fn is_nothing(self) -> bool {
        self == Self::Nothing
    }

    /// As it is called in the record of processing.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Identifier => "identifiers",
            Self::Name => "name",
            Self::Address => "mail address",
            Self::Age => "age band",
            Self::Credential => "credentials (hashed or sealed)",
            Self::Device => "device and way of signing in",
            Self::Standing => "role and standing",
            Self::Residency => "residency and ward",
            Self::Writing => "what was written",
            Self::Opinion => "what is supported",
            Self::Time => "times",
            Self::Secret => "what a ballot says",
            Self::Others => "numbers about others",
        }
    }
}

/// How rows of a table are about an account.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// They are its owner's, by this column, and go with the account.
    Goes(&'static str),
    /// They are its owner's while this column says so; when the account goes, it is emptied, and the row stays.
    Cut(&'static str),
    /// They belong to the rows of another table, which are its owner's, and share their fate.
    Through {
        /// The column here.
        column: &'static str,
        /// The table whose `id` it holds.
        table: &'static str,
        /// The column there that names the account.
        owner: &'static str,
    },
    /// They are about an idea, by `idea_id`, or about a comment under it where `comment_id` says so, and share the fate of that.
    Item,
    /// Somebody of the staff did it in office, by this column: it is the council's record, and stays. It is in nobody's copy,
    /// for it is about others.
    Office(&'static str),
    /// They tell of the account, by this column, and stay until their time is over.
    Stays(&'static str),
}

/// For how long rows are kept.
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    /// As long as what they belong to: the council, the challenge or the account.
    WithOwner,
    /// So many hours after the instant that this column, or condition and column, says; then the sweep takes them.
    Hours {
        /// What makes a row old, as SQL before `<`.
        after: &'static str,
        /// For how many hours it is kept after that.
        hours: u64,
    },
    /// By a clock of its own, in words.
    Otherwise(&'static str),
}

/// How a column is written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is: text and numbers.
    Plain,
    /// Yes or no.
    Flag,
    /// An id.
    Id,
    /// An instant.
    Instant,
    /// JSON already.
    Json,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it says of a person.
    pub data: Data,
    /// How it is written as JSON.
    pub form: Form,
}

/// What a table holds of people.
#[derive(Debug)]
pub struct Holding {
    /// The table.
    pub table: &'static str,
    /// What it is kept for.
    pub purpose: &'static str,
    /// How its rows are about an account; none where they are about nobody, or about somebody without one.
    pub of: &'static [Of],
    /// For how long it is kept.
    pub kept: Kept,
    /// Each of its columns.
    pub columns: &'static [Column],
}

impl Holding {
    /// Whether it says anything of a person.
    pub fn is_personal(&self) -> bool {
        self.columns.iter().any(|column| !column.data.is_nothing())
    }
}

/// A table of which its room has said what it holds. By [`holds!`](crate::holds) only.
pub trait Holds {
    /// What it holds.
    const HOLDING: Holding;
}

/// A column of which its room has said what it says of a person.
#[diagnostic::on_unimplemented(
    message = "nobody has said what the column {Self} says of a person: name it in `holds!`"
)]
pub trait Told {}

/// All columns of a table, told one by one.
pub trait AllTold {}

macro_rules! all_told {
    ($first:ident $($rest:ident)*) => {
        impl<$first: Told, $($rest: Told),*> AllTold for ($first, $($rest,)*) {}
        all_told!($($rest)*);
    };
    () => {};
}
all_told!(A B C D E F G H I J K L M N O P Q R S T U V W X Y Z AA AB AC AD AE AF);

/// Holds a table to having told all its columns; used by [`holds!`](crate::holds).
pub const fn all_told<T: diesel::Table>()
where
    T::AllColumns: AllTold,
{
}

/// How a column of an SQL type is written as JSON.
pub trait Formed {
    /// The form.
    const FORM: Form;
}

macro_rules! forms {
    ($($type:ty => $form:ident,)+) => {
        $(
            impl Formed for $type {
                const FORM: Form = Form::$form;
            }
        )+
    };
}
forms! {
    diesel::sql_types::Text => Plain,
    diesel::sql_types::Integer => Plain,
    diesel::sql_types::BigInt => Plain,
    diesel::sql_types::Bool => Flag,
    super::types::SqlUuid => Id,
    super::types::SqlInstant => Instant,
    super::types::SqlJson => Json,
}
impl<T: Formed + diesel::sql_types::SqlType<IsNull = diesel::sql_types::is_nullable::NotNull>> Formed
    for diesel::sql_types::Nullable<T>
{
    const FORM: Form = T::FORM;
}

/// Says what a table of this room holds of people: its purpose, how its rows are about an account, how long they are kept,
/// and for every column what it says.
#[macro_export]
macro_rules! holds {
    ($table:ident: $purpose:literal, $of:expr, $kept:expr => { $($data:ident: $($column:ident),+;)+ }) => {
        $($(
            impl $crate::platform::db::personal::Told for $crate::platform::db::schema::$table::$column {}
        )+)+
        impl $crate::platform::db::personal::Holds for $crate::platform::db::schema::$table::table {
            const HOLDING: $crate::platform::db::personal::Holding = {
                use $crate::platform::db::personal::{Column, Data, Formed, Holding, Kept, Of, all_told};
                all_told::<$crate::platform::db::schema::$table::table>();
                Holding {
                    table: stringify!($table),
                    purpose: $purpose,
                    of: {
                        const OF: &[Of] = &$of;
                        OF
                    },
                    kept: {
                        const KEPT: Kept = $kept;
                        KEPT
                    },
                    columns: &[$($(
                        Column {
                            name: stringify!($column),
                            data: Data::$data,
                            form: <<$crate::platform::db::schema::$table::$column as diesel::Expression>::SqlType as Formed>::FORM,
                        },
                    )+)+],
                }
            };
        }
    };
}

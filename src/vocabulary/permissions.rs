//! The permission table: who may do what, in one place. `folkmoot permissions` prints it, every operation of the
//! API names its row, and a test walks all operations, roles and councils against it.

use super::Role;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// Nobody signed in.
    Visitor,
    /// An account of the council.
    Member(Role),
    /// Operates the installation; nothing in any council.
    Platform,
}

impl Party {
    /// Every party, in the order of the printed table.
    pub const ALL: &'static [Self] = &[
        Self::Visitor,
        Self::Member(Role::Resident),
        Self::Member(Role::Moderator),
        Self::Member(Role::Officer),
        Self::Member(Role::Analyst),
        Self::Member(Role::Admin),
        Self::Platform,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Member(role) => role.as_str(),
            Self::Platform => "platform",
        }
    }
}

macro_rules! table {
    ($($(#[$meta:meta])* $name:ident $text:literal: $parties:literal;)+) => {
        /// A row of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$meta])* $name),+ }

        impl Action {
            /// Every row.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The name that operations carry in the document.
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
            /// Who may, one letter each: Visitor, Resident, Moderator, officer (O), aNalyst, Admin, Platform.
            fn letters(self) -> &'static str { match self { $(Self::$name => $parties),+ } }
        }

        /// The rows as types, so that a handler names its row in its signature.
        pub mod acts {
            /// A row of the permission table.
            pub trait Act { /** Which. */ const ACTION: super::Action; }
            $($(#[$meta])* #[derive(Clone, Copy, Debug)] pub struct $name;
              impl Act for $name { const ACTION: super::Action = super::Action::$name; })+
        }
    };
}

table! {
    /// Read what is public.
    ReadPublic "public.read": "VRMONA";
    /// Use what one's own account has.
    UseAccount "account.use": "RMONA";
    /// Submit, revise and withdraw an idea of one's own.
    SubmitIdea "idea.submit": "R";
    /// Support an idea, or take that back.
    SupportIdea "idea.support": "R";
    /// Cast, read and withdraw a ballot of one's own.
    CastBallot "ballot.cast": "R";
    /// Comment on ideas, and withdraw one's own comments.
    WriteComment "comment.write": "R";
    /// Report an idea or a comment that breaks the rules.
    ReportIdea "idea.report": "RON";
    /// Say whether an answer was one, and ask back.
    ReplyToAnswer "answer.reply": "R";
    /// Appeal against a decision about oneself.
    MakeAppeal "appeal.make": "RMONA";
    /// See the queue and decide cases.
    Moderate "moderation.decide": "MA";
    /// Prepare, open and close challenges.
    PrepareChallenge "challenge.prepare": "OA";
    /// Change what was promised, write the calendar, declare quiet periods.
    KeepPromises "promise.keep": "OA";
    /// Answer ideas, make commitments, publish updates and outcomes.
    Answer "answer.give": "OA";
    /// Read what waits for oneself.
    ReadWork "work.read": "MOA";
    /// Write and read notes on ideas, for colleagues.
    KeepNotes "note.keep": "MOA";
    /// Make campaigns and read their counts.
    RunCampaign "campaign.run": "ONA";
    /// Say that a resident was seen in person.
    VerifyResident "resident.verify": "OA";
    /// Set the council up: notice, grounds, staff.
    ManageCouncil "council.manage": "A";
    /// Change roles, invite and remove staff, suspend accounts.
    ManageStaff "staff.manage": "A";
    /// Make offices and say who belongs to them.
    ManageOffices "office.manage": "A";
    /// Make and end keys for programs.
    ManageKeys "key.manage": "A";
    /// Read the audit log.
    ReadAudit "audit.read": "A";
    /// Make councils and invite their first staff.
    OperatePlatform "platform.operate": "P";
}

impl Action {
    /// Whether the table says yes.
    pub fn allows(self, party: Party) -> bool {
        let letter = match party {
            Party::Visitor => 'V',
            Party::Member(Role::Resident) => 'R',
            Party::Member(Role::Moderator) => 'M',
            Party::Member(Role::Officer) => 'O',
            Party::Member(Role::Analyst) => 'N',
            Party::Member(Role::Admin) => 'A',
            Party::Platform => 'P',
        };
        self.letters().contains(letter)
    }

    /// The row of that name.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text)
    }
}

/// The operations under `/v1` that stand beside the table, and why.
pub mod exceptions {
    /// An operation without a row.
    pub trait Exception {
        /// Its name in the document.
        const OPERATION: &'static str;
    }

    macro_rules! exceptions {
        ($($(#[$meta:meta])+ $name:ident $operation:literal;)+) => {
            $($(#[$meta])+ #[derive(Clone, Copy, Debug)] pub struct $name;
              impl Exception for $name { const OPERATION: &'static str = $operation; })+

            /// The names of all.
            pub const ALL: &[&str] = &[$($operation),+];
        };
    }

    exceptions! {
        /// Whoever operates the platform is known by nothing yet, and belongs to no council.
        SignInToPlatform "sign_in_to_platform";
        /// The words of the whole installation, which are in the document too.
        ReadVocabulary "read_vocabulary";
        /// In a demo only, in which everybody may be everybody.
        SignInToDemo "sign_in_to_demo";
        /// In a demo only, in which everybody may move the clock.
        AdvanceDemoClock "advance_demo_clock";
    }
}

/// The table as text.
pub fn print() -> String {
    let mut text = format!("{:<20}", "action");
    for party in Party::ALL {
        text.push_str(&format!("{:>11}", party.as_str()));
    }
    for action in Action::ALL {
        text.push_str(&format!("\n{:<20}", action.as_str()));
        for party in Party::ALL {
            text.push_str(&format!("{:>11}", if action.allows(*party) { "yes" } else { "-" }));
        }
    }
    text.push('\n');
    text
}

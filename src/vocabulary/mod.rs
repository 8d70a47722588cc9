//! Words only: roles, states and the permission table. One word for one thing, in code, SQL and on the wire.

pub mod permissions;

use crate::text_enum;

text_enum! {
    /// Who somebody is in a council.
    pub enum Role {
        /// Anybody with an account.
        Resident = "resident",
        /// Works the queue.
        Moderator = "moderator",
        /// Answers ideas and prepares challenges.
        Officer = "officer",
        /// Reads figures.
        Analyst = "analyst",
        /// Sets the council up and invites its staff.
        Admin = "admin",
    }
}

text_enum! {
    /// Whether an account can be used.
    pub enum AccountState {
        /// The mailed link has not been followed.
        Unconfirmed = "unconfirmed",
        /// In use.
        Active = "active",
        /// May not sign in.
        Suspended = "suspended",
        /// Nobody's any more: its owner has gone, and only deeds in office point at it.
        Erased = "erased",
    }
}

text_enum! {
    /// Whether somebody has an account of their own.
    pub enum AccountKind {
        /// An account with a way to sign in.
        Full = "full",
        /// Takes part by a mailed link, in the challenges that it was asked for.
        Ephemeral = "ephemeral",
    }
}

text_enum! {
    /// How old somebody says that they are; nobody is asked for a date.
    pub enum AgeBand {
        /// Younger than the council's least age.
        UnderMinimum = "under_minimum",
        /// Old enough for the council and not eighteen yet.
        Under18 = "under_18",
        /// Eighteen or older.
        Adult = "adult",
    }
}

text_enum! {
    /// How a council takes people under eighteen.
    pub enum Under18 {
        /// As everybody else.
        Allowed = "allowed",
        /// With a name that is given to them, no profile, and every text looked at before it is public.
        AllowedProtected = "allowed_protected",
        /// Not at all.
        Refused = "refused",
    }
}

text_enum! {
    /// When a council asks for a proof of work.
    pub enum ProofOfWork {
        /// Where very much comes from a network, or for an address or the council.
        WhenAsked = "when_asked",
        /// With every registration, password and request for a new one, too.
        Always = "always",
    }
}

text_enum! {
    /// How a resident showed that they live in the council's area.
    pub enum VerificationMethod {
        /// By a postcode that is in the council's list.
        PostcodeList = "postcode_list",
        /// By a code from a letter.
        CodeLetter = "code_letter",
        /// By facts that match an entry of the council's register.
        RegisterMatch = "register_match",
        /// To an office of the council, in person.
        InPerson = "in_person",
        /// By what a single sign-on provider says.
        SsoClaim = "sso_claim",
    }
}

text_enum! {
    /// How somebody signed in.
    pub enum SignInMethod {
        /// With a password.
        Password = "password",
        /// With a mailed code or link.
        Mail = "mail",
        /// With a passkey.
        Passkey = "passkey",
        /// By a single sign-on provider of the council.
        SingleSignOn = "single_sign_on",
        /// By who operates the installation: the demo and tests.
        Operator = "operator",
    }
}

text_enum! {
    /// When an idea is looked at.
    pub enum ModerationPolicy {
        /// Held until a moderator decides.
        Pre = "pre",
        /// Visible at once.
        Post = "post",
        /// Held while nobody knows its author, and visible at once when enough that they wrote has been accepted.
        Trusted = "trusted",
    }
}

text_enum! {
    /// Why an idea waits for a moderator.
    pub enum HeldFor {
        /// Every idea is looked at before it is public.
        Policy = "policy",
        /// Fewer ideas of its author than the challenge asks for have been accepted in this council.
        NewAuthor = "new_author",
        /// What its author writes is looked at first, for their protection.
        Protection = "protection",
        /// There seems to be a mail address, a telephone number or somebody's home in it, which everybody would read.
        PersonalData = "personal_data",
        /// A program that looks for what people misuse such places for has asked for it to be looked at.
        Screening = "screening",
        /// A moderator gave it back, and its author has changed it since.
        Returned = "returned",
    }
}

text_enum! {
    /// A program that looks at what is sent in, and may only ask for it to be looked at.
    pub enum Screener {
        /// Looks for web addresses.
        Links = "links",
        /// Looks for what is said again and again.
        Repetition = "repetition",
        /// Looks for what leads to somebody.
        PersonalData = "personal_data",
        /// Looks for characters that are not what they seem.
        Characters = "characters",
        /// Looks for the words of the council's lists.
        Words = "words",
        /// Looks at how much comes from new accounts.
        Bursts = "bursts",
    }
}

text_enum! {
    /// What a screener found; a reason to look, and no verdict.
    pub enum FindingKind {
        /// The screener failed, so nobody knows what it would have found.
        NotChecked = "not_checked",
        /// A web address.
        Link = "link",
        /// The same text has been sent before.
        RepeatedText = "repeated_text",
        /// The same character many times in a row.
        RepeatedCharacters = "repeated_characters",
        /// The same word many times in a row.
        RepeatedWords = "repeated_words",
        /// What looks like a mail address.
        MailAddress = "mail_address",
        /// What looks like a telephone number.
        PhoneNumber = "phone_number",
        /// What looks like a house with its postcode.
        PostalAddress = "postal_address",
        /// Characters that nobody can see.
        InvisibleCharacter = "invisible_character",
        /// A word in which letters of one script stand for those of another.
        ConfusableLetters = "confusable_letters",
        /// A word in letters for formulas, in circles or in full width, which no programme reads aloud as a word.
        StyledLetters = "styled_letters",
        /// More marks on one letter than any spelling has.
        StackedMarks = "stacked_marks",
        /// A word of the council's list.
        ListedWord = "listed_word",
        /// A new account has submitted many ideas within an hour.
        ManyFromNewAccount = "many_from_new_account",
        /// It comes from a new account, at a time at which very many are made.
        ManyNewAccounts = "many_new_accounts",
    }
}

text_enum! {
    /// A field of an idea.
    pub enum TextField {
        /// Its title.
        Title = "title",
        /// Its text.
        Body = "body",
    }
}

text_enum! {
    /// How votes look and are counted.
    pub enum VotingRule {
        /// One resident backs one idea.
        Support = "support",
    }
}

text_enum! {
    /// What a ballot says.
    pub enum BallotRule {
        /// Which ideas it is for.
        Approval = "approval",
        /// Points, shared out among ideas.
        Points = "points",
        /// A score for each idea.
        Score = "score",
        /// An order of ideas, the best first.
        Ranked = "ranked",
        /// Which ideas money is to be spent on.
        Budget = "budget",
    }
}

text_enum! {
    /// How ballots are counted.
    pub enum BallotTally {
        /// The most votes.
        Count = "count",
        /// The most points.
        Sum = "sum",
        /// Instant runoff: whichever has the fewest votes drops out until one has a majority.
        Irv = "irv",
        /// Scottish STV: several winners, in proportion.
        Stv = "stv",
        /// Points by place.
        Borda = "borda",
        /// The strongest chains of preferences.
        Schulze = "schulze",
        /// By votes for as long as there is money, passing over what costs too much.
        Greedy = "greedy",
        /// By votes for as long as there is money, and over at the first that costs too much.
        GreedyNoSkip = "greedy_no_skip",
        /// The Method of Equal Shares with `add1`: what is paid for is paid for from the shares of those who voted for it.
        EqualShares = "equal_shares",
    }
}

text_enum! {
    /// By what ties are broken.
    pub enum BallotTies {
        /// What costs less.
        LowerCost = "lower_cost",
        /// What has more votes, then what costs less.
        MoreVotes = "more_votes",
        /// What was submitted earlier.
        EarlierSubmission = "earlier_submission",
        /// Lots, drawn with a seed that was published before.
        DrawnLots = "drawn_lots",
    }
}

text_enum! {
    /// Whether a count can be seen while votes come in.
    pub enum Interim {
        /// Not a number of it.
        Hidden = "hidden",
        /// At any time.
        Live = "live",
    }
}

text_enum! {
    /// What became of a ballot.
    pub enum BallotState {
        /// It counts.
        Live = "live",
        /// Its voter cast another.
        Replaced = "replaced",
        /// Its voter took it back.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Why ballots are not published.
    pub enum Withheld {
        /// There are fewer than a hundred, among which one's own could be told.
        FewBallots = "few_ballots",
        /// The count reads rankings to their ends, and a long ranking can be a mark by which a ballot is known again.
        WholeRankings = "whole_rankings",
    }
}

text_enum! {
    /// A step of a count.
    pub enum RoundKind {
        /// What an idea was given in all.
        Total = "total",
        /// It is paid for.
        Funded = "funded",
        /// It costs more than is left, and is passed over.
        Skipped = "skipped",
        /// It costs more than is left, and the count is over.
        Stopped = "stopped",
        /// Its supporters pay for it from their shares.
        Bought = "bought",
        /// Its supporters have less left than it costs.
        NotBought = "not_bought",
        /// Its supporters have earned what it costs.
        Earned = "earned",
        /// What it has beyond the quota goes to the next preferences.
        Surplus = "surplus",
        /// It drops out, and its votes go to the next preferences.
        Excluded = "excluded",
        /// The count is over.
        Over = "over",
        /// How it stands against all others.
        Ranked = "ranked",
    }
}

text_enum! {
    /// A dated period of a challenge.
    pub enum PhaseKind {
        /// Ideas are collected.
        Ideation = "ideation",
        /// Ideas are discussed.
        Discussion = "discussion",
        /// Votes are cast.
        Voting = "voting",
        /// The council considers.
        Review = "review",
        /// Results are shown.
        Results = "results",
    }
}

text_enum! {
    /// What a challenge is.
    pub enum ChallengeKind {
        /// Something that the council asks, for a time.
        Question = "question",
        /// What residents bring unasked; it never closes, and a council has one.
        OpenDoor = "open_door",
    }
}

text_enum! {
    /// What a council made of an idea that so many have supported.
    pub enum SettledAs {
        /// A challenge is made of it.
        TakenUp = "taken_up",
        /// It was answered.
        Answered = "answered",
        /// It was declined, with reasons.
        Declined = "declined",
    }
}

text_enum! {
    /// Where a challenge stands; follows from its dates and the clock.
    pub enum ChallengeState {
        /// Being prepared, seen by staff only.
        Draft = "draft",
        /// Passed the gate; its phases say what is allowed.
        Open = "open",
        /// Its last phase has ended.
        Closed = "closed",
        /// What came of it is published.
        Concluded = "concluded",
    }
}

text_enum! {
    /// What a comment says to an idea, as whoever wrote it says.
    pub enum Stance {
        /// It speaks for it.
        For = "for",
        /// It speaks against it.
        Against = "against",
        /// It asks, or adds.
        Neutral = "neutral",
    }
}

text_enum! {
    /// Where an idea stands, or a comment.
    pub enum IdeaState {
        /// Not submitted yet.
        Draft = "draft",
        /// Waits for a moderator.
        Held = "held",
        /// Given back to its author for changes.
        Returned = "returned",
        /// Public.
        Published = "published",
        /// Restricted by a decision; its tombstone is public.
        Hidden = "hidden",
        /// Removed by a decision; its tombstone is public.
        Removed = "removed",
        /// Taken back by its author.
        Withdrawn = "withdrawn",
        /// Joined to another.
        Merged = "merged",
        /// Gone at its author's wish.
        Erased = "erased",
    }
}

text_enum! {
    /// What a theme that was heard has changed.
    pub enum ThemeEffect {
        /// The decision is another for it.
        Changed = "changed",
        /// A part of the decision is.
        PartlyChanged = "partly_changed",
        /// It was considered, and changed nothing.
        NotChanged = "not_changed",
        /// It is for somebody else to decide, who has it now.
        PassedOn = "passed_on",
    }
}

text_enum! {
    /// How far a council is with what it asks about (the first Gunning principle: while things are still open).
    pub enum Stage {
        /// Nothing is drawn up yet: what should be looked at is asked too.
        Exploring = "exploring",
        /// There are several ways, and none is chosen.
        Options = "options",
        /// There is one proposal, which can be changed.
        Proposal = "proposal",
    }
}

text_enum! {
    /// What has to be there before a challenge opens.
    pub enum ReadinessItem {
        /// What the council owes is written down.
        Promise = "promise",
        /// The decision-maker has accepted it.
        Acceptance = "acceptance",
        /// It is said how far the council is.
        Stage = "stage",
        /// It is said what is decided already.
        AlreadyDecided = "already_decided",
        /// There is something to judge the question by.
        Documents = "documents",
        /// Of an open door: it is said how many have to support an idea so that it is owed a decision.
        Threshold = "threshold",
        /// A phase takes ideas.
        Phases = "phases",
        /// There are fourteen days.
        TimeToAnswer = "time_to_answer",
        /// The outcome comes after the last phase.
        OutcomeDate = "outcome_date",
        /// The whole way of an idea was tried out.
        Rehearsal = "rehearsal",
        /// Two people can moderate.
        Moderators = "moderators",
        /// There are grounds on which something may be restricted.
        Grounds = "grounds",
        /// There is a privacy notice.
        PrivacyNotice = "privacy_notice",
    }
}

text_enum! {
    /// What of that may be left undone for a reason that everybody reads.
    pub enum Waivable {
        /// That there is something to judge the question by.
        Documents = "documents",
        /// That there are fourteen days.
        TimeToAnswer = "time_to_answer",
        /// That it was tried out before.
        Rehearsal = "rehearsal",
    }
}

text_enum! {
    /// Who is at a rehearsal. The public is the audience of an open challenge, and of no rehearsal.
    pub enum Audience {
        /// The staff of the council.
        Staff = "staff",
        /// And whom they invite.
        Invited = "invited",
    }
}

text_enum! {
    /// How one of these things stands.
    pub enum ItemState {
        /// It is there.
        Done = "done",
        /// It has to be done first.
        Missing = "missing",
        /// It is not there, for a reason that everybody reads.
        Waived = "waived",
    }
}

text_enum! {
    /// What the council has said to an idea: nothing yet, or the kind of its latest answer.
    pub enum IdeaStatus {
        /// The promise runs.
        AwaitingAnswer = "awaiting_answer",
        /// It will be done.
        Accepted = "accepted",
        /// Part of it will be done.
        PartlyAccepted = "partly_accepted",
        /// It will not be done.
        Declined = "declined",
        /// Not for this challenge or council.
        OutOfScope = "out_of_scope",
        /// It is there already.
        AlreadyDone = "already_done",
        /// The council asks back.
        NeedsInformation = "needs_information",
    }
}

text_enum! {
    /// The kind of an answer.
    pub enum AnswerKind {
        /// It will be done.
        Accepted = "accepted",
        /// Part of it will be done.
        PartlyAccepted = "partly_accepted",
        /// It will not be done.
        Declined = "declined",
        /// Not for this challenge or council.
        OutOfScope = "out_of_scope",
        /// It is there already.
        AlreadyDone = "already_done",
        /// The council asks back.
        NeedsInformation = "needs_information",
    }
}

impl AnswerKind {
    /// The status that an idea has with such an answer.
    pub fn status(self) -> IdeaStatus {
        match self {
            Self::Accepted => IdeaStatus::Accepted,
            Self::PartlyAccepted => IdeaStatus::PartlyAccepted,
            Self::Declined => IdeaStatus::Declined,
            Self::OutOfScope => IdeaStatus::OutOfScope,
            Self::AlreadyDone => IdeaStatus::AlreadyDone,
            Self::NeedsInformation => IdeaStatus::NeedsInformation,
        }
    }

    /// In words, for mails and pages.
    pub fn label(self) -> String {
        label(self.as_str())
    }
}

text_enum! {
    /// Whether an answer answers what was asked, by those who asked.
    pub enum AnswerReply {
        /// It does.
        Yes = "yes",
        /// It does in part.
        Partly = "partly",
        /// It does not.
        No = "no",
    }
}

text_enum! {
    /// What became of an idea that was to be answered together with others.
    pub enum BulkResult {
        /// It has a new answer.
        Answered = "answered",
        /// It had this very answer before.
        Unchanged = "unchanged",
        /// The council is quiet: it is answered when that is over.
        Held = "held",
        /// It could not be answered; `code` and `detail` say why.
        Refused = "refused",
    }
}

text_enum! {
    /// What is held while a council is quiet.
    pub enum HeldActKind {
        /// An answer to an idea.
        Answer = "answer",
        /// An idea of the open door that is taken up.
        TakeUp = "take_up",
        /// An update on a challenge.
        Update = "update",
        /// An update that is put right.
        UpdateCorrection = "update_correction",
        /// The outcome of a challenge.
        Outcome = "outcome",
        /// The opening of a challenge.
        Opening = "opening",
    }
}

text_enum! {
    /// What became of something that was held while a council was quiet.
    pub enum HeldActState {
        /// It waits for the end of the quiet period.
        Held = "held",
        /// It was done when that was over.
        CarriedOut = "carried_out",
        /// By then it could not be done any more; `code` and `detail` say why.
        Failed = "failed",
        /// It was taken back before.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Why there is a case.
    pub enum CaseReason {
        /// It is held, and looked at before it is public.
        BeforePublication = "before_publication",
        /// It is public without a decision, at once or by the clock, and is looked at after.
        AfterPublication = "after_publication",
        /// A moderator looks again.
        OwnMotion = "own_motion",
        /// Somebody has reported it.
        Report = "report",
        /// Its author appeals against a decision.
        Appeal = "appeal",
    }
}

text_enum! {
    /// What somebody finds wrong with an idea.
    pub enum ReportReason {
        /// It tells of people what they have not agreed to.
        PersonalData = "personal_data",
        /// It insults or threatens somebody.
        Insult = "insult",
        /// It is against people for what they are.
        Hatred = "hatred",
        /// Somebody may be in danger.
        Danger = "danger",
        /// It is against the law in another way.
        Illegal = "illegal",
        /// Somebody else has written it.
        NotTheirs = "not_theirs",
        /// It sells something, or says the same again and again.
        Spam = "spam",
        /// Something else; it takes words.
        Other = "other",
    }
}

text_enum! {
    /// Whose cases of the queue.
    pub enum Claimed {
        /// Those that you have in hand.
        ByMe = "by_me",
        /// Those that nobody has in hand.
        ByNobody = "by_nobody",
    }
}

text_enum! {
    /// What comes of an appeal.
    pub enum AppealResult {
        /// The decision stands.
        Upheld = "upheld",
        /// It was wrong; everything is as it was before.
        Reversed = "reversed",
        /// Another decision takes its place.
        Amended = "amended",
    }
}

text_enum! {
    /// What can be decided on a person.
    pub enum SanctionKind {
        /// They are told; nothing else follows.
        Warn = "warn",
        /// They may not use their account until a day.
        Suspend = "suspend",
    }
}

text_enum! {
    /// Whether a case waits.
    pub enum CaseState {
        /// Nobody has decided.
        Open = "open",
        /// Somebody has.
        Decided = "decided",
    }
}

text_enum! {
    /// What a moderator can decide.
    pub enum DecisionKind {
        /// Make or leave it public.
        Publish = "publish",
        /// Make or leave it public without words that the staff has taken out.
        PublishWithEdit = "publish_with_edit",
        /// Give it back to its author: it is out of sight until they have changed it and somebody has looked again.
        ReturnForChanges = "return_for_changes",
        /// Take it out of sight.
        Hide = "hide",
        /// Take it away.
        Remove = "remove",
        /// Leave it public, and let nobody write under it any more.
        Lock = "lock",
    }
}

text_enum! {
    /// What became of a piece of text.
    pub enum TextChange {
        /// It is there as it was.
        Kept = "kept",
        /// It was taken out.
        TakenOut = "taken_out",
        /// It stands where something was taken out.
        PutIn = "put_in",
    }
}

text_enum! {
    /// How decisions stand that are carried out together.
    pub enum BatchState {
        /// Nothing is decided yet, and it can be taken back.
        Waiting = "waiting",
        /// What could be decided is.
        CarriedOut = "carried_out",
        /// Nothing was decided.
        TakenBack = "taken_back",
    }
}

text_enum! {
    /// What became of one case among those that are decided together.
    pub enum BatchItemState {
        /// It is not decided yet.
        Waiting = "waiting",
        /// It is decided.
        Decided = "decided",
        /// It was left as it was; `code` and `detail` say why.
        Skipped = "skipped",
        /// It was left as it was, for the whole was taken back.
        TakenBack = "taken_back",
    }
}

text_enum! {
    /// What it means where somebody is asked about a merge and says nothing.
    pub enum MergeSilence {
        /// Their support stays where they gave it: only who says so is counted for the other idea.
        Consent = "consent",
        /// Their support is counted for the other idea, unless they say that it is not to be.
        OptOut = "opt_out",
    }
}

text_enum! {
    /// How a proposal to merge ideas stands.
    pub enum MergeState {
        /// Those whose support it is about can choose.
        Proposed = "proposed",
        /// It is done.
        CarriedOut = "carried_out",
        /// It was taken back before it was done.
        Withdrawn = "withdrawn",
        /// It could not be done: nothing was left to merge, or nothing to merge it into.
        Lapsed = "lapsed",
        /// It was done, and is undone.
        Reversed = "reversed",
    }
}

text_enum! {
    /// What became of one idea that was to be merged.
    pub enum MergeSourceState {
        /// It is to be merged.
        Proposed = "proposed",
        /// It is.
        Merged = "merged",
        /// It stands by itself, and always did.
        Left = "left",
        /// It was merged, and stands by itself again.
        Reversed = "reversed",
    }
}

text_enum! {
    /// Why an idea was not merged.
    pub enum LeftBecause {
        /// Its author wishes that it stands by itself.
        Author = "author",
        /// It was not public when the time was over.
        NotPublic = "not_public",
        /// It has an answer of its own by now.
        Answered = "answered",
        /// Its answer was late by then, which no merge makes good.
        Overdue = "overdue",
        /// The proposal was taken back.
        Withdrawn = "withdrawn",
        /// The whole could not be done.
        Lapsed = "lapsed",
    }
}

text_enum! {
    /// What somebody chooses for their support of an idea that is to be merged.
    pub enum MergeChoice {
        /// It is counted for the other idea.
        Carry = "carry",
        /// It stays where it was given.
        Leave = "leave",
    }
}

text_enum! {
    /// What votes look like that may not come from people.
    pub enum SignalKind {
        /// Very many new accounts support one idea within an hour.
        Burst = "burst",
        /// Many new accounts support one idea from one network within an hour.
        OneNetwork = "one_network",
        /// Accounts support the same ideas at nearly the same times, again and again.
        Lockstep = "lockstep",
    }
}

text_enum! {
    /// How such votes stand.
    pub enum SignalState {
        /// A program has pointed to them, and they are counted.
        Open = "open",
        /// Somebody has looked, and they are counted.
        Dismissed = "dismissed",
        /// They are set aside while it is looked at where they came from.
        Quarantined = "quarantined",
        /// They were set aside, and are counted again.
        Released = "released",
        /// One of the staff proposes not to count them, and a second one has to approve.
        Proposed = "proposed",
        /// They are not counted.
        Invalidated = "invalidated",
        /// They were not counted, which was wrong, and are counted again.
        Reversed = "reversed",
    }
}

text_enum! {
    /// Whether one of them is counted.
    pub enum SignalVoteState {
        /// It is.
        Counted = "counted",
        /// It is not.
        SetAside = "set_aside",
        /// Its voter has taken it back.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// How a commitment stands.
    pub enum CommitmentStatus {
        /// Not begun.
        Planned = "planned",
        /// Begun.
        InProgress = "in_progress",
        /// Done.
        Delivered = "delivered",
        /// Will not be done; the reason is public.
        Dropped = "dropped",
    }
}

text_enum! {
    /// What a campaign counts.
    pub enum CampaignAction {
        /// The short link was followed.
        Visit = "visit",
        /// An account was made.
        Register = "register",
        /// An idea was submitted.
        Submit = "submit",
        /// An idea was supported.
        Support = "support",
    }
}

text_enum! {
    /// What a one-time link is for.
    pub enum TokenKind {
        /// To confirm an address.
        ConfirmEmail = "confirm_email",
        /// To join a council's staff.
        Invitation = "invitation",
        /// For the decision-maker to accept a promise.
        AcceptPromise = "accept_promise",
        /// To sign in.
        SignIn = "sign_in",
        /// To set a forgotten password anew.
        ResetPassword = "reset_password",
        /// To give an account another address.
        ChangeEmail = "change_email",
        /// To take that back.
        UndoEmail = "undo_email",
        /// To take part in a challenge without an account.
        Participate = "participate",
        /// To come back from a sign-in provider.
        SignOn = "sign_on",
        /// To make the account of a first sign-in by a provider.
        FirstSignOn = "first_sign_on",
        /// To appeal against a decision.
        Appeal = "appeal",
        /// To say whether an answer was one.
        Reply = "reply",
        /// To choose where support of an idea counts that is to be merged.
        Merge = "merge",
        /// To say why votes are to be counted that were set aside.
        Contest = "contest",
        /// The outside reviewer reads and decides one appeal.
        Review = "review",
    }
}

text_enum! {
    /// What an entry tells.
    pub enum EntryKind {
        /// An idea became public.
        IdeaPublished = "idea.published",
        /// The text of a public idea changed.
        IdeaRevised = "idea.revised",
        /// A public idea left the public eye: mirrors take its text down.
        IdeaTakenDown = "idea.taken_down",
        /// Nobody is named as the author of a public idea any more: mirrors take the name down.
        IdeaAnonymised = "idea.anonymised",
        /// An idea waits for a moderator.
        IdeaHeld = "idea.held",
        /// A comment became public.
        CommentPublished = "comment.published",
        /// The text of a public comment changed.
        CommentRevised = "comment.revised",
        /// A public comment left the public eye: mirrors take its text down, and what stands below it.
        CommentTakenDown = "comment.taken_down",
        /// Nobody is named as the author of a public comment any more: mirrors take the name down.
        CommentAnonymised = "comment.anonymised",
        /// A comment waits for a moderator.
        CommentHeld = "comment.held",
        /// Nobody may write under an idea or a comment any more.
        DiscussionLocked = "discussion.locked",
        /// One may write under an idea or a comment again.
        DiscussionOpened = "discussion.opened",
        /// A moderator restricted a comment, on a ground.
        CommentRestricted = "comment.restricted",
        /// A moderator hid or removed an idea, on a ground.
        IdeaRestricted = "idea.restricted",
        /// Somebody appealed against a decision.
        AppealMade = "appeal.made",
        /// An appeal was decided.
        AppealDecided = "appeal.decided",
        /// A moderator proposes to merge ideas.
        MergeProposed = "merge.proposed",
        /// A proposal to merge ideas was taken back.
        MergeWithdrawn = "merge.withdrawn",
        /// Ideas were merged: mirrors take them together.
        MergeCarriedOut = "merge.carried_out",
        /// Ideas could not be merged when the time was over.
        MergeLapsed = "merge.lapsed",
        /// A merge was undone: the ideas stand by themselves again.
        MergeReversed = "merge.reversed",
        /// Votes are set aside while it is looked at where they came from.
        VotesQuarantined = "votes.quarantined",
        /// Votes that were set aside are counted again.
        VotesReleased = "votes.released",
        /// Votes are not counted.
        VotesInvalidated = "votes.invalidated",
        /// Votes that were not counted are counted again, for it was wrong.
        VotesRestored = "votes.restored",
        /// Somebody was warned or suspended, on a ground; about whom is not told.
        AccountSanctioned = "account.sanctioned",
        /// An appeal against such a decision was decided.
        SanctionAppealDecided = "sanction_appeal.decided",
        /// An idea has an answer, or another revision of it.
        IdeaAnswered = "idea.answered",
        /// The author of an idea asked back, and it waits for another answer.
        IdeaFollowedUp = "idea.followed_up",
        /// An office was given an idea to answer, or it was taken from it.
        IdeaAssigned = "idea.assigned",
        /// Somebody of the staff wrote a note on an idea.
        NoteWritten = "note.written",
        /// A template of answers was made, changed or removed.
        TemplateChanged = "template.changed",
        /// The support of an idea has changed.
        IdeaSupportsCounted = "idea.supports_counted",
        /// The council says that it will do something.
        CommitmentMade = "commitment.made",
        /// A commitment stands otherwise than before.
        CommitmentChanged = "commitment.changed",
        /// A dated step of a commitment was planned.
        MilestonePlanned = "milestone.planned",
        /// A step of a commitment was reached, or what shows it was put right.
        MilestoneReached = "milestone.reached",
        /// What came of a challenge was published, or revised.
        OutcomePublished = "outcome.published",
        /// So many have supported an idea at the open door that it is owed a decision.
        IdeaRaised = "idea.raised",
        /// A challenge is made of such an idea.
        IdeaTakenUp = "idea.taken_up",
        /// Another number has to support an idea at the open door.
        ThresholdChanged = "threshold.changed",
        /// Ideas are put to the vote.
        BallotPaperWritten = "ballot_paper.written",
        /// Votes are over and counted.
        ResultPublished = "result.published",
        /// What a council tells of a challenge that runs was published, or put right.
        UpdatePublished = "update.published",
        /// A challenge has passed the gate.
        ChallengeOpened = "challenge.opened",
        /// A challenge was ended before its last phase had.
        ChallengeClosed = "challenge.closed",
        /// The council's working days or holidays are others.
        CalendarWritten = "calendar.written",
        /// An open challenge is promised otherwise, or its answers were given more time.
        PromiseChanged = "promise.changed",
        /// The clock of a promise stands still, with a reason.
        PromisePaused = "promise.paused",
        /// The clock of a promise goes on before it had to.
        PromiseResumed = "promise.resumed",
        /// The council is quiet for some days.
        QuietPeriodDeclared = "quiet_period.declared",
        /// A quiet period ends sooner, or was called off.
        QuietPeriodEnded = "quiet_period.ended",
    }
}

text_enum! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

text_enum! {
    /// How a promise came to be as it is.
    pub enum PromiseChange {
        /// As it was when the challenge opened.
        Original = "original",
        /// More was promised, or sooner.
        Stricter = "stricter",
        /// Less was promised, or later, for a public reason.
        Weaker = "weaker",
        /// The answers that were owed then were given more time, for a public reason.
        Extension = "extension",
    }
}

text_enum! {
    /// Whether the clock of a promise runs.
    pub enum ClockState {
        /// Working days count.
        Running = "running",
        /// It was stopped for this challenge.
        Paused = "paused",
        /// The whole council is quiet.
        Quiet = "quiet",
    }
}

text_enum! {
    /// Who may read an entry.
    pub enum Visibility {
        /// Everybody.
        Public = "public",
        /// The council's staff.
        Staff = "staff",
    }
}

text_enum! {
    /// What becomes of the public ideas of somebody who goes.
    pub enum FateOfIdeas {
        /// They stay, and nobody is named; so do comments.
        Anonymise = "anonymise",
        /// Their texts go, and those of comments; that there was one, and what the council and others answered, stays.
        Withdraw = "withdraw",
    }
}

text_enum! {
    /// Where an idea came from.
    pub enum IdeaOrigin {
        /// A resident's account.
        Account = "account",
        /// An imported file.
        Import = "import",
    }
}

text_enum! {
    /// What the audit log tells.
    pub enum AuditAction {
        /// Somebody was refused by role.
        AuthorisationRefused = "authorisation.refused",
        /// How many more refusals of an account there were in an hour than are listed.
        AuthorisationRefusalsLeftOut = "authorisation.refusals_left_out",
        /// A token of this council was shown to another.
        TokenShownElsewhere = "token.shown_elsewhere",
        /// A refresh token was used twice, and its session ended.
        RefreshTokenReused = "refresh_token.reused",
        /// A session was begun.
        SessionBegun = "session.begun",
        /// A session was ended.
        SessionEnded = "session.ended",
        /// A password was changed by its owner.
        PasswordChanged = "password.changed",
        /// A password was set anew by a mailed link.
        PasswordReset = "password.reset",
        /// An account has another address.
        EmailChanged = "email.changed",
        /// Somebody took a copy of what is kept of them.
        DataDownloaded = "data.downloaded",
        /// An account was erased, by its owner or by whoever operates the platform.
        AccountErased = "account.erased",
        /// A second factor or a passkey was added.
        FactorAdded = "factor.added",
        /// A second factor or a passkey was taken away.
        FactorRemoved = "factor.removed",
        /// Recovery codes were made anew.
        RecoveryCodesMade = "recovery_codes.made",
        /// A recovery code was used.
        RecoveryCodeUsed = "recovery_code.used",
        /// Somebody was invited to the staff.
        InvitationMade = "invitation.made",
        /// An invitation was followed.
        InvitationAccepted = "invitation.accepted",
        /// An invitation was taken back.
        InvitationWithdrawn = "invitation.withdrawn",
        /// Somebody of the staff has another role.
        RoleChanged = "role.changed",
        /// Somebody left the staff.
        StaffRemoved = "staff.removed",
        /// Somebody was warned.
        AccountWarned = "account.warned",
        /// An account was suspended.
        AccountSuspended = "account.suspended",
        /// A suspension was ended.
        AccountRestored = "account.restored",
        /// An outside reviewer was named, or is none any more.
        OutsideReviewerNamed = "outside_reviewer.named",
        /// An appeal was shown to the outside reviewer.
        ReviewGranted = "review.granted",
        /// An appeal against a warning or a suspension was decided.
        SanctionAppealDecided = "sanction_appeal.decided",
        /// A council was made.
        CouncilMade = "council.made",
        /// Settings of the council were changed.
        SettingsChanged = "settings.changed",
        /// A privacy notice was published.
        NoticePublished = "notice.published",
        /// A ground was written.
        GroundWritten = "ground.written",
        /// An office was made.
        OfficeMade = "office.made",
        /// An office has another name or other members.
        OfficeChanged = "office.changed",
        /// A key for programs was made.
        KeyMade = "key.made",
        /// A key for programs was ended.
        KeyEnded = "key.ended",
        /// The sandbox was begun anew.
        SandboxReset = "sandbox.reset",
        /// A sign-in provider was set up.
        ProviderMade = "provider.made",
        /// A sign-in provider was changed.
        ProviderChanged = "provider.changed",
        /// A sign-in provider was taken away.
        ProviderRemoved = "provider.removed",
        /// A sign-in provider was linked to an account.
        IdentityLinked = "identity.linked",
        /// A sign-in provider was unlinked from an account.
        IdentityUnlinked = "identity.unlinked",
        /// A resident was verified in person.
        ResidentVerified = "resident.verified",
        /// An office saw that somebody who was protected has come of age.
        ProtectionEnded = "protection.ended",
        /// Postcodes of the council's area were uploaded.
        PostcodesUploaded = "postcodes.uploaded",
        /// The codes of a batch of letters were made.
        LettersMade = "letters.made",
        /// Entries of the register were uploaded.
        RegisterUploaded = "register.uploaded",
        /// A challenge was drafted.
        ChallengeDrafted = "challenge.drafted",
        /// A draft was written anew.
        ChallengeRewritten = "challenge.rewritten",
        /// The promise of a draft was written.
        PromiseWritten = "promise.written",
        /// The decision-maker has accepted a promise.
        PromiseAccepted = "promise.accepted",
        /// The promise of an open challenge was changed, or its answers were given more time.
        PromiseChanged = "promise.changed",
        /// The clock of a promise was stopped.
        PromisePaused = "promise.paused",
        /// The clock of a promise was started again.
        PromiseResumed = "promise.resumed",
        /// The council's working days or holidays were written.
        CalendarWritten = "calendar.written",
        /// A quiet period was declared.
        QuietPeriodDeclared = "quiet_period.declared",
        /// A quiet period was ended or called off.
        QuietPeriodEnded = "quiet_period.ended",
        /// Something official was asked for in a quiet period, and is held until it is over.
        ActHeld = "act.held",
        /// What was held was taken back.
        HeldActWithdrawn = "held_act.withdrawn",
        /// What was held could not be done any more when the quiet period was over.
        HeldActFailed = "held_act.failed",
        /// A rehearsal of a draft was begun.
        RehearsalBegun = "rehearsal.begun",
        /// It was said anew who is at a rehearsal.
        RehearsalAudienceChanged = "rehearsal.audience_changed",
        /// A rehearsal was ended by hand.
        RehearsalEnded = "rehearsal.ended",
        /// A challenge was opened.
        ChallengeOpened = "challenge.opened",
        /// A challenge was closed before its end.
        ChallengeClosed = "challenge.closed",
        /// A case was opened by a moderator.
        CaseOpened = "case.opened",
        /// A word list was written.
        WordListWritten = "word_list.written",
        /// An idea was published because nobody had looked at it in time, and nothing spoke against it.
        PublishedByClock = "case.published_by_clock",
        /// A case was decided.
        CaseDecided = "case.decided",
        /// Somebody was named to be told of what is withheld for somebody's safety, or nobody any more.
        SafeguardingLeadNamed = "safeguarding_lead.named",
        /// Decisions on many cases were asked for at once.
        CaseBatchMade = "case_batch.made",
        /// They were taken back before they were carried out.
        CaseBatchTakenBack = "case_batch.taken_back",
        /// An appeal was decided.
        AppealDecided = "appeal.decided",
        /// It was proposed to merge ideas.
        MergeProposed = "merge.proposed",
        /// A proposal to merge ideas was taken back.
        MergeWithdrawn = "merge.withdrawn",
        /// The time to choose about a merge was over, and what could be done was done.
        MergeEnded = "merge.ended",
        /// A merge was undone.
        MergeReversed = "merge.reversed",
        /// Somebody looked at votes that a program had pointed to, and left them counted.
        SignalDismissed = "signal.dismissed",
        /// Votes were set aside.
        VotesQuarantined = "votes.quarantined",
        /// Votes that were set aside are counted again.
        VotesReleased = "votes.released",
        /// It was proposed not to count votes.
        InvalidationProposed = "votes.invalidation_proposed",
        /// A second person approved that votes are not counted.
        VotesInvalidated = "votes.invalidated",
        /// Votes that were not counted are counted again.
        InvalidationReversed = "votes.restored",
        /// An idea was answered.
        AnswerGiven = "answer.given",
        /// A template of answers was made.
        TemplateMade = "template.made",
        /// A template of answers was written anew.
        TemplateChanged = "template.changed",
        /// A template of answers was removed.
        TemplateRemoved = "template.removed",
        /// An office was given an idea to answer, or it was taken from it.
        IdeaAssigned = "idea.assigned",
        /// A note was written on an idea.
        NoteWritten = "note.written",
        /// A commitment was made.
        CommitmentMade = "commitment.made",
        /// A commitment was changed.
        CommitmentChanged = "commitment.changed",
        /// A step of a commitment was planned.
        MilestonePlanned = "milestone.planned",
        /// A step of a commitment was reached, or what shows it was put right.
        MilestoneReached = "milestone.reached",
        /// An outcome was published or revised.
        OutcomePublished = "outcome.published",
        /// It was said how many have to support an idea at the open door.
        ThresholdSet = "threshold.set",
        /// It was said what is put to the vote.
        BallotPaperWritten = "ballot_paper.written",
        /// A challenge was drafted from an idea at the open door.
        IdeaTakenUp = "idea.taken_up",
        /// An update on a challenge was published or put right.
        UpdatePublished = "update.published",
        /// A campaign was made.
        CampaignMade = "campaign.made",
    }
}

text_enum! {
    /// What a key for programs works with.
    pub enum KeyMode {
        /// The council itself.
        Live = "live",
        /// The council's sandbox.
        Test = "test",
    }
}

text_enum! {
    /// Who did what the audit log tells.
    pub enum AuditActor {
        /// An account.
        Account = "account",
        /// A program, with the key of an account.
        Key = "key",
        /// Whoever operates the platform.
        Platform = "platform",
        /// Nobody who is signed in: a mailed link, or the clock.
        Nobody = "nobody",
    }
}

/// A word on the wire, and what it means.
pub type Word = (&'static str, &'static str);

/// Every list of words that goes over the wire, by its name.
pub fn lists() -> Vec<(&'static str, Vec<Word>)> {
    macro_rules! lists {
        ($($name:literal $list:ident),+ $(,)?) => {
            vec![$(($name, $list::ALL.iter().map(|word| (word.as_str(), word.explanation())).collect())),+]
        };
    }
    lists![
        "role" Role,
        "account_state" AccountState,
        "account_kind" AccountKind,
        "age_band" AgeBand,
        "under_18" Under18,
        "proof_of_work" ProofOfWork,
        "verification_method" VerificationMethod,
        "moderation_policy" ModerationPolicy,
        "stage" Stage,
        "theme_effect" ThemeEffect,
        "readiness_item" ReadinessItem,
        "waivable" Waivable,
        "audience" Audience,
        "item_state" ItemState,
        "held_for" HeldFor,
        "screener" Screener,
        "finding_kind" FindingKind,
        "text_field" TextField,
        "voting_rule" VotingRule,
        "ballot_rule" BallotRule,
        "ballot_tally" BallotTally,
        "ballot_ties" BallotTies,
        "interim" Interim,
        "round_kind" RoundKind,
        "withheld" Withheld,
        "phase_kind" PhaseKind,
        "challenge_kind" ChallengeKind,
        "settled_as" SettledAs,
        "challenge_state" ChallengeState,
        "idea_state" IdeaState,
        "stance" Stance,
        "idea_status" IdeaStatus,
        "answer_kind" AnswerKind,
        "answer_reply" AnswerReply,
        "bulk_result" BulkResult,
        "held_act_kind" HeldActKind,
        "held_act_state" HeldActState,
        "case_reason" CaseReason,
        "case_state" CaseState,
        "report_reason" ReportReason,
        "claimed" Claimed,
        "decision_kind" DecisionKind,
        "text_change" TextChange,
        "batch_state" BatchState,
        "batch_item_state" BatchItemState,
        "appeal_result" AppealResult,
        "merge_silence" MergeSilence,
        "merge_state" MergeState,
        "merge_source_state" MergeSourceState,
        "left_because" LeftBecause,
        "merge_choice" MergeChoice,
        "signal_kind" SignalKind,
        "signal_state" SignalState,
        "sanction_kind" SanctionKind,
        "commitment_status" CommitmentStatus,
        "campaign_action" CampaignAction,
        "fate_of_ideas" FateOfIdeas,
        "sign_in_method" SignInMethod,
        "entry_kind" EntryKind,
        "audit_action" AuditAction,
        "audit_actor" AuditActor,
        "key_mode" KeyMode,
        "weekday" Weekday,
        "promise_change" PromiseChange,
        "clock_state" ClockState,
    ]
}

/// A word as a person reads it: `awaiting_answer` as "Awaiting answer", `idea.published` as "Idea published".
pub fn label(word: &str) -> String {
    let text = word.replace(['_', '.'], " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

-- Every council-owned table has council_id first in its primary key, in each unique constraint and in each
-- foreign key, so that the database itself refuses a reference across councils and partitioning stays possible.
-- (Here `entries` has its place as the key that SQLite counts; its other keys begin with the council.)

CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    secret_fingerprint TEXT NOT NULL,
    last_number INTEGER NOT NULL,
    -- Which of the keys derived from the secret signs access tokens.
    signing_generation INTEGER NOT NULL,
    signing_since INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    -- How far the clock of a demo was moved, in microseconds.
    clock_offset INTEGER NOT NULL,
    sequencer TEXT,
    sequencer_until INTEGER
) STRICT;

CREATE TABLE platform_admins (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE limit_buckets (
    action TEXT NOT NULL,
    key TEXT NOT NULL,
    full_at INTEGER NOT NULL,
    PRIMARY KEY (action, key)
) STRICT;
CREATE INDEX limit_buckets_by_age ON limit_buckets (full_at);

CREATE TABLE councils (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL,
    idea_prefix TEXT NOT NULL,
    site_url TEXT NOT NULL,
    staff_second_factor INTEGER NOT NULL,
    minimum_age INTEGER NOT NULL CHECK (minimum_age BETWEEN 13 AND 18),
    under_18 TEXT NOT NULL CHECK (under_18 IN ('allowed', 'allowed_protected', 'refused')),
    proof_of_work TEXT NOT NULL CHECK (proof_of_work IN ('when_asked', 'always')),
    mail_domains_allowed TEXT NOT NULL,
    mail_domains_refused TEXT NOT NULL,
    -- Past the promised hour, whether what nothing was found in is published without a moderator.
    publish_clean_by_clock INTEGER NOT NULL,
    no_new_challenges_while_overdue INTEGER NOT NULL,
    silence_in_merges TEXT NOT NULL CHECK (silence_in_merges IN ('consent', 'opt_out')),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- A council's copy for programs with test keys: nobody else ever sees it.
    sandbox_of BLOB REFERENCES councils (id),
    -- Of which of its challenges it is a rehearsal, where it is one; a sandbox is of none.
    rehearsal_of BLOB,
    sandbox_ended_at INTEGER,
    CHECK (rehearsal_of IS NULL OR sandbox_of IS NOT NULL)
) STRICT;
-- What refers to a copy refers to one of its own council.
CREATE UNIQUE INDEX councils_copies ON councils (sandbox_of, id);
CREATE UNIQUE INDEX councils_one_sandbox ON councils (sandbox_of) WHERE sandbox_ended_at IS NULL AND rehearsal_of IS NULL;

CREATE TABLE idea_numbers (
    council_id BLOB NOT NULL PRIMARY KEY REFERENCES councils (id),
    last_number INTEGER NOT NULL
) STRICT;

CREATE TABLE privacy_notices (
    council_id BLOB NOT NULL REFERENCES councils (id),
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, version)
) STRICT;

CREATE TABLE grounds (
    council_id BLOB NOT NULL REFERENCES councils (id),
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    -- Whether it is about somebody's safety: then nobody is told which ground it was.
    safeguarding INTEGER NOT NULL CHECK (safeguarding IN (0, 1)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, code)
) STRICT;

CREATE TABLE accounts (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    password_hash TEXT,
    role TEXT NOT NULL CHECK (role IN ('resident', 'moderator', 'officer', 'analyst', 'admin')),
    state TEXT NOT NULL CHECK (state IN ('unconfirmed', 'active', 'suspended', 'erased')),
    -- Raised when the password or the address changes: what was trusted before is not any more.
    credentials_version INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'ephemeral')),
    -- Under this id a public profile is read; without one, the owner has another name in each challenge.
    profile_id BLOB,
    -- What its owner said; never a date of birth.
    age_band TEXT CHECK (age_band IN ('under_18', 'adult')),
    protected INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, email_key),
    UNIQUE (council_id, profile_id)
) STRICT;
CREATE INDEX accounts_unconfirmed ON accounts (created_at) WHERE state = 'unconfirmed';
CREATE INDEX accounts_by_role ON accounts (council_id, role);
CREATE INDEX accounts_by_name ON accounts (council_id, display_name);
-- Names that were given and not chosen tell one from another.
CREATE UNIQUE INDEX accounts_protected_names ON accounts (council_id, display_name) WHERE protected = 1;

CREATE TABLE sessions (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    token_hash TEXT NOT NULL,
    generation INTEGER NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('password', 'mail', 'passkey', 'single_sign_on', 'operator')),
    two_factors INTEGER NOT NULL,
    device TEXT,
    authenticated_at INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_account ON sessions (council_id, account_id);

CREATE TABLE one_time_tokens (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('confirm_email', 'invitation', 'accept_promise', 'sign_in', 'reset_password', 'change_email', 'undo_email', 'participate', 'sign_on', 'first_sign_on', 'appeal', 'reply', 'review', 'merge', 'contest')),
    token_hash TEXT NOT NULL,
    -- Of the six digits that do the same as the link, for five tries.
    code_mac TEXT,
    tries INTEGER NOT NULL,
    subject_id BLOB NOT NULL,
    -- Whose it is, where it is about an account: it goes with it.
    account_id BLOB,
    data TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, kind, token_hash),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX one_time_tokens_by_account ON one_time_tokens (council_id, account_id);
CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at);
CREATE INDEX one_time_tokens_by_subject ON one_time_tokens (council_id, kind, subject_id);

-- The seed of six-digit codes (RFC 6238), sealed; in force once one code was shown.
CREATE TABLE totp_seeds (
    council_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    sealed_seed TEXT NOT NULL,
    confirmed_at INTEGER,
    -- The step of the last code that was taken: each is good once.
    last_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, account_id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;

CREATE TABLE recovery_codes (
    council_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    code_mac TEXT NOT NULL,
    used_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, account_id, code_mac),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;

CREATE TABLE passkeys (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    credential_id TEXT NOT NULL,
    -- The public key and the state that authenticators keep (counter, backup), in the form of the library.
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, credential_id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX passkeys_by_account ON passkeys (council_id, account_id);

-- What a browser was asked to sign with a passkey, for the few minutes in which it does.
CREATE TABLE passkey_ceremonies (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    -- Whose new passkey it is; none where somebody signs in.
    account_id BLOB,
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX passkey_ceremonies_by_expiry ON passkey_ceremonies (expires_at);
CREATE INDEX passkey_ceremonies_by_account ON passkey_ceremonies (council_id, account_id);

CREATE TABLE challenges (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    -- The open door never closes, and there is one at most.
    kind TEXT NOT NULL DEFAULT 'question' CHECK (kind IN ('question', 'open_door')),
    title TEXT NOT NULL,
    question TEXT NOT NULL,
    body TEXT NOT NULL,
    language TEXT NOT NULL,
    moderation TEXT NOT NULL CHECK (moderation IN ('pre', 'post', 'trusted')),
    -- Under `trusted`: from how many accepted ideas on an author is known.
    trusted_after INTEGER NOT NULL CHECK (trusted_after BETWEEN 1 AND 100),
    voting_rule TEXT NOT NULL CHECK (voting_rule IN ('support')),
    eligibility TEXT NOT NULL,
    -- What the public is told before it is asked; and how everything stood that the gate looks at, when it opened.
    background TEXT NOT NULL,
    readiness TEXT,
    opened_at INTEGER,
    closes_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    CHECK (kind = 'open_door' OR (opened_at IS NULL) = (closes_at IS NULL)),
    CHECK (kind <> 'open_door' OR closes_at IS NULL),
    CHECK ((opened_at IS NULL) = (readiness IS NULL))
) STRICT;
CREATE INDEX challenges_by_opening ON challenges (council_id, opened_at, id);
CREATE UNIQUE INDEX challenges_one_open_door ON challenges (council_id) WHERE kind = 'open_door';

CREATE TABLE challenge_categories (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    key TEXT NOT NULL,
    label TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id, key),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id)
) STRICT;

CREATE TABLE phases (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ideation', 'discussion', 'voting', 'review', 'results')),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at > starts_at),
    submit INTEGER NOT NULL,
    comment INTEGER NOT NULL,
    support INTEGER NOT NULL,
    vote INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id, position),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id)
) STRICT;

CREATE TABLE promises (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    decision_office TEXT NOT NULL,
    decision_email TEXT NOT NULL,
    in_their_power TEXT NOT NULL,
    answer_within_days INTEGER NOT NULL CHECK (answer_within_days > 0),
    moderate_within_hours INTEGER NOT NULL CHECK (moderate_within_hours > 0),
    -- None of an open door.
    publish_outcome_by INTEGER,
    success_measure TEXT NOT NULL,
    accepted_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id)
) STRICT;

-- When the council works, and what moves the clocks of its promises. Days are written as in 2027-03-31, and a stop lasts
-- up to its `until_day`, which counts again.
CREATE TABLE calendars (
    council_id BLOB NOT NULL PRIMARY KEY REFERENCES councils (id),
    -- A bit for each day of the week, Monday's first.
    working_days INTEGER NOT NULL CHECK (working_days BETWEEN 1 AND 127),
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE holidays (
    council_id BLOB NOT NULL REFERENCES councils (id),
    day TEXT NOT NULL CHECK (length(day) = 10),
    name TEXT NOT NULL,
    PRIMARY KEY (council_id, day)
) STRICT;

CREATE TABLE quiet_periods (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    from_day TEXT NOT NULL CHECK (length(from_day) = 10),
    until_day TEXT NOT NULL CHECK (length(until_day) = 10),
    area TEXT NOT NULL,
    ground TEXT NOT NULL,
    declared_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (council_id, id),
    -- One that is called off before it begins lasts no day.
    CHECK (from_day < until_day OR (from_day = until_day AND ended_at IS NOT NULL))
) STRICT;
CREATE INDEX quiet_periods_by_day ON quiet_periods (council_id, until_day);

-- What the council would say or open in a quiet period, to be done when it is over.
CREATE TABLE held_acts (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('answer', 'take_up', 'update', 'update_correction', 'outcome', 'opening')),
    challenge_id BLOB NOT NULL,
    -- The idea, the update or the challenge that it is about.
    subject_id BLOB NOT NULL,
    -- The request as it was checked.
    request TEXT NOT NULL,
    quiet_period_id BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    -- The key of the program that asked, where one did.
    key_id BLOB,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'carried_out', 'failed', 'withdrawn')),
    settled_at INTEGER,
    problem TEXT,
    told_at INTEGER,
    -- How often it went wrong on our side.
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id),
    FOREIGN KEY (council_id, quiet_period_id) REFERENCES quiet_periods (council_id, id),
    FOREIGN KEY (council_id, asked_by) REFERENCES accounts (council_id, id),
    CHECK ((state = 'held') = (settled_at IS NULL)),
    CHECK ((state = 'failed') = (problem IS NOT NULL)),
    CHECK (told_at IS NULL OR state = 'failed')
) STRICT;
CREATE UNIQUE INDEX held_acts_one_held ON held_acts (council_id, kind, subject_id) WHERE state = 'held';
CREATE INDEX held_acts_by_state ON held_acts (council_id, state, id);
CREATE INDEX held_acts_by_account ON held_acts (council_id, asked_by);
CREATE INDEX held_acts_by_challenge ON held_acts (council_id, challenge_id);
CREATE INDEX held_acts_by_period ON held_acts (council_id, quiet_period_id);

CREATE TABLE promise_changes (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('original', 'stricter', 'weaker', 'extension')),
    answer_within_days INTEGER NOT NULL CHECK (answer_within_days > 0),
    moderate_within_hours INTEGER NOT NULL CHECK (moderate_within_hours > 0),
    publish_outcome_by INTEGER,
    extension_days INTEGER CHECK (extension_days > 0),
    reason TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id, number),
    FOREIGN KEY (council_id, challenge_id) REFERENCES promises (council_id, challenge_id),
    CHECK (kind IN ('original', 'stricter') OR reason IS NOT NULL),
    CHECK ((kind = 'extension') = (extension_days IS NOT NULL)),
    CHECK ((kind = 'original') = (number = 1))
) STRICT;

CREATE TABLE promise_pauses (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    from_day TEXT NOT NULL CHECK (length(from_day) = 10),
    until_day TEXT NOT NULL CHECK (length(until_day) = 10),
    reason TEXT NOT NULL,
    paused_at INTEGER NOT NULL,
    resumed_at INTEGER,
    PRIMARY KEY (council_id, challenge_id, number),
    FOREIGN KEY (council_id, challenge_id) REFERENCES promises (council_id, challenge_id),
    CHECK (from_day < until_day OR (from_day = until_day AND resumed_at IS NOT NULL))
) STRICT;

CREATE TABLE voters (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('account', 'ephemeral', 'paper')),
    account_id BLOB,
    register_tag TEXT,
    verified_by TEXT,
    ward TEXT,
    age_band TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, challenge_id, account_id),
    UNIQUE (council_id, challenge_id, register_tag),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX voters_by_account ON voters (council_id, account_id);

CREATE TABLE ideas (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    author_id BLOB,
    origin TEXT NOT NULL CHECK (origin IN ('account', 'import')),
    source_ref TEXT,
    state TEXT NOT NULL CHECK (state IN ('draft', 'held', 'returned', 'published', 'hidden', 'removed', 'withdrawn', 'merged', 'erased')),
    status TEXT NOT NULL CHECK (status IN ('awaiting_answer', 'accepted', 'partly_accepted', 'declined', 'out_of_scope', 'already_done', 'needs_information')),
    answer_id BLOB,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    category TEXT,
    search_text TEXT NOT NULL,
    shuffle INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    submitted_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    answer_due_at INTEGER NOT NULL,
    -- When the council's clock began, and when it would run out had nothing moved it.
    clock_from INTEGER NOT NULL,
    answer_promised_by INTEGER NOT NULL,
    -- When its author asked back; once.
    followed_up_at INTEGER,
    -- The decision by which nobody may write under it any more.
    locked_by BLOB,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, number),
    UNIQUE (council_id, challenge_id, source_ref),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id),
    FOREIGN KEY (council_id, author_id) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, challenge_id, category) REFERENCES challenge_categories (council_id, challenge_id, key),
    -- No status without an answer that gives its reason.
    CHECK ((status = 'awaiting_answer') = (answer_id IS NULL))
) STRICT;
CREATE INDEX ideas_newest ON ideas (council_id, challenge_id, state, submitted_at, id);
CREATE INDEX ideas_by_status ON ideas (council_id, challenge_id, status, submitted_at, id);
CREATE INDEX ideas_by_author ON ideas (council_id, author_id, submitted_at);
-- What is owed and late, whatever was answered before.
CREATE INDEX ideas_owed ON ideas (council_id, status, answer_due_at);

CREATE TABLE idea_revisions (
    council_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    category TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, idea_id, revision),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id)
) STRICT;

CREATE TABLE idea_counters (
    council_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    supports INTEGER NOT NULL CHECK (supports >= 0),
    announced INTEGER NOT NULL,
    -- The comments that everybody sees where they see the idea, by what they say to it.
    comments_for INTEGER NOT NULL DEFAULT 0 CHECK (comments_for >= 0),
    comments_against INTEGER NOT NULL DEFAULT 0 CHECK (comments_against >= 0),
    comments_neutral INTEGER NOT NULL DEFAULT 0 CHECK (comments_neutral >= 0),
    PRIMARY KEY (council_id, idea_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id)
) STRICT;
CREATE INDEX idea_counters_most_supported ON idea_counters (council_id, challenge_id, supports, idea_id);
CREATE INDEX idea_counters_unannounced ON idea_counters (council_id, idea_id) WHERE supports <> announced;

CREATE TABLE supports (
    council_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    voter_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    -- Of the network that it came from, a keyed hash, until two weeks after the challenge has closed.
    trace TEXT,
    PRIMARY KEY (council_id, idea_id, voter_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, voter_id) REFERENCES voters (council_id, id)
) STRICT;
CREATE INDEX supports_by_voter ON supports (council_id, voter_id);
CREATE INDEX supports_by_time ON supports (council_id, created_at);

-- What is said of an idea. Where a comment answers another one it stands below it, three deep at most.
CREATE TABLE comments (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    parent_id BLOB,
    depth INTEGER NOT NULL CHECK (depth BETWEEN 0 AND 2),
    author_id BLOB,
    stance TEXT NOT NULL CHECK (stance IN ('for', 'against', 'neutral')),
    state TEXT NOT NULL CHECK (state IN ('held', 'returned', 'published', 'hidden', 'removed', 'withdrawn', 'erased')),
    body TEXT NOT NULL,
    -- By what its text is known again: a keyed hash of its letters.
    digest TEXT,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    version INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    -- When it was first public; nothing of what never was is shown in public.
    published_at INTEGER,
    locked_by BLOB,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, idea_id, id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, idea_id, parent_id) REFERENCES comments (council_id, idea_id, id),
    FOREIGN KEY (council_id, author_id) REFERENCES accounts (council_id, id),
    CHECK ((depth = 0) = (parent_id IS NULL)),
    CHECK (state <> 'published' OR published_at IS NOT NULL)
) STRICT;
CREATE INDEX comments_of_idea ON comments (council_id, idea_id, parent_id, written_at, id);
CREATE INDEX comments_below ON comments (council_id, parent_id);
CREATE INDEX comments_by_author ON comments (council_id, author_id, written_at);
CREATE INDEX comments_by_digest ON comments (council_id, digest);

CREATE TABLE comment_revisions (
    council_id BLOB NOT NULL,
    comment_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, comment_id, revision),
    FOREIGN KEY (council_id, comment_id) REFERENCES comments (council_id, id)
) STRICT;

CREATE TABLE cases (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    -- The comment under the idea that it is about; nothing where it is about the idea.
    comment_id BLOB,
    reason TEXT NOT NULL CHECK (reason IN ('before_publication', 'after_publication', 'own_motion', 'report', 'appeal')),
    state TEXT NOT NULL CHECK (state IN ('open', 'decided')),
    opened_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    -- Who may not decide it, having decided before; the empty id where nobody is barred.
    barred_id BLOB NOT NULL,
    -- How many residents have reported it; it stays when they go.
    reports INTEGER NOT NULL DEFAULT 0 CHECK (reports >= 0),
    -- Who has it in hand, and for how long.
    claimed_by BLOB,
    claimed_until INTEGER,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, id, barred_id),
    UNIQUE (council_id, id, idea_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, idea_id, comment_id) REFERENCES comments (council_id, idea_id, id),
    FOREIGN KEY (council_id, claimed_by) REFERENCES accounts (council_id, id),
    CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
) STRICT;
CREATE INDEX cases_by_idea ON cases (council_id, idea_id);
CREATE INDEX cases_by_comment ON cases (council_id, comment_id);
CREATE UNIQUE INDEX cases_one_open ON cases (council_id, idea_id) WHERE state = 'open' AND reason <> 'appeal' AND comment_id IS NULL;
CREATE UNIQUE INDEX cases_one_open_of_comment ON cases (council_id, comment_id) WHERE state = 'open' AND reason <> 'appeal';
CREATE INDEX cases_queue ON cases (council_id, state, due_at, id);
CREATE INDEX cases_claimed ON cases (council_id, claimed_by);

-- Screening: what was found in a revision, for the moderator of its case.
CREATE TABLE findings (
    council_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    position INTEGER NOT NULL CHECK (position >= 0),
    idea_id BLOB NOT NULL,
    comment_id BLOB,
    screener TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Where, in Unicode scalar values; nowhere where it is about the whole.
    field TEXT CHECK (field IN ('title', 'body')),
    place_start INTEGER CHECK (place_start >= 0),
    place_end INTEGER CHECK (place_end > place_start),
    PRIMARY KEY (council_id, case_id, revision, position),
    FOREIGN KEY (council_id, case_id, idea_id) REFERENCES cases (council_id, id, idea_id),
    FOREIGN KEY (council_id, idea_id, comment_id) REFERENCES comments (council_id, idea_id, id),
    CHECK ((field IS NULL) = (place_start IS NULL) AND (field IS NULL) = (place_end IS NULL)),
    -- Nothing is found by a screener that does not look for it.
    CHECK ((kind = 'not_checked' AND screener IN ('links', 'repetition', 'personal_data', 'characters', 'words', 'bursts'))
        OR (screener = 'links' AND kind IN ('link'))
        OR (screener = 'repetition' AND kind IN ('repeated_text', 'repeated_characters', 'repeated_words'))
        OR (screener = 'personal_data' AND kind IN ('mail_address', 'phone_number', 'postal_address'))
        OR (screener = 'characters' AND kind IN ('invisible_character', 'confusable_letters', 'styled_letters', 'stacked_marks'))
        OR (screener = 'words' AND kind IN ('listed_word'))
        OR (screener = 'bursts' AND kind IN ('many_from_new_account', 'many_new_accounts')))
) STRICT;
CREATE INDEX findings_by_idea ON findings (council_id, idea_id);
CREATE INDEX findings_by_comment ON findings (council_id, comment_id);

-- By what the text of an idea is known again: a keyed hash of its letters.
CREATE TABLE text_digests (
    council_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (council_id, idea_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id)
) STRICT;
CREATE INDEX text_digests_by_digest ON text_digests (council_id, digest);

CREATE TABLE word_lists (
    council_id BLOB NOT NULL REFERENCES councils (id),
    language TEXT NOT NULL,
    words TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, language)
) STRICT;

CREATE TABLE decisions (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    -- The comment under the idea that it is about; nothing where it is about the idea.
    comment_id BLOB,
    -- What was decided upon: the text that the moderator had read.
    idea_revision INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('publish', 'publish_with_edit', 'return_for_changes', 'hide', 'remove', 'lock')),
    ground_code TEXT,
    statement TEXT,
    decided_by BLOB NOT NULL,
    decided_at INTEGER NOT NULL,
    barred_id BLOB NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, case_id),
    UNIQUE (council_id, id, decided_by),
    FOREIGN KEY (council_id, case_id, barred_id) REFERENCES cases (council_id, id, barred_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, idea_id, comment_id) REFERENCES comments (council_id, idea_id, id),
    FOREIGN KEY (council_id, decided_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, ground_code) REFERENCES grounds (council_id, code),
    -- Nobody decides on an appeal against themselves.
    CHECK (decided_by <> barred_id),
    -- No restriction without its ground and its statement of reasons.
    CHECK (kind = 'publish' OR (ground_code IS NOT NULL AND statement IS NOT NULL))
) STRICT;
CREATE INDEX decisions_by_account ON decisions (council_id, decided_by);
CREATE INDEX decisions_by_idea ON decisions (council_id, idea_id, decided_at);
CREATE INDEX decisions_by_comment ON decisions (council_id, comment_id, decided_at);

-- Who is told at once of what is withheld for somebody's safety; the admins where nobody is named.
CREATE TABLE safeguarding_leads (
    council_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    named_at INTEGER NOT NULL,
    PRIMARY KEY (council_id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;

-- Decisions on many cases, carried out together when their minute is over; nothing is decided before.
CREATE TABLE case_batches (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'carried_out', 'taken_back')),
    kind TEXT NOT NULL CHECK (kind IN ('publish', 'return_for_changes', 'hide', 'remove', 'lock')),
    ground_code TEXT,
    statement TEXT,
    asked_by BLOB NOT NULL,
    -- The key of the program that asked, where one did.
    key_id BLOB,
    asked_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, asked_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, ground_code) REFERENCES grounds (council_id, code),
    CHECK (kind = 'publish' OR (ground_code IS NOT NULL AND statement IS NOT NULL))
) STRICT;
CREATE INDEX case_batches_by_account ON case_batches (council_id, asked_by);

CREATE TABLE case_batch_items (
    council_id BLOB NOT NULL,
    batch_id BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    case_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    comment_id BLOB,
    -- The version that the case had when it was taken in hand: with another one, something has changed.
    case_version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'decided', 'skipped', 'taken_back')),
    decision_id BLOB,
    -- The code of the refusal, where it was skipped.
    refused_with TEXT,
    PRIMARY KEY (council_id, batch_id, position),
    UNIQUE (council_id, batch_id, case_id),
    FOREIGN KEY (council_id, batch_id) REFERENCES case_batches (council_id, id),
    FOREIGN KEY (council_id, case_id, idea_id) REFERENCES cases (council_id, id, idea_id),
    FOREIGN KEY (council_id, idea_id, comment_id) REFERENCES comments (council_id, idea_id, id),
    FOREIGN KEY (council_id, decision_id) REFERENCES decisions (council_id, id),
    CHECK ((state = 'decided') = (decision_id IS NOT NULL)),
    CHECK ((state = 'skipped') = (refused_with IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX case_batch_items_one_waiting ON case_batch_items (council_id, case_id) WHERE state = 'waiting';
CREATE INDEX case_batch_items_by_idea ON case_batch_items (council_id, idea_id);

-- Each resident once of each idea.
CREATE TABLE reports (
    council_id BLOB NOT NULL,
    -- Random: it says nothing of when or who.
    id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    -- The comment under the idea that it is about; nothing where it is about the idea.
    comment_id BLOB,
    case_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    idea_revision INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('personal_data', 'insult', 'hatred', 'danger', 'illegal', 'not_theirs', 'spam', 'other')),
    words TEXT,
    reported_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, idea_id, comment_id) REFERENCES comments (council_id, idea_id, id),
    FOREIGN KEY (council_id, case_id) REFERENCES cases (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    CHECK (reason <> 'other' OR words IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX reports_once ON reports (council_id, idea_id, account_id) WHERE comment_id IS NULL;
CREATE UNIQUE INDEX reports_once_of_comment ON reports (council_id, comment_id, account_id);
CREATE INDEX reports_by_case ON reports (council_id, case_id, id);
CREATE INDEX reports_by_account ON reports (council_id, account_id);

CREATE TABLE appeals (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    decision_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    -- Who decided, and does not decide again.
    barred_id BLOB NOT NULL,
    text TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    result TEXT CHECK (result IN ('upheld', 'reversed', 'amended')),
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, decision_id),
    UNIQUE (council_id, case_id),
    FOREIGN KEY (council_id, decision_id, barred_id) REFERENCES decisions (council_id, id, decided_by),
    FOREIGN KEY (council_id, case_id, barred_id) REFERENCES cases (council_id, id, barred_id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX appeals_by_account ON appeals (council_id, account_id);
CREATE INDEX appeals_by_barred ON appeals (council_id, barred_id);

-- Proposals to join ideas to another one of their challenge, and what came of them.
CREATE TABLE merges (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    target_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'carried_out', 'withdrawn', 'lapsed', 'reversed')),
    reason TEXT NOT NULL,
    -- What it meant to say nothing, as the council had it when this was proposed.
    silence TEXT NOT NULL CHECK (silence IN ('consent', 'opt_out')),
    proposed_by BLOB NOT NULL,
    proposed_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    -- When it was carried out, withdrawn or found to be impossible.
    ended_at INTEGER,
    withdrawn_by BLOB,
    withdrawal_reason TEXT,
    reversed_at INTEGER,
    reversed_by BLOB,
    reversal_reason TEXT,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id),
    FOREIGN KEY (council_id, target_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, proposed_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, withdrawn_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, reversed_by) REFERENCES accounts (council_id, id),
    CHECK (due_at > proposed_at),
    CHECK ((state = 'proposed') = (ended_at IS NULL)),
    CHECK ((state = 'withdrawn') = (withdrawn_by IS NOT NULL) AND (withdrawn_by IS NULL) = (withdrawal_reason IS NULL)),
    CHECK ((state = 'reversed') = (reversed_at IS NOT NULL)
        AND (reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reversal_reason IS NULL))
) STRICT;
CREATE INDEX merges_by_target ON merges (council_id, target_id);
CREATE INDEX merges_by_proposer ON merges (council_id, proposed_by);
CREATE INDEX merges_by_withdrawer ON merges (council_id, withdrawn_by);
CREATE INDEX merges_by_reverser ON merges (council_id, reversed_by);

CREATE TABLE merge_sources (
    council_id BLOB NOT NULL,
    merge_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'merged', 'left', 'reversed')),
    left_because TEXT CHECK (left_because IN ('author', 'not_public', 'answered', 'overdue', 'withdrawn', 'lapsed')),
    -- Whether its author has said that it is to stay by itself; it holds when they have gone.
    kept_by_author INTEGER NOT NULL,
    -- How many supported it when the time was over, how many of them count for the target since, and how many had not before.
    supports INTEGER,
    carried INTEGER CHECK (carried >= 0),
    added INTEGER CHECK (added >= 0),
    PRIMARY KEY (council_id, merge_id, idea_id),
    UNIQUE (council_id, merge_id, position),
    FOREIGN KEY (council_id, merge_id) REFERENCES merges (council_id, id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    CHECK ((state = 'left') = (left_because IS NOT NULL)),
    CHECK ((state IN ('merged', 'reversed')) = (supports IS NOT NULL)
        AND (supports IS NULL) = (carried IS NULL) AND (supports IS NULL) = (added IS NULL)),
    CHECK (added <= carried AND carried <= supports)
) STRICT;
-- An idea is to be merged, or is, into one other at a time.
CREATE UNIQUE INDEX merge_sources_one ON merge_sources (council_id, idea_id) WHERE state IN ('proposed', 'merged');
CREATE INDEX merge_sources_by_idea ON merge_sources (council_id, idea_id);

-- What those whose support it is about have been asked, and chose: once for each account and proposal.
CREATE TABLE merge_choices (
    council_id BLOB NOT NULL,
    -- Random: it says nothing of when or who.
    id BLOB NOT NULL,
    merge_id BLOB NOT NULL,
    account_id BLOB,
    -- So that the choice holds for the vote when the account has gone.
    voter_id BLOB,
    choice TEXT CHECK (choice IN ('carry', 'leave')),
    asked_at INTEGER NOT NULL,
    chosen_at INTEGER,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, merge_id, account_id),
    UNIQUE (council_id, merge_id, voter_id),
    FOREIGN KEY (council_id, merge_id) REFERENCES merges (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, voter_id) REFERENCES voters (council_id, id),
    CHECK ((choice IS NULL) = (chosen_at IS NULL))
) STRICT;
CREATE INDEX merge_choices_by_account ON merge_choices (council_id, account_id);
CREATE INDEX merge_choices_by_voter ON merge_choices (council_id, voter_id);

-- Support that counts for the target since a merge: as it was at the source, so that it can go back.
CREATE TABLE merge_supports (
    council_id BLOB NOT NULL,
    merge_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    voter_id BLOB NOT NULL,
    into_id BLOB NOT NULL,
    supported_at INTEGER NOT NULL,
    -- Whether the target has it from here, or had it before.
    added INTEGER NOT NULL,
    PRIMARY KEY (council_id, merge_id, idea_id, voter_id),
    FOREIGN KEY (council_id, merge_id, idea_id) REFERENCES merge_sources (council_id, merge_id, idea_id),
    FOREIGN KEY (council_id, voter_id) REFERENCES voters (council_id, id),
    FOREIGN KEY (council_id, into_id) REFERENCES ideas (council_id, id)
) STRICT;
CREATE INDEX merge_supports_by_voter ON merge_supports (council_id, voter_id, into_id);
CREATE INDEX merge_supports_into ON merge_supports (council_id, into_id);

-- The key of a day, by which networks are told apart on that day; when it is gone, nobody can tell which they were.
CREATE TABLE trace_keys (
    council_id BLOB NOT NULL,
    day TEXT NOT NULL CHECK (length(day) = 10),
    key TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, day)
) STRICT;
CREATE INDEX trace_keys_by_age ON trace_keys (made_at);

-- Votes that look as if they did not come from people: found by a program, decided by people.
CREATE TABLE vote_signals (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('burst', 'one_network', 'lockstep')),
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'quarantined', 'released', 'proposed', 'invalidated', 'reversed')),
    votes INTEGER NOT NULL CHECK (votes > 0),
    accounts INTEGER NOT NULL CHECK (accounts > 0),
    evidence TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    quarantined_by BLOB,
    quarantined_at INTEGER,
    contest_until INTEGER,
    quarantine_reason TEXT,
    proposed_by BLOB,
    approved_by BLOB,
    settled_by BLOB,
    settled_at INTEGER,
    reason TEXT,
    reversed_by BLOB,
    reversed_at INTEGER,
    reversal_reason TEXT,
    version INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id),
    FOREIGN KEY (council_id, quarantined_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, proposed_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, approved_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, settled_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, reversed_by) REFERENCES accounts (council_id, id),
    CHECK (state IN ('open', 'dismissed') OR (quarantined_by IS NOT NULL AND quarantined_at IS NOT NULL
        AND contest_until > quarantined_at AND quarantine_reason IS NOT NULL)),
    CHECK (state IN ('open', 'quarantined') OR reason IS NOT NULL),
    -- No vote is invalidated by one person.
    CHECK ((state IN ('invalidated', 'reversed')) = (approved_by IS NOT NULL)),
    CHECK (approved_by IS NULL OR (proposed_by IS NOT NULL AND approved_by <> proposed_by)),
    CHECK (state <> 'proposed' OR proposed_by IS NOT NULL),
    CHECK ((state = 'reversed') = (reversed_at IS NOT NULL)
        AND (reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reversal_reason IS NULL))
) STRICT;
CREATE INDEX vote_signals_queue ON vote_signals (council_id, state, id);
CREATE INDEX vote_signals_by_challenge ON vote_signals (council_id, challenge_id);
CREATE INDEX vote_signals_by_quarantiner ON vote_signals (council_id, quarantined_by);
CREATE INDEX vote_signals_by_proposer ON vote_signals (council_id, proposed_by);
CREATE INDEX vote_signals_by_approver ON vote_signals (council_id, approved_by);
CREATE INDEX vote_signals_by_settler ON vote_signals (council_id, settled_by);
CREATE INDEX vote_signals_by_reverser ON vote_signals (council_id, reversed_by);

-- Which votes; those that are set aside are not among the supports, and nowhere else.
CREATE TABLE signal_votes (
    council_id BLOB NOT NULL,
    signal_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    voter_id BLOB NOT NULL,
    supported_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('counted', 'set_aside', 'withdrawn')),
    PRIMARY KEY (council_id, signal_id, idea_id, voter_id),
    -- A vote is looked at once.
    UNIQUE (council_id, idea_id, voter_id),
    FOREIGN KEY (council_id, signal_id) REFERENCES vote_signals (council_id, id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, voter_id) REFERENCES voters (council_id, id)
) STRICT;
CREATE INDEX signal_votes_by_voter ON signal_votes (council_id, voter_id);

CREATE TABLE signal_voters (
    council_id BLOB NOT NULL,
    -- Random: it says nothing of when or who.
    id BLOB NOT NULL,
    signal_id BLOB NOT NULL,
    voter_id BLOB NOT NULL,
    account_id BLOB,
    told_at INTEGER NOT NULL,
    text TEXT,
    contested_at INTEGER,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, signal_id, voter_id),
    UNIQUE (council_id, signal_id, account_id),
    FOREIGN KEY (council_id, signal_id) REFERENCES vote_signals (council_id, id),
    FOREIGN KEY (council_id, voter_id) REFERENCES voters (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    CHECK ((text IS NULL) = (contested_at IS NULL))
) STRICT;
CREATE INDEX signal_voters_by_account ON signal_voters (council_id, account_id);
CREATE INDEX signal_voters_by_voter ON signal_voters (council_id, voter_id);

CREATE TABLE transitions (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    -- The comment under the idea that it is about; nothing where it is about the idea.
    comment_id BLOB,
    from_state TEXT,
    to_state TEXT NOT NULL,
    decision_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, idea_id, comment_id) REFERENCES comments (council_id, idea_id, id),
    FOREIGN KEY (council_id, decision_id) REFERENCES decisions (council_id, id),
    CHECK (to_state NOT IN ('returned', 'hidden', 'removed') OR decision_id IS NOT NULL)
) STRICT;
CREATE INDEX transitions_by_idea ON transitions (council_id, idea_id, at);
CREATE INDEX transitions_by_comment ON transitions (council_id, comment_id, at);

CREATE TABLE answers (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    idea_revision INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('accepted', 'partly_accepted', 'declined', 'out_of_scope', 'already_done', 'needs_information')),
    office TEXT NOT NULL,
    reason TEXT NOT NULL,
    answered_by BLOB NOT NULL,
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, idea_id, revision),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, answered_by) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX answers_by_account ON answers (council_id, answered_by);
CREATE INDEX answers_newest ON answers (council_id, challenge_id, answered_at, id);
CREATE INDEX answers_newest_of_council ON answers (council_id, answered_at, id);

-- Did we answer what you asked? Who was asked and what they said, and how many; the counts stay when somebody goes.
CREATE TABLE answer_questions (
    council_id BLOB NOT NULL,
    -- Random: it says nothing of when or who.
    id BLOB NOT NULL,
    answer_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    reply TEXT CHECK (reply IN ('yes', 'partly', 'no')),
    line TEXT,
    replied_at INTEGER,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, answer_id, account_id),
    FOREIGN KEY (council_id, answer_id) REFERENCES answers (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    CHECK ((reply IS NULL) = (replied_at IS NULL)),
    CHECK (line IS NULL OR reply IS NOT NULL)
) STRICT;
CREATE INDEX answer_questions_by_account ON answer_questions (council_id, account_id);

CREATE TABLE answer_counts (
    council_id BLOB NOT NULL,
    answer_id BLOB NOT NULL,
    asked INTEGER NOT NULL,
    yes INTEGER NOT NULL CHECK (yes >= 0),
    partly INTEGER NOT NULL CHECK (partly >= 0),
    no INTEGER NOT NULL CHECK (no >= 0),
    PRIMARY KEY (council_id, answer_id),
    FOREIGN KEY (council_id, answer_id) REFERENCES answers (council_id, id),
    CHECK (yes + partly + no <= asked)
) STRICT;

-- One for each idea, ever.
CREATE TABLE follow_ups (
    council_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    answer_id BLOB NOT NULL,
    question TEXT,
    asked_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    -- When it would be, had nothing moved it.
    promised_by INTEGER NOT NULL,
    -- Until when the first answer had been owed: a second clock does not make it one that came in time.
    first_due_at INTEGER NOT NULL,
    answered_at INTEGER,
    PRIMARY KEY (council_id, idea_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, answer_id) REFERENCES answers (council_id, id)
) STRICT;
CREATE INDEX follow_ups_by_answer ON follow_ups (council_id, answer_id);

CREATE TABLE commitments (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    what TEXT NOT NULL,
    office TEXT NOT NULL,
    due_on TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('planned', 'in_progress', 'delivered', 'dropped')),
    status_reason TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    delivered_at INTEGER,
    dropped_on TEXT CHECK (length(dropped_on) = 10),
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    CHECK (status <> 'dropped' OR status_reason IS NOT NULL),
    CHECK ((status = 'delivered') = (delivered_at IS NOT NULL)),
    CHECK ((status = 'dropped') = (dropped_on IS NOT NULL))
) STRICT;
CREATE INDEX commitments_of_idea ON commitments (council_id, idea_id, due_on, id);
CREATE INDEX commitments_by_due ON commitments (council_id, due_on, id);

-- How the council keeps its promises, counted from time to time: of all of it together, whose office is '', and of each office.
-- What moderators decide, in numbers, as they were counted last.
CREATE TABLE moderation_figures (
    council_id BLOB PRIMARY KEY NOT NULL REFERENCES councils (id),
    figures TEXT NOT NULL,
    counted_at INTEGER NOT NULL
) STRICT;

CREATE TABLE accountability_figures (
    council_id BLOB NOT NULL REFERENCES councils (id),
    office TEXT NOT NULL,
    from_day TEXT NOT NULL CHECK (length(from_day) = 10),
    until_day TEXT NOT NULL CHECK (length(until_day) = 10),
    quiet_days INTEGER NOT NULL CHECK (quiet_days >= 0),
    on_time INTEGER NOT NULL CHECK (on_time >= 0),
    in_added_time INTEGER NOT NULL CHECK (in_added_time >= 0),
    late INTEGER NOT NULL CHECK (late >= 0),
    unanswered_late INTEGER NOT NULL CHECK (unanswered_late >= 0),
    -- Of what was asked back, which has a clock of its own.
    asked_back_on_time INTEGER NOT NULL CHECK (asked_back_on_time >= 0),
    asked_back_in_added_time INTEGER NOT NULL CHECK (asked_back_in_added_time >= 0),
    asked_back_late INTEGER NOT NULL CHECK (asked_back_late >= 0),
    asked_back_unanswered_late INTEGER NOT NULL CHECK (asked_back_unanswered_late >= 0),
    answered INTEGER NOT NULL CHECK (answered >= 0),
    -- Tenths of a day; none where too few were answered.
    median_tenths INTEGER,
    ninetieth_tenths INTEGER,
    unanswered INTEGER NOT NULL CHECK (unanswered >= 0),
    overdue_now INTEGER NOT NULL,
    commitments_on_time INTEGER NOT NULL CHECK (commitments_on_time >= 0),
    commitments_late INTEGER NOT NULL CHECK (commitments_late >= 0),
    commitments_owed INTEGER NOT NULL CHECK (commitments_owed >= 0),
    commitments_dropped INTEGER NOT NULL CHECK (commitments_dropped >= 0),
    asked INTEGER,
    yes INTEGER,
    partly INTEGER,
    no INTEGER,
    counted_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, office),
    CHECK (from_day < until_day),
    CHECK (overdue_now BETWEEN 0 AND unanswered),
    CHECK ((median_tenths IS NULL) = (ninetieth_tenths IS NULL)),
    -- What few have said is nobody's business.
    CHECK (asked IS NULL OR (yes + partly + no >= 10 AND yes + partly + no <= asked))
) STRICT;

CREATE TABLE milestones (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    commitment_id BLOB NOT NULL,
    title TEXT NOT NULL,
    planned_on TEXT NOT NULL,
    done_on TEXT,
    evidence TEXT,
    evidence_url TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, commitment_id) REFERENCES commitments (council_id, id),
    -- Nothing is done without what shows it.
    CHECK ((done_on IS NULL) = (evidence IS NULL)),
    CHECK (evidence_url IS NULL OR evidence IS NOT NULL)
) STRICT;
CREATE INDEX milestones_of_commitment ON milestones (council_id, commitment_id, planned_on, id);

CREATE TABLE outcomes (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    summary TEXT NOT NULL,
    -- What was heard and what it changed.
    themes TEXT NOT NULL,
    next_steps TEXT,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id),
    FOREIGN KEY (council_id, published_by) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX outcomes_by_account ON outcomes (council_id, published_by);
CREATE INDEX outcomes_newest ON outcomes (council_id, published_at);

CREATE TABLE outcome_ideas (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    what_became_of_it TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id, idea_id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES outcomes (council_id, challenge_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id)
) STRICT;

-- What is put to the vote in a challenge, by what rule; it stands once votes are taken.
CREATE TABLE ballot_papers (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    rule TEXT NOT NULL CHECK (rule IN ('approval', 'points', 'score', 'ranked', 'budget')),
    terms TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id)
) STRICT;

CREATE TABLE ballot_options (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    position INTEGER NOT NULL CHECK (position > 0),
    cost INTEGER CHECK (cost > 0),
    PRIMARY KEY (council_id, challenge_id, idea_id),
    UNIQUE (council_id, challenge_id, position),
    FOREIGN KEY (council_id, challenge_id) REFERENCES ballot_papers (council_id, challenge_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id)
) STRICT;
CREATE INDEX ballot_options_by_idea ON ballot_options (council_id, idea_id);

-- How a vote came out. Ballots are published or it is said why not.
CREATE TABLE ballot_results (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    ballots INTEGER NOT NULL CHECK (ballots >= 0),
    outcomes TEXT NOT NULL,
    withheld TEXT CHECK (withheld IN ('few_ballots', 'whole_rankings')),
    file TEXT,
    sha256 TEXT CHECK (length(sha256) = 64),
    counted_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id),
    CHECK ((file IS NULL) = (withheld IS NOT NULL)),
    CHECK ((file IS NULL) = (sha256 IS NULL)),
    CHECK (file IS NULL OR ballots >= 100),
    FOREIGN KEY (council_id, challenge_id) REFERENCES ballot_papers (council_id, challenge_id)
) STRICT;

-- Another takes the place of a ballot; none is ever changed, and one of a voter counts.
CREATE TABLE ballots (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    voter_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    state TEXT NOT NULL CHECK (state IN ('live', 'replaced', 'withdrawn')),
    marks TEXT NOT NULL,
    salt TEXT NOT NULL CHECK (length(salt) = 64),
    commitment TEXT NOT NULL CHECK (length(commitment) = 64),
    cast_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, voter_id, number),
    FOREIGN KEY (council_id, challenge_id) REFERENCES ballot_papers (council_id, challenge_id),
    FOREIGN KEY (council_id, voter_id) REFERENCES voters (council_id, id)
) STRICT;
CREATE UNIQUE INDEX ballots_one_counts ON ballots (council_id, voter_id) WHERE state = 'live';
CREATE INDEX ballots_by_challenge ON ballots (council_id, challenge_id, state, id);

-- How many have to support an idea at the open door so that it is owed a decision; the greatest number holds.
CREATE TABLE thresholds (
    council_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    supports INTEGER NOT NULL CHECK (supports > 0),
    verified INTEGER CHECK (verified > 0),
    -- Of a hundred who have shown that they live in the area.
    verified_percent INTEGER CHECK (verified_percent BETWEEN 1 AND 100),
    within_days INTEGER NOT NULL CHECK (within_days BETWEEN 1 AND 260),
    reason TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, challenge_id, number),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id)
) STRICT;

-- Each idea is raised once, whatever becomes of the threshold and its support.
CREATE TABLE raised_ideas (
    council_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    threshold INTEGER NOT NULL,
    supports INTEGER NOT NULL,
    within_days INTEGER NOT NULL CHECK (within_days > 0),
    reached_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    promised_by INTEGER NOT NULL,
    settled_as TEXT CHECK (settled_as IN ('taken_up', 'answered', 'declined')),
    answer_id BLOB,
    taken_up_as BLOB,
    settled_at INTEGER,
    PRIMARY KEY (council_id, idea_id),
    UNIQUE (council_id, taken_up_as),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, challenge_id, threshold) REFERENCES thresholds (council_id, challenge_id, number),
    FOREIGN KEY (council_id, answer_id) REFERENCES answers (council_id, id),
    FOREIGN KEY (council_id, taken_up_as) REFERENCES challenges (council_id, id),
    -- No decision without an answer that gives its reason.
    CHECK ((settled_as IS NULL) = (answer_id IS NULL)),
    CHECK ((settled_as IS NULL) = (settled_at IS NULL)),
    CHECK ((settled_as IS NOT NULL AND settled_as = 'taken_up') = (taken_up_as IS NOT NULL))
) STRICT;
CREATE INDEX raised_ideas_newest ON raised_ideas (council_id, challenge_id, reached_at, idea_id);
CREATE INDEX raised_ideas_by_answer ON raised_ideas (council_id, answer_id);

-- What a council tells of a challenge that runs. The text stands in the revisions, and `revision` is the one that holds.
CREATE TABLE updates (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    revision INTEGER NOT NULL CHECK (revision > 0),
    mailed INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    revised_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id)
) STRICT;
CREATE INDEX updates_of_challenge ON updates (council_id, challenge_id, id);
CREATE INDEX updates_newest ON updates (council_id, revised_at, id);

CREATE TABLE update_revisions (
    council_id BLOB NOT NULL,
    update_id BLOB NOT NULL,
    revision INTEGER NOT NULL CHECK (revision > 0),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    office TEXT NOT NULL,
    correction TEXT,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, update_id, revision),
    FOREIGN KEY (council_id, update_id) REFERENCES updates (council_id, id),
    FOREIGN KEY (council_id, published_by) REFERENCES accounts (council_id, id),
    -- Nothing is put right without saying what.
    CHECK ((revision = 1) = (correction IS NULL))
) STRICT;
CREATE INDEX update_revisions_by_account ON update_revisions (council_id, published_by);

CREATE TABLE campaigns (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    target_url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, code)
) STRICT;

-- Counts of a day and an action: nothing here is about a person.
CREATE TABLE campaign_counts (
    council_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL,
    day TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('visit', 'register', 'submit', 'support')),
    n INTEGER NOT NULL,
    PRIMARY KEY (council_id, campaign_id, day, action),
    FOREIGN KEY (council_id, campaign_id) REFERENCES campaigns (council_id, id)
) STRICT;

CREATE TABLE entries (
    place INTEGER NOT NULL PRIMARY KEY,
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    number INTEGER,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'staff')),
    subject_id BLOB NOT NULL,
    data TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    UNIQUE (council_id, id),
    UNIQUE (council_id, number)
) STRICT;
-- In the order of writing: what was written by somebody who had seen another entry comes after that entry. Times of
-- several nodes could not promise as much.
CREATE INDEX entries_unnumbered ON entries (place) WHERE number IS NULL;

CREATE TABLE jobs (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'dead')),
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease INTEGER NOT NULL,
    leased_until INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, kind, dedup_key)
) STRICT;
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_ended ON jobs (run_at) WHERE state <> 'waiting';

-- Nil for what the platform admin does, who belongs to no council.
CREATE TABLE idempotency_keys (
    council_id BLOB NOT NULL,
    caller TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_mac TEXT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    etag TEXT,
    response TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, caller, route, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Who did what to what: ids and words, never a name, an address or a text.
CREATE TABLE audit_events (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('account', 'key', 'platform', 'nobody')),
    actor_id BLOB,
    key_id BLOB,
    subject_id BLOB,
    before TEXT,
    after TEXT,
    PRIMARY KEY (council_id, id)
) STRICT;
CREATE INDEX audit_events_newest ON audit_events (council_id, at, id);
CREATE INDEX audit_events_by_actor ON audit_events (council_id, actor_id, at, id);
CREATE INDEX audit_events_by_subject ON audit_events (council_id, subject_id, at, id);
CREATE INDEX audit_events_by_age ON audit_events (at);

-- What was before this moment may be forgotten; nothing but within the transaction that forgets.
CREATE TABLE audit_retention (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    forget_before INTEGER
) STRICT;
INSERT INTO audit_retention (id, forget_before) VALUES (1, NULL);

CREATE TRIGGER audit_events_are_not_changed BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
CREATE TRIGGER audit_events_are_kept BEFORE DELETE ON audit_events
WHEN NOT EXISTS (SELECT 1 FROM audit_retention WHERE OLD.at < forget_before)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;

-- What an account was refused in an hour; beyond the first few only the number is told.
CREATE TABLE audit_refusals (
    council_id BLOB NOT NULL REFERENCES councils (id),
    account_id BLOB NOT NULL,
    hour INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (council_id, account_id, hour)
) STRICT;
CREATE INDEX audit_refusals_by_age ON audit_refusals (hour);

-- Invitations that nobody has followed yet; what became of the others is in the audit log.
CREATE TABLE invitations (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('moderator', 'officer', 'analyst', 'admin')),
    -- None where whoever operates the platform has invited.
    invited_by BLOB,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, invited_by) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
CREATE INDEX invitations_by_account ON invitations (council_id, invited_by);

-- Decisions on people. No restriction without its ground and its statement of reasons, and none without an end.
CREATE TABLE sanctions (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('warn', 'suspend')),
    ground_code TEXT NOT NULL,
    statement TEXT NOT NULL,
    -- Where it was seen.
    case_id BLOB,
    until INTEGER,
    decided_by BLOB NOT NULL,
    decided_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, id, decided_by),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, ground_code) REFERENCES grounds (council_id, code),
    FOREIGN KEY (council_id, case_id) REFERENCES cases (council_id, id),
    FOREIGN KEY (council_id, decided_by) REFERENCES accounts (council_id, id),
    CHECK ((kind = 'suspend') = (until IS NOT NULL)),
    CHECK (kind = 'suspend' OR ended_at IS NULL),
    -- Nobody decides on themselves.
    CHECK (decided_by <> account_id)
) STRICT;
CREATE UNIQUE INDEX sanctions_one_suspension ON sanctions (council_id, account_id) WHERE kind = 'suspend' AND ended_at IS NULL;
CREATE INDEX sanctions_by_account ON sanctions (council_id, account_id, decided_at, id);
CREATE INDEX sanctions_by_decider ON sanctions (council_id, decided_by);
CREATE INDEX sanctions_by_case ON sanctions (council_id, case_id);
CREATE INDEX sanctions_by_time ON sanctions (decided_at);

CREATE TABLE sanction_appeals (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    sanction_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    -- Who decided, and does not decide again.
    barred_id BLOB NOT NULL,
    text TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    result TEXT CHECK (result IN ('upheld', 'reversed', 'amended')),
    reasons TEXT,
    -- When the suspension ends instead.
    until INTEGER,
    decided_by BLOB,
    decided_at INTEGER,
    -- When the suspension was lifted before anybody had decided, and by whom: it came to all that was asked for.
    lifted_at INTEGER,
    lifted_by BLOB,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, sanction_id),
    FOREIGN KEY (council_id, sanction_id, barred_id) REFERENCES sanctions (council_id, id, decided_by) ON DELETE CASCADE,
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, decided_by) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, lifted_by) REFERENCES accounts (council_id, id),
    -- Nobody decides on an appeal against themselves, or on their own; lifting, which gives all, is open to who suspended.
    CHECK (decided_by <> barred_id),
    CHECK (decided_by <> account_id),
    CHECK (lifted_by <> account_id),
    -- Decided is decided with reasons, by somebody; or it was lifted.
    CHECK ((result IS NULL) = (decided_at IS NULL)),
    CHECK ((reasons IS NULL) = (decided_by IS NULL)),
    CHECK ((result IS NULL OR lifted_at IS NOT NULL) = (decided_by IS NULL)),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
    CHECK (lifted_at IS NULL OR (result IS NOT NULL AND result = 'reversed')),
    -- Only what is amended ends at another time.
    CHECK (until IS NULL OR result = 'amended')
) STRICT;
CREATE INDEX sanction_appeals_open ON sanction_appeals (council_id, due_at, id) WHERE result IS NULL;
CREATE INDEX sanction_appeals_decided ON sanction_appeals (council_id, due_at, id) WHERE result IS NOT NULL;
CREATE INDEX sanction_appeals_by_account ON sanction_appeals (council_id, account_id);
CREATE INDEX sanction_appeals_by_barred ON sanction_appeals (council_id, barred_id);
CREATE INDEX sanction_appeals_by_decider ON sanction_appeals (council_id, decided_by);
CREATE INDEX sanction_appeals_by_lifter ON sanction_appeals (council_id, lifted_by);

-- Who decides appeals that nobody else of the staff may decide; nobody signs in to their account.
CREATE TABLE outside_reviewers (
    council_id BLOB NOT NULL PRIMARY KEY REFERENCES councils (id),
    account_id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    named_at INTEGER NOT NULL,
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;

CREATE TABLE reviews (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    appeal_id BLOB,
    sanction_appeal_id BLOB,
    account_id BLOB NOT NULL,
    granted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, appeal_id) REFERENCES appeals (council_id, id) ON DELETE CASCADE,
    FOREIGN KEY (council_id, sanction_appeal_id) REFERENCES sanction_appeals (council_id, id) ON DELETE CASCADE,
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    -- One appeal, of one kind or the other.
    CHECK ((appeal_id IS NULL) <> (sanction_appeal_id IS NULL))
) STRICT;
CREATE INDEX reviews_by_appeal ON reviews (council_id, appeal_id) WHERE appeal_id IS NOT NULL;
CREATE INDEX reviews_by_sanction_appeal ON reviews (council_id, sanction_appeal_id) WHERE sanction_appeal_id IS NOT NULL;
CREATE INDEX reviews_by_account ON reviews (council_id, account_id);

CREATE TABLE offices (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- The name as it is compared: no two offices look the same.
    name_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, name_key)
) STRICT;

CREATE TABLE office_members (
    council_id BLOB NOT NULL,
    office_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, office_id, account_id),
    FOREIGN KEY (council_id, office_id) REFERENCES offices (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX office_members_by_account ON office_members (council_id, account_id);

-- What officers work with. Nobody else sees it.
CREATE TABLE answer_templates (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('accepted', 'partly_accepted', 'declined', 'out_of_scope', 'already_done', 'needs_information')),
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id)
) STRICT;

CREATE TABLE idea_assignments (
    council_id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    office_id BLOB NOT NULL,
    -- Shown only while they belong to the office.
    officer_id BLOB,
    version INTEGER NOT NULL,
    assigned_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, idea_id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, office_id) REFERENCES offices (council_id, id),
    FOREIGN KEY (council_id, officer_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX idea_assignments_by_office ON idea_assignments (council_id, office_id, idea_id);
CREATE INDEX idea_assignments_by_officer ON idea_assignments (council_id, officer_id);

CREATE TABLE idea_notes (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    idea_id BLOB NOT NULL,
    body TEXT NOT NULL,
    written_by BLOB NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, idea_id) REFERENCES ideas (council_id, id),
    FOREIGN KEY (council_id, written_by) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX idea_notes_of_idea ON idea_notes (council_id, idea_id, id);
CREATE INDEX idea_notes_by_account ON idea_notes (council_id, written_by);

CREATE TABLE api_keys (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- Of the secret part; the key itself was shown once.
    secret_hash TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('live', 'test')),
    -- Whether the session that made it had shown two factors.
    two_factors INTEGER NOT NULL,
    -- Names of rows of the permission table.
    scopes TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    -- A day, so that a request seldom writes.
    last_used_on TEXT,
    ended_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX api_keys_by_account ON api_keys (council_id, account_id);
CREATE INDEX api_keys_by_id ON api_keys (id);
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at);
-- What was shown of somebody's residency, and nothing of what was stated: one row of an account, and one account of a
-- tag, which stands for an entry of the register or a letter.
CREATE TABLE verifications (
    council_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('postcode_list', 'code_letter', 'register_match', 'in_person', 'sso_claim')),
    ward TEXT,
    office TEXT,
    tag TEXT,
    verified_at INTEGER NOT NULL,
    good_until INTEGER NOT NULL,
    PRIMARY KEY (council_id, account_id),
    UNIQUE (council_id, tag),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;

CREATE TABLE area_postcodes (
    council_id BLOB NOT NULL REFERENCES councils (id),
    postcode TEXT NOT NULL,
    ward TEXT NOT NULL,
    PRIMARY KEY (council_id, postcode)
) STRICT;

CREATE TABLE letter_codes (
    council_id BLOB NOT NULL REFERENCES councils (id),
    code_mac TEXT NOT NULL,
    batch_id BLOB NOT NULL,
    ward TEXT,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (council_id, code_mac)
) STRICT;
CREATE INDEX letter_codes_by_expiry ON letter_codes (expires_at);

CREATE TABLE register_entries (
    council_id BLOB NOT NULL REFERENCES councils (id),
    tag TEXT NOT NULL,
    ward TEXT,
    PRIMARY KEY (council_id, tag)
) STRICT;

-- The challenges that somebody without an account of their own takes part in.
CREATE TABLE participations (
    council_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, account_id, challenge_id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id)
) STRICT;
CREATE INDEX participations_by_challenge ON participations (council_id, challenge_id);

CREATE TABLE identity_providers (
    council_id BLOB NOT NULL REFERENCES councils (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- Sealed under a key that is not in the database.
    client_secret TEXT,
    scopes TEXT NOT NULL,
    claims TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, issuer)
) STRICT;

-- By issuer and not by provider: one that is set up anew still knows its people.
CREATE TABLE identities (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    verified INTEGER NOT NULL,
    ward TEXT,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, id),
    UNIQUE (council_id, issuer, subject),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX identities_by_account ON identities (council_id, account_id);

-- Who was erased and is not in the journal beside the database yet; the account is there no more.
CREATE TABLE erasures (
    council_id BLOB NOT NULL REFERENCES councils (id),
    account_id BLOB NOT NULL,
    ideas TEXT NOT NULL CHECK (ideas IN ('anonymise', 'withdraw')),
    erased_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, account_id)
) STRICT;

-- Against abuse. A proof of work is good once, on whichever node it is shown.
CREATE TABLE spent_proofs (
    council_id BLOB NOT NULL REFERENCES councils (id),
    nonce TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, nonce)
) STRICT;
CREATE INDEX spent_proofs_by_expiry ON spent_proofs (expires_at);

-- Whose part a test key plays in a sandbox. The council here is the sandbox; the key itself belongs to the council it is of.
CREATE TABLE sandbox_keys (
    council_id BLOB NOT NULL,
    key_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, key_id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE INDEX sandbox_keys_by_key ON sandbox_keys (key_id);
CREATE INDEX sandbox_keys_by_account ON sandbox_keys (council_id, account_id);

-- The council that a rehearsal is has its id.
CREATE TABLE rehearsals (
    council_id BLOB NOT NULL,
    id BLOB NOT NULL,
    challenge_id BLOB NOT NULL,
    audience TEXT NOT NULL CHECK (audience IN ('staff', 'invited')),
    begun_by BLOB NOT NULL,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- What had taken place when it ended.
    seen TEXT,
    PRIMARY KEY (council_id, id),
    -- A copy of this council, and of no other.
    FOREIGN KEY (council_id, id) REFERENCES councils (sandbox_of, id),
    FOREIGN KEY (council_id, challenge_id) REFERENCES challenges (council_id, id),
    FOREIGN KEY (council_id, begun_by) REFERENCES accounts (council_id, id),
    CHECK ((ended_at IS NULL) = (seen IS NULL))
) STRICT;
CREATE UNIQUE INDEX rehearsals_one_running ON rehearsals (council_id, challenge_id) WHERE ended_at IS NULL;
CREATE INDEX rehearsals_by_challenge ON rehearsals (council_id, challenge_id, begun_at);
CREATE INDEX rehearsals_by_account ON rehearsals (council_id, begun_by);

-- Who was invited, and whose part an account of the council plays there; the part itself belongs to the rehearsal.
CREATE TABLE rehearsal_parts (
    council_id BLOB NOT NULL,
    rehearsal_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    as_resident INTEGER NOT NULL,
    invited INTEGER NOT NULL,
    part_id BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (council_id, rehearsal_id, account_id, as_resident),
    FOREIGN KEY (council_id, rehearsal_id) REFERENCES rehearsals (council_id, id),
    FOREIGN KEY (council_id, account_id) REFERENCES accounts (council_id, id)
) STRICT;
CREATE UNIQUE INDEX rehearsal_parts_one_owner ON rehearsal_parts (council_id, rehearsal_id, part_id) WHERE part_id IS NOT NULL;
CREATE INDEX rehearsal_parts_by_account ON rehearsal_parts (council_id, account_id);

//! A database of known content: every id follows from a number, so that load scripts in Lua, C and Rust can name a row
//! without a list of ids.

use std::io::Write as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use folkmoot::app::App;
use folkmoot::people::sessions::token::Keys;
use folkmoot::platform::clock::Clock;
use folkmoot::platform::config::Config;
use folkmoot::platform::db::{Conn, Id, Location};

/// What an id belongs to: its fourth group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The council (1) and its challenge (2).
    Frame = 0x8000,
    /// An idea.
    Idea = 0x8001,
    /// A resident.
    Account = 0x8002,
    /// Their session.
    Session = 0x8003,
}

/// The name of the council in addresses.
pub const SLUG: &str = "bench";

/// The id of the `n`th thing of a kind. In the order of `n`, as UUIDv7 are in the order of time.
pub fn id(kind: Kind, n: u32) -> Id {
    let mut bytes = [0_u8; 16];
    let value = (0x7000_u128 << 64) | ((kind as u128) << 48) | u128::from(n);
    bytes.copy_from_slice(&value.to_be_bytes());
    Id::from_bytes(bytes)
}

/// The council.
pub fn council() -> Id {
    id(Kind::Frame, 1)
}

/// The challenge.
pub fn challenge() -> Id {
    id(Kind::Frame, 2)
}

/// Writes the rows in the SQL of either database: by the library it would be a request each.
pub async fn fill(app: &App, ideas: u32, accounts: u32) -> anyhow::Result<()> {
    let postgres = matches!(app.config.location, Location::Postgres(_));
    let script = script(postgres, app.db.clock().now().micros(), ideas, accounts);
    app.db
        .write(move |tx| {
            match &mut **tx {
                Conn::Pg(c) => c.batch_execute(&script)?,
                Conn::Sqlite(c) => c.batch_execute(&script)?,
            }
            Ok(())
        })
        .await
        .map_err(|error| anyhow::anyhow!("seeding: {error:?}"))?;
    Ok(())
}

fn script(postgres: bool, now: i64, ideas: u32, accounts: u32) -> String {
    let ident = |kind: Kind, n: &str| {
        let group = kind as u16;
        if postgres {
            format!("('00000000-0000-7000-{group:04x}-' || lpad(to_hex({n}), 12, '0'))::uuid")
        } else {
            format!("unhex('0000000000007000{group:04x}' || printf('%012x', {n}))")
        }
    };
    let at = |micros: String| {
        if postgres { format!("to_timestamp(({micros}) / 1000000.0)") } else { format!("({micros})") }
    };
    let up_to = |most: u32| {
        if postgres {
            format!("generate_series(1, {most}) AS s(n)")
        } else {
            format!(
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {most}) SELECT n FROM s) AS s"
            )
        }
    };
    const DAY: i64 = 86_400_000_000;
    let (council, challenge) = (ident(Kind::Frame, "1"), ident(Kind::Frame, "2"));
    let (idea, account, session) = (ident(Kind::Idea, "n"), ident(Kind::Account, "n"), ident(Kind::Session, "n"));
    let author = ident(Kind::Account, &format!("1 + n % {accounts}"));
    let (month_ago, soon) = (at(format!("{}", now - 30 * DAY)), at(format!("{}", now + 60 * DAY)));
    let submitted = at(format!("{} + CAST(n AS BIGINT) * 1000000", now - 29 * DAY));
    let title = "'A crossing at Mill Lane and a bench, proposal ' || n";
    // About six hundred characters, with a little Markdown: the median of the demo's imported ideas is shorter.
    let body = "'Children **cross** here every morning, and so do the people of proposal ' || n || ' on their way to the \
        shops. Cars come round the bend too fast, and whoever pushes a pram cannot see them.' || \
        '\n\nA *zebra crossing* with a light would help, and so would these:' || \
        '\n\n- a bench on the sunny side\n- a lower kerb at both ends\n- a sign before the bend' || \
        '\n\nIt was asked for in 2019 and in 2022. Both times the answer was that traffic would be counted first; it has \
        been counted since, and the figures are on the council''s own pages. We would like to know what they are \
        thought to mean.'";
    let (shuffle, folded) = ("CAST(n AS BIGINT) * 48271 % 2147483647", format!("lower({title} || '\n' || {body})"));
    format!(
        "INSERT INTO councils (id, slug, name, time_zone, language, idea_prefix, site_url, staff_second_factor,
             minimum_age, under_18, proof_of_work, mail_domains_allowed, mail_domains_refused,
             publish_clean_by_clock, no_new_challenges_while_overdue, silence_in_merges, version, created_at)
           VALUES ({council}, '{SLUG}', 'Bench', 'Europe/London', 'en-GB', 'BEN', 'https://bench.example', FALSE, 13,
             'allowed', 'when_asked', '[]', '[]', FALSE, FALSE, 'consent', 1, {month_ago});
         INSERT INTO idea_numbers (council_id, last_number) VALUES ({council}, 1000 + {ideas});
         INSERT INTO challenges (council_id, id, title, question, body, language, moderation, trusted_after, voting_rule,
             eligibility, background, readiness, opened_at, closes_at, version, created_at, updated_at)
           VALUES ({council}, {challenge}, 'Streets', 'What should change in your street?', 'Tell us.', 'en-GB', 'post', 3,
             'support', '{{}}', '{{}}', '[]', {month_ago}, {soon}, 1, {month_ago}, {month_ago});
         INSERT INTO phases (council_id, challenge_id, position, kind, starts_at, ends_at, submit, comment, support, vote)
           VALUES ({council}, {challenge}, 0, 'ideation', {month_ago}, {soon}, TRUE, FALSE, TRUE, FALSE);
         INSERT INTO promises (council_id, challenge_id, decision_office, decision_email, in_their_power,
             answer_within_days, moderate_within_hours, publish_outcome_by, success_measure, accepted_at, updated_at)
           VALUES ({council}, {challenge}, 'Director of Place', 'director@bench.example', 'Streets.', 10, 48, {soon},
             'Fewer accidents.', {month_ago}, {month_ago});
         INSERT INTO accounts (council_id, id, email, email_key, display_name, password_hash, role, state, kind,
             protected, credentials_version, version, created_at)
           SELECT {council}, {account}, 'resident' || n || '@bench.example', 'resident' || n || '@bench.example',
             'Resident ' || n, NULL, 'resident', 'active', 'full', FALSE, 1, 1, {month_ago} FROM {residents};
         INSERT INTO sessions (council_id, id, account_id, token_hash, generation, method, two_factors,
             authenticated_at, refreshed_at, expires_at, created_at)
           SELECT {council}, {session}, {account}, 'hash of ' || n, 0, 'password', FALSE, {month_ago}, {month_ago}, {soon},
             {month_ago} FROM {residents};
         INSERT INTO ideas (council_id, id, challenge_id, number, author_id, origin, state, status, title, body,
             search_text, shuffle, revision, version, submitted_at, updated_at, answer_due_at,
             clock_from, answer_promised_by)
           SELECT {council}, {idea}, {challenge}, 1000 + n, {author}, 'account', 'published', 'awaiting_answer', {title},
             {body}, {folded}, {shuffle}, 1, 1, {submitted}, {submitted}, {soon},
             {submitted}, {soon} FROM {proposals};
         INSERT INTO idea_counters (council_id, idea_id, challenge_id, supports, announced, comments_for, comments_against,
             comments_neutral)
           SELECT {council}, {idea}, {challenge}, 0, 0, 0, 0, 0 FROM {proposals};",
        residents = up_to(accounts),
        proposals = up_to(ideas),
    )
}

/// Signs a token for each resident, as signing in would.
pub fn tokens(config: &Config, accounts: u32, out: &Path) -> anyhow::Result<()> {
    let keys =
        Keys::new(&config.secrets, config.public_url.as_str(), 1, folkmoot::platform::db::Instant::from_micros(0));
    let now = Clock::system().now();
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    for n in 1..=accounts {
        let token = keys.sign(&council().to_string(), id(Kind::Account, n), id(Kind::Session, n), now);
        writeln!(file, "{}", token.map_err(|error| anyhow::anyhow!("signing: {error:?}"))?)?;
    }
    file.flush()?;
    Ok(())
}

//! `folkmoot demo`: a fictitious council with real wording, made once and continued ever after.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::accountability::promises;
use crate::app::App;
use crate::participation::challenges::model::{Phase, PromiseRow};
use crate::participation::challenges::queries as challenges;
use crate::participation::ideas::import;
use crate::participation::ideas::queries::{self as ideas, NewIdea};
use crate::participation::voting::queries as voting;
use crate::people::accounts::queries::{self as accounts, NewAccount};
use crate::people::councils::model::{Council, Ground};
use crate::people::councils::queries::{self as councils, NewCouncil};
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::process::moderation;
use crate::vocabulary::{AccountState, IdeaOrigin, IdeaState, ModerationPolicy, PhaseKind, Role, VotingRule};

const IDEAS: &str = include_str!("../../demo/bowling-green.csv");
const PASSWORD: &str = "seven herons over aldermoor-by-sea";
const STAFF: [(&str, &str, Role); 5] = [
    ("admin@aldermoor.example", "Ada (admin)", Role::Admin),
    ("moderator@aldermoor.example", "Mo (moderator)", Role::Moderator),
    ("moderator2@aldermoor.example", "Mina (moderator)", Role::Moderator),
    ("officer@aldermoor.example", "Otto (officer)", Role::Officer),
    ("analyst@aldermoor.example", "Ann (analyst)", Role::Analyst),
];
const DAY: u64 = 86_400;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080", env = "FOLKMOOT_LISTEN", hide_env_values = true)]
    listen: SocketAddr,
    /// Where the demo is kept
    // Not from the environment: it has known passwords, and must never be set up where an installation is named.
    #[arg(long, default_value = "demo-data")]
    data_dir: PathBuf,
    /// The demo on PostgreSQL instead of the embedded database
    #[arg(long)]
    database_url: Option<String>,
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut config = Settings {
            listen: Some(self.listen.to_string()),
            data_dir: Some(self.data_dir),
            database_url: self.database_url,
            log: Some("warn".into()),
            ..Settings::default()
        }
        .check()?;
        config.demo = true;
        super::start_logs(&config);
        super::block_on(async move {
            let app = App::build(config, Clock::system()).await?;
            let fresh = seed(&app).await.map_err(|error| anyhow::anyhow!("The demo could not be loaded: {error}"))?;
            let first = app
                .db
                .read(|tx| {
                    let Some(council) = councils::find_council(tx, "aldermoor")? else { return Ok(None) };
                    Ok(challenges::list_challenges(tx, council.id, false, None, 1)?.pop())
                })
                .await?;
            let challenge = first.map(|(row, _)| row.id.to_string()).unwrap_or_default();
            super::serve::serve(app, |address| greet(address, &challenge, fresh)).await
        })
    }
}

fn greet(address: SocketAddr, challenge: &str, fresh: bool) {
    let base = format!("http://{address}");
    let council = format!("{base}/v1/councils/aldermoor");
    println!("{}", if fresh { "The demo is loaded." } else { "The demo goes on where it was." });
    println!("Aldermoor Borough Council is fictitious; its ideas are from Polis \"Bowling Green\" (CC BY 4.0).\n");
    println!("Open    {base}/\n        {base}/docs/\n        {council}/feedback.atom\n");
    println!("Sign in with the password \"{PASSWORD}\" as");
    for (email, _, role) in STAFF {
        println!("        {:<10} {email}", role.as_str());
    }
    println!("        {:<10} platform@folkmoot.example, at /v1/platform/sessions", "platform");
    println!("        {:<10} resident1@aldermoor.example … resident12@aldermoor.example\n", "resident");
    println!("Try     curl '{council}/challenges/{challenge}/ideas?sort=most_supported&limit=3'");
    println!(
        "        curl -X POST {council}/sessions -H 'content-type: application/json' \\\n             -d '{{\"email\":\"moderator@aldermoor.example\",\"password\":\"{PASSWORD}\"}}'"
    );
    println!("        curl {council}/changes?after=0\n");
    println!("Mails are written as .eml files into the data directory. Stop with Ctrl-C; run again to go on.");
}

/// Loads the demo unless it is there; says whether it was loaded now.
///
/// # Errors
/// What the database answers.
pub async fn seed(app: &App) -> Result<bool> {
    let there = app.db.read(|tx| Ok(councils::find_council(tx, "aldermoor")?.is_some())).await?;
    if there {
        return Ok(false);
    }
    let hash = app.hasher.hash(PASSWORD.into()).await?;
    let site_url = app.config.link("/councils/aldermoor");
    let clock = app.db.clock().clone();
    // The past is written at its own time, on the clock that all of it is told by.
    let days = |n: u64| i64::try_from(n * DAY * 1_000_000).unwrap_or(0);
    clock.shift(-days(20));
    let told = app.db.write(move |tx| past(tx, &hash, &site_url)).await;
    clock.shift(days(20));
    told.map(|()| true)
}

fn past(tx: &mut Tx<'_>, hash: &str, site_url: &str) -> Result<()> {
    accounts::upsert_platform_admin(tx, "platform@folkmoot.example", hash)?;
    let council = councils::insert_council(
        tx,
        &NewCouncil {
            slug: "aldermoor".into(),
            name: "Aldermoor Borough Council".into(),
            time_zone: "Europe/London".into(),
            language: "en-GB".into(),
            idea_prefix: "ALD".into(),
            site_url: site_url.into(),
        },
    )?;
    councils::insert_notice(
        tx,
        council.id,
        "We keep your address to write to you about your ideas, and what you publish under the name you choose. Nothing else.",
    )?;
    let ground = Ground {
        code: "demonstration".into(),
        title: "Demonstration".into(),
        body: "The source data give a label but no reason.".into(),
    };
    councils::insert_ground(tx, council.id, &ground)?;
    let mut people = Vec::new();
    for (email, name, role) in STAFF {
        account(tx, &council, email, name, role, hash)?;
    }
    for n in 1..=12 {
        let (email, name) = (format!("resident{n}@aldermoor.example"), format!("Resident {n}"));
        people.push(account(tx, &council, &email, &name, Role::Resident, hash)?);
    }
    let challenge = open(tx, &council)?;
    fill(tx, &council, challenge, &people)
}

fn account(tx: &mut Tx<'_>, council: &Council, email: &str, name: &str, role: Role, hash: &str) -> Result<Id> {
    let new = NewAccount {
        email,
        email_key: email,
        display_name: name,
        password_hash: hash,
        role,
        state: AccountState::Active,
    };
    accounts::insert_account(tx, council.id, &new)?
        .ok_or_else(|| crate::platform::error::Error::Internal(anyhow::anyhow!("{role} is there already")))
}

fn open(tx: &mut Tx<'_>, council: &Council) -> Result<Id> {
    let now = tx.now();
    let day = |n: u64| now.plus(Duration::from_secs(n * DAY));
    let id = challenges::insert_challenge(
        tx,
        council.id,
        &challenges::Text {
            title: "A better Aldermoor".into(),
            question: "What would make Aldermoor a better place to live?".into(),
            body: "Tell us **one thing** that would make a difference to you.".into(),
            language: council.language.clone(),
            moderation: ModerationPolicy::Pre,
            voting_rule: VotingRule::Support,
        },
    )?;
    let phase = |kind, from, to, submit| Phase {
        kind,
        starts_at: day(from),
        ends_at: day(to),
        submit,
        comment: false,
        support: true,
        vote: false,
    };
    let phases = [phase(PhaseKind::Ideation, 0, 45, true), phase(PhaseKind::Voting, 45, 60, false)];
    challenges::set_phases(tx, council.id, id, &phases)?;
    let promise = PromiseRow {
        decision_office: "Director of Place".into(),
        decision_email: "place@aldermoor.example".into(),
        in_their_power: "Streets, parks and libraries of the borough; not schools or hospitals.".into(),
        answer_within_days: 10,
        moderate_within_hours: 48,
        publish_outcome_by: day(90),
        success_measure: "Every idea answered; at least three begun within a year.".into(),
        accepted_at: None,
    };
    challenges::set_promise(tx, council.id, id, &promise)?;
    challenges::set_accepted(tx, council.id, id)?;
    challenges::set_opened(tx, council.id, id, day(60))?;
    Ok(id)
}

fn fill(tx: &mut Tx<'_>, council: &Council, challenge: Id, people: &[Id]) -> Result<()> {
    let mut rows = csv::Reader::from_reader(IDEAS.as_bytes());
    let now = tx.now();
    for (record, position) in rows.records().flatten().zip(0_u64..) {
        let field = |n: usize| record.get(n).unwrap_or_default().trim();
        let text = field(4);
        let title = import::cut(text, 80).unwrap_or_else(|| text.to_owned());
        let state = match field(3) {
            "1" => IdeaState::Published,
            _ => IdeaState::Held,
        };
        // Spread over eighteen days; none of them in the future of the demo.
        let submitted_at = now.plus(Duration::from_secs(position * 18 * DAY / 60));
        let answer_due_at = promises::calendar::due(submitted_at, 10, &council.time_zone)?;
        let new = NewIdea {
            challenge,
            author: None,
            origin: IdeaOrigin::Import,
            source_ref: Some(field(0)),
            state,
            title: &title,
            body: text,
            category: None,
            submitted_at,
            answer_due_at,
        };
        let id = ideas::insert_idea(tx, council, &new)?;
        promises::jobs::schedule(tx, council.id, challenge, answer_due_at)?;
        if state == IdeaState::Held {
            moderation::open_case(tx, council.id, id, state, 48)?;
            continue;
        }
        let wanted = field(1).parse::<usize>().unwrap_or(0) % 13;
        for person in people.iter().take(wanted) {
            let (voter, _) = voting::voter_of(tx, council.id, challenge, *person)?;
            voting::insert_support(tx, council.id, id, voter)?;
        }
    }
    Ok(())
}

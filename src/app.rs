//! The one place that wires: what every request and job can reach, and how it is built.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{Ready, ready};

use crate::people::accounts::password::Hasher;
use crate::people::councils::directory::Directory;
use crate::people::sessions::token::Keys;
use crate::people::sso::provider::Published;
use crate::platform::config::Config;
use crate::platform::db::personal::{Holding, Kept};
use crate::platform::db::{Db, Id};
use crate::platform::error::{Error, Result};
use crate::platform::http::kept::Kept as Answers;
use crate::platform::http::limit::Requests;
use crate::platform::http::outbound::Outbound;
use crate::platform::http::streams::Streams;
use crate::platform::jobs::{Catalogue, Context, Runner};
use crate::platform::mail::{Mailer, Transport};
use crate::platform::metrics::Metrics;
use crate::platform::{audit, db, entries};
use crate::reach::feeds::stream::{feed, watch};
use crate::{accountability, participation, people, process, reach, stewardship};

/// Visits counted and not yet written, by council and campaign.
pub type Visits = Arc<Mutex<HashMap<(Id, Id), i64>>>;

/// What every request and job can reach.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Hashes passwords off the workers.
    pub hasher: Hasher,
    /// Signs and reads access tokens.
    pub keys: Keys,
    /// What this node counts.
    pub metrics: Metrics,
    /// Visits waiting to be written.
    pub visits: Visits,
    /// This node among others.
    pub node: String,
    /// Counts requests.
    pub requests: Requests,
    /// The guarded client for calls outwards.
    pub outbound: Outbound,
    /// The open streams of this node.
    pub streams: Streams,
    /// What sign-in providers publish.
    pub published: Published,
    /// Councils by the names that addresses give them.
    pub councils: Directory,
    /// Public answers, kept in memory.
    pub kept: Arc<Answers>,
    /// When the database last took a write that tried whether it does.
    pub last_write: Mutex<std::time::Instant>,
    /// The place of whoever has a decision bundle written; one at a time, for it reads much.
    pub bundles: Arc<tokio::sync::Semaphore>,
    /// The database was set up by the demo.
    pub is_demo: bool,
    jobs: Arc<Catalogue<App>>,
}

/// A handle on [`Parts`].
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
    /// The way out for mails.
    pub mailer: Arc<Mailer>,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl FromRequest for App {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .app_data::<web::Data<Self>>()
                .map(|app| app.get_ref().clone())
                .ok_or_else(|| Error::Internal(anyhow::anyhow!("the application is not wired"))),
        )
    }
}

/// Every kind of job there is.
fn catalogue() -> Catalogue<App> {
    Catalogue::default()
        .with::<people::accounts::jobs::SendConfirmation>()
        .with::<people::sessions::jobs::SendSignInCode>()
        .with::<people::credentials::jobs::SendPasswordReset>()
        .with::<people::credentials::jobs::ConfirmAddress>()
        .with::<people::credentials::jobs::TellOldAddress>()
        .with::<people::factors::TellOfSecurity>()
        .with::<people::councils::jobs::SendInvitation>()
        .with::<people::councils::jobs::TellAdmin>()
        .with::<people::sandboxes::jobs::EmptySandbox>()
        .with::<participation::ballots::jobs::CountBallots>()
        .with::<participation::challenges::jobs::AskAcceptance>()
        .with::<participation::challenges::rehearsals::jobs::EndRehearsal>()
        .with::<participation::challenges::rehearsals::jobs::EmptyRehearsal>()
        .with::<participation::guests::jobs::SendParticipation>()
        .with::<participation::comments::jobs::TellThread>()
        .with::<participation::comments::jobs::TellOneOfThread>()
        .with::<process::moderation::jobs::TellAuthor>()
        .with::<process::moderation::CarryOutBatch>()
        .with::<process::moderation::TellAuthorOfMany>()
        .with::<process::moderation::AlertOfSafety>()
        .with::<process::moderation::AlertOneOfSafety>()
        .with::<process::moderation::clock::PublishByClock>()
        .with::<process::moderation::clock::TellPublished>()
        .with::<accountability::promises::jobs::MoveDues>()
        .with::<process::moderation::reminders::RemindOfCases>()
        .with::<process::moderation::reminders::RemindOneOfCases>()
        .with::<process::appeals::jobs::TellOfAppeal>()
        .with::<process::signals::jobs::LookAtVotes>()
        .with::<process::signals::jobs::TellVoters>()
        .with::<process::signals::jobs::TellVoter>()
        .with::<process::signals::traces::ForgetTraces>()
        .with::<process::merges::jobs::TellOfMerge>()
        .with::<process::merges::jobs::TellOneOfMerge>()
        .with::<process::merges::jobs::CarryOutMerge>()
        .with::<process::merges::jobs::TellAuthorOfMerge>()
        .with::<process::reviews::jobs::AskReviewer>()
        .with::<process::sanctions::jobs::EndSuspension>()
        .with::<process::sanctions::jobs::TellOfSanction>()
        .with::<process::sanctions::jobs::TellOfSanctionAppeal>()
        .with::<process::sanctions::jobs::TellOfLifting>()
        .with::<process::moderation::reports::TellReporters>()
        .with::<process::moderation::reports::TellReporter>()
        .with::<accountability::reminders::Remind<accountability::promises::jobs::RemindOfAnswers>>()
        .with::<accountability::reminders::RemindOne<accountability::promises::jobs::RemindOfAnswers>>()
        .with::<accountability::quiet::held::jobs::CarryOutHeld>()
        .with::<accountability::quiet::held::jobs::TellOfFailedActs>()
        .with::<accountability::answers::jobs::TellOfAnswer>()
        .with::<accountability::answers::jobs::TellOneOfAnswer>()
        .with::<accountability::outcomes::jobs::TellOfOutcome>()
        .with::<accountability::outcomes::jobs::TellOneOfOutcome>()
        .with::<accountability::open_door::jobs::RaiseIdeas>()
        .with::<accountability::open_door::jobs::CountVerified>()
        .with::<accountability::reminders::Remind<accountability::open_door::jobs::RemindOfRaised>>()
        .with::<accountability::reminders::RemindOne<accountability::open_door::jobs::RemindOfRaised>>()
        .with::<accountability::updates::jobs::TellOfUpdate>()
        .with::<accountability::updates::jobs::TellOneOfUpdate>()
        .with::<accountability::figures::jobs::CountFigures>()
        .with::<stewardship::privacy::jobs::TellErased>()
}

impl Context for App {
    /// Of a sandbox no mail leaves the house, whatever a job has to say and to whom.
    async fn of_council(&self, council: Id) -> Result<Self> {
        let sandbox = self.db.read(move |tx| people::sandboxes::queries::is_sandbox(tx, council)).await?;
        let muted = || Self { mailer: Arc::new(self.mailer.to_nowhere()), ..self.clone() };
        Ok(if sandbox { muted() } else { self.clone() })
    }
}

impl App {
    /// Brings the schema up to date, opens the database and wires the rest.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub async fn build(config: Config, clock: crate::platform::clock::Clock) -> anyhow::Result<Self> {
        let location = config.location.clone();
        let (serving, owner) = (location.clone(), config.owner_location.clone());
        tokio::task::spawn_blocking(move || db::migrate::prepare(&serving, owner.as_ref())).await??;
        let db = Db::open(location, clock, db::Sizes::default())?;
        let fingerprint = config.secrets.fingerprint();
        let demo = config.demo;
        let (ours, is_demo, offset) = db.write(move |tx| entries::join_installation(tx, &fingerprint, demo)).await?;
        anyhow::ensure!(
            ours,
            "This database belongs to another secret: set FOLKMOOT_SECRET to the one it was set up with."
        );
        // The accounts of the demo have a password that everybody can read.
        anyhow::ensure!(
            is_demo || !demo,
            "This database is in use and is no demo: name an empty one, or another data directory."
        );
        if demo {
            db.clock().set_offset(offset);
        }
        let (generation, since) = db.read(entries::signing_generation).await?;
        let mailer =
            Mailer::new(Transport::from_url(config.smtp_url.as_deref(), &config.data_dir)?, config.mail_from.clone())?
                .dated_by(db.clock().clone());
        let requests = Requests::new(config.requests_per_second);
        let metrics = Metrics::default();
        let parts = Parts {
            kept: Arc::new(Answers::new(db.clone(), metrics.clone())),
            councils: Directory::new(db.clone()),
            outbound: Outbound::new(config.loopback)?,
            published: Published::default(),
            streams: Streams::default(),
            hasher: Hasher::new(config.hashing)?,
            keys: Keys::new(&config.secrets, config.public_url.as_str(), generation, since),
            config,
            db,
            metrics,
            visits: Visits::default(),
            node: Id::random().to_string(),
            requests,
            last_write: Mutex::new(std::time::Instant::now()),
            bundles: Arc::new(tokio::sync::Semaphore::new(1)),
            is_demo,
            jobs: Arc::new(catalogue()),
        };
        Ok(Self { parts: Arc::new(parts), mailer: Arc::new(mailer) })
    }

    /// Runs this application's jobs.
    pub fn runner(&self) -> Runner<Self> {
        Runner::new(self.db.clone(), self.metrics.clone(), Arc::clone(&self.jobs))
    }

    /// Numbers everything that has been committed, and announces counts that have changed.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn number_entries(&self) -> Result<usize> {
        let (mut sum, mut announce) = (0, true);
        loop {
            let node = self.node.clone();
            let some = self.db.write(move |tx| entries::number(tx, &node, announce)).await?;
            self.metrics.numbered.inc_by(some as u64);
            sum += some;
            if i64::try_from(some).is_ok_and(|some| some < entries::BATCH) {
                return Ok(sum);
            }
            announce = false;
        }
    }

    /// Writes the visits counted so far.
    ///
    /// # Errors
    /// What the database answers; the visits are kept for the next time.
    pub async fn flush_visits(&self) -> Result<()> {
        reach::campaigns::flush(self).await
    }

    /// What runs beside the requests, until `stop` is told: numbering, jobs, and keeping the house. None of them waits
    /// for another, and none ends because it failed.
    pub async fn run_beside(self, stop: Stop) {
        const JOBS_AT_ONCE: i64 = 16;
        let (app, runner) = (&self, &self.runner());
        let numbering = again_and_again("numbering", &stop, Duration::from_millis(900), async || {
            app.number_entries().await.map(|_| false)
        });
        let jobs = again_and_again("jobs", &stop, Duration::from_millis(500), async || {
            // Where all hands were full, more may be waiting.
            runner.run_some(app, JOBS_AT_ONCE).await.map(|ran| i64::try_from(ran).is_ok_and(|ran| ran == JOBS_AT_ONCE))
        });
        let visits =
            again_and_again("visits", &stop, Duration::from_secs(1), async || app.flush_visits().await.map(|()| false));
        let clock = again_and_again("clock", &stop, Duration::from_secs(15), async || {
            app.discipline_clock().await;
            app.follow_keys().await.map(|()| false)
        });
        let sweeping = again_and_again("sweeping", &stop, Duration::from_secs(300), async || {
            app.requests.forget_idle();
            app.sweep().await.map(|()| false)
        });
        let probing = again_and_again("probing", &stop, Duration::from_secs(3), async || {
            let wrote = app.db.write(|tx| Ok(db::dialect::write_nothing(tx)?)).await;
            if let (Ok(()), Ok(mut last)) = (&wrote, app.last_write.lock()) {
                *last = std::time::Instant::now();
            }
            wrote.map(|()| false)
        });
        let feeding = again_and_again("feeding", &stop, Duration::from_millis(500), async || feed(app).await);
        // Twice in the five seconds that a stream may outlive its session (case B17).
        let watching =
            again_and_again("watching", &stop, Duration::from_secs(2), async || watch(app).await.map(|()| false));
        let journalling = again_and_again("journal", &stop, Duration::from_secs(1), async || {
            stewardship::privacy::journal::write(app).await.map(|_| false)
        });
        let beating = again_and_again("beating", &stop, Duration::from_secs(15), async || {
            app.streams.beat();
            Ok(false)
        });
        futures_util::join!(numbering, jobs, visits, clock, sweeping, probing, feeding, watching, journalling, beating);
    }

    /// Forgets what is kept for a time only, a thousand rows in a unit, so that nobody else waits for long.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn sweep(&self) -> Result<()> {
        let mut outcome = Ok(());
        // What refers to another table comes after it there, and so goes before it here.
        for holding in db::schema::HOLDINGS.iter().rev() {
            let Holding { table, kept: Kept::Hours { after, hours }, .. } = *holding else { continue };
            let forget = move |tx: &mut db::Tx<'_>| {
                let edge = tx.now().minus(Duration::from_secs(hours * 3_600));
                Ok(db::dialect::forget_some(tx, table, after, edge)?)
            };
            loop {
                match self.db.write(forget).await {
                    Ok(1_000..) => {}
                    Ok(_) => break,
                    // One table that cannot be swept keeps no other from it.
                    Err(error) => {
                        outcome = Err(error);
                        break;
                    }
                }
            }
        }
        // What was forgotten is in the log of SQLite still.
        if let Err(error) = self.db.tidy_log().await {
            tracing::info!(%error, "the log of the database could not be emptied");
        }
        let guests = stewardship::privacy::jobs::forget_guests(self).await;
        let figures = self.db.write(accountability::figures::jobs::count_again).await;
        let signals = self.db.write(process::signals::jobs::look_again).await;
        let sandboxes = self.db.write(people::sandboxes::jobs::retire_unused).await;
        let held = self.db.write(accountability::quiet::held::jobs::sweep).await;
        self.keep_audit_log().await.and(held).and(figures).and(signals).and(sandboxes).and(guests).and(outcome)
    }

    /// Sums up what was refused in the hours that are over, and forgets events that were kept for their time: as the owner
    /// of the database, where the role that serves may not.
    async fn keep_audit_log(&self) -> Result<()> {
        self.db.write(audit::sum_up_refusals).await?;
        while self.db.read(audit::is_anything_old).await? {
            match self.config.owner_location.clone() {
                None => self.db.write(audit::purge).await?,
                Some(owner) => {
                    let clock = self.db.clock().clone();
                    tokio::task::spawn_blocking(move || db::write_alone(&owner, &clock, &audit::purge))
                        .await
                        .map_err(anyhow::Error::from)??
                }
            };
        }
        Ok(())
    }

    /// Signs with the keys that the installation has turned to.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn follow_keys(&self) -> Result<()> {
        let (generation, since) = self.db.read(entries::signing_generation).await?;
        self.keys.turn(generation, since);
        Ok(())
    }

    // PostgreSQL nodes share the database's time; half the round trip is taken off.
    async fn discipline_clock(&self) {
        let before = std::time::Instant::now();
        if let Ok(Some(theirs)) = self.db.read(|tx| Ok(db::dialect::database_time(tx)?)).await {
            let ours = crate::platform::clock::Clock::system().now();
            let half = i64::try_from(before.elapsed().as_micros() / 2).unwrap_or(0);
            if !self.config.demo {
                self.db.clock().set_offset(theirs.micros().saturating_add(half).saturating_sub(ours.micros()));
            }
        }
    }
}

/// Tells those who run beside the requests that it is time to stop.
pub type Stop = tokio::sync::watch::Receiver<bool>;

/// Does a turn of `work`, then rests unless it says that more is waiting. A turn that fails or panics is told in the
/// log and is not the last.
async fn again_and_again(what: &str, stop: &Stop, rest: Duration, work: impl AsyncFn() -> Result<bool>) {
    let mut stop = stop.clone();
    while !*stop.borrow() {
        let turn = std::panic::AssertUnwindSafe(work());
        let more = match futures_util::FutureExt::catch_unwind(turn).await {
            Ok(Ok(more)) => more,
            Ok(Err(error)) => {
                tracing::warn!(%error, what, "work beside the requests could not be done");
                false
            }
            Err(_panic) => {
                tracing::error!(what, "work beside the requests panicked");
                false
            }
        };
        if !more {
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                told = stop.changed() => if told.is_err() { return },
            }
        }
    }
}

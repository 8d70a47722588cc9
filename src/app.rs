//! The one place that wires: what every request and job can reach, and how it is built.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{Ready, ready};

use crate::people::accounts::password::Hasher;
use crate::people::accounts::token::Keys;
use crate::platform::config::Config;
use crate::platform::db::{Db, Id};
use crate::platform::error::{Error, Result};
use crate::platform::http::limit::Requests;
use crate::platform::http::{idempotency, limit};
use crate::platform::jobs::{Catalogue, Runner};
use crate::platform::mail::{Mailer, Transport};
use crate::platform::metrics::Metrics;
use crate::platform::{db, entries};
use crate::{accountability, participation, people, process, reach};

/// Visits counted and not yet written, by council and campaign.
pub type Visits = Arc<Mutex<HashMap<(Id, Id), i64>>>;

/// What every request and job can reach.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The way out for mails.
    pub mailer: Mailer,
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
    jobs: Arc<Catalogue<App>>,
}

/// A handle on [`Parts`].
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
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
        .with::<people::councils::jobs::SendInvitation>()
        .with::<participation::challenges::jobs::AskAcceptance>()
        .with::<process::moderation::jobs::TellAuthor>()
        .with::<accountability::promises::jobs::RemindOfAnswers>()
        .with::<accountability::answers::jobs::TellOfAnswer>()
        .with::<accountability::answers::jobs::TellOneOfAnswer>()
        .with::<accountability::outcomes::jobs::TellOfOutcome>()
        .with::<accountability::outcomes::jobs::TellOneOfOutcome>()
}

impl App {
    /// Brings the schema up to date, opens the database and wires the rest.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub async fn build(config: Config, clock: crate::platform::clock::Clock) -> anyhow::Result<Self> {
        let location = config.location.clone();
        let for_migrations = location.clone();
        tokio::task::spawn_blocking(move || db::migrate::up(&for_migrations)).await??;
        let db = Db::open(location, clock, db::Sizes::default())?;
        let fingerprint = config.secrets.fingerprint();
        let joined = db.write(move |tx| entries::join_installation(tx, &fingerprint)).await?;
        anyhow::ensure!(
            joined,
            "This database belongs to another secret: set FOLKMOOT_SECRET to the one it was set up with."
        );
        let mailer =
            Mailer::new(Transport::from_url(config.smtp_url.as_deref(), &config.data_dir)?, config.mail_from.clone())?;
        let requests = Requests::new(config.requests_per_second);
        let parts = Parts {
            hasher: Hasher::new(config.hashing)?,
            keys: Keys::new(&config.secrets, config.public_url.as_str()),
            config,
            db,
            mailer,
            metrics: Metrics::default(),
            visits: Visits::default(),
            node: Id::random().to_string(),
            requests,
            jobs: Arc::new(catalogue()),
        };
        Ok(Self(Arc::new(parts)))
    }

    /// Runs this application's jobs.
    pub fn runner(&self) -> Runner<Self> {
        Runner::new(self.db.clone(), self.metrics.clone(), Arc::clone(&self.jobs))
    }

    /// Numbers everything that has been committed.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn number_entries(&self) -> Result<usize> {
        let mut sum = 0;
        loop {
            let node = self.node.clone();
            match self.db.write(move |tx| entries::number(tx, &node)).await? {
                0 => return Ok(sum),
                some => {
                    self.metrics.numbered.inc_by(some as u64);
                    sum += some;
                }
            }
        }
    }

    /// Writes the visits counted so far.
    ///
    /// # Errors
    /// What the database answers; the visits are kept for the next time.
    pub async fn flush_visits(&self) -> Result<()> {
        reach::campaigns::flush(self).await
    }

    /// What runs beside the requests, until `stop` is told: numbering, jobs, visits, forgetting.
    pub async fn run_beside(self, mut stop: tokio::sync::watch::Receiver<bool>) {
        let runner = self.runner();
        let mut turn = 0_u64;
        while !*stop.borrow() {
            let (numbered, ran) = (self.number_entries().await, runner.run_some(&self, 16).await);
            for error in [numbered.as_ref().err(), ran.as_ref().err()].into_iter().flatten() {
                tracing::warn!(%error, "work beside the requests could not be done");
            }
            if let Err(error) = self.flush_visits().await {
                tracing::warn!(%error, "visits could not be written");
            }
            if turn.is_multiple_of(600) {
                self.requests.forget_idle();
                let swept = self
                    .db
                    .write(|tx| {
                        idempotency::forget_old(tx)?;
                        limit::forget_full(tx)?;
                        crate::platform::jobs::forget_done(tx)
                    })
                    .await;
                if let Err(error) = swept {
                    tracing::warn!(%error, "old rows could not be forgotten");
                }
            }
            if turn.is_multiple_of(30) {
                self.discipline_clock().await;
            }
            turn = turn.wrapping_add(1);
            if !matches!(ran, Ok(16)) {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(500)) => {}
                    _ = stop.changed() => {}
                }
            }
        }
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

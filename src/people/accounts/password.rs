//! argon2id (RFC 9106) off the workers, a few at a time: each takes 19 MiB and a core (case J4).

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::rules::{PASSWORD_MAX, password_faults};
use crate::platform::config::Hashing;
use crate::platform::error::{Error, Fault, Result};

/// Hashes that wait at most; one more hears 503 at once.
const QUEUE: usize = 32;
const PATIENCE: Duration = Duration::from_secs(5);

/// Hashes and verifies.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    dummy: Arc<str>,
}

impl Hasher {
    /// # Errors
    /// Where the parameters are out of range.
    pub fn new(hashing: Hashing) -> anyhow::Result<Self> {
        let params =
            Params::new(hashing.memory, hashing.passes, 1, None).map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash_now(&argon2, "nobody's password")?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self {
            argon2,
            permits: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
            waiting: Arc::new(Semaphore::new(QUEUE)),
            dummy: dummy.into(),
        })
    }

    /// A place in the queue. It is taken before anything is read or taken from a budget: in a flood most are refused for
    /// nothing, and nobody is charged for a try that was not made (cases J1, J4).
    ///
    /// # Errors
    /// 503 where as many wait as may.
    pub fn place(&self) -> Result<Place> {
        let waits = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_full| Error::busy())?;
        Ok(Place { hasher: self.clone(), _waits: waits })
    }
}

/// A place in the queue of hashes, until it is dropped.
pub struct Place {
    hasher: Hasher,
    _waits: OwnedSemaphorePermit,
}

impl Place {
    /// Hashes a password.
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.off_the_workers(move |argon2| hash_now(argon2, &password)).await?.map_err(Error::Internal)
    }

    /// Compares; where there is no hash, takes as long as if there were one and says no (case B2).
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        // A text that can be nobody's password is not worth a hash; its length is no secret.
        if password.chars().count() > PASSWORD_MAX {
            return Ok(false);
        }
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.hasher.dummy.to_string());
        let fits = self
            .off_the_workers(move |argon2| {
                PasswordHash::new(&hash)
                    .is_ok_and(|parsed| argon2.verify_password(password.as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(fits && known)
    }

    /// What is wrong with a password for an account of which `context` is known. To look through the lists takes long for
    /// some texts, so it is done where the hashes are made.
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn faults(&self, password: &str, least: usize, context: &[&str]) -> Result<Vec<Fault>> {
        let (password, context) = (password.to_owned(), context.join("\n"));
        self.off_the_workers(move |_| {
            let context: Vec<&str> = context.lines().collect();
            password_faults("/password", &password, least, &context)
        })
        .await
    }

    async fn off_the_workers<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.hasher.permits).acquire_owned())
            .await
            .map_err(|_elapsed| Error::busy())?
            .map_err(Error::unavailable)?;
        let argon2 = self.hasher.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&argon2)
        })
        .await
        .map_err(Error::unavailable)
    }
}

fn hash_now(argon2: &Argon2<'static>, password: &str) -> anyhow::Result<String> {
    Ok(argon2.hash_password(password.as_bytes()).map_err(|e| anyhow::anyhow!("argon2: {e}"))?.to_string())
}

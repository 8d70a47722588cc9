//! As many connections as Folkmoot's pools have, and places to wait for them; nothing else that a pool does.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

/// Connections of Folkmoot's pool of reads, and of its pool of writes (`Sizes::default`).
pub const SIZE: usize = 8;

/// Free connections.
pub struct Pool<C> {
    free: Mutex<Vec<C>>,
    places: Semaphore,
}

impl<C: Send + 'static> Pool<C> {
    /// Opens them all.
    pub fn open(connect: impl Fn() -> anyhow::Result<C>) -> anyhow::Result<Self> {
        let free = (0..SIZE).map(|_| connect()).collect::<anyhow::Result<_>>()?;
        Ok(Self { free: Mutex::new(free), places: Semaphore::new(SIZE) })
    }

    /// Runs `work` off the async workers, as Folkmoot does.
    pub async fn run<T: Send + 'static>(
        self: &std::sync::Arc<Self>,
        work: impl FnOnce(&mut C) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let _place = self.places.acquire().await?;
        let pool = std::sync::Arc::clone(self);
        actix_web::web::block(move || {
            let taken = pool.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut conn = taken.ok_or_else(|| anyhow::anyhow!("more places than connections"))?;
            let outcome = work(&mut conn);
            pool.free.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            outcome
        })
        .await?
    }
}

//! The end of rehearsals.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use super::queries;
use crate::app::App;
use crate::platform::db::Id;
use crate::platform::jobs::Job;

/// Empties a rehearsal when the staff has had its time to read it. The job is the council's, for the rehearsal's own go with it.
#[derive(Debug, Serialize, Deserialize)]
pub struct EmptyRehearsal {
    /// Which.
    pub rehearsal: Id,
}

impl Job<App> for EmptyRehearsal {
    const KIND: &'static str = "empty_rehearsal";

    fn key(&self) -> String {
        self.rehearsal.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| queries::empty(tx, council, self.rehearsal)).await?) })
    }
}

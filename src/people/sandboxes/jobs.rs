//! The end of sandboxes.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use super::queries;
use crate::app::App;
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};

/// Deletes what a sandbox held that has ended.
#[derive(Debug, Serialize, Deserialize)]
pub struct EmptySandbox {
    /// Which.
    pub sandbox: Id,
}

impl Job<App> for EmptySandbox {
    const KIND: &'static str = "empty_sandbox";

    fn key(&self) -> String {
        self.sandbox.to_string()
    }

    fn run(self, app: App, _council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| queries::empty_sandbox(tx, self.sandbox)).await?) })
    }
}

/// Ends a sandbox and has it emptied. The job is the council's, for the sandbox's own go with it.
///
/// # Errors
/// What the database answers.
pub fn retire(tx: &mut Tx<'_>, council: Id, sandbox: Id) -> Result<()> {
    queries::end_sandbox(tx, sandbox)?;
    enqueue(tx, council, &EmptySandbox { sandbox })
}

/// Ends the sandboxes that no key leads to any more.
///
/// # Errors
/// What the database answers.
pub fn retire_unused(tx: &mut Tx<'_>) -> Result<()> {
    for (sandbox, council) in queries::list_sandboxes(tx)? {
        if !queries::keys_of(tx, council, sandbox)?.is_empty() {
            continue;
        }
        // A key may have been made for it at this moment.
        tx.hold(Root::Council, council, council, Hold::Alone)?;
        if queries::keys_of(tx, council, sandbox)?.is_empty() {
            retire(tx, council, sandbox)?;
        }
    }
    Ok(())
}

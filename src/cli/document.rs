//! `folkmoot openapi`: the contract, as the code yields it.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Openapi {
    /// Only check that the file is what the code yields
    #[arg(long)]
    check: bool,
    /// The file
    #[arg(default_value = "openapi.yaml")]
    file: PathBuf,
}

impl Openapi {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let document = crate::platform::http::openapi::yaml(&crate::router::document())?;
        if !self.check {
            std::fs::write(&self.file, document)?;
            println!("Written: {}", self.file.display());
            return Ok(());
        }
        let kept = std::fs::read_to_string(&self.file).unwrap_or_default();
        anyhow::ensure!(
            kept == document,
            "{} is not what the code yields: run `cargo run -- openapi` and look at the difference.",
            self.file.display()
        );
        println!("{} is in step with the code.", self.file.display());
        Ok(())
    }
}

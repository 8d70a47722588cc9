//! The way out for mails.

use super::report::Findings;
use crate::platform::config::{Looked, hide_password};
use crate::platform::mail::{Mailer, Transport};

const AT: &str = "mail";

pub(super) fn look(looked: &Looked, findings: &mut Findings) {
    // What is wrong with its settings has been told.
    let (true, Some(from)) = (looked.mail, &looked.mail_from) else { return };
    let Some(url) = &looked.smtp_url else {
        findings.warn(
            AT,
            format!("mails are files in {}, and nobody gets one", looked.data_dir.join("mail").display()),
            "Set smtp_url: nobody can confirm an address, accept a promise or be told of an answer without mail.",
        );
        return;
    };
    let shown = hide_password(url);
    let tried = Transport::from_url(Some(url), &looked.data_dir)
        .and_then(|transport| Mailer::new(transport, from.clone()))
        .and_then(|mailer| crate::cli::block_on(async move { mailer.try_out().await }));
    match tried {
        Ok(()) => findings.ok(AT, format!("{shown} would take mails")),
        Err(error) => findings.fail(
            AT,
            // Each cause repeats those below it.
            format!("{shown}: {}", error.chain().take(2).map(ToString::to_string).collect::<Vec<_>>().join(": ")),
            "See that smtp_url has the server's name, port, user and password, and that it lets this machine in.",
        ),
    }
    if from.email.domain().ends_with("localdomain") {
        findings.warn(
            "mail_from",
            format!("mails would come from {}", from.email),
            "Set mail_from to an address of the council, or other servers take them for spam.",
        );
    }
}

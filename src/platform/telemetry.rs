//! Structured logs: one event is one line, as text or as JSON. No token, address or body is ever logged.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging to the standard error. The second call in one process does nothing.
pub fn start(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_fault| EnvFilter::new("info"));
    // Colours are for eyes, not for files.
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let builder = fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    let _already_started = if json {
        builder.json().flatten_event(true).with_span_list(false).finish().try_init()
    } else {
        builder.finish().try_init()
    };
}

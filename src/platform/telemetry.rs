//! Structured logs: one event is one line, as text or as JSON. No token, address or body is ever logged.

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Lines that wait at most for whoever reads them. One more is lost, for a reader that has stopped must not stop the
/// server.
const WAITING: usize = 50_000;

/// What a filter lets through, for instance `info,folkmoot=debug`; none where it cannot be read.
pub fn filter(text: &str) -> Option<Targets> {
    text.parse().ok()
}

/// Starts logging to the standard error, on a thread of its own so that no request waits for it, until the guard is
/// dropped, which writes what still waits. The second call in one process does nothing.
pub fn start(filter: Targets, json: bool) -> WorkerGuard {
    // Lines that wait are written together.
    let out = std::io::BufWriter::with_capacity(64 * 1024, std::io::stderr());
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING).thread_name("log").finish(out);
    // Colours are for eyes, not for files.
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(writer);
    let registry = tracing_subscriber::registry().with(filter);
    let _already_started = if json {
        registry.with(lines.json().flatten_event(true).with_span_list(false)).try_init()
    } else {
        registry.with(lines).try_init()
    };
    guard
}

//! How far long work is: on the standard error, and only where that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for work of a known length.
pub(super) fn bar(length: u64, doing: &'static str) -> ProgressBar {
    styled(ProgressBar::new(length), doing, "{msg} {wide_bar} {percent}% {eta}")
}

/// For work whose length only somebody else knows: that it goes on, and for how long it has.
pub(super) fn spinner(doing: &'static str) -> ProgressBar {
    let spinner = styled(ProgressBar::new_spinner(), doing, "{spinner} {msg}, {elapsed}");
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// For bytes that are written, however many they will be.
pub(super) fn bytes(doing: &'static str) -> ProgressBar {
    let spinner = styled(ProgressBar::new_spinner(), doing, "{spinner} {msg}, {bytes}, {elapsed}");
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

fn styled(bar: ProgressBar, doing: &'static str, template: &str) -> ProgressBar {
    let bar = bar.with_message(doing);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_not_a_template) => bar,
    }
}

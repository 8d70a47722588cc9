//! The filling of the templates beside this file.

use std::sync::LazyLock;
use std::time::Duration;

use include_dir::{Dir, include_dir};
use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

use crate::platform::db::Instant;
use crate::platform::error::Result;
use crate::vocabulary::label;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/reach/pages/templates");

static ENVIRONMENT: LazyLock<std::result::Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("words", |name: &str| label(name));
    environment.add_filter("day", |at: &str, zone: &str| day(at, zone, Duration::ZERO));
    // What ends at midnight has the day before as its last.
    environment.add_filter("last_day", |at: &str, zone: &str| day(at, zone, Duration::from_micros(1)));
    environment.add_filter("date", date);
    environment.add_filter("percent", |share: Option<f64>| told(share.map(|share| format!("{:.1} %", share * 100.0))));
    environment.add_filter("told", |number: Option<f64>| told(number.map(|number| format!("{number:.1}"))));
    for file in TEMPLATES.files() {
        if let (Some(name), Some(source)) = (file.path().to_str(), file.contents_utf8()) {
            environment.add_template(name, source)?;
        }
    }
    Ok(environment)
});

/// The page `name` as HTML.
///
/// # Errors
/// Where a template has a fault, which is ours.
pub fn page(name: &str, context: &impl Serialize) -> Result<String> {
    let environment =
        ENVIRONMENT.as_ref().map_err(|fault| anyhow::anyhow!("the templates cannot be read: {fault:#}"))?;
    let filled = environment
        .get_template(&format!("{name}.html"))
        .and_then(|template| template.render(Value::from(minijinja::value::Serde(context))));
    Ok(filled.map_err(|fault| anyhow::anyhow!("the page {name} cannot be filled: {fault:#}"))?)
}

/// A figure, or why there is none.
fn told(figure: Option<String>) -> String {
    figure.unwrap_or_else(|| "too few to tell".to_owned())
}

/// The day of an instant where the council is, as "1 March 2027".
fn day(at: &str, zone: &str, before: Duration) -> std::result::Result<String, Error> {
    let fault = |detail: String| Error::new(ErrorKind::InvalidOperation, detail);
    let at: Instant = at.parse().map_err(|_not_one| fault(format!("{at} is no instant")))?;
    let zone = TimeZone::get(zone).map_err(|unknown| fault(unknown.to_string()))?;
    Ok(at.minus(before).timestamp().to_zoned(zone).strftime("%-d %B %Y").to_string())
}

/// A day, as "1 March 2027".
fn date(on: &str) -> std::result::Result<String, Error> {
    let on: jiff::civil::Date =
        on.parse().map_err(|fault: jiff::Error| Error::new(ErrorKind::InvalidOperation, fault.to_string()))?;
    Ok(on.strftime("%-d %B %Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_days_are_told_in_words() {
        assert_eq!(label("awaiting_answer"), "Awaiting answer");
        assert_eq!(day("2027-03-27T23:00:00Z", "Europe/Berlin", Duration::ZERO).unwrap(), "28 March 2027");
        assert_eq!(day("2027-03-27T23:00:00Z", "Europe/Berlin", Duration::from_micros(1)).unwrap(), "27 March 2027");
        assert_eq!(date("2027-03-01").unwrap(), "1 March 2027");
        assert!(day("soon", "Europe/Berlin", Duration::ZERO).is_err());
    }
}

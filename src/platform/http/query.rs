//! Query strings: each parameter that cannot be taken is told, all at once.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Ready, ready};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::{RefOr, Schema};

use crate::platform::error::{Error, Fault, Result};

/// The query string as `T`; unknown parameters are refused.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(request.query_string()).map(Self))
    }
}

/// That there is nothing in the query string: what `doors` asks of each handler that takes no [`Query`].
#[derive(Debug)]
pub struct NoQuery;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl FromRequest for NoQuery {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query::<Nothing>(request.query_string()).map(|Nothing {}| Self))
    }
}

/// Faults of a query string that are told at most.
const FAULTS: usize = 20;

/// Reads a query string; each parameter that cannot be taken is told and set aside, so that the next is looked at too.
fn read_query<T: DeserializeOwned + IntoParams + 'static>(text: &str) -> Result<T> {
    if text.len() > 16_384 {
        return Err(Error::fault("?", "too_long", "A query string has at most 16384 characters."));
    }
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let mut faults = Vec::new();
    for (name, value) in &pairs {
        if value.contains('\0') {
            faults.push(Fault::at(format!("?{name}"), "control_character", "Leave out control characters."));
        }
        // The reader would take nothing for an absent parameter, where the document says that it is a number or a word.
        if value.is_empty() && !takes_text::<T>(name) {
            faults.push(Fault::at(format!("?{name}"), "too_short", "Give it a value, or leave it out."));
        }
    }
    if !pairs.is_empty() {
        let bounds = bounds_of::<T>()?;
        faults.extend(pairs.iter().filter_map(|(name, value)| bounds.get(name.as_str())?.fault(name, value)));
    }
    pairs.retain(|(name, value)| !value.is_empty() || takes_text::<T>(name));
    loop {
        let kept = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let reader = serde_html_form::Deserializer::new(url::form_urlencoded::parse(kept.as_bytes()));
        let error = match serde_path_to_error::deserialize(reader) {
            Ok(value) if faults.is_empty() => return Ok(value),
            Ok(_) => return Err(Error::invalid(faults)),
            Err(error) => error,
        };
        let path = error.path().to_string();
        let detail = error.into_inner().to_string();
        let named = |start: &str| detail.strip_prefix(start).and_then(|rest| rest.split('`').next());
        let (name, code, told) = match (named("unknown field `"), named("duplicate field `")) {
            (Some(name), _) => (name, "unknown_field", "There is no such parameter here. Leave it out.".to_owned()),
            (_, Some(name)) => (name, "given_twice", "Give it once.".to_owned()),
            _ => (path.as_str(), "wrong_value", in_words(&detail)),
        };
        faults.push(Fault::at(format!("?{name}"), code, told));
        let before = pairs.len();
        pairs.retain(|(one, _)| one != name);
        if pairs.len() == before || faults.len() >= FAULTS {
            return Err(Error::invalid(faults));
        }
    }
}

/// What the document says of a parameter's size.
#[derive(Debug, Deserialize)]
struct Bounds {
    minimum: Option<i64>,
    maximum: Option<i64>,
    #[serde(rename = "maxLength")]
    max_length: Option<usize>,
}

impl Bounds {
    /// What is no number at all is told by the reader.
    fn fault(&self, name: &str, value: &str) -> Option<Fault> {
        let number: Option<i64> = value.parse().ok();
        let below = self.minimum.filter(|least| number.is_some_and(|number| number < *least));
        let above = self.maximum.filter(|most| number.is_some_and(|number| number > *most));
        let beyond = self.max_length.filter(|most| value.chars().count() > *most);
        let (code, told) = match (below, above, beyond) {
            (Some(least), ..) => ("too_small", format!("At least {least}.")),
            (_, Some(most), _) => ("too_large", format!("At most {most}.")),
            (.., Some(most)) => ("too_long", format!("At most {most} characters.")),
            (None, None, None) => return None,
        };
        Some(Fault::at(format!("?{name}"), code, told))
    }
}

type Known = Arc<HashMap<String, Bounds>>;

static BOUNDS: LazyLock<RwLock<HashMap<TypeId, Known>>> = LazyLock::new(RwLock::default);

/// The bounds that the document gives, by name: what it promises is what is enforced.
fn bounds_of<T: IntoParams + 'static>() -> Result<Known> {
    let id = TypeId::of::<T>();
    if let Some(found) = BOUNDS.read().ok().and_then(|known| known.get(&id).cloned()) {
        return Ok(found);
    }
    let mut bounds = HashMap::new();
    for parameter in T::into_params(|| None) {
        if let Some(RefOr::T(Schema::Object(schema))) = &parameter.schema {
            let schema = serde_json::to_value(schema).map_err(anyhow::Error::from)?;
            bounds.insert(parameter.name, Bounds::deserialize(schema).map_err(anyhow::Error::from)?);
        }
    }
    let bounds = Arc::new(bounds);
    if let Ok(mut known) = BOUNDS.write() {
        known.insert(id, Arc::clone(&bounds));
    }
    Ok(bounds)
}

/// Whether a parameter takes any text, or is none of `T`.
fn takes_text<T: DeserializeOwned>(name: &str) -> bool {
    let any = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, "~").finish();
    let reader = serde_html_form::Deserializer::new(url::form_urlencoded::parse(any.as_bytes()));
    match serde_path_to_error::deserialize::<_, T>(reader) {
        Ok(_) => true,
        Err(error) => error.path().to_string() != name || error.inner().to_string().starts_with("unknown field"),
    }
}

/// What serde says of a value, for a person.
fn in_words(detail: &str) -> String {
    if detail.contains("UUID") {
        return "It takes an id, as this API gives it.".into();
    }
    if detail.contains("digit") || detail.contains("number too") {
        return "It takes a whole number.".into();
    }
    if detail.contains("`true`") || detail.contains("on or false") {
        return "It takes true or false.".into();
    }
    match detail.split_once("expected ") {
        Some((_, words)) => format!("It takes {}.", words.replace(['`', '"'], "")),
        None => format!("{detail}."),
    }
}

#[cfg(test)]
mod tests {
    use utoipa::ToSchema;

    use super::*;

    #[test]
    fn every_parameter_that_cannot_be_taken_is_named() {
        #[derive(Debug, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        struct Asked {
            #[param(minimum = 1, maximum = 100, nullable = false)]
            limit: Option<i64>,
            #[param(max_length = 5)]
            #[expect(dead_code, reason = "only its faults are looked at")]
            q: Option<String>,
            overdue: Option<bool>,
            #[expect(dead_code, reason = "only its faults are looked at")]
            sort: Option<Sort>,
            #[expect(dead_code, reason = "only its faults are looked at")]
            challenge: Option<crate::platform::db::Id>,
        }
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        enum Sort {
            Newest,
            Oldest,
        }
        let faults = |text: &str| -> Vec<(String, String)> {
            let problem = read_query::<Asked>(text).unwrap_err().problem();
            problem.faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
        };
        assert_eq!(
            faults("limit=many&order=up&overdue=perhaps"),
            [("?limit", "wrong_value"), ("?order", "unknown_field"), ("?overdue", "wrong_value")]
                .map(|(pointer, code)| (pointer.to_owned(), code.to_owned()))
        );
        let told = |text: &str| read_query::<Asked>(text).unwrap_err().problem().faults.remove(0).detail;
        assert_eq!(told("limit=many"), "It takes a whole number.");
        assert_eq!(told("limit=99999999999999999999"), "It takes a whole number.");
        assert_eq!(told("overdue=perhaps"), "It takes true, on or false.");
        assert_eq!(told("sort=up"), "It takes newest or oldest.");
        assert_eq!(told("challenge=streets"), "It takes an id, as this API gives it.");
        assert!(read_query::<Nothing>("").is_ok());
        assert_eq!(read_query::<Nothing>("limit=3").unwrap_err().problem().faults.remove(0).code, "unknown_field");
        let asked = read_query::<Asked>("limit=3&overdue=true").unwrap();
        assert_eq!((asked.limit, asked.overdue), (Some(3), Some(true)));
        assert_eq!(faults("limit=&overdue=true"), [("?limit".to_owned(), "too_short".to_owned())]);
        assert_eq!(faults("order="), [("?order".to_owned(), "unknown_field".to_owned())]);
        assert_eq!(faults("limit=1&limit=2"), [("?limit".to_owned(), "wrong_value".to_owned())]);
        assert_eq!(
            faults("limit=0&q=far+too+long&order=up"),
            [("?limit", "too_small"), ("?q", "too_long"), ("?order", "unknown_field")]
                .map(|(pointer, code)| (pointer.to_owned(), code.to_owned()))
        );
        assert_eq!(told("limit=101"), "At most 100.");
        let many: String = (0..100).map(|n| format!("&x{n}=1")).collect();
        assert_eq!(faults(&many).len(), FAULTS);
    }
}

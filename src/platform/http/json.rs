//! Request bodies. A body is held to its published schema first, so that every fault is told at once and what the
//! document promises is what is enforced; then it becomes a value.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use futures_util::future::{LocalBoxFuture, ready};
use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::tidy;

/// Bytes of a body at most (case J8).
pub const BODY_LIMIT: usize = 256 * 1024;
/// How long it may take to arrive (case J3).
const BODY_PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// A body of type `T`, and its bytes for the idempotency key.
#[derive(Debug)]
pub struct Json<T> {
    /// What was sent.
    pub value: T,
    /// As it was sent.
    pub bytes: web::Bytes,
}

impl<T> FromRequest for Json<T>
where
    T: DeserializeOwned + ToSchema + 'static,
{
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let essence = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let mut payload = payload.take();
        Box::pin(async move {
            // Only JSON: a form or text body could be sent by any page without asking (case G12).
            if !essence
                .is_some_and(|essence| essence == "application/json" || essence == "application/merge-patch+json")
            {
                return Err(Code::UnsupportedType.problem().into());
            }
            let bytes = tokio::time::timeout(BODY_PATIENCE, whole(&mut payload))
                .await
                .map_err(|_elapsed| Code::TooSlow.problem())??;
            Ok(Self { value: parse(&bytes)?, bytes })
        })
    }
}

/// A body that may be left out.
#[derive(Debug)]
pub struct MaybeJson<T>(pub Option<T>);

impl<T> FromRequest for MaybeJson<T>
where
    T: DeserializeOwned + ToSchema + 'static,
{
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0");
        if empty && !headers.contains_key(header::TRANSFER_ENCODING) {
            return Box::pin(ready(Ok(Self(None))));
        }
        let body = Json::from_request(request, payload);
        Box::pin(async move { Ok(Self(Some(body.await?.value))) })
    }
}

async fn whole(payload: &mut Payload) -> Result<web::Bytes> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|fault| Code::Malformed.because(format!("The body broke off: {fault}.")))?;
        if bytes.len().saturating_add(chunk.len()) > BODY_LIMIT {
            return Err(Code::TooLarge.because(format!("A body has at most {BODY_LIMIT} bytes.")).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Reads a body.
///
/// # Errors
/// 400 where it is not JSON, 422 with all faults where it does not fit the schema of `T`.
pub fn parse<T: DeserializeOwned + ToSchema + 'static>(bytes: &[u8]) -> Result<T> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|fault| Code::Malformed.because(no_json(bytes, &fault)))?;
    let mut faults = Vec::new();
    let mut kept = value.clone();
    judged_as_kept(&mut kept, &mut String::new(), &mut faults);
    let schema = schema_of::<T>()?;
    faults.extend(schema.iter_errors(&value).flat_map(|error| faults_of(&error)));
    // Three blanks are no title: text is judged as it was sent, and as it will be kept.
    for fault in schema.iter_errors(&kept).flat_map(|error| faults_of(&error)) {
        if !faults.iter().any(|told| told.pointer == fault.pointer) {
            faults.push(fault);
        }
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    // From the bytes once more: a tree has forgotten that a member was there twice (case A9).
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let mut pointer = format!("/{}", error.path().to_string().replace('.', "/")).replace("/?", "");
        let detail = error.into_inner().to_string();
        if let Some(name) = detail.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next()) {
            pointer = format!("{}/{name}", pointer.trim_end_matches('/'));
            return Error::fault(&pointer, "given_twice", "This is there twice. Send it once.");
        }
        Error::fault(&pointer, "wrong_value", &detail)
    })
}

/// Why a body is no JSON, for a person.
fn no_json(bytes: &[u8], fault: &serde_json::Error) -> String {
    match fault.classify() {
        _ if bytes.iter().all(u8::is_ascii_whitespace) => "There is no body. Send one, as JSON.".into(),
        serde_json::error::Category::Eof => {
            let (line, column) = (fault.line(), fault.column());
            format!("The body ends before its JSON does, at line {line}, column {column}. Was it cut off?")
        }
        _ => format!("The body is not JSON: {fault}."),
    }
}

/// Makes text what it will be kept as. Control characters have no place in anybody's text;
/// NUL cannot even be stored by PostgreSQL.
fn judged_as_kept(value: &mut Value, pointer: &mut String, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) => {
            *text = tidy(text);
            if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                faults.push(Fault::at(pointer.clone(), "control_character", "Leave out control characters."));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let length = pointer.len();
                pointer.push_str(&format!("/{index}"));
                judged_as_kept(item, pointer, faults);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let length = pointer.len();
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                judged_as_kept(member, pointer, faults);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

static SCHEMAS: LazyLock<RwLock<HashMap<TypeId, Arc<jsonschema::Validator>>>> = LazyLock::new(RwLock::default);

fn schema_of<T: ToSchema + 'static>() -> Result<Arc<jsonschema::Validator>> {
    let id = TypeId::of::<T>();
    if let Some(found) = SCHEMAS.read().ok().and_then(|schemas| schemas.get(&id).cloned()) {
        return Ok(found);
    }
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let mut document = serde_json::to_value(T::schema()).map_err(anyhow::Error::from)?;
    let parts: HashMap<String, Value> = parts
        .into_iter()
        .map(|(name, schema)| Ok((name, serde_json::to_value(schema)?)))
        .collect::<std::result::Result<_, serde_json::Error>>()
        .map_err(anyhow::Error::from)?;
    if let Some(members) = document.as_object_mut() {
        members.insert("components".into(), json!({ "schemas": parts }));
    }
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&document)
        .map_err(|error| anyhow::anyhow!("the schema of {} cannot be used: {error}", T::name()))?;
    let validator = Arc::new(validator);
    if let Ok(mut schemas) = SCHEMAS.write() {
        schemas.insert(id, Arc::clone(&validator));
    }
    Ok(validator)
}

fn faults_of(error: &jsonschema::ValidationError<'_>) -> Vec<Fault> {
    let at = error.instance_path().to_string();
    if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
        let unknown = |name: &String| {
            let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            Fault::at(at, "unknown_field", "There is no such field here. Leave it out.")
        };
        return unexpected.iter().map(unknown).collect();
    }
    vec![fault_of(error, at)]
}

fn fault_of(error: &jsonschema::ValidationError<'_>, at: String) -> Fault {
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            Fault::at(format!("{at}/{name}"), "required", "This is needed.")
        }
        ValidationErrorKind::MaxLength { limit } => {
            Fault::at(at, "too_long", format!("At most {}.", counted(*limit, "character", "characters")))
        }
        ValidationErrorKind::MinLength { limit } => {
            let empty = if error.instance().as_str() == Some("") { "This is empty. " } else { "" };
            Fault::at(at, "too_short", format!("{empty}At least {}.", counted(*limit, "character", "characters")))
        }
        ValidationErrorKind::MaxItems { limit } => {
            Fault::at(at, "too_many", format!("At most {}.", counted(*limit, "entry", "entries")))
        }
        ValidationErrorKind::MinItems { limit } => {
            Fault::at(at, "too_few", format!("At least {}.", counted(*limit, "entry", "entries")))
        }
        ValidationErrorKind::Maximum { limit } => Fault::at(at, "too_large", format!("At most {limit}.")),
        ValidationErrorKind::Minimum { limit } => Fault::at(at, "too_small", format!("At least {limit}.")),
        ValidationErrorKind::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(one) => named(*one).to_owned(),
                TypeKind::Multiple(set) => set.iter().map(named).collect::<Vec<_>>().join(" or "),
            };
            let sent = sent(error.instance());
            Fault::at(at, "wrong_type", format!("It takes {wanted}; what was sent is {sent}."))
        }
        ValidationErrorKind::Enum { options } => {
            let words = options.as_array().map(|options| options.iter().map(plain).collect::<Vec<_>>().join(", "));
            Fault::at(at, "not_in_list", format!("It takes one of: {}.", words.unwrap_or_else(|| options.to_string())))
        }
        ValidationErrorKind::Format { format } => Fault::at(at, "wrong_format", of_format(format)),
        ValidationErrorKind::Pattern { pattern } => {
            let words = PATTERNS.iter().find(|(known, _)| known == pattern).map(|(_, words)| (*words).to_owned());
            Fault::at(at, "wrong_format", words.unwrap_or_else(|| format!("This must match {pattern}.")))
        }
        _ => Fault::at(at, "wrong_value", format!("{error}.")),
    }
}

/// The patterns that fields have, in words for a person. The attributes of a schema take no constant, so that each field
/// repeats its own; a test holds them to this list.
const PATTERNS: [(&str, &str); 7] = [
    (r"^[^\r\n]*$", "It takes one line. Leave out the line breaks."),
    (
        "^[a-z][a-z0-9-]{1,38}[a-z0-9]$",
        "It takes small letters, digits and hyphens: from 3 to 40, a letter first, no hyphen last.",
    ),
    ("^[a-z][a-z0-9_-]{0,38}$", "It takes small letters, digits, hyphens and underscores: 39 at most, a letter first."),
    ("^[a-z][a-z0-9_]{1,38}$", "It takes small letters, digits and underscores: from 2 to 39, a letter first."),
    ("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "It takes the code of a language, such as en-GB or cy."),
    ("^[A-Z]{2,6}$", "It takes from 2 to 6 capital letters, such as ALD."),
    ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "It takes a day such as 1980-02-29."),
];

fn counted(limit: u64, one: &str, many: &str) -> String {
    format!("{limit} {}", if limit == 1 { one } else { many })
}

/// A type of JSON, for a person.
fn named(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "text in quotation marks",
    }
}

/// What kind of value it is, for a person; what it says is not repeated.
fn sent(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn of_format(format: &str) -> String {
    match format {
        "date" => "It takes a day that there is, such as 2026-05-01.".into(),
        "date-time" => "It takes an instant such as 2026-05-01T09:00:00Z.".into(),
        "email" => "It takes an e-mail address such as ana@example.org.".into(),
        "uri" => "It takes an address such as https://example.org/page.".into(),
        "uuid" => "It takes an id, as this API gives it.".into(),
        other => format!("This is not a {other}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[schema(max_length = 5)]
        #[expect(dead_code, reason = "only its schema is looked at")]
        name: String,
        #[expect(dead_code, reason = "only its schema is looked at")]
        number: u32,
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let error = parse::<Sample>(br#"{"name": "far too long", "extra": 1, "number": "x"}"#).unwrap_err();
        let mut codes: Vec<_> = error.problem().faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        codes.sort();
        assert_eq!(
            codes,
            [("/extra", "unknown_field"), ("/name", "too_long"), ("/number", "wrong_type")]
                .map(|(pointer, code)| (pointer.to_owned(), code.to_owned()))
        );
    }

    #[test]
    fn every_pattern_of_the_contract_has_words() {
        fn patterns(value: &Value, found: &mut std::collections::BTreeSet<String>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("pattern").and_then(Value::as_str).map(str::to_owned));
                    members.values().for_each(|member| patterns(member, found));
                }
                Value::Array(items) => items.iter().for_each(|item| patterns(item, found)),
                _ => {}
            }
        }
        let mut found = std::collections::BTreeSet::new();
        patterns(&serde_json::to_value(crate::router::document()).unwrap(), &mut found);
        let known = PATTERNS.iter().map(|(pattern, _)| (*pattern).to_owned()).collect();
        assert_eq!(found, known);
    }

    #[test]
    fn text_is_judged_as_it_was_sent_and_as_it_will_be_kept() {
        #[derive(Debug, serde::Deserialize, ToSchema)]
        struct Said {
            #[schema(min_length = 3)]
            #[expect(dead_code, reason = "only its schema is looked at")]
            title: String,
            #[schema(pattern = "^[a-z]+$")]
            #[expect(dead_code, reason = "only its schema is looked at")]
            key: String,
        }
        let faults = |text: &str| match parse::<Said>(text.as_bytes()) {
            Ok(_) => Vec::new(),
            Err(error) => error.problem().faults.into_iter().map(|fault| fault.pointer).collect(),
        };
        assert_eq!(faults(r#"{"title": "abc", "key": "a"}"#), Vec::<String>::new());
        assert_eq!(faults(r#"{"title": "   ", "key": "a"}"#), ["/title"]);
        assert_eq!(faults(r#"{"title": "abc", "key": " a"}"#), ["/key"]);
    }

    // case A9
    #[test]
    fn a_member_given_twice_is_refused() {
        assert!(parse::<Sample>(br#"{"name": "a", "name": "b", "number": 1}"#).is_err());
        assert!(parse::<Sample>(br#"{"name": "a", "number": 1e400}"#).is_err());
        assert!(parse::<Sample>(br#"{"name": "a", "number": true}"#).is_err());
        assert!(parse::<Sample>(br#"{"name": "a", "number": 1}"#).is_ok());
    }
}

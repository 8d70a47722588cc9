//! Every answer that a test sees is held to the document: its status is one that the operation names, and its body fits
//! the schema given for it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(folkmoot::router::document()).unwrap());

/// By operation and status.
type Validators = HashMap<(String, u16), Arc<Validator>>;

static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// The operation that a request is for, if there is one.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let parts: Vec<&str> = path.split('?').next()?.split('/').collect();
    let fits = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        let same = |(one, part): (&&str, &&str)| one == part || (one.starts_with('{') && !part.is_empty());
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(same)
    };
    // A path without parameters goes before one that has them.
    let mut found: Vec<(&String, &Value)> =
        DOCUMENT["paths"].as_object()?.iter().filter(|(pattern, _)| fits(pattern)).collect();
    found.sort_by_key(|(pattern, _)| pattern.matches('{').count());
    found.into_iter().find_map(|(_, item)| item.get(method.to_lowercase()))
}

/// Holds an answer to the document.
///
/// # Panics
/// Where it says something else.
pub fn hold(answer: &Answer) {
    let (method, path) = (&answer.asked.0, &answer.asked.1);
    let Some(operation) = operation(method, path) else { return };
    let place = format!("{} to {method} {path}", answer.status);
    let status = answer.status.to_string();
    let response = &operation["responses"][&status];
    assert!(!response.is_null(), "{place} is not in the document: {}", answer.text());
    let response = match response["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    };
    // A header that is promised comes; budgets only where they are counted.
    let read = answer.status == 200 && method == "GET" && path.starts_with("/v1/");
    for (header, wanted) in [("Location", answer.status == 201), ("ETag", read)] {
        let promised = !response["headers"][header].is_null();
        let comes = answer.header(&header.to_lowercase()).is_some();
        assert!(!wanted || promised == comes, "{place}: {header} is promised: {promised}, and comes: {comes}");
    }
    let Some(kind) = answer.header("content-type").and_then(|kind| kind.split(';').next()) else {
        assert!(response["content"].is_null(), "{place} has no body, and the document says it has");
        return;
    };
    let content = &response["content"][kind];
    assert!(!content.is_null(), "{place}: {kind} is not in the document");
    if !kind.ends_with("json") {
        return;
    }
    let key = (operation["operationId"].as_str().unwrap().to_owned(), answer.status);
    let validator = VALIDATORS.lock().unwrap().get(&key).cloned();
    let validator = validator.unwrap_or_else(|| {
        let mut schema = content["schema"].clone();
        schema["components"] = json!({ "schemas": DOCUMENT["components"]["schemas"] });
        let built = Arc::new(jsonschema::options().should_validate_formats(true).build(&schema).unwrap());
        VALIDATORS.lock().unwrap().insert(key, Arc::clone(&built));
        built
    });
    let body = answer.json();
    let faults: Vec<String> =
        validator.iter_errors(&body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{place} does not fit its schema: {faults:#?}\n{body:#}");
}

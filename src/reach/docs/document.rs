//! What is added to the document once its paths are known.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, OpenApi, RefOr};

use crate::people::accounts::look_up::OVERLOOKS_TOKENS;
use crate::platform::error::{Code, Fault};
use crate::platform::http::openapi::{OURS, operations, shared_refusal};
use crate::vocabulary::permissions::{Action, Party};

const INTRODUCTION: &str = include_str!("introduction.md");

/// An example of every request and answer, taken from the demo; `tests/contract/examples.py` sends and records them.
const EXAMPLES: &str = include_str!("examples.json");

/// The groups by what people do.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Residents",
        &[
            "Challenges",
            "Ideas",
            "Comments",
            "Voting",
            "Accounts",
            "Signing in",
            "Single sign-on",
            "Privacy",
            "Feedback",
        ],
    ),
    (
        "Council staff",
        &["Moderation", "Appeals", "Sanctions", "Answering", "Preparing challenges", "Councils", "Staff", "Campaigns"],
    ),
    ("Integrators", &["Changes", "Vocabulary", "Pages"]),
    ("Operators", &["Platform", "Service", "Demo"]),
];

/// Adds the introduction, the examples, the refusals and who may do what.
pub fn illustrate(document: &mut OpenApi) {
    let examples: Value = serde_json::from_str(EXAMPLES).unwrap_or_default();
    document.info.description = Some(format!("{INTRODUCTION}\n{}", refusals_in_words()));
    let groups: Vec<Value> = GROUPS.iter().map(|(name, tags)| json!({ "name": name, "tags": tags })).collect();
    document.extensions.get_or_insert_default().merge(ExtensionsBuilder::new().add("x-tagGroups", groups).build());
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            tell_who(operation);
            let overlooks = method == "post" && OVERLOOKS_TOKENS.iter().any(|end| path.ends_with(end));
            // Generators take any other list for a need of an account.
            if overlooks || operation.security == Some(vec![SecurityRequirement::default()]) {
                operation.security = Some(Vec::new());
            }
            show(operation, &examples);
        }
    }
    let Some(components) = document.components.as_mut() else { return };
    for code in Code::ALL {
        let Some(RefOr::T(response)) =
            shared_refusal(code.status()).and_then(|name| components.responses.get_mut(name))
        else {
            continue;
        };
        for content in response.content.values_mut().filter_map(own) {
            let example = ExampleBuilder::new().summary(code.title()).value(Some(sample(*code))).build();
            content.examples.insert(code.as_str().to_owned(), RefOr::T(example));
        }
    }
}

fn own(content: &mut RefOr<Content>) -> Option<&mut Content> {
    match content {
        RefOr::T(content) => Some(content),
        RefOr::Ref(_) => None,
    }
}

/// A refusal as it is told.
fn sample(code: Code) -> Value {
    let mut problem = code.problem();
    if code == Code::Invalid {
        problem.faults = vec![Fault::at("/title", "too_short", "At least 3 characters.")];
    }
    if code == Code::PhaseNotOpen {
        problem = problem.with("opens_at", "2026-12-01T09:00:00Z");
    }
    if code == Code::NotReady {
        let missing = json!([{ "code": "acceptance", "detail": "The decision-maker has not accepted the promise." }]);
        problem = problem.with("missing", missing);
    }
    problem.document(Some("0192f3a4-6b1c-7d52-9a0e-3c5d1f2b4a68"))
}

fn refusals_in_words() -> String {
    let mut text = String::from(
        "## Refusals\n\nEvery refusal is `application/problem+json` (RFC 9457). Decide by `code`; show `detail` to a \
         person; for bad input `errors` lists every fault at once, each with a JSON Pointer into what was sent, `?name` for a part of the query, \
         or the name of a header. `instance` is the id of the request. `type` is the address of an explanation.\n\n\
         | status | `code` | what to do |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        // Writing into a String cannot fail.
        let _infallible = writeln!(text, "| {} | `{}` | {} |", code.status(), code.as_str(), code.detail());
    }
    text
}

/// The row of the permission table, given by handlers as a scope of the bearer token, in the document's own words.
fn tell_who(operation: &mut Operation) {
    let given = serde_json::to_value(&operation.security).unwrap_or_default();
    let given: Vec<BTreeMap<String, Vec<String>>> = serde_json::from_value(given).unwrap_or_default();
    let Some(action) = given.iter().flat_map(BTreeMap::values).flatten().find_map(|row| Action::named(row)) else {
        return;
    };
    // Scopes are for OAuth 2; many tools refuse them elsewhere.
    let plain = |one: &BTreeMap<String, Vec<String>>| match one.is_empty() {
        true => SecurityRequirement::default(),
        false => SecurityRequirement::new("bearer", Vec::<String>::new()),
    };
    operation.security = Some(given.iter().map(plain).collect());
    let parties: Vec<&str> =
        Party::ALL.iter().filter(|party| action.allows(**party)).map(|party| party.as_str()).collect();
    let who = match action.allows(Party::Visitor) {
        true => "everybody, signed in or not".to_owned(),
        false => parties.join(", "),
    };
    let description = operation.description.get_or_insert_default();
    let _infallible = write!(description, "\n\n**Who may:** {who}.");
    let extensions = operation.extensions.get_or_insert_default();
    let mut ours = extensions.get(OURS).cloned().unwrap_or_else(|| json!({}));
    if let Some(ours) = ours.as_object_mut() {
        ours.insert("permission".into(), action.as_str().into());
    }
    extensions.merge(ExtensionsBuilder::new().add(OURS, ours).build());
}

/// The examples of an operation, and of what stands in its address.
fn show(operation: &mut Operation, examples: &Value) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && (parameter.parameter_in == ParameterIn::Path || parameter.name == "If-Match")
            && let Some(example) = examples.pointer(&format!("/parameters/{}", parameter.name))
        {
            *parameter = ParameterBuilder::from(parameter.clone()).example(Some(example.clone())).build();
        }
    }
    let name = operation.operation_id.clone().unwrap_or_default();
    let Some(example) = examples.pointer(&format!("/operations/{name}")) else { return };
    if let (Some(sent), Some(RefOr::T(body))) = (example.get("request"), operation.request_body.as_mut()) {
        for content in body.content.values_mut().filter_map(own) {
            content.example = Some(sent.clone());
        }
    }
    for (status, answer) in example.get("responses").and_then(Value::as_object).into_iter().flatten() {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
            for content in response.content.values_mut().filter_map(own) {
                content.example = Some(answer.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operations whose answers are no JSON, or have none.
    fn wants_example(content: &Value) -> bool {
        content.as_object().is_some_and(|kinds| kinds.contains_key("application/json"))
    }

    #[test]
    fn every_operation_shows_what_is_sent_and_what_is_answered_and_it_fits() {
        let document = serde_json::to_value(crate::router::document()).unwrap();
        let mut shown = 0;
        let mut fits = |place: &str, content: &Value| {
            if !wants_example(content) {
                return;
            }
            let content = &content["application/json"];
            assert!(!content["example"].is_null(), "{place} has no example: record one");
            let mut schema = content["schema"].clone();
            schema["components"] = json!({ "schemas": document["components"]["schemas"] });
            let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
            let faults: Vec<String> =
                validator.iter_errors(&content["example"]).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "the example of {place} does not fit: {faults:?}");
            shown += 1;
        };
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap().iter().filter(|_| path.starts_with("/v1")) {
                fits(&format!("{method} {path}"), &operation["requestBody"]["content"]);
                for (status, response) in operation["responses"].as_object().unwrap() {
                    if status.starts_with('2') {
                        fits(&format!("{status} to {method} {path}"), &response["content"]);
                    }
                }
            }
        }
        assert!(shown > 70, "{shown}");
    }

    #[test]
    fn every_tag_is_in_a_group_and_every_refusal_is_shown() {
        let document = serde_json::to_value(crate::router::document()).unwrap();
        let mut tags: Vec<&str> =
            document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, tags)| *tags).copied().collect();
        tags.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(tags, grouped);
        let responses = document["components"]["responses"].to_string();
        // These come before or instead of an operation.
        let elsewhere = [Code::MethodNotAllowed, Code::TooSlow, Code::Internal];
        for code in Code::ALL.iter().filter(|code| !elsewhere.contains(code)) {
            assert!(responses.contains(&format!("\"{}\":", code.as_str())), "{} is not shown", code.as_str());
        }
    }
}

//! The document is what the code yields, and says what a frontend developer needs.

use std::collections::BTreeSet;

use folkmoot::platform::http::openapi::operations;
use folkmoot::vocabulary::permissions::{Action, exceptions};

#[test]
fn openapi_yaml_is_what_the_code_yields() {
    let kept = include_str!("../../openapi.yaml");
    let yields = folkmoot::platform::http::openapi::yaml(&folkmoot::router::document()).unwrap();
    assert!(kept == yields, "openapi.yaml is out of step: run `cargo run -- openapi`");
}

// case L3
#[test]
fn every_operation_has_a_name_a_text_a_tag_and_a_row_of_the_permission_table() {
    let mut document = folkmoot::router::document();
    let mut names = BTreeSet::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let place = format!("{method} {path}");
            let name = operation.operation_id.clone().unwrap_or_default();
            assert!(names.insert(name.clone()), "{place}: the name {name} is taken");
            assert!(operation.summary.as_deref().is_some_and(|text| text.len() > 4), "{place} has no summary");
            assert!(operation.description.as_deref().is_some_and(|text| text.len() > 15), "{place} has no description");
            assert!(operation.tags.as_ref().is_some_and(|tags| tags.len() == 1), "{place} has no tag");
            if path.starts_with("/v1") {
                let row = serde_json::to_value(&operation.extensions).unwrap()["x-folkmoot"]["permission"].take();
                if !exceptions::ALL.contains(&name.as_str()) {
                    assert!(
                        row.as_str().and_then(Action::named).is_some(),
                        "{place} names no row of the permission table"
                    );
                }
            }
            let placeholders: BTreeSet<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            let described = serde_json::to_value(&operation.parameters).unwrap();
            let described: Vec<_> = described.as_array().cloned().unwrap_or_default();
            let described: Vec<_> = described.into_iter().filter(|one| one["$ref"].is_null()).collect();
            for parameter in &described {
                assert!(parameter["description"].as_str().is_some_and(|text| !text.is_empty()), "{place}: {parameter}");
            }
            let in_path: BTreeSet<&str> =
                described.iter().filter(|one| one["in"] == "path").filter_map(|one| one["name"].as_str()).collect();
            assert_eq!(placeholders, in_path, "{place}");
        }
    }
    assert!(names.len() > 40);
}

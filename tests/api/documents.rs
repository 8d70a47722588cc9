//! What the documents say is what there is.

use std::collections::BTreeSet;
use std::process::Command;

use folkmoot::platform::error::Code;
use folkmoot::platform::http::idempotency::READ_BY;
use folkmoot::platform::http::limit::Limited;
use folkmoot::platform::http::openapi::operations;
use folkmoot::vocabulary::permissions::{Action, Party};

const README: &str = include_str!("../../README.md");
const API_DESIGN: &str = include_str!("../../docs/API-DESIGN.md");

/// The rows of Markdown tables, cell by cell.
fn rows(document: &str) -> Vec<Vec<String>> {
    let rows = document.lines().filter(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn folkmoot(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_folkmoot")).args(arguments).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_readme_names_every_command() {
    let help = folkmoot(&["--help"]);
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let named = rows(README).iter().any(|row| row[0].contains(&format!("`{command}")));
        assert!(named, "{command} is not in the README");
    }
}

#[test]
fn the_readme_names_every_setting() {
    let place = tempfile::tempdir().unwrap();
    let shown = folkmoot(&["config", "check", "--data-dir", place.path().to_str().unwrap()]);
    for setting in shown.lines().filter_map(|line| line.split_whitespace().next()) {
        let environment = format!("`FOLKMOOT_{}`", setting.to_uppercase());
        let row = rows(README).into_iter().find(|row| row[0] == format!("`{setting}`"));
        assert!(row.is_some_and(|row| row[1] == environment), "{setting} is not in the README");
    }
}

#[test]
fn the_settings_of_the_package_are_all_there_and_all_taken() {
    let text = include_str!("../../packaging/folkmoot.toml");
    let set = |line: &str| line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
    // As if the operator took every comment away.
    let lines = text.lines().map(|line| line.strip_prefix("# ").filter(|rest| set(rest)).unwrap_or(line));
    let lines: Vec<&str> = lines.collect();
    let place = tempfile::tempdir().unwrap();
    let (file, data_dir) = (place.path().join("folkmoot.toml"), place.path().join("data"));
    std::fs::write(&file, lines.join("\n")).unwrap();
    let (file, data_dir) = (file.to_str().unwrap(), data_dir.to_str().unwrap());
    // Not its PostgreSQL, for which a plain build has no TLS.
    let database = format!("sqlite:{data_dir}/folkmoot.sqlite");
    let check = ["config", "check", "--config", file, "--data-dir", data_dir, "--database-url", &database];
    for setting in folkmoot(&check).lines().filter_map(|line| line.split_whitespace().next()) {
        assert!(lines.iter().any(|line| line.starts_with(&format!("{setting} = "))), "{setting} is not in the file");
    }
}

#[test]
fn the_api_design_lists_every_refusal_with_its_words() {
    for code in Code::ALL {
        let row = vec![code.status().to_string(), format!("`{}`", code.as_str()), code.detail().to_owned()];
        assert!(rows(API_DESIGN).contains(&row), "| {} |", row.join(" | "));
    }
}

#[test]
fn the_api_design_shows_the_permission_table() {
    for action in Action::ALL {
        let mut row = vec![format!("`{}`", action.as_str())];
        row.extend(Party::ALL.iter().map(|party| if action.allows(*party) { "yes" } else { "-" }.to_owned()));
        assert!(rows(API_DESIGN).contains(&row), "| {} |", row.join(" | "));
    }
}

#[test]
fn the_api_design_lists_every_budget() {
    let mut document = folkmoot::router::document();
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            for limited in Limited::of(operation.operation_id.as_deref().unwrap(), method) {
                let name = format!("`{}`", limited.as_str());
                let row = rows(API_DESIGN).into_iter().find(|row| row[0].split(" / ").any(|one| one == name));
                let (burst, _) = limited.rate();
                let row = row.unwrap_or_else(|| panic!("{name} is not in the table"));
                assert!(row[3].split(" / ").any(|one| one == burst.to_string()), "{name}: {burst}");
            }
        }
    }
}

#[test]
fn the_api_design_names_what_takes_an_idempotency_key() {
    let (_, named) = API_DESIGN.split_once("It is read by").unwrap();
    let (named, _) = named.split_once(". ").unwrap();
    let named: BTreeSet<&str> = named.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, READ_BY.iter().copied().collect());
}

#[test]
fn the_record_of_processing_is_the_one_that_the_rooms_tell() {
    let document = include_str!("../../docs/DATA-PROTECTION.md");
    let record = folkmoot(&["privacy", "record"]);
    assert!(document.contains(record.trim()), "run `folkmoot privacy record --into docs/DATA-PROTECTION.md`");
}

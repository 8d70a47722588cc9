//! Files of others, brought in on the command line.

use std::path::Path;
use std::process::Command;

use on_both_databases::on_both_databases;

use crate::support::TestApp;

fn import(app: &TestApp, challenge: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_folkmoot"))
        .arg("import")
        .args(arguments)
        .args([
            "--council",
            &app.council.slug,
            "--challenge",
            challenge,
            "--database-url",
            &app.database_url,
            "--data-dir",
        ])
        .arg(&app.app.config.data_dir)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

fn data(file: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file).to_string_lossy().into_owned()
}

#[on_both_databases]
async fn a_table_is_imported_once_with_a_report_of_every_row_that_was_not_taken_as_it_is(app: TestApp) {
    app.follow_the_real_time();
    let challenge = app.open_challenge("post").await;
    let (file, map) = (data("tests/data/ideas.csv"), "id=id,title=title,body=description,date=created_at");
    let arguments = ["csv", &file, "--map", map, "--date-format", "%d/%m/%Y"];
    let (done, said) = import(&app, &challenge, &arguments);
    assert!(done, "{said}");
    for told in
        ["4  imported", "2  refused", "line 5: refused", "line 6: refused", "line 3: cleaned", "line 4: cleaned"]
    {
        assert!(said.contains(told), "{told} is not in {said}");
    }
    let list = format!("/challenges/{challenge}/ideas?limit=100");
    let ideas = app.visitor().get(&list).await.is(200).json();
    assert_eq!(ideas["items"].as_array().unwrap().len(), 4);
    assert!(!app.visitor().get(&list).await.text().contains("<script"));
    let (done, said) = import(&app, &challenge, &arguments);
    assert!(done && said.contains("4  already there") && said.contains("0  imported"), "{said}");
    assert_eq!(app.visitor().get(&list).await.json()["items"].as_array().unwrap().len(), 4);
}

#[on_both_databases]
async fn a_column_that_is_not_there_imports_nothing_and_says_so(app: TestApp) {
    app.follow_the_real_time();
    let challenge = app.open_challenge("post").await;
    let file = data("tests/data/ideas.csv");
    let (done, said) = import(&app, &challenge, &["csv", &file, "--map", "id=id,title=headline,body=description"]);
    assert!(!done && said.contains("headline"), "{said}");
    let list = format!("/challenges/{challenge}/ideas");
    assert_eq!(app.visitor().get(&list).await.json()["items"], serde_json::json!([]));
}

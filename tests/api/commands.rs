//! The commands as an operator types them: what goes wrong is told in one sentence.

use std::path::Path;
use std::process::{Command, Stdio};

fn run(command: &str, data_dir: &Path, listen: &str) -> Command {
    let database = format!("sqlite:{}", data_dir.join("folkmoot.sqlite").display());
    let mut run = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
    run.args([command, "--listen", listen, "--database-url", &database, "--data-dir"]).arg(data_dir);
    run
}

/// What a command that does not succeed says.
fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

#[test]
fn a_taken_port_and_an_unwritable_directory_are_told_in_one_sentence() {
    let place = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listener = std::net::TcpListener::bind(taken);
    let said = refused(run("demo", &place.path().join("demo"), &taken.to_string()));
    assert!(said.contains(&format!("Port {} is taken", taken.port())), "{said}");
    drop(listener);
    let file = place.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let said = refused(run("demo", &file.join("demo"), "127.0.0.1:0"));
    assert!(said.contains("cannot be made"), "{said}");
}

#[test]
fn help_tells_of_the_settings_that_matter_to_a_command() {
    let told = |command: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_folkmoot")).args(command).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for (command, matters) in
        [(vec!["backup"], "--data-dir"), (vec!["healthcheck"], "--listen"), (vec!["admin", "create"], "--database-url")]
    {
        let help = told(&command);
        assert!(help.contains(matters) && help.contains("settings of `folkmoot serve --help`"), "{help}");
        assert!(!help.contains("--cors-origins"), "{help}");
    }
    assert!(told(&["serve"]).contains("--cors-origins"));
}

#[test]
fn what_an_installation_keeps_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    let data_dir = place.path().join("data");
    let database = format!("sqlite:{}", data_dir.join("folkmoot.sqlite").display());
    let migrated = Command::new(env!("CARGO_BIN_EXE_folkmoot"))
        .args(["migrate", "--database-url", &database, "--data-dir"])
        .arg(&data_dir)
        .output()
        .unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    for name in ["", "folkmoot.sqlite", "secret"] {
        let mode = std::fs::metadata(data_dir.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
}

#[test]
fn the_demo_with_its_known_passwords_is_never_put_into_a_database_in_use() {
    let place = tempfile::tempdir().unwrap();
    let (used, demo) = (place.path().join("used"), place.path().join("demo"));
    let nowhere = "127.0.0.1:0";
    let mut admin = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
    admin.args(["admin", "create", "--email", "ops@folkmoot.example", "--data-dir"]).arg(&used);
    let mut admin = admin.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut admin.stdin.take().unwrap(), b"four words that do not belong\n").unwrap();
    assert!(admin.wait().unwrap().success());
    assert!(refused(run("demo", &used, nowhere)).contains("in use and is no demo"));

    let mut running = run("demo", &demo, nowhere).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(running.stdout.take().unwrap()), &mut line).unwrap();
    assert_eq!(line.trim(), "The demo is loaded.");
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(refused(run("serve", &demo, nowhere)).contains("passwords that everybody knows"));
    // Until there are migrations between them, data of another version are begun anew and not read.
    std::fs::write(demo.join("version"), "0".repeat(64)).unwrap();
    assert!(refused(run("demo", &demo, nowhere)).contains("another version; run `folkmoot demo --reset`"));
}

#[test]
fn a_shell_completes_the_commands_and_each_has_its_man_page() {
    let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_folkmoot")).args(arguments).output().unwrap();
    let bash = run(&["completions", "bash"]);
    assert!(bash.status.success());
    assert!(String::from_utf8(bash.stdout).unwrap().contains("healthcheck"));
    let place = tempfile::tempdir().unwrap();
    assert!(run(&["man", place.path().to_str().unwrap()]).status.success());
    for page in ["folkmoot.1", "folkmoot-serve.1", "folkmoot-demo-token.1"] {
        let text = std::fs::read_to_string(place.path().join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
}

const BUDGET: &str = "META\nkey;value\ndescription;Two streets\nnum_projects;3\nnum_votes;4\nbudget;40\nvote_type;approval\nrule;RULE\n\
    PROJECTS\nproject_id;cost;name\nbench;20;A bench\ncrossing;25;A crossing\ntree;15;A tree\n\
    VOTES\nvoter_id;vote\n1;bench,crossing\n2;crossing,bench\n3;bench,crossing\n4;tree\n";

#[test]
fn a_file_of_ballots_is_counted_as_it_says_or_as_is_asked_and_never_by_a_rule_of_its_own() {
    let place = tempfile::tempdir().unwrap();
    let tally = |rule: &str, options: &[&str]| {
        let file = place.path().join("streets.pb");
        std::fs::write(&file, BUDGET.replace("RULE", rule)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
        command.arg("tally").arg(&file).args(options);
        command
    };
    let counted = |rule: &str, options: &[&str]| -> serde_json::Value {
        let output = tally(rule, &[options, &["--json"]].concat()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(counted("greedy", &[])["winners"], serde_json::json!(["bench", "tree"]));
    assert_eq!(counted("greedy-no-skip", &[])["winners"], serde_json::json!(["bench"]));
    let shares = counted("equalshares", &[]);
    assert_eq!(
        (&shares["rule"], &shares["winners"]),
        (&"equal_shares/none/cost".into(), &serde_json::json!(["bench"]))
    );
    let lost = &shares["rounds"][1];
    assert_eq!((&lost["candidate"], &lost["cost"], &lost["left"]), (&"crossing".into(), &25.into(), &"10.00".into()));
    // Raised to 15, shares would buy all three, which is too much.
    let raised = counted("unknown", &["--rule", "equal_shares", "--completion", "add1u"]);
    assert_eq!((&raised["winners"], &raised["raised"]), (&serde_json::json!(["bench", "tree"]), &4.into()));
    assert_eq!(
        counted("greedy", &["--rule", "count", "--seats", "2"])["winners"],
        serde_json::json!(["bench", "crossing"])
    );
    assert!(refused(tally("unknown", &[])).contains("does not know by what rule"));
    assert!(refused(tally("greedy-threshold", &[])).contains("by a rule of its own, greedy-threshold"));
    assert!(refused(tally("equalshares/other", &[])).contains("by a rule of its own, equalshares/other"));
    let said = refused(tally("greedy", &["--rule", "stv"]));
    assert!(said.contains("cannot be counted by stv. They can by count, greedy"), "{said}");
    assert!(refused(tally("greedy", &["--seats", "2"])).contains("--seats goes with stv"));
    assert!(refused(tally("greedy", &["--completion", "none"])).contains("--completion goes with equal_shares only"));
    assert!(refused(tally("greedy", &["--ties", "drawn_lots"])).contains("--seed"));
    let lots = counted("greedy", &["--ties", "drawn_lots", "--seed", "Aldermoor"]);
    assert_eq!((&lots["ties"], &lots["budget"], &lots["unit"]), (&"drawn_lots".into(), &40.into(), &1.into()));
    // Whoever reads only the beginning has gone away when the rest comes.
    let mut head = tally("greedy", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(head.stdout.take());
    assert!(head.wait_with_output().unwrap().status.success());
    let text = String::from_utf8(tally("equalshares", &[]).output().unwrap().stdout).unwrap();
    assert!(text.contains("costs 25; they had 10.00 left") && text.contains("1 won:\n  bench A bench"), "{text}");
    std::fs::write(place.path().join("ward.blt"), "2 1\n3 1 2 0\n2 2 0\n0\n\"Ana\"\n\"Ben\"\n\"A ward\"\n").unwrap();
    let mut ward = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
    let text = ward.arg("tally").arg(place.path().join("ward.blt")).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("3 votes elect.") && text.contains("Stage 1: 1 Ana is elected."), "{text}");
}

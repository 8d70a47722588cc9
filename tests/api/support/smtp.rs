//! A mail server for one test, and what it received.
#![expect(clippy::disallowed_methods, reason = "the harness is told by the environment where its tools are")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use mail_parser::{Message, MessageParser, PartType};
use tempfile::TempDir;

/// Ends when it is dropped, or when the test process ends in any way.
pub struct SmtpServer {
    child: Child,
    port: u16,
    dir: TempDir,
}

/// One message, as a mail program would show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The addresses of the header `To`, without names.
    pub to: Vec<String>,
    pub subject: String,
    /// Empty where the message has no plain text: none is made up from the HTML.
    pub text: String,
    /// None is made up from the plain text.
    pub html: Option<String>,
}

impl SmtpServer {
    /// `None` where no Python with aiosmtpd is found.
    ///
    /// # Panics
    /// Where the server does not start, or there is no such Python and `FOLKMOOT_REQUIRE_TOOLS=1`.
    pub fn start() -> Option<Self> {
        let python = python()?;
        let dir = tempfile::Builder::new()
            .prefix("folkmoot-smtp-")
            .tempdir()
            .unwrap_or_else(|e| panic!("no temporary directory for the mail server: {e}"));
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/support/smtp_server.py"))
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C in the terminal is for the tests, and their end ends this.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| panic!("{} did not start: {e}", python.display()));
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            let _ = BufReader::new(out).read_line(&mut line);
        }
        let Ok(port) = line.trim().parse() else {
            drop(child.stdin.take());
            let _ = child.wait();
            panic!("the mail server did not tell its port but {line:?}; its own words are on stderr");
        };
        Some(Self { child, port, dir })
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// All that arrived so far, in the order of arrival.
    pub fn messages(&self) -> Vec<Received> {
        let entries = fs::read_dir(self.dir.path()).unwrap_or_else(|e| panic!("the mail server's directory: {e}"));
        let mut files: Vec<PathBuf> =
            entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
        files.sort();
        files.iter().map(|file| read(file)).collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn read(file: &Path) -> Received {
    let raw = fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let message = MessageParser::default().parse(&raw).unwrap_or_else(|| panic!("not a message: {}", file.display()));
    Received {
        to: message.to().into_iter().flat_map(|to| to.iter()).filter_map(|a| a.address().map(String::from)).collect(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: part(&message, &message.text_body, |part| match part {
            PartType::Text(text) => Some(text.to_string()),
            _ => None,
        })
        .unwrap_or_default(),
        html: part(&message, &message.html_body, |part| match part {
            PartType::Html(html) => Some(html.to_string()),
            _ => None,
        }),
    }
}

/// The parser lists a lone plain text as the HTML too, and the other way round; only the kind asked for counts.
fn part(message: &Message<'_>, ids: &[u32], kind: impl Fn(&PartType<'_>) -> Option<String>) -> Option<String> {
    ids.iter().find_map(|id| message.part(*id).and_then(|part| kind(&part.body)))
}

/// Looked for once a process, since starting Python takes longer than most tests.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<Option<PathBuf>, String>> = OnceLock::new();
    let find = || {
        let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/venv/bin/python");
        let python = match std::env::var_os("FOLKMOOT_TEST_PYTHON") {
            Some(told) if !told.is_empty() => PathBuf::from(told),
            _ if venv.exists() => venv,
            _ => PathBuf::from("python3"),
        };
        let check = Command::new(&python)
            .args(["-c", "import aiosmtpd"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if check.is_ok_and(|status| status.success()) {
            return Ok(Some(python));
        }
        skipped(&format!(
            "mail tests are SKIPPED: {} has no aiosmtpd (run scripts/install-test-tools)",
            python.display()
        ))?;
        Ok(None)
    };
    match PYTHON.get_or_init(find) {
        Ok(python) => python.as_deref(),
        Err(reason) => panic!("{reason}"),
    }
}

/// Says loudly that a tool is missing, past the capture of `eprintln!`, or a run that passes would never show it.
///
/// # Errors
/// The same line, where `FOLKMOOT_REQUIRE_TOOLS=1`.
pub fn skipped(line: &str) -> Result<(), String> {
    if std::env::var("FOLKMOOT_REQUIRE_TOOLS").is_ok_and(|v| v == "1") {
        return Err(format!("FOLKMOOT_REQUIRE_TOOLS=1, but {line}"));
    }
    let _ = writeln!(std::io::stderr(), "\n*** {line} ***");
    Ok(())
}

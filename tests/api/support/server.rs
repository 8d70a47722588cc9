//! The binary as an operator starts it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Mutex;

use actix_web::HttpMessage as _;
use actix_web::test::TestRequest;
use futures_util::StreamExt as _;

use super::{Answer, Call, TestApp};

/// A server of its own process, on the database and data directory of a test.
pub struct Server {
    child: Mutex<Child>,
    pub address: String,
}

fn command(app: &TestApp, log: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
    command.args(arguments).args(["--database-url", &app.database_url, "--data-dir"]).arg(&app.app.config.data_dir);
    command.args(["--public-url", "https://ideas.example", "--log", log]);
    // All that a test sends comes from one network.
    command.args(["--requests-per-second", "0"]);
    if let Some(url) = &app.app.config.smtp_url {
        command.args(["--smtp-url", url]);
    }
    command
}

impl Server {
    pub fn start(app: &TestApp) -> Self {
        Self::of(&mut command(app, "error", &["serve", "--listen", "127.0.0.1:0"]))
    }

    /// The same, with all that it logs in a file.
    pub fn start_logging(app: &TestApp, log: &std::path::Path) -> Self {
        let mut command = command(app, "debug", &["serve", "--listen", "127.0.0.1:0"]);
        Self::of(command.stderr(std::fs::File::create(log).unwrap()))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Folkmoot listens on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child: Mutex::new(child), address }
    }

    /// SIGKILL: nothing is finished, nothing is told.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        let _gone_already = child.kill();
        child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Makes a platform admin on the command line, as an operator does.
pub fn create_platform_admin(app: &TestApp, email: &str, password: &str) {
    let mut child = command(app, "error", &["admin", "create", "--email", email])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    assert!(child.wait().unwrap().success());
}

/// Sends what a test asks for over real HTTP.
pub fn over_http(address: &str) -> Call {
    let client = client();
    let address = address.to_owned();
    Rc::new(move |request: TestRequest| {
        let (client, address) = (client.clone(), address.clone());
        Box::pin(async move {
            let mut request = request.to_request();
            let asked = (request.method().to_string(), request.uri().to_string());
            let mut body = Vec::new();
            let mut payload = request.take_payload();
            while let Some(chunk) = payload.next().await {
                body.extend_from_slice(&chunk.unwrap());
            }
            let method: reqwest::Method = request.method().as_str().parse().unwrap();
            let mut sent = client.request(method, format!("{address}{}", request.uri())).body(body);
            for (name, value) in request.headers() {
                sent = sent.header(name.as_str(), value.as_bytes());
            }
            let response = sent.send().await.unwrap();
            let status = response.status().as_u16();
            let headers = super::told(response.headers().iter());
            Answer { asked, status, headers, body: response.bytes().await.unwrap().to_vec() }
        })
    })
}

/// A client that may call the loopback, as the guarded one may not.
#[expect(clippy::disallowed_methods, reason = "a test speaks to its own server on the loopback")]
pub fn client() -> reqwest::Client {
    // It also installs the provider of TLS for the process.
    folkmoot::platform::http::outbound::Outbound::new(false).unwrap();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

//! What the operator can set: a file, the environment over it, flags over both; checked once, at start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use tracing_subscriber::filter::Targets;

use crate::platform::db::Location;
use crate::platform::mail::Transport;
use crate::platform::secrets::Secrets;
use crate::platform::telemetry;

/// The settings as they are written: all text, all optional. Also the flags of `serve`.
#[derive(Clone, Debug, Default, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on
    #[arg(long, env = "FOLKMOOT_LISTEN", hide_env_values = true)]
    pub listen: Option<String>,
    /// sqlite:PATH or postgres://… [default: sqlite:DATA_DIR/folkmoot.sqlite]
    #[arg(long, env = "FOLKMOOT_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// postgres://… of the role that owns the tables, migrates and forgets, where the server itself shall not be able to
    /// change the audit log
    #[arg(long, env = "FOLKMOOT_DATABASE_OWNER_URL", hide_env_values = true)]
    pub database_owner_url: Option<String>,
    /// TLS to PostgreSQL: verify-full or off
    #[arg(long, env = "FOLKMOOT_DATABASE_TLS")]
    pub database_tls: Option<String>,
    /// Where files, mails and the embedded database are kept
    #[arg(long, env = "FOLKMOOT_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// The address of this server: issuer of tokens, feeds, short links, and where a council names no site_url of
    /// its own [default: http://LISTEN]
    #[arg(long, env = "FOLKMOOT_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// smtps://user:password@host; without it mails are written to DATA_DIR/mail
    #[arg(long, env = "FOLKMOOT_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Sender of mails
    #[arg(long, env = "FOLKMOOT_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Root secret, 64 hexadecimal digits; without it one is made in DATA_DIR/secret
    #[arg(long, env = "FOLKMOOT_SECRET", hide_env_values = true, hide = true)]
    pub secret: Option<String>,
    /// text or json
    #[arg(long, env = "FOLKMOOT_LOG_FORMAT")]
    pub log_format: Option<String>,
    /// What is logged, for instance "info,folkmoot=debug"
    #[arg(long, env = "FOLKMOOT_LOG")]
    pub log: Option<String>,
    /// Networks of reverse proxies whose X-Forwarded-For is believed, separated by commas
    #[arg(long, env = "FOLKMOOT_TRUSTED_PROXIES")]
    pub trusted_proxies: Option<String>,
    /// Origins of web frontends, separated by commas
    #[arg(long, env = "FOLKMOOT_CORS_ORIGINS")]
    pub cors_origins: Option<String>,
    /// Requests a second that one account or network may send to this node in the long run; 0 for any number
    #[arg(long, env = "FOLKMOOT_REQUESTS_PER_SECOND")]
    pub requests_per_second: Option<u32>,
    /// Serve the page for staff at /staff: true or false [default: false]
    #[arg(long, env = "FOLKMOOT_STAFF_PAGE", num_args = 0..=1, default_missing_value = "true")]
    pub staff_page: Option<bool>,
}

/// The configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// The database.
    pub location: Location,
    /// The database as its owner, where that is not the role that serves.
    pub owner_location: Option<Location>,
    /// Files, mails, the embedded database.
    pub data_dir: PathBuf,
    /// The address of this server, without a slash at the end.
    pub public_url: url::Url,
    /// Mail server; `None` writes files.
    pub smtp_url: Option<String>,
    /// Sender.
    pub mail_from: lettre::message::Mailbox,
    /// Root secret.
    pub secrets: Secrets,
    /// JSON logs.
    pub log_json: bool,
    /// What is logged.
    pub log: Targets,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Web frontends.
    pub cors_origins: Vec<String>,
    /// Demo: CORS open to localhost, fast limits.
    pub demo: bool,
    /// Calls outwards may go to this very machine: for a demo or a test with a sign-in provider beside it, and never a
    /// setting of a server.
    pub loopback: bool,
    /// Requests a second from one account or network; 0 for any number.
    pub requests_per_second: u32,
    /// Whether the page for staff is served.
    pub staff_page: bool,
    /// Limits on how often may be lowered to nothing only in tests.
    pub limits: bool,
    /// Refusals of a sign-in are given when a whole number of these has passed; zero only in tests.
    pub refusal_step: Duration,
    /// Cost of hashing a password.
    pub hashing: Hashing,
    /// Cost of a proof of work.
    pub work: Work,
}

/// What a proof of work costs who shows it: tries of PBKDF2 with SHA-256, half of the most on average.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Rounds of each try.
    pub rounds: u32,
    /// Tries at most, where little comes.
    pub least: u32,
    /// Tries at most, however much comes.
    pub most: u32,
}

impl Default for Work {
    // A thousand rounds take an old telephone about a millisecond: one second on average, and sixteen under a flood, in
    // which a computer of today needs two.
    fn default() -> Self {
        Self { rounds: 1_000, least: 2_000, most: 32_000 }
    }
}

/// argon2id parameters (RFC 9106; OWASP's second choice by default).
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    /// KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { memory: 19_456, passes: 2 }
    }
}

impl Settings {
    /// Reads a TOML file, where one is named or `folkmoot.toml` lies in the working directory, under these settings.
    ///
    /// # Errors
    /// One sentence: which file, which line.
    pub fn over_file(self, path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = file_in_force(path) else { return Ok(self) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| anyhow::anyhow!("The configuration file {} cannot be read: {error}.", path.display()))?;
        // Without the line itself, which may be the one with the secret.
        let file: Self = toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            let what = error.message().trim_end_matches('.');
            anyhow::anyhow!("The configuration file {} has a fault in line {line}: {what}.", path.display())
        })?;
        // Destructured without `..`, so that a new setting cannot be forgotten here.
        let Self {
            listen,
            database_url,
            database_owner_url,
            database_tls,
            data_dir,
            public_url,
            smtp_url,
            mail_from,
            secret,
            log_format,
            log,
            trusted_proxies,
            cors_origins,
            requests_per_second,
            staff_page,
        } = self;
        Ok(Self {
            listen: given(listen).or(file.listen),
            database_url: given(database_url).or(file.database_url),
            database_owner_url: given(database_owner_url).or(file.database_owner_url),
            database_tls: given(database_tls).or(file.database_tls),
            data_dir: data_dir.or(file.data_dir),
            public_url: given(public_url).or(file.public_url),
            smtp_url: given(smtp_url).or(file.smtp_url),
            mail_from: given(mail_from).or(file.mail_from),
            secret: given(secret).or(file.secret),
            log_format: given(log_format).or(file.log_format),
            log: given(log).or(file.log),
            trusted_proxies: given(trusted_proxies).or(file.trusted_proxies),
            cors_origins: given(cors_origins).or(file.cors_origins),
            requests_per_second: requests_per_second.or(file.requests_per_second),
            staff_page: staff_page.or(file.staff_page),
        })
    }

    /// Checks everything and says all that is wrong at once. Makes the data directory and the secret file.
    ///
    /// # Errors
    /// One sentence a line.
    pub fn check(self) -> anyhow::Result<Config> {
        let data_dir = self.data_dir();
        let made = private_directory(&data_dir)
            .map_err(|error| format!("The data directory {} cannot be made: {error}.", data_dir.display()));
        let mut looked = self.look();
        match made {
            Err(fault) => looked.faults.insert(0, fault),
            Ok(()) if matches!(looked.secrets, Secret::Missing) => match kept_secret(&looked.secret_file()) {
                Ok(secrets) => looked.secrets = Secret::Known(secrets),
                Err(fault) => looked.faults.push(fault.to_string()),
            },
            Ok(()) => {}
        }
        looked.whole()
    }

    /// Where files, mails and the embedded database are kept.
    fn data_dir(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| PathBuf::from("data"))
    }

    /// Reads every setting and makes nothing: what could be read is there, and what is wrong is all told at once.
    pub fn look(self) -> Looked {
        let mut faults = Vec::new();
        macro_rules! take {
            ($result:expr) => {
                match $result {
                    Ok(value) => Some(value),
                    Err(error) => {
                        faults.push(error.to_string());
                        None
                    }
                }
            };
        }
        let data_dir = self.data_dir();
        let listen_text = given(self.listen).unwrap_or_else(|| "127.0.0.1:8080".into());
        let listen = take!(listen_text.parse::<SocketAddr>().map_err(|_fault| anyhow::anyhow!(
            "FOLKMOOT_LISTEN must be an address and a port, for instance 127.0.0.1:8080; it is {listen_text:?}."
        )));
        let location = take!(match given(self.database_url) {
            Some(url) => Location::parse(&url).map_err(|fault| anyhow::anyhow!("FOLKMOOT_DATABASE_URL: {fault}")),
            None => Ok(Location::Sqlite(data_dir.join("folkmoot.sqlite"))),
        });
        let tls = given(self.database_tls);
        let location = location.and_then(|location| take!(with_tls(location, tls.as_deref())));
        // The embedded database has no roles, and so no use for it.
        let owner_url = given(self.database_owner_url).filter(|_| !matches!(location, Some(Location::Sqlite(_))));
        let owner_location = owner_url.and_then(|url| {
            take!(match Location::parse(&url) {
                Ok(owner @ Location::Postgres(_)) => with_tls(owner, tls.as_deref()),
                Ok(Location::Sqlite(_)) =>
                    Err(anyhow::anyhow!("FOLKMOOT_DATABASE_OWNER_URL must begin with postgres://.")),
                Err(fault) => Err(anyhow::anyhow!("FOLKMOOT_DATABASE_OWNER_URL: {fault}")),
            })
        });
        let public_text = given(self.public_url).unwrap_or_else(|| format!("http://{listen_text}"));
        let public_url = take!(url::Url::parse(&public_text).ok().filter(|url| url.has_host()).ok_or_else(|| {
            anyhow::anyhow!("FOLKMOOT_PUBLIC_URL must be a full address, for instance https://ideas.example.gov; it is {public_text:?}.")
        }));
        let smtp_url = given(self.smtp_url);
        let mail = take!(Transport::from_url(smtp_url.as_deref(), &data_dir)).is_some();
        let from_text = given(self.mail_from).unwrap_or_else(|| "Folkmoot <folkmoot@localhost.localdomain>".into());
        let mail_from = take!(from_text.parse().map_err(|_fault| anyhow::anyhow!(
            "FOLKMOOT_MAIL_FROM must be a mail address, for instance Ideas <ideas@example.gov>; it is {from_text:?}."
        )));
        let secrets = take!(match given(self.secret) {
            Some(text) => Secrets::from_hex(&text).map(Secret::Known),
            None => read_secret(&secret_file(&data_dir)).map(|kept| kept.map_or(Secret::Missing, Secret::Known)),
        });
        let log_json = take!(match given(self.log_format).as_deref() {
            None | Some("text") => Ok(false),
            Some("json") => Ok(true),
            Some(other) => Err(anyhow::anyhow!("FOLKMOOT_LOG_FORMAT must be text or json; it is {other:?}.")),
        });
        let log_text = given(self.log).unwrap_or_else(|| "info".into());
        let log = take!(telemetry::filter(&log_text).ok_or_else(|| anyhow::anyhow!(
            "FOLKMOOT_LOG must be a filter, for instance info,folkmoot=debug; it is {log_text:?}."
        )));
        let trusted_proxies = take!(
            list(given(self.trusted_proxies).as_deref())
                .iter()
                .map(|net| net.parse::<IpNet>().or_else(|_no_mask| net.parse::<std::net::IpAddr>().map(IpNet::from)))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_fault| anyhow::anyhow!("FOLKMOOT_TRUSTED_PROXIES must be networks such as 10.0.0.0/8."))
        );
        let cors_origins = list(given(self.cors_origins).as_deref());
        if cors_origins.iter().any(|origin| origin == "*") {
            faults.push("FOLKMOOT_CORS_ORIGINS must name origins; * would let any page speak for a resident.".into());
        }
        Looked {
            faults,
            data_dir,
            listen,
            location,
            owner_location,
            public_url,
            mail,
            smtp_url,
            mail_from,
            secrets: secrets.unwrap_or(Secret::Faulty),
            log_json,
            log,
            trusted_proxies,
            cors_origins,
            requests_per_second: self.requests_per_second.unwrap_or(50),
            staff_page: self.staff_page.unwrap_or(false),
        }
    }
}

/// The root secret, as far as it is known without making one.
#[derive(Clone, Debug)]
pub enum Secret {
    /// It was given, or lies in its file.
    Known(Secrets),
    /// None is given, and its file is not there.
    Missing,
    /// What is given or kept cannot be one.
    Faulty,
}

/// What could be read of the settings, and what is wrong with the rest; nothing was made for it.
#[derive(Clone, Debug)]
pub struct Looked {
    /// One sentence for each setting that is wrong.
    pub faults: Vec<String>,
    /// Files, mails, the embedded database.
    pub data_dir: PathBuf,
    /// Address to listen on.
    pub listen: Option<SocketAddr>,
    /// The database.
    pub location: Option<Location>,
    /// The database as its owner.
    pub owner_location: Option<Location>,
    /// The address of this server.
    pub public_url: Option<url::Url>,
    /// Whether mail can be handed over as it is set.
    pub mail: bool,
    /// Mail server; `None` writes files.
    pub smtp_url: Option<String>,
    /// Sender.
    pub mail_from: Option<lettre::message::Mailbox>,
    /// Root secret.
    pub secrets: Secret,
    /// JSON logs.
    pub log_json: Option<bool>,
    /// What is logged.
    pub log: Option<Targets>,
    /// Proxies that are believed.
    pub trusted_proxies: Option<Vec<IpNet>>,
    /// Web frontends.
    pub cors_origins: Vec<String>,
    /// Requests a second from one account or network; 0 for any number.
    pub requests_per_second: u32,
    /// Whether the page for staff is served.
    pub staff_page: bool,
}

impl Looked {
    /// Where the secret is kept if it is not a setting.
    pub fn secret_file(&self) -> PathBuf {
        secret_file(&self.data_dir)
    }

    fn whole(self) -> anyhow::Result<Config> {
        if let (
            Some(listen),
            Some(location),
            Some(public_url),
            Some(mail_from),
            Secret::Known(secrets),
            Some(log_json),
            Some(log),
            Some(trusted_proxies),
            true,
        ) = (
            self.listen,
            self.location,
            self.public_url,
            self.mail_from,
            self.secrets,
            self.log_json,
            self.log,
            self.trusted_proxies,
            self.faults.is_empty(),
        ) {
            return Ok(Config {
                listen,
                location,
                owner_location: self.owner_location,
                data_dir: self.data_dir,
                public_url,
                smtp_url: self.smtp_url,
                mail_from,
                secrets,
                log_json,
                log,
                trusted_proxies,
                cors_origins: self.cors_origins,
                requests_per_second: self.requests_per_second,
                staff_page: self.staff_page,
                demo: false,
                loopback: false,
                limits: true,
                refusal_step: Duration::from_millis(100),
                hashing: Hashing::default(),
                work: Work::default(),
            });
        }
        anyhow::bail!(self.faults.join("\n"))
    }
}

impl Config {
    /// The database as the role that may change its schema.
    pub fn as_owner(&self) -> &Location {
        self.owner_location.as_ref().unwrap_or(&self.location)
    }

    /// A link in a mail: always to the configured address, whatever a request said its host was (case B8).
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// What is in force, with secrets hidden.
    pub fn describe(&self) -> String {
        let rows = [
            ("listen", self.listen.to_string()),
            ("database_url", shown(&self.location)),
            (
                "database_owner_url",
                self.owner_location.as_ref().map_or_else(|| "none: who serves also owns".into(), shown),
            ),
            ("data_dir", self.data_dir.display().to_string()),
            ("public_url", self.public_url.to_string()),
            (
                "smtp_url",
                self.smtp_url
                    .as_deref()
                    .map_or_else(|| "none: mails are written to DATA_DIR/mail".into(), hide_password),
            ),
            ("mail_from", self.mail_from.to_string()),
            ("secret", format!("hidden (fingerprint {})", self.secrets.fingerprint())),
            ("log", format!("{} as {}", self.log, if self.log_json { "json" } else { "text" })),
            ("trusted_proxies", self.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            ("cors_origins", self.cors_origins.join(", ")),
            ("requests_per_second", self.requests_per_second.to_string()),
            ("staff_page", self.staff_page.to_string()),
        ];
        rows.iter().map(|(name, value)| format!("{name:<20} {value}\n")).collect()
    }
}

/// The file of settings that is read: the one that is named, or `folkmoot.toml` in the working directory.
pub fn file_in_force(named: Option<&Path>) -> Option<&Path> {
    named.or_else(|| Some(Path::new("folkmoot.toml")).filter(|path| path.exists()))
}

/// Makes a directory that only its owner can look into: it holds addresses, secrets and mails.
///
/// # Errors
/// Where it cannot be made.
pub fn private_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A setting that is empty is not set.
fn given(value: Option<String>) -> Option<String> {
    value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn list(value: Option<&str>) -> Vec<String> {
    value.unwrap_or_default().split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A database as it may be shown.
pub fn shown(location: &Location) -> String {
    match location {
        Location::Sqlite(path) => format!("sqlite:{}", path.display()),
        Location::Postgres(url) => hide_password(url),
    }
}

/// An address as it may be shown.
pub fn hide_password(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) => {
            if url.password().is_some() {
                let _it_has_one = url.set_password(Some("hidden"));
            }
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            if pairs.iter().any(|(name, _)| name.contains("password")) {
                let shown = |(name, value): (String, String)| {
                    let value = if name.contains("password") { "hidden".to_owned() } else { value };
                    (name, value)
                };
                url.query_pairs_mut().clear().extend_pairs(pairs.into_iter().map(shown));
            }
            url.to_string()
        }
        Err(_) => "hidden".into(),
    }
}

fn with_tls(location: Location, tls: Option<&str>) -> anyhow::Result<Location> {
    let Location::Postgres(address) = &location else { return Ok(location) };
    let mut url =
        url::Url::parse(address).map_err(|_fault| anyhow::anyhow!("FOLKMOOT_DATABASE_URL is not an address."))?;
    let host = url.host_str().unwrap_or("localhost").to_owned();
    // libpq takes the host, and what it overrides it with, from the query as well.
    let hosts = url.query_pairs().filter(|(name, _)| matches!(name.as_ref(), "host" | "hostaddr" | "service"));
    let hosts: Vec<String> = hosts.map(|(_, value)| value.into_owned()).chain([host.clone()]).collect();
    let near = hosts.iter().flat_map(|list| list.split(',')).all(|host| {
        host == "localhost"
            || host.starts_with('/')
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    });
    match tls {
        None if near => Ok(location),
        None => anyhow::bail!(
            "PostgreSQL on {} is beyond this machine: set FOLKMOOT_DATABASE_TLS to verify-full, or to off on a private network.",
            hosts.join(", ")
        ),
        Some("off") => Ok(location),
        Some("verify-full") if cfg!(feature = "pg-tls") => {
            url.query_pairs_mut().append_pair("sslmode", "verify-full");
            Ok(Location::Postgres(url.into()))
        }
        Some("verify-full") => {
            anyhow::bail!("This binary was built without TLS to PostgreSQL: build it with --features pg-tls.")
        }
        Some(other) => anyhow::bail!("FOLKMOOT_DATABASE_TLS must be verify-full or off; it is {other:?}."),
    }
}

fn secret_file(data_dir: &Path) -> PathBuf {
    data_dir.join("secret")
}

fn read_secret(path: &Path) -> anyhow::Result<Option<Secrets>> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    match std::fs::read_to_string(path) {
        Ok(text) => Secrets::from_hex(&text).map(Some),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        Err(error) => anyhow::bail!("The secret in {} cannot be read: {error}.", path.display()),
    }
}

fn kept_secret(path: &Path) -> anyhow::Result<Secrets> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let secrets = Secrets::generate();
    // Created new and readable by its owner only; a second process that starts at the same moment reads ours.
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => file.write_all(secrets.to_hex().as_bytes())?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return read_secret(path)?.ok_or_else(|| anyhow::anyhow!("The secret {} came and went.", path.display()));
        }
        Err(error) => anyhow::bail!("The data directory is not writable: {} cannot be made: {error}.", path.display()),
    }
    Ok(secrets)
}

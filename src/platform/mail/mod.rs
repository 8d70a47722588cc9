//! Mail: what is said ([`render`]), how it leaves the house ([`Transport`]), and the sending ([`Mailer`]).
//!
//! [`Mail`] and [`Rendered`] have no `Debug`, and no error here repeats an address or a body: they hold what
//! belongs to one person, links that sign in included, and an error ends in the log.

mod render;
mod transport;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::platform::clock::Clock;
use crate::platform::db::Id;

pub use render::{Rendered, previews, render};
pub use transport::Transport;

/// How long one sending may take. `lettre` bounds the connecting only, so a server that stops talking would
/// otherwise hold the sender for ever.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One mail to one person.
pub struct Mail {
    /// Becomes the Message-ID: the same mail sent again has the same one, and can be recognised.
    pub id: Id,
    /// The address alone, without a name.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The whole message as plain text.
    pub text: String,
    /// The whole message as an HTML document.
    pub html: String,
}

impl Rendered {
    /// The mail that says this to one person.
    pub fn addressed(self, id: Id, to: String) -> Mail {
        Mail { id, to, subject: self.subject, text: self.text, html: self.html }
    }
}

/// Sends mail.
pub struct Mailer {
    way: Way,
    from: Mailbox,
    clock: Clock,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Directory(PathBuf),
    Nowhere,
}

impl Mailer {
    /// Refuses a transport that could send in the clear unasked; connects to nothing yet.
    pub fn new(transport: Transport, from: Mailbox) -> anyhow::Result<Self> {
        let way = match transport {
            Transport::Smtp { url } => {
                let url = transport::guarded(&url)?;
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
                    .context("the URL of the mail server cannot be used")?;
                Way::Smtp(builder.timeout(Some(TIMEOUT)).build())
            }
            Transport::Directory(directory) => Way::Directory(directory),
        };
        Ok(Self { way, from, clock: Clock::system() })
    }

    /// Dates its mails by another clock than the system's.
    pub fn dated_by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Takes every mail and lets none leave the house.
    pub fn to_nowhere(&self) -> Self {
        Self { way: Way::Nowhere, from: self.from.clone(), clock: self.clock.clone() }
    }

    /// Hands the mail over. After an error it may have arrived all the same; send it again with the same id.
    pub async fn send(&self, mail: &Mail) -> anyhow::Result<()> {
        let message = self.message(mail)?;
        match &self.way {
            Way::Smtp(server) => match tokio::time::timeout(TIMEOUT, server.send(message)).await {
                Ok(Ok(_answer)) => Ok(()),
                Ok(Err(error)) => Err(without_the_answer(error)),
                Err(_elapsed) => Err(too_long()),
            },
            Way::Nowhere => Ok(()),
            Way::Directory(directory) => {
                let (directory, name) = (directory.clone(), format!("{}.eml", mail.id));
                tokio::task::spawn_blocking(move || write(&directory, &name, &message.formatted())).await?
            }
        }
    }

    /// Reaches the mail server as for a mail (connection, TLS, sign-in) and sends none; with files there is nothing to try.
    ///
    /// # Errors
    /// Why no mail would leave.
    pub async fn try_out(&self) -> anyhow::Result<()> {
        let Way::Smtp(server) = &self.way else { return Ok(()) };
        match tokio::time::timeout(TIMEOUT, server.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(anyhow!("the mail server ended the conversation")),
            Ok(Err(error)) => Err(without_the_answer(error)),
            Err(_elapsed) => Err(too_long()),
        }
    }

    fn message(&self, mail: &Mail) -> anyhow::Result<Message> {
        let to: Address = mail.to.parse().context("the address of the recipient cannot be read")?;
        let mut message = Message::builder()
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(std::time::SystemTime::from(self.clock.now().timestamp()))
            .subject(render::one_line(&mail.subject))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .context("the mail cannot be put together")?;
        // RFC 3834: keeps absence notices and other robots from answering.
        message.headers_mut().insert_raw(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
        Ok(message)
    }
}

fn too_long() -> anyhow::Error {
    anyhow!("the mail server took longer than {} seconds", TIMEOUT.as_secs())
}

/// A server likes to repeat the address in the text of its refusal, so only the number of the answer is kept.
fn without_the_answer(error: lettre::transport::smtp::Error) -> anyhow::Error {
    match error.status() {
        Some(code) => anyhow!("the mail server refused the mail with {code}"),
        None if error.is_response() => anyhow!("the mail server gave an answer that cannot be read"),
        None => anyhow::Error::new(error).context("the mail server could not be reached or used"),
    }
}

/// Whole or not at all: whoever watches the directory never reads half a mail.
fn write(directory: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    crate::platform::config::private_directory(directory)
        .with_context(|| format!("the mail directory {} cannot be made", directory.display()))?;
    let mut file = tempfile::NamedTempFile::new_in(directory).context("no file can be made in the mail directory")?;
    file.write_all(bytes).context("the mail cannot be written")?;
    file.persist(directory.join(name)).context("the mail cannot be put in its place")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    fn from() -> Mailbox {
        "Aldermoor Borough Council <ideas@aldermoor.example>".parse().unwrap()
    }

    fn mail() -> Mail {
        let rendered = Rendered { subject: "Hello".into(), text: "text".into(), html: "<p>html</p>".into() };
        rendered.addressed(Id::from_bytes([7; 16]), "ada@example.org".into())
    }

    #[tokio::test]
    async fn the_same_mail_sent_twice_is_one_file() {
        let data = tempfile::tempdir().unwrap();
        let transport = Transport::from_url(None, data.path()).unwrap();
        let mailer = Mailer::new(transport, from()).unwrap();
        mailer.send(&mail()).await.unwrap();
        mailer.send(&mail()).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(data.path().join("mail")).unwrap().map(|f| f.unwrap().path()).collect();
        let [file] = files.as_slice() else { panic!("{files:?}") };
        assert_eq!(file.file_name().unwrap().to_str().unwrap(), format!("{}.eml", mail().id));
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(&format!("Message-ID: <{}@aldermoor.example>\r\n", mail().id)), "{text}");
        assert!(text.contains("Auto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("multipart/alternative"), "{text}");
    }

    #[test]
    fn a_line_break_in_the_subject_makes_no_header() {
        let mailer = Mailer::new(Transport::Directory("unused".into()), from()).unwrap();
        let mail = Mail { subject: "Hello\r\nBcc: eve@example.org".into(), ..mail() };
        let text = String::from_utf8(mailer.message(&mail).unwrap().formatted()).unwrap();
        assert!(text.contains("Subject: Hello Bcc: eve@example.org\r\n"), "{text}");
        assert!(!text.contains("\r\nBcc"), "{text}");
    }

    #[test]
    fn only_a_single_address_is_a_recipient() {
        let mailer = Mailer::new(Transport::Directory("unused".into()), from()).unwrap();
        for to in ["a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org", "Ada <a@example.org>", ""] {
            let error = mailer.message(&Mail { to: to.into(), ..mail() }).err().unwrap();
            assert!(!format!("{error:#}").contains("example.org"), "{error:#}");
        }
    }

    #[test]
    fn the_guard_cannot_be_walked_around() {
        let transport = Transport::Smtp { url: "smtp://mail.example.org".into() };
        assert!(Mailer::new(transport, from()).is_err());
    }

    #[tokio::test]
    async fn a_refusal_does_not_repeat_the_address() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let server = std::thread::spawn(move || {
            let (mut stream, _peer) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            stream.write_all(b"220 ready\r\n").unwrap();
            while let Some(Ok(line)) = lines.next() {
                let answer: &[u8] = match line.get(..4) {
                    Some("RCPT") => b"550 5.1.1 <ada@example.org> is nobody here\r\n",
                    Some("QUIT") => return,
                    _ => b"250 ok\r\n",
                };
                stream.write_all(answer).unwrap();
            }
        });
        let mailer = Mailer::new(Transport::Smtp { url }, from()).unwrap();
        let error = mailer.send(&mail()).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "the mail server refused the mail with 550");
        server.join().unwrap();
    }
}

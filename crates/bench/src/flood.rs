//! What a flood of passwords does to everybody else (case J4): a thousand sign in at once, again and again as they are told to,
//! while a public list is read a hundred times a second. Reads stay quick, memory stays bounded, and whoever is not let in
//! hears so at once.

use std::cell::{Cell, RefCell};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use folkmoot::app::App;
use folkmoot::platform::config::Config;
use folkmoot::platform::db::Conn;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::seed;

const PASSWORD: &str = "seven herons over the mill pond";
/// What a read may take where the flood is at its worst.
const GOAL: Duration = Duration::from_millis(50);
const EVERY: Duration = Duration::from_millis(10);

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Who signs in at once, each from a network of their own.
    pub people: u32,
    /// Seconds of the flood.
    pub seconds: u64,
}

/// Fills the database, starts `server` on it and floods it.
pub fn measure(config: Config, server: &Path, size: Size) -> anyhow::Result<()> {
    let (data_dir, public_url) = (config.data_dir.clone(), config.public_url.to_string());
    actix_web::rt::System::new().block_on(fill(config, size.people))?;
    let server = Server::start(server, &data_dir, &public_url)?;
    let bar = ProgressBar::new(5 + size.seconds);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta}") {
        bar.set_style(style);
    }
    bar.set_message("quiet");
    let quiet = read_for(&server.address, 5, &bar)?;
    let resident = server.memory("VmRSS");
    bar.set_message("flood");
    let (address, until) = (server.address.clone(), Instant::now() + Duration::from_secs(size.seconds));
    let flood = std::thread::spawn(move || signs_in(&address, size.people, until));
    let reads = read_for(&server.address, size.seconds, &bar)?;
    let tries = flood.join().map_err(|_panic| anyhow::anyhow!("the flood ended in a panic"))??;
    bar.finish_and_clear();
    let peak = server.memory("VmHWM");

    println!("{:<22}{:>8}{:>10}{:>10}{:>10}", "", "number", "p50 ms", "p99 ms", "most ms");
    let (mut quiet, mut reads, mut refused, mut let_in) = (quiet, reads, tries.refused, tries.let_in);
    told("reads, quiet", &mut quiet);
    let worst = told("reads in the flood", &mut reads);
    told("let in", &mut let_in);
    told("refused with 503", &mut refused);
    println!("memory: {resident} MiB before, {peak} MiB at most");
    if let Some(other) = tries.others.first() {
        let number = tries.others.len();
        anyhow::bail!("{number} tries were answered with neither 201 nor 503 and Retry-After; the first with {other}");
    }
    anyhow::ensure!(!refused.is_empty(), "nobody was refused: that was no flood");
    anyhow::ensure!(worst <= GOAL, "reads take more than {} ms in the flood", GOAL.as_millis());
    Ok(())
}

/// Prints the times of one kind and gives what ninety-nine in a hundred stay under.
fn told(what: &str, times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied();
    let (half, most) = (at(50).unwrap_or_default(), times.last().copied().unwrap_or_default());
    let worst = at(99).unwrap_or_default();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!("{what:<22}{:>8}{:>10.2}{:>10.2}{:>10.2}", times.len(), ms(half), ms(worst), ms(most));
    worst
}

/// As the other benches, and everybody has the same password.
async fn fill(config: Config, people: u32) -> anyhow::Result<()> {
    let app = App::build(config, folkmoot::platform::clock::Clock::system()).await?;
    seed::fill(&app, 200, people).await?;
    let place = app.hasher.place().map_err(|error| anyhow::anyhow!("{error}"))?;
    let hash = place.hash(PASSWORD.into()).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let script = format!("UPDATE accounts SET password_hash = '{hash}'");
    let set = app.db.write(move |tx| {
        match &mut **tx {
            Conn::Pg(c) => c.batch_execute(&script)?,
            Conn::Sqlite(c) => c.batch_execute(&script)?,
        }
        Ok(())
    });
    set.await.map_err(|error| anyhow::anyhow!("{error}"))
}

/// The real server, as its own process.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(server: &Path, data_dir: &Path, public_url: &str) -> anyhow::Result<Self> {
        let log = std::fs::File::create(data_dir.join("server.log"))?;
        let mut child = Command::new(server)
            .args(["serve", "--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.1", "--requests-per-second", "0"])
            .args(["--public-url", public_url, "--data-dir"])
            .arg(data_dir)
            .arg("--database-url")
            .arg(format!("sqlite:{}", data_dir.join("folkmoot.sqlite").display()))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut line = String::new();
        if let Some(said) = child.stdout.take() {
            BufReader::new(said).read_line(&mut line)?;
        }
        let address = line.trim().strip_prefix("Folkmoot listens on http://").map(str::to_owned);
        let address = address.ok_or_else(|| anyhow::anyhow!("the server did not start: see server.log"))?;
        Ok(Self { child, address })
    }

    /// MiB of one kind of its memory.
    fn memory(&self, kind: &str) -> u64 {
        let status = std::fs::read_to_string(PathBuf::from(format!("/proc/{}/status", self.child.id())));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok());
        kib.unwrap_or_default() / 1_024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

/// An answer: its status, and whether it says when to come again.
#[derive(Clone, Copy, Debug)]
struct Answer {
    status: u16,
    retry_after: Option<u64>,
}

/// Sends a request on a connection and reads the answer to its end.
async fn asks(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> anyhow::Result<Answer> {
    stream.write_all(request).await?;
    buffer.clear();
    let head = loop {
        anyhow::ensure!(stream.read_buf(buffer).await? > 0, "the connection was closed");
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(buffer.get(..head).unwrap_or_default()).to_lowercase();
    let of =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.trim().parse().ok());
    let status = text.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let length: u64 = of("content-length").unwrap_or_default();
    let whole = head.saturating_add(usize::try_from(length)?);
    while buffer.len() < whole {
        anyhow::ensure!(stream.read_buf(buffer).await? > 0, "the connection was closed");
    }
    Ok(Answer { status, retry_after: of("retry-after") })
}

fn here<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(LocalSet::new().block_on(&runtime, work))
}

/// Reads the list for so long, a hundred times a second whether or not the last has been answered; from the moment at which
/// each was due.
fn read_for(address: &str, seconds: u64, bar: &ProgressBar) -> anyhow::Result<Vec<Duration>> {
    let path = format!("/v1/councils/{}/challenges/{}/ideas", seed::SLUG, seed::challenge());
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let (request, address): (Rc<str>, Rc<str>) = (request.into(), address.into());
    let (times, idle, failed) =
        (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(Vec::new())), Rc::new(Cell::new(0)));
    here(async {
        let begun = Instant::now();
        let mut running = Vec::new();
        for n in 0..u32::try_from(seconds * 100)? {
            let due = begun + EVERY * n;
            tokio::time::sleep_until(due.into()).await;
            if n % 100 == 99 {
                bar.inc(1);
            }
            let (request, address) = (Rc::clone(&request), Rc::clone(&address));
            let (times, idle, failed) = (Rc::clone(&times), Rc::clone(&idle), Rc::clone(&failed));
            running.push(tokio::task::spawn_local(async move {
                let read = async {
                    let kept: Option<(TcpStream, Vec<u8>)> = idle.borrow_mut().pop();
                    let (mut stream, mut buffer) = match kept {
                        Some(kept) => kept,
                        None => (TcpStream::connect(&*address).await?, Vec::new()),
                    };
                    let answer = asks(&mut stream, request.as_bytes(), &mut buffer).await?;
                    anyhow::ensure!(answer.status == 200, "{answer:?}");
                    times.borrow_mut().push(due.elapsed());
                    idle.borrow_mut().push((stream, buffer));
                    anyhow::Ok(())
                };
                if read.await.is_err() {
                    failed.set(failed.get() + 1);
                }
            }));
        }
        for one in running {
            one.await?;
        }
        anyhow::Ok(())
    })??;
    anyhow::ensure!(failed.get() == 0, "{} reads failed", failed.get());
    Ok(times.take())
}

/// What became of the tries.
#[derive(Debug, Default)]
struct Tries {
    let_in: Vec<Duration>,
    refused: Vec<Duration>,
    others: Vec<String>,
}

/// So many people sign in at once, each from a network of their own, and again when they are told to until they are let in;
/// then somebody else takes their place.
fn signs_in(address: &str, people: u32, until: Instant) -> anyhow::Result<Tries> {
    let tries = Rc::new(RefCell::new(Tries::default()));
    let address: Rc<str> = address.into();
    here(async {
        let mut running = Vec::new();
        // All are connected before the first asks.
        let gate = Rc::new(tokio::sync::Semaphore::new(0));
        for n in 0..people {
            let mut stream = TcpStream::connect(&*address).await?;
            let (tries, gate) = (Rc::clone(&tries), Rc::clone(&gate));
            let body = format!("{{\"email\":\"resident{}@bench.example\",\"password\":\"{PASSWORD}\"}}", n + 1);
            let host = Rc::clone(&address);
            running.push(tokio::task::spawn_local(async move {
                let (mut buffer, mut turn) = (Vec::new(), 0_u32);
                let _begun = gate.acquire().await;
                while Instant::now() < until {
                    // Of the network that is kept for benchmarks, and another with each turn.
                    let from = 0xC612_0000_u32.wrapping_add((n + turn * people) % 0x2_0000);
                    let from = std::net::Ipv4Addr::from_bits(from);
                    let request = format!(
                        "POST /v1/councils/{}/sessions HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: {from}\r\n\
                         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                        seed::SLUG,
                        body.len(),
                    );
                    let asked = Instant::now();
                    let answer = asks(&mut stream, request.as_bytes(), &mut buffer).await;
                    let took = asked.elapsed();
                    match answer {
                        Ok(Answer { status: 201, .. }) => {
                            tries.borrow_mut().let_in.push(took);
                            turn += 1;
                        }
                        Ok(Answer { status: 503, retry_after: Some(wait) }) => {
                            tries.borrow_mut().refused.push(took);
                            tokio::time::sleep(Duration::from_secs(wait)).await;
                        }
                        other => {
                            tries.borrow_mut().others.push(format!("{other:?}"));
                            break;
                        }
                    }
                }
            }));
        }
        gate.add_permits(usize::try_from(people)?.saturating_mul(2));
        for one in running {
            one.await?;
        }
        anyhow::Ok(())
    })??;
    Ok(tries.take())
}

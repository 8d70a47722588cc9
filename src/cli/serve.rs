//! `folkmoot serve`: the server and what runs beside it, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::HttpServer;

use crate::app::App;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::router;

pub(super) fn run(config: Config) -> anyhow::Result<()> {
    let _logs = super::start_logs(&config);
    super::block_on(async move {
        let app = App::build(config, Clock::system()).await?;
        anyhow::ensure!(
            !app.is_demo,
            "This database was set up by `folkmoot demo`, with passwords that everybody knows: name another."
        );
        // A database that was brought back from a backup brings nobody back with it.
        let again = super::privacy::replay_own(&app).await?;
        if again > 0 {
            println!("{again} account(s) were erased after this backup was made, and are erased again.");
        }
        serve(app, |address| println!("Folkmoot listens on http://{address}")).await
    })
}

fn cannot_listen(listen: SocketAddr, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "Port {} is taken: stop what listens there, or choose another with --listen.",
            listen.port()
        ),
        _ => anyhow::anyhow!("Cannot listen on {listen}: {error}."),
    }
}

/// Looks whether one can listen there, before anything is done that would be in vain.
pub(super) fn try_to_listen(listen: SocketAddr) -> anyhow::Result<()> {
    TcpListener::bind(listen).map(drop).map_err(|error| cannot_listen(listen, &error))
}

/// Serves until SIGTERM or SIGINT: then takes no more, finishes what it has, and stops.
pub(super) async fn serve(app: App, ready: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    raise_open_files();
    let listen = app.config.listen;
    let for_workers = app.clone();
    let server = HttpServer::new(move || router::application(for_workers.clone()))
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(5))
        .shutdown_timeout(20)
        .max_connections(5_000)
        .on_connect(|connection, _| give_up_on_the_silent(connection))
        .bind(listen)
        .map_err(|error| cannot_listen(listen, &error))?;
    let address = server.addrs().first().copied().unwrap_or(listen);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut beside = actix_web::rt::spawn(app.clone().run_beside(stopped));
    let streams = app.streams.clone();
    let ending = actix_web::rt::spawn(async move {
        if told_to_stop().await.is_ok() {
            // What never ends would keep the rest from ending.
            streams.stop();
        }
    });
    ready(address);
    server.run().await?;
    ending.abort();
    let _nobody_listens_any_more = stop.send(true);
    // A mail server that does not answer keeps nobody waiting: its job is taken up again when the lease has run out.
    if tokio::time::timeout(Duration::from_secs(10), &mut beside).await.is_err() {
        beside.abort();
    }
    app.flush_visits().await.map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(())
}

async fn told_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}

/// Gives a connection up whose reader takes nothing for so long, so that it does not hold its place for ever (case J10).
#[cfg(target_os = "linux")]
fn give_up_on_the_silent(connection: &dyn std::any::Any) {
    const MILLISECONDS: u32 = 30_000;
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        // Where it cannot be set, the connection is as others are.
        let _set = rustix::net::sockopt::set_tcp_user_timeout(stream, MILLISECONDS);
    }
}

#[cfg(not(target_os = "linux"))]
fn give_up_on_the_silent(_: &dyn std::any::Any) {}

pub(super) fn healthcheck(config: &Config) -> anyhow::Result<()> {
    anyhow::ensure!(ask(config.listen, "/readyz")?.starts_with("HTTP/1.1 200"), "The server is not ready.");
    Ok(())
}

/// What the server that listens there answers; an address that stands for all is asked on the loopback.
pub(super) fn ask(mut address: SocketAddr, path: &str) -> std::io::Result<String> {
    use std::io::{Read as _, Write as _};
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let mut stream = std::net::TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    // Whoever else listens there may never end.
    stream.take(64 * 1024).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Files and connections that the server may have open at once: what this user may raise it to.
pub(super) fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum
}

/// A shell gives a thousand, which so many connections use up.
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it may not be raised, the server goes on with what it has.
    let _raised = setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, ..limit });
}

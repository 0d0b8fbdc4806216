//! Puts the parts together and listens until it is asked to stop.

use crate::example;
use crate::faults::Faults;
use crate::http::{self, App};
use crate::store::Store;
use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Requests under way get so long to finish after a stop was asked for.
const FAREWELL: Duration = Duration::from_secs(3);
/// A connection on which no complete request head arrives for so long is closed.
const SILENCE: Duration = Duration::from_secs(60);
const BREATHER: Duration = Duration::from_millis(200);

/// How the service is to run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 chooses one.
    pub listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// The folder with the portal's files.
    pub portal: Option<PathBuf>,
    /// Whether to fill an empty database with example accounts.
    pub example_data: bool,
    /// Origins whose pages may call the API.
    pub allow_origins: Vec<String>,
    /// Largest file that can be uploaded piece by piece, in bytes.
    pub max_upload: u64,
    /// Whether to fail on request, for tests; only on loopback.
    pub faults: bool,
}

/// Why the service could not start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// A service that listens but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    faults: Option<Arc<Faults>>,
}

impl Server {
    /// Opens the database, fills it if asked to, and listens.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        if config.faults && !config.listen.ip().is_loopback() {
            return Err("--faults is for tests: it needs an address on loopback".into());
        }
        let store = Store::open(&config.database).await?;
        let mut app = App::new(store, &config);
        if config.example_data {
            let people = example::install(&app.store, config.portal.as_deref()).await?;
            app.examples = example::shown(&people);
        }
        let listener = TcpListener::bind(config.listen).await?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            faults: config
                .faults
                .then(|| Arc::new(Faults::new(app.store.clone()))),
            app: Arc::new(app),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until the future ends, then lets those under way finish for a moment.
    pub async fn run_until(self, stop: impl Future<Output = ()>) {
        let store = self.app.store.clone();
        let router = http::router(self.app);
        let connections = GracefulShutdown::new();
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    answer(stream, router.clone(), self.faults.clone(), &connections);
                }
                Err(error) => {
                    // Most often too many files are open; some will be closed in a moment.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
        drop(self.listener);
        if tokio::time::timeout(FAREWELL, connections.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("requests were still under way at the end");
        }
        store.close().await;
    }
}

/// Answers the requests of one connection in a task of its own.
fn answer(
    stream: TcpStream,
    router: Router,
    faults: Option<Arc<Faults>>,
    connections: &GracefulShutdown,
) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SILENCE);
    let stream = TokioIo::new(stream);
    match faults {
        None => {
            let routes = TowerToHyperService::new(router);
            let connection = connections.watch(http.serve_connection(stream, routes));
            tokio::spawn(async move { log_end(connection.await) });
        }
        Some(faults) => {
            let routes = service_fn(move |request: Request<Incoming>| {
                let (faults, router) = (Arc::clone(&faults), router.clone());
                async move { faults.pass(router, request.map(Body::new)).await }
            });
            // Browsers repeat a request by themselves when a used connection breaks; on a new one
            // a script means what it says.
            http.keep_alive(false);
            let connection = connections.watch(http.serve_connection(stream, routes));
            tokio::spawn(async move { log_end(connection.await) });
        }
    }
}

fn log_end(end: Result<(), hyper::Error>) {
    if let Err(error) = end {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Ends when the system or the person at the keyboard asks the program to stop.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

//! What this node counts, in the Prometheus text format. Labels are routes and classes, never people.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The labels of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// GET, POST …; `other` where it is none of those we answer, for anybody can make one up.
    pub method: &'static str,
    /// The pattern, never the path: no ids in labels.
    pub route: String,
    /// 200, 404 …
    pub status: u16,
}

/// The labels of a job.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct JobLabels {
    /// Which kind.
    pub kind: String,
    /// done, failed or dead.
    pub result: &'static str,
}

/// Where a public answer came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AnswerLabels {
    /// `memory`, `database`, or `stale` where the database was away.
    pub from: &'static str,
}

/// The labels of a look at a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ScreeningLabels {
    /// Which screener.
    pub screener: &'static str,
    /// nothing, found, or failed where it could not look.
    pub result: &'static str,
}

/// The counters of one node.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    /// Requests answered.
    pub requests: Family<RequestLabels, Counter>,
    /// Public answers to what is asked for again, by where they came from.
    pub public_answers: Family<AnswerLabels, Counter>,
    /// Seconds to answer.
    pub seconds: Histogram,
    /// Jobs run.
    pub jobs: Family<JobLabels, Counter>,
    /// Texts that screeners have looked at.
    pub screenings: Family<ScreeningLabels, Counter>,
    /// Entries numbered.
    pub numbered: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("folkmoot");
        let requests = Family::default();
        let public_answers = Family::default();
        let seconds = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        let jobs = Family::default();
        let screenings = Family::default();
        let numbered = Counter::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register(
            "public_answers",
            "Public answers to what is asked for again, by where they came from",
            public_answers.clone(),
        );
        registry.register("http_request_duration_seconds", "Time to answer", seconds.clone());
        registry.register("jobs", "Jobs run", jobs.clone());
        registry.register("screenings", "Texts that screeners have looked at", screenings.clone());
        registry.register("entries_numbered", "Entries numbered by this node", numbered.clone());
        Self { registry: Arc::new(registry), requests, public_answers, seconds, jobs, screenings, numbered }
    }
}

impl Metrics {
    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let _writing_to_a_string_does_not_fail = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

//! Whether the time of an answer tells which addresses have an account (case B2): each door is asked in turns for one that
//! has and one that has not, and the two samples are compared by Kolmogorov and Smirnov.

use std::time::Instant;

use actix_web::test::{TestRequest, call_service, init_service};
use folkmoot::app::App;
use folkmoot::people::accounts::queries::{NewAccount, insert_account};
use folkmoot::people::councils::queries::{NewCouncil, insert_council};
use folkmoot::platform::config::Config;
use folkmoot::router;
use folkmoot::vocabulary::{AccountState, Role};
use serde_json::{Value, json};

const KNOWN: &str = "known@people.example";
const UNKNOWN: &str = "nobody@people.example";

/// What is sent about an address.
type Body = fn(&str) -> Value;

/// Asks each door `tries` times for either address, in an empty database.
pub async fn measure(config: Config, tries: usize) -> anyhow::Result<()> {
    // What is limited would be refused before it is looked at.
    let app = App::build(Config { limits: false, ..config }, folkmoot::platform::clock::Clock::system()).await?;
    let place = app.hasher.place().map_err(|error| anyhow::anyhow!("{error}"))?;
    let hash = place.hash("seven herons over the mill pond".into()).await;
    drop(place);
    let hash = hash.map_err(|error| anyhow::anyhow!("{error}"))?;
    let council = NewCouncil {
        slug: "bench".into(),
        name: "Bench".into(),
        time_zone: "Europe/London".into(),
        language: "en-GB".into(),
        idea_prefix: "BEN".into(),
        site_url: "http://bench.example".into(),
    };
    let made = app.db.write(move |tx| {
        let council = insert_council(tx, &council)?;
        let known = NewAccount {
            email: KNOWN,
            email_key: KNOWN,
            display_name: "Known",
            password_hash: &hash,
            role: Role::Resident,
            state: AccountState::Active,
        };
        insert_account(tx, council.id, &known)
    });
    made.await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let service = init_service(router::application(app)).await;
    let doors: [(&str, Body); 4] = [
        ("sessions", |email| json!({ "email": email, "password": "a guess that is not right" })),
        ("sessions/code", |email| json!({ "email": email, "mailed_code": "000000" })),
        ("sign-in-codes", |email| json!({ "email": email })),
        ("password-resets", |email| json!({ "email": email })),
    ];
    println!("{:<18}{:>12}{:>12}{:>8}{:>10}", "door", "known ms", "unknown ms", "D", "p");
    let mut told = Vec::new();
    for (door, body) in doors {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for n in 0..tries.saturating_add(10) {
            let mut pair = [(KNOWN, &mut known), (UNKNOWN, &mut unknown)];
            // Which of the two is asked first is drawn: what comes with every second request would be taken for a difference.
            if rand::random() {
                pair.reverse();
            }
            for (email, times) in pair {
                let request = TestRequest::post()
                    .uri(&format!("/v1/councils/bench/{door}"))
                    .peer_addr(([127, 0, 0, 1], 1).into())
                    .set_json(body(email))
                    .to_request();
                let begun = Instant::now();
                let status = call_service(&service, request).await.status().as_u16();
                anyhow::ensure!(matches!(status, 202 | 401), "{door} answers {status}");
                // The first few find everything cold.
                if n >= 10 {
                    times.push(begun.elapsed().as_secs_f64() * 1_000.0);
                }
            }
        }
        let (median_known, median_unknown) = (median(&mut known), median(&mut unknown));
        let (d, p) = kolmogorov_smirnov(&known, &unknown);
        println!("{door:<18}{median_known:>12.3}{median_unknown:>12.3}{d:>8.3}{p:>10.4}");
        if p <= 0.01 {
            told.push(door);
        }
    }
    anyhow::ensure!(told.is_empty(), "the time tells who has an account at: {}", told.join(", "));
    Ok(())
}

/// Sorts the times and gives the one in the middle.
fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The two-sample test of sorted samples: the greatest distance of their distributions, and how likely one as great is where they
/// are the same (asymptotic; Numerical Recipes, 14.3).
fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> (f64, f64) {
    let share = |sample: &[f64], x: f64| sample.partition_point(|y| *y <= x) as f64 / sample.len() as f64;
    let d = a.iter().chain(b).map(|x| (share(a, *x) - share(b, *x)).abs()).fold(0.0, f64::max);
    let n = (a.len() as f64 * b.len() as f64 / (a.len() + b.len()) as f64).sqrt();
    let lambda = (n + 0.12 + 0.11 / n) * d;
    let term = |k: i32| f64::from(if k % 2 == 1 { 2 } else { -2 }) * (-2.0 * f64::from(k * k) * lambda * lambda).exp();
    // The series does not converge there, where the probability is one to twelve places.
    let p = if lambda < 0.2 { 1.0 } else { (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0) };
    (d, p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_likely_and_what_is_not_is_not() {
        let a: Vec<f64> = (0..500).map(f64::from).collect();
        let shifted: Vec<f64> = a.iter().map(|x| x + 100.0).collect();
        assert!(kolmogorov_smirnov(&a, &a).1 > 0.99);
        let (d, p) = kolmogorov_smirnov(&a, &shifted);
        assert!((d - 0.2).abs() < 1e-9 && p < 1e-6, "{d} {p}");
    }
}

//! Hundreds of ideas run through one promise, day by day: what is due, late, reminded of and counted, against a reckoning of
//! its own that knows nothing of the code.

use std::collections::{BTreeMap, BTreeSet};

use folkmoot::platform::db::Instant;
use folkmoot::vocabulary::Role;
use jiff::civil::{Date, Weekday, date};
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, days};

/// As many as the issue asks for in the long run (`just long`), fewer otherwise.
const IDEAS: usize = if cfg!(debug_assertions) { 40 } else { 300 };
/// Working days to an answer, as the challenge promises.
const WITHIN: i32 = 10;
/// Working days to an answer to what is asked back, whatever a challenge promises.
const AGAIN_WITHIN: i32 = 10;
/// The days on which ideas come in, and all days that are walked through.
const COMING: i64 = 25;
const WALKED: i64 = 60;

/// Good Friday and Easter Monday; the clocks go forward on the Sunday between them.
const HOLIDAYS: [Date; 2] = [date(2027, 3, 26), date(2027, 3, 29)];
/// A pause that is ended before its time, and a quiet period: when they are told, the first day, and the first day after.
const PAUSED: (Date, Date) = (date(2027, 3, 10), date(2027, 3, 19));
const RESUMED: Date = date(2027, 3, 16);
const QUIET: (Date, Date, Date) = (date(2027, 3, 12), date(2027, 4, 1), date(2027, 4, 8));

/// An idea as the reckoning knows it.
struct Known {
    path: String,
    came: Date,
    came_at: Instant,
    answered: Option<(Date, Instant)>,
    /// The last day of its answer, once that cannot move any more.
    settled: Option<Date>,
    asked_back: Option<AskedBack>,
}

/// What its author asked back of an idea.
struct AskedBack {
    asked: Date,
    answered: Option<Instant>,
    settled: Option<Date>,
}

fn works(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !HOLIDAYS.contains(&day)
}

/// Whether clocks stand still on a day, as it is known on another.
fn stopped(day: Date, known_on: Date) -> bool {
    let goes_on = if known_on >= RESUMED { RESUMED } else { PAUSED.1 };
    let paused = known_on >= PAUSED.0 && PAUSED.0 <= day && day < goes_on;
    paused || known_on >= QUIET.0 && QUIET.1 <= day && day < QUIET.2
}

/// The last of so many days that count after a day.
fn last_day(after: Date, within: i32, counts: impl Fn(Date) -> bool) -> Date {
    let (mut day, mut left) = (after, within);
    while left > 0 {
        day = day.tomorrow().unwrap();
        left -= i32::from(counts(day));
    }
    day
}

/// The midnight in London that ends a day.
fn end_of(day: Date) -> Instant {
    let midnight = day.tomorrow().unwrap().at(0, 0, 0, 0).in_tz("Europe/London").unwrap();
    Instant::from_micros(midnight.timestamp().as_microsecond())
}

impl AskedBack {
    fn last(&self, known_on: Date) -> Date {
        let counts = |day| works(day) && !stopped(day, known_on);
        self.settled.unwrap_or_else(|| last_day(self.asked, AGAIN_WITHIN, counts))
    }

    fn promised(&self) -> Instant {
        end_of(last_day(self.asked, AGAIN_WITHIN, works))
    }
}

impl Known {
    /// The last day of the first answer.
    fn first(&self, known_on: Date) -> Date {
        self.settled.unwrap_or_else(|| last_day(self.came, WITHIN, |day| works(day) && !stopped(day, known_on)))
    }

    /// The last day of what is owed now.
    fn last(&self, known_on: Date) -> Date {
        self.asked_back.as_ref().map_or_else(|| self.first(known_on), |asked| asked.last(known_on))
    }

    fn due(&self, known_on: Date) -> Instant {
        end_of(self.last(known_on))
    }

    fn promised(&self) -> Instant {
        end_of(last_day(self.came, WITHIN, works))
    }

    fn waits(&self) -> bool {
        self.asked_back.as_ref().map_or(self.answered.is_none(), |asked| asked.answered.is_none())
    }

    /// Whether the council means to answer it today: some early, some on the last day, some late, some never.
    fn turn(&self, place: usize, today: Date) -> bool {
        let (since, place) = match &self.asked_back {
            Some(asked) => (asked.asked, place / 5),
            None => (self.came, place),
        };
        let waited = today.since(since).unwrap().get_days();
        match place % 5 {
            0 => waited >= 4,
            1 => today >= self.last(today),
            2 => today > self.last(today),
            3 => false,
            _ => waited >= 9,
        }
    }

    /// Whether its author asks back today.
    fn asks(&self, place: usize, today: Date) -> bool {
        let answered_before = self.answered.is_some_and(|(day, _)| day < today);
        place.is_multiple_of(5) && answered_before && self.asked_back.is_none()
    }
}

/// The reminders as they are expected: what is told of which last day, and when.
#[derive(Default)]
struct Reminders {
    /// When each may be told first, by due instant and days before.
    planned: BTreeMap<(Instant, i64), Instant>,
    fired: BTreeSet<(Instant, i64)>,
    told: Vec<(bool, String)>,
}

impl Reminders {
    fn plan(&mut self, due: Instant, now: Instant) {
        for before in [7, 1, 0] {
            let at = Instant::from_micros(due.micros() - before * 86_400_000_000);
            // Whose time is over when the answer falls due has no week before.
            if before != 7 || at > now {
                self.planned.entry((due, before)).or_insert(at);
            }
        }
    }

    fn run(&mut self, ideas: &[Known], now: Instant, today: Date) {
        for ((due, before), at) in &self.planned {
            if *at > now || !self.fired.insert((*due, *before)) {
                continue;
            }
            let next = due.micros() - i64::from(*before == 7) * 86_400_000_000;
            let in_time = *before == 0 || now.micros() < next;
            if in_time && ideas.iter().any(|idea| idea.waits() && idea.due(today) == *due) {
                let last = ideas.iter().find(|idea| idea.due(today) == *due).unwrap().last(today);
                self.told.push((*before == 0, last.strftime("%-d %B %Y").to_string()));
            }
        }
    }
}

/// What an officer was reminded of by mail: whether it was late, and the last day.
fn reminded(app: &TestApp) -> Vec<(bool, String)> {
    let read = |text: String| {
        let late = text.contains("people are still waiting for an answer in the challenge");
        let (_, rest) = text.split_once("to answer by ")?;
        Some((late, rest.split_once('.')?.0.to_owned()))
    };
    let mut told: Vec<_> = app.mails_to("officer").into_iter().filter_map(read).collect();
    told.sort();
    told
}

async fn all_ideas(app: &TestApp, challenge: &str) -> BTreeMap<String, Value> {
    let (mut all, mut cursor) = (BTreeMap::new(), String::new());
    loop {
        let path = format!("/challenges/{challenge}/ideas?limit=100{cursor}");
        let page = app.visitor().get(&path).await.is(200).json();
        for one in page["items"].as_array().unwrap() {
            all.insert(format!("/ideas/{}", one["id"].as_str().unwrap()), one.clone());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Every idea tells when its answer is due, was promised, and whether it is late.
async fn ideas_are_right(app: &TestApp, challenge: &str, ideas: &[Known], today: Date) {
    let shown = all_ideas(app, challenge).await;
    assert_eq!(shown.len(), ideas.len());
    for idea in ideas {
        let one = &shown[&idea.path];
        let told = |name: &str| one[name].as_str().unwrap().parse::<Instant>().unwrap();
        let of = format!("the idea of {} on {today}", idea.came);
        assert_eq!(told("answer_due_at"), idea.due(today), "{of}");
        assert_eq!(told("answer_promised_by"), idea.promised(), "{of}");
        let late = idea.waits() && app.app.db.clock().now() >= idea.due(today);
        assert_eq!(one["overdue"], json!(late), "{of}");
    }
}

/// How many answers came before they were promised, before they were due, and after.
fn times(answers: impl Iterator<Item = (Instant, Instant, Instant)>) -> (i64, i64, i64) {
    answers.fold((0, 0, 0), |(on_time, added, late), (at, promised, due)| match at {
        at if at < promised => (on_time + 1, added, late),
        at if at < due => (on_time, added + 1, late),
        _ => (on_time, added, late + 1),
    })
}

/// The figures of the promise, at this moment.
async fn promise_is_right(who: &Actor, challenge: &str, ideas: &[Known], today: Date) {
    let now = who.app.app.db.clock().now();
    let count = |of: &dyn Fn(&Known) -> bool| json!(ideas.iter().filter(|idea| of(idea)).count());
    let came = |idea: &Known| idea.answered.map(|(_, at)| at);
    let promise = who.get(&format!("/challenges/{challenge}/promise")).await.is(200).json();
    let figures = &promise["figures"];
    assert_eq!(figures["ideas"], json!(ideas.len()), "{today}");
    assert_eq!(figures["answered"], count(&|idea| idea.answered.is_some()), "{today}");
    assert_eq!(
        figures["answered_on_time"],
        count(&|idea| came(idea).is_some_and(|at| at < idea.promised())),
        "{today}"
    );
    let added = |idea: &Known| came(idea).is_some_and(|at| at >= idea.promised() && at < end_of(idea.first(today)));
    assert_eq!(figures["answered_in_added_time"], count(&added), "{today}");
    let overdue = |idea: &Known| idea.waits() && now >= idea.due(today);
    assert_eq!(figures["overdue_now"], count(&overdue), "{now}");
    let again: Vec<&AskedBack> = ideas.iter().filter_map(|idea| idea.asked_back.as_ref()).collect();
    let (on_time, added, late) = times(
        again.iter().filter_map(|asked| asked.answered.map(|at| (at, asked.promised(), end_of(asked.last(today))))),
    );
    let overdue = again.iter().filter(|asked| asked.answered.is_none() && now >= end_of(asked.last(today))).count();
    let told = json!({
        "asked": again.len(), "answered_on_time": on_time, "answered_in_added_time": added, "answered_late": late,
        "overdue_now": overdue,
    });
    assert_eq!(figures["follow_ups"], told, "{today}");
    let quiet = today >= QUIET.1 && today < QUIET.2;
    let paused = today >= PAUSED.0 && today < RESUMED;
    let state = if quiet {
        "quiet"
    } else if paused {
        "paused"
    } else {
        "running"
    };
    assert_eq!(promise["clock"]["state"], state, "{today}");
}

/// The figures of the council, which know the days up to yesterday.
async fn accountability_is_right(app: &TestApp, ideas: &[Known], today: Date) {
    let yesterday = today.yesterday().unwrap();
    let until = end_of(yesterday);
    let now = app.app.db.clock().now();
    let known = |answered: Option<Instant>| answered.filter(|at| *at < until);
    let first = |idea: &Known| (known(idea.answered.map(|(_, at)| at)), idea.promised(), end_of(idea.first(yesterday)));
    let again = |idea: &Known| {
        let asked = idea.asked_back.as_ref()?;
        Some((known(asked.answered), asked.promised(), end_of(asked.last(yesterday))))
    };
    let kept = |all: Vec<(Option<Instant>, Instant, Instant)>| {
        let missing = all.iter().filter(|(at, _, due)| at.is_none() && *due < until).count();
        let (on_time, added, late) =
            times(all.into_iter().filter_map(|(at, promised, due)| Some((at?, promised, due))));
        [on_time, added, late, i64::try_from(missing).unwrap()]
    };
    let (firsts, agains) = (kept(ideas.iter().map(first).collect()), kept(ideas.iter().filter_map(again).collect()));
    let mut lasted: Vec<i64> = ideas
        .iter()
        .filter_map(|idea| Some(known(idea.answered.map(|(_, at)| at))?.micros() - idea.came_at.micros()))
        .collect();
    lasted.sort_unstable();
    let read = app.visitor().get("/accountability").await.is(200).json();
    let (first, last) = (today.checked_sub(jiff::Span::new().days(365)).unwrap(), today.yesterday().unwrap());
    assert_eq!((&read["period"]["from"], &read["period"]["to"]), (&json!(first.to_string()), &json!(last.to_string())));
    let mut quiet = 0;
    let mut day = first;
    while day < today {
        quiet += i32::from(yesterday >= QUIET.0 && QUIET.1 <= day && day < QUIET.2);
        day = day.tomorrow().unwrap();
    }
    assert_eq!(read["period"]["quiet_days"], json!(quiet), "{today}");
    // One office has promised all of it.
    let offices = read["offices"].as_array().unwrap();
    let whole = &read["council"];
    if !ideas.is_empty() {
        assert_eq!((offices.len(), &offices[0]["office"]), (1, &json!("Director of Streets")));
        assert_eq!(&offices[0]["figures"], whole);
    }
    for (part, counted) in [("answers", firsts), ("follow_ups", agains)] {
        let told =
            ["on_time", "in_added_time", "late", "unanswered_late"].map(|name| whole[part][name].as_i64().unwrap());
        assert_eq!(told, counted, "{part} on {today}");
    }
    let (answers, on_time, sample) = (&whole["answers"], firsts[0], firsts.iter().sum::<i64>());
    assert_eq!(answers["kept"]["sample"], json!(sample));
    match sample < 10 {
        true => assert!(answers["kept"]["share"].is_null() && answers["kept"]["withheld"].is_string()),
        false => {
            let share = answers["kept"]["share"].as_f64().unwrap();
            assert!(
                (share - f64::from(i32::try_from(on_time).unwrap()) / f64::from(i32::try_from(sample).unwrap())).abs()
                    < 0.0006
            );
            assert!(answers["kept"]["withheld"].is_null());
        }
    }
    let took = &whole["days_to_answer"];
    assert_eq!(took["sample"], json!(lasted.len()));
    for (name, percent) in [("median", 50), ("ninetieth_percentile", 90)] {
        match lasted.len() < 10 {
            true => assert!(took[name].is_null() && took["withheld"].is_string()),
            false => {
                // The smallest number that so many in a hundred do not exceed.
                let reached =
                    |most: &&i64| lasted.iter().filter(|one| one <= most).count() * 100 >= lasted.len() * percent;
                let expected = *lasted.iter().find(reached).unwrap();
                let told = took[name].as_f64().unwrap() * 86_400e6;
                assert!((told - expected as f64).abs() <= 0.051 * 86_400e6, "{name} on {today}");
            }
        }
    }
    let waiting = ideas.iter().filter(|idea| idea.waits());
    assert_eq!(whole["unanswered"], json!(waiting.clone().count()), "{today}");
    assert_eq!(whole["overdue_now"], json!(waiting.filter(|idea| now >= idea.due(yesterday)).count()), "{today}");
}

/// Has the clock of the challenge's promise stopped or started.
async fn stops(officer: &Actor, challenge: &str, what: &str, body: &Value, wanted: u16) {
    let path = format!("/challenges/{challenge}/promise");
    let etag = officer.get(&path).await.is(200).header("etag").unwrap().to_owned();
    let version: Value = etag.trim_matches('"').split('-').next().unwrap().parse::<i64>().unwrap().into();
    officer.change("POST", &format!("{path}/{what}"), &version, body).await.is(wanted);
}

#[on_both_databases]
async fn every_idea_of_a_promise_is_due_late_reminded_of_and_counted_rightly_on_every_day(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    app.resident("ana").await;
    let officer = app.member("officer", Role::Officer).await;
    let holidays = HOLIDAYS.map(|day| json!({ "day": day.to_string(), "name": "Easter" }));
    let calendar = json!({
        "working_days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "holidays": holidays,
    });
    officer.change("PUT", "/calendar", &json!(1), &calendar).await.is(200);
    app.run_jobs().await;
    let (mut ideas, mut reminders): (Vec<Known>, Reminders) = (Vec::new(), Reminders::default());
    let mut today = date(2027, 3, 1);
    for day in 0..WALKED {
        let now = app.app.db.clock().now();
        // What the night has made due is reminded of, and counted.
        app.run_jobs().await;
        app.app.sweep().await.unwrap();
        app.run_jobs().await;
        // What is laid down today is not yet.
        reminders.run(&ideas, now, today.yesterday().unwrap());
        accountability_is_right(&app, &ideas, today).await;
        let (ana, officer) = (app.signs_in("ana").await, app.signs_in("officer").await);
        if today == PAUSED.0 {
            let wish = json!({ "until": PAUSED.1.to_string(), "reason": "Everybody is out with the pumps." });
            stops(&officer, &challenge, "pauses", &wish, 201).await;
        }
        if today == RESUMED {
            stops(&officer, &challenge, "resume", &json!({}), 200).await;
        }
        if today == QUIET.0 {
            let wish = json!({
                "starts_on": QUIET.1.to_string(), "ends_on": QUIET.2.yesterday().unwrap().to_string(), "area": "The whole borough",
                "ground": "Pre-election period.",
            });
            officer.post("/quiet-periods", &wish).await.is(201);
        }
        // What is laid down moves what is owed within moments, before anything else is done.
        app.run_jobs().await;
        let comes = |day: i64| usize::try_from(day.min(COMING)).unwrap() * IDEAS / usize::try_from(COMING).unwrap();
        // None on the day on which Ana's account is made: what comes in great numbers from a new one is held.
        for n in comes((day - 1).max(0))..comes(day) {
            let path = ana.submits(&format!("Idea number {n}"), &challenge).await;
            ideas.push(Known { path, came: today, came_at: now, answered: None, settled: None, asked_back: None });
        }
        for (place, idea) in ideas.iter_mut().enumerate() {
            if idea.asks(place, today) {
                let version = app.visitor().get(&idea.path).await.is(200).json()["version"].take();
                let question = json!({ "question": "By when?" });
                ana.change("POST", &format!("{}/follow-up", idea.path), &version, &question).await.is(201);
                idea.asked_back = Some(AskedBack { asked: today, answered: None, settled: None });
            }
            if !idea.waits() || !idea.turn(place, today) {
                continue;
            }
            let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." });
            let given = officer.answers(&idea.path, &answer).await;
            match today >= QUIET.1 && today < QUIET.2 {
                // It is held, and given up again, so that the reckoning goes on as if nobody had asked.
                true => {
                    let place = format!("/held-acts/{}", given.is(202).json()["id"].as_str().unwrap());
                    officer.delete(&place).await.is(200);
                }
                false => {
                    given.is(201);
                    let last = Some(idea.last(today));
                    match &mut idea.asked_back {
                        Some(asked) => (asked.settled, asked.answered) = (last, Some(now)),
                        None => (idea.settled, idea.answered) = (last, Some((today, now))),
                    }
                }
            }
        }
        app.run_jobs().await;
        for idea in ideas.iter().filter(|idea| idea.waits()) {
            reminders.plan(idea.due(today), now);
        }
        reminders.run(&ideas, now, today);
        let mut told = reminders.told.clone();
        told.sort();
        assert_eq!(reminded(&app), told, "{today}");
        ideas_are_right(&app, &challenge, &ideas, today).await;
        promise_is_right(&officer, &challenge, &ideas, today).await;
        // Late begins with the midnight where the council is, and not a second before: with the clocks forward, at 23:00 UTC.
        let mut passed = 0;
        if ideas.iter().any(|idea| idea.waits() && idea.last(today) == today) {
            let night = end_of(today).micros() - now.micros();
            for at in [night - 1_000_000, night] {
                app.advance(std::time::Duration::from_micros((at - passed).unsigned_abs()));
                passed = at;
                let officer = app.signs_in("officer").await;
                let late = |idea: &&Known| idea.waits() && app.app.db.clock().now() >= idea.due(today);
                let promise = officer.get(&format!("/challenges/{challenge}/promise")).await.is(200).json();
                assert_eq!(promise["figures"]["overdue_now"], json!(ideas.iter().filter(late).count()), "{today}");
            }
        }
        app.advance(days(1) - std::time::Duration::from_micros(passed.unsigned_abs()));
        today = today.tomorrow().unwrap();
    }
    // All of it came about: on time, only in added time, late, and never.
    let figures = app.visitor().get("/accountability").await.is(200).json();
    for part in ["on_time", "in_added_time", "late", "unanswered_late"] {
        assert!(figures["council"]["answers"][part].as_i64().unwrap() > 0, "{part}");
        assert!(figures["council"]["follow_ups"][part].as_i64().unwrap() > 0, "{part}");
    }
    let table = app.visitor().get("/accountability.csv").await.is(200).text();
    let on_time = figures["council"]["answers"]["on_time"].as_i64().unwrap();
    assert!(
        table.contains(&format!("\r\nDirector of Streets,answers_on_time,{on_time},,,2026-04-29,2027-04-28\r\n")),
        "{table}"
    );
    let place = format!("/councils/{}/accountability", app.council.slug);
    let page = app.call(app.visitor().absolute("GET", &place)).await.is(200).text();
    assert!(page.contains("answers came on time") && page.contains("Director of Streets") && page.contains("<svg"));
}

// The council that has answered little is told that few say nothing.
#[on_both_databases]
async fn figures_of_few_are_not_told_and_why_stands_beside_them(app: TestApp) {
    let before = app.visitor().get("/accountability").await.is(200).json();
    assert!(before["council"].is_null() && before["counted_at"].is_null());
    let place = format!("/councils/{}/accountability", app.council.slug);
    let page = |app: TestApp| async move { app.call(app.visitor().absolute("GET", &place)).await.is(200).text() };
    assert!(page.clone()(app.clone()).await.contains("Nothing has been counted yet"));
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." });
    officer.answers(&idea, &answer).await.is(201);
    let wish = json!({ "what": "A crossing", "office": "Streets", "due_on": "2027-03-02" });
    let made = officer.post(&format!("{idea}/commitments"), &wish).await.is(201).json();
    let made = format!("/commitments/{}", made["id"].as_str().unwrap());
    officer.change("PATCH", &made, &json!(1), &json!({ "status": "delivered" })).await.is(200);
    app.advance(days(2));
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
    let read = app.visitor().get("/accountability").await.is(200).json();
    let (answers, commitments) = (&read["council"]["answers"], &read["council"]["commitments"]);
    assert_eq!((&answers["on_time"], &commitments["on_time"]), (&json!(1), &json!(1)));
    assert!(answers["kept"]["share"].is_null() && commitments["kept"]["share"].is_null());
    assert_eq!(answers["kept"]["withheld"], "There is 1, and fewer than 10 say nothing of the whole.");
    assert_eq!(read["council"]["did_we_answer"]["withheld"], "Fewer than 10 have replied.");
    let offices: Vec<_> =
        read["offices"].as_array().unwrap().iter().map(|one| one["office"].as_str().unwrap()).collect();
    assert_eq!(offices, ["Director of Streets", "Streets"]);
    assert!(page(app.clone()).await.contains("too few to tell"));
}

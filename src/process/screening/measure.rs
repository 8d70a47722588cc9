//! What screeners hold of texts that people have labelled: `just screening`, and docs/SCREENING.md.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use super::model::{Circumstances, Finding, Item, Listed};
use super::screeners::bursts::{LATELY, NEW};
use super::screeners::repetition::likeness;
use super::{rules, screeners};
use crate::vocabulary::{FindingKind, Screener};

/// A comment of a Polis conversation.
struct Comment {
    author: String,
    at: u64,
    text: String,
    /// -1 where its moderators took it out, 1 where they took it in, 0 where they said nothing.
    moderated: i8,
}

/// The comments of a file, first what was written first.
fn read(csv: &str) -> Vec<Comment> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let column = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let (author, at, text, moderated) =
        (column("author-id"), column("timestamp"), column("comment-body"), column("moderated"));
    let comment = |record: csv::StringRecord| Comment {
        author: record[author].to_owned(),
        at: record[at].parse().unwrap(),
        text: record[text].trim().to_owned(),
        moderated: record[moderated].parse().unwrap(),
    };
    let mut comments: Vec<Comment> = reader.records().map(|record| comment(record.unwrap())).collect();
    comments.sort_by_key(|comment| comment.at);
    comments
}

/// What is found in each comment, as if each were an idea without a title, sent in when it was, by an account that was made when
/// its first was sent.
fn screened(comments: &[Comment], words: &[Listed]) -> Vec<Vec<Finding>> {
    let mut said = HashSet::new();
    let mut by: HashMap<&str, Vec<u64>> = HashMap::new();
    let mut found = Vec::new();
    for comment in comments {
        let item = Item { title: "", body: &comment.text, words: Ok(words) };
        let times = by.entry(&comment.author).or_default();
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap();
        let same = likeness("", &comment.text).is_some_and(|text| !said.insert(text));
        let circumstances = Circumstances {
            same_text: same.into(),
            account_is_new: times.first().is_none_or(|first| first + millis(NEW) > comment.at),
            submitted_lately: times.iter().filter(|at| **at + millis(LATELY) > comment.at).count().try_into().unwrap(),
            newcomers: 0,
        };
        times.push(comment.at);
        let mut findings = rules::read(&screeners::ALL, &item);
        findings.extend(rules::weigh(&screeners::ALL, &circumstances));
        found.push(findings);
    }
    found
}

/// How many were held that were taken out, taken in, and said nothing of.
#[derive(Clone, Copy, Default)]
struct Held([u32; 3]);

impl Held {
    fn count(&mut self, moderated: i8) {
        self.0[match moderated {
            -1 => 0,
            1 => 1,
            _ => 2,
        }] += 1;
    }
}

/// The table of docs/SCREENING.md, of one file or more.
fn table(files: &[Vec<Comment>]) -> String {
    let mut all = Held::default();
    let (mut any, mut by) = (Held::default(), BTreeMap::<(Screener, Option<FindingKind>), Held>::new());
    for comments in files {
        for (comment, findings) in comments.iter().zip(screened(comments, &[])) {
            all.count(comment.moderated);
            if !findings.is_empty() {
                any.count(comment.moderated);
            }
            let rows: HashSet<_> = findings
                .iter()
                .flat_map(|finding| [(finding.screener, None), (finding.screener, Some(finding.mark.kind))])
                .collect();
            rows.into_iter().for_each(|row| by.entry(row).or_default().count(comment.moderated));
        }
    }
    let Held([out, taken, rest]) = all;
    let mut text = format!("Comments: {out} taken out, {taken} taken in, {rest} without a label.\n\n");
    text.push_str(
        "| screener | held of those taken out | held of those taken in | held without a label | precision | recall |\n",
    );
    text.push_str("|---|---|---|---|---|---|\n");
    let mut row = |name: &str, Held([tp, fp, unknown]): Held| {
        let share = |part: u32, whole: u32| match whole {
            0 => "–".to_owned(),
            _ => format!("{:.1} %", 100.0 * f64::from(part) / f64::from(whole)),
        };
        writeln!(text, "| {name} | {tp} | {fp} | {unknown} | {} | {} |", share(tp, tp + fp), share(tp, out)).unwrap();
    };
    for screener in Screener::ALL {
        row(&format!("`{screener}`"), by.get(&(*screener, None)).copied().unwrap_or_default());
        for ((_, kind), held) in by.iter().filter(|((of, kind), _)| of == screener && kind.is_some()) {
            row(&format!("– `{}`", kind.unwrap()), *held);
        }
    }
    row("any", any);
    text
}

#[test]
fn the_sample_is_held_for_what_is_in_it_and_for_nothing_else() {
    let sample = include_str!("../../../tests/data/labelled.csv");
    let comments = read(sample);
    let found = screened(&comments, &[]);
    let expected: HashMap<String, String> = csv::Reader::from_reader(sample.as_bytes())
        .records()
        .map(|record| record.unwrap())
        .map(|record| (record[4].trim().to_owned(), record[3].to_owned()))
        .collect();
    for (comment, findings) in comments.iter().zip(&found) {
        let kinds: Vec<&str> = findings.iter().map(|finding| finding.mark.kind.as_str()).collect();
        // Of two that are the same, the first has nothing.
        let wanted = &expected[&comment.text];
        assert!(
            *wanted == kinds.join(" ") || (wanted == "repeated_text" && kinds.is_empty()),
            "{kinds:?} of {:?}",
            comment.text
        );
    }
    insta::assert_snapshot!(table(&[comments]), @"
        Comments: 11 taken out, 9 taken in, 3 without a label.

        | screener | held of those taken out | held of those taken in | held without a label | precision | recall |
        |---|---|---|---|---|---|
        | `links` | 1 | 1 | 0 | 50.0 % | 9.1 % |
        | – `link` | 1 | 1 | 0 | 50.0 % | 9.1 % |
        | `repetition` | 3 | 0 | 0 | 100.0 % | 27.3 % |
        | – `repeated_text` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | – `repeated_characters` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | – `repeated_words` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | `personal_data` | 3 | 0 | 0 | 100.0 % | 27.3 % |
        | – `mail_address` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | – `phone_number` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | – `postal_address` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | `characters` | 2 | 0 | 0 | 100.0 % | 18.2 % |
        | – `invisible_character` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | – `confusable_letters` | 1 | 0 | 0 | 100.0 % | 9.1 % |
        | `words` | 0 | 0 | 0 | – | 0.0 % |
        | `bursts` | 0 | 0 | 0 | – | 0.0 % |
        | any | 9 | 1 | 0 | 90.0 % | 81.8 % |
    ");
}

/// Prints the table of the files that `FOLKMOOT_LABELLED` names, with colons between them, and of each; `just screening`.
#[test]
#[expect(clippy::disallowed_methods, reason = "no setting of the product, but of a measurement")]
#[ignore = "the files are not ours to keep: just screening FILE…"]
fn the_table_of_labelled_conversations() {
    let files = std::env::var("FOLKMOOT_LABELLED").expect("FOLKMOOT_LABELLED names files, with colons between them");
    let all: Vec<(&str, Vec<Comment>)> =
        files.split(':').map(|file| (file, read(&std::fs::read_to_string(file).unwrap()))).collect();
    for (file, comments) in &all {
        println!("## {file}\n\n{}", table(std::slice::from_ref(comments)));
        if std::env::var("FOLKMOOT_SHOW_HELD").is_ok() {
            for (comment, findings) in comments.iter().zip(screened(comments, &[])) {
                let kinds: Vec<&str> = findings.iter().map(|finding| finding.mark.kind.as_str()).collect();
                if !kinds.is_empty() {
                    println!("{:>2} {}: {}", comment.moderated, kinds.join(" "), comment.text);
                }
            }
        }
    }
    println!("## All\n\n{}", table(&all.into_iter().map(|(_, comments)| comments).collect::<Vec<_>>()));
}

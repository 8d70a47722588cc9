//! What was found, as lines for people and as a document for programs.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use serde::Serialize;

/// How one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

#[derive(Debug, Serialize)]
struct Finding {
    result: Verdict,
    looked_at: &'static str,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_do: Option<String>,
}

/// Everything that was found, in the order in which it was looked at.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    pub(super) fn ok(&mut self, looked_at: &'static str, found: impl ToString) {
        self.findings.push(Finding { result: Verdict::Ok, looked_at, found: found.to_string(), to_do: None });
    }

    pub(super) fn warn(&mut self, looked_at: &'static str, found: impl ToString, to_do: impl ToString) {
        self.not_well(Verdict::Warn, looked_at, &found, &to_do);
    }

    pub(super) fn fail(&mut self, looked_at: &'static str, found: impl ToString, to_do: impl ToString) {
        self.not_well(Verdict::Fail, looked_at, &found, &to_do);
    }

    fn not_well(&mut self, result: Verdict, looked_at: &'static str, found: &dyn ToString, to_do: &dyn ToString) {
        // What systems answer may have several lines and a full stop of its own.
        let found = found.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        let found = found.trim_end_matches('.').to_owned();
        self.findings.push(Finding { result, looked_at, found, to_do: Some(to_do.to_string()) });
    }

    fn count(&self, result: Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.result == result).count()
    }

    pub(super) fn failed(&self) -> usize {
        self.count(Verdict::Fail)
    }

    /// To the standard output: wrapped in a terminal, else one line for each, for `grep`.
    pub(super) fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        }
        let out = std::io::stdout();
        let width = if out.is_terminal() {
            rustix::termios::tcgetwinsize(&out).ok().map(|size| usize::from(size.ws_col)).filter(|width| *width > 0)
        } else {
            None
        };
        print!("{}", self.text(width));
        Ok(())
    }

    fn text(&self, width: Option<usize>) -> String {
        let column = self.findings.iter().map(|finding| finding.looked_at.len()).max().unwrap_or(0);
        let indent = column.saturating_add(8);
        // Where little would be left beside the columns, lines are as long as they are.
        let width = width.map(|width| width.min(110)).filter(|width| *width >= indent.saturating_add(30));
        let mut text = String::new();
        for Finding { result, looked_at, found, to_do } in &self.findings {
            let word = match result {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Fail => "FAIL",
            };
            let told = match (to_do, width) {
                (None, _) => found.clone(),
                (Some(to_do), None) => format!("{found}. {to_do}"),
                (Some(to_do), Some(_)) => format!("{found}.\n{to_do}"),
            };
            let told = width.map_or_else(|| told.clone(), |width| wrapped(&told, width.saturating_sub(indent), indent));
            let _a_string_takes_all = writeln!(text, "{word:<4}  {looked_at:<column$}  {told}");
        }
        let (ok, warned, failed) = (self.count(Verdict::Ok), self.count(Verdict::Warn), self.failed());
        let _a_string_takes_all = writeln!(text, "\n{ok} ok, {warned} to look at, {failed} failed");
        text
    }
}

/// Breaks lines between words; every line but the first begins below the first.
fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.chars().count().saturating_add(word.chars().count()) >= width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_stay_in_their_column_and_a_pipe_gets_one_line_for_each() {
        let mut findings = Findings::default();
        findings.ok("port", "free");
        findings.warn("free space", "only a little\n is left.", "Make some room for what is to come, or move it all.");
        let piped = findings.text(None);
        let lines: Vec<&str> = piped.lines().collect();
        assert_eq!(
            lines,
            [
                "ok    port        free",
                "warn  free space  only a little is left. Make some room for what is to come, or move it all.",
                "",
                "1 ok, 1 to look at, 0 failed",
            ]
        );
        let narrow = findings.text(Some(50));
        assert!(narrow.lines().all(|line| line.chars().count() <= 50), "{narrow}");
        assert!(narrow.contains("\n                  Make some room"), "{narrow}");
        assert!(findings.text(Some(20)).contains("for what is to come, or move it all."));
    }
}

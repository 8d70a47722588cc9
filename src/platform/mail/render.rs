//! What is said: the templates beside this file, and the filling of them.

use anyhow::anyhow;
use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;
use serde_json::json;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/platform/mail/templates");

// Style sheets do not survive in every mail program, so each element carries its own. No colour but that of the
// text is set: the reader's light or dark scheme then holds without a fight.
const STYLES: [(&str, &str); 3] = [
    ("heading", "font-size:22px;line-height:1.3;margin:8px 0 16px"),
    (
        "button",
        "display:inline-block;padding:10px 16px;border:2px solid currentColor;border-radius:6px;font-weight:bold;\
         text-decoration:none",
    ),
    ("quote", "margin:0 0 16px;padding:4px 0 4px 12px;border-left:4px solid #767676;white-space:pre-line"),
];

/// A mail without its reader.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The whole message as plain text.
    pub text: String,
    /// The whole message as an HTML document.
    pub html: String,
}

/// Fills the template `name`. A value that the template names and `context` lacks is an error.
///
/// Each context has `council` and `link`, which the frames use.
pub fn render(name: &str, context: &impl Serialize) -> anyhow::Result<Rendered> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (style, rules) in STYLES {
        environment.add_global(style, rules);
    }
    let context = Value::from(Serde(context));
    // The end of the name decides on the escaping: all of it in .html, none in .txt.
    let fill = |path: &str, context: &Value| -> anyhow::Result<String> {
        let source = TEMPLATES.get_file(path).and_then(|file| file.contents_utf8());
        let source = source.ok_or_else(|| anyhow!("there is no mail template {path}"))?;
        // Only the kind and the place: the detail of a template error may show values.
        environment
            .render_named_str(path, source, context)
            .map_err(|error| anyhow!("{} in {path}, line {}", error.kind(), error.line().unwrap_or_default()))
    };
    let subject = one_line(&fill(&format!("{name}/subject.txt"), &context)?);
    let why = one_line(&fill(&format!("{name}/why.txt"), &context)?);
    // The frame says who sends it and why the reader gets it, around a body that is already filled.
    let framed = |content: Value| -> anyhow::Result<Value> {
        let (subject, why) = (subject.as_str().into(), why.as_str().into());
        let (council, link) = (context.get_attr("council")?, context.get_attr("link")?);
        Ok(Value::from_pairs([
            ("subject", subject),
            ("content", content),
            ("why", why),
            ("council", council),
            ("link", link),
        ]))
    };
    let text = fill(&format!("{name}/body.txt"), &context)?;
    let text = fill("frame.txt", &framed(Value::from(text.trim()))?)? + "\n";
    let html = fill(&format!("{name}/body.html"), &context)?;
    let html = fill("frame.html", &framed(Value::from_safe_string(html))?)? + "\n";
    Ok(Rendered { subject, text, html })
}

/// A header of a mail ends with its line, and a title is written by anybody (case D10).
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Every template with its name, filled with sample data; a template that fails is left out.
pub fn previews() -> Vec<(String, Rendered)> {
    let rendered = |(name, context)| Some((String::from(name), render(name, &context).ok()?));
    samples().into_iter().filter_map(rendered).collect()
}

fn samples() -> Vec<(&'static str, serde_json::Value)> {
    const COUNCIL: &str = "Aldermoor Borough Council";
    const CHALLENGE: &str = "Safer ways to school";
    const TITLE: &str = "A crossing at Mill Lane";
    let link = |path: &str| format!("https://ideas.aldermoor.example/{path}");
    vec![
        (
            "confirm_email",
            json!({
                "council": COUNCIL, "name": "Ada Okoro", "hours": 24,
                "link": link("confirm-email#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g"),
            }),
        ),
        (
            "participate",
            json!({ "council": COUNCIL, "challenge": CHALLENGE, "account": false, "hours": 24, "link": link("take-part#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g") }),
        ),
        (
            "sign_in_code",
            json!({ "council": COUNCIL, "code": "492039", "minutes": 10, "link": link("sign-in#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g") }),
        ),
        (
            "password_reset",
            json!({ "council": COUNCIL, "hours": 1, "link": link("reset-password#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g") }),
        ),
        (
            "new_address",
            json!({ "council": COUNCIL, "hours": 24, "link": link("confirm-new-address#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g") }),
        ),
        (
            "old_address",
            json!({ "council": COUNCIL, "days": 14, "link": link("undo-new-address#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g") }),
        ),
        (
            "security_notice",
            json!({
                "council": COUNCIL, "what": "A passkey was added to your account.", "at": "3 May 2027, 14:05 BST",
                "link": link("reset-password"),
            }),
        ),
        (
            "settings_notice",
            json!({
                "council": COUNCIL, "at": "3 May 2027, 14:05 BST", "link": link(""),
                "what": "The address of the council's site was changed. From now on the links in mails lead there.",
            }),
        ),
        (
            "invitation",
            json!({
                "council": COUNCIL, "role": "Officer", "days": 7,
                "link": link("join#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g"),
            }),
        ),
        (
            "accept_promise",
            json!({
                "council": COUNCIL, "office": "The Highways Office", "challenge": CHALLENGE,
                "question": "What would make your child's way to school safer?",
                "in_their_power": "Crossings, signs and speed limits on the roads of the borough.\n\
                                   Not: the A46, which belongs to the county.",
                "answer_within_days": 28, "moderate_within_hours": 48,
                "success_measure": "More children on foot by the autumn.", "publish_outcome_by": "31 March 2027",
                "link": link("accept-promise#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g"),
            }),
        ),
        (
            "account_sanctioned",
            json!({
                "council": COUNCIL, "decision": "suspend", "until": "14 November 2026, 09:00 GMT",
                "ground_title": "Personal details of others",
                "ground_body": "We do not publish where somebody lives, or how to reach them, without their consent.",
                "statement": "You have published the addresses of three neighbours, after two warnings.",
                "link": link(""), "appeal_until": "14 May 2027", "appeal": link("appeal#token=abc"),
            }),
        ),
        (
            "review_granted",
            json!({
                "council": COUNCIL, "name": "Kit Moss", "until": "14 May 2027",
                "link": link("review#token=0pV8ZtQh3uYx6Jc1Wn5rKe9mLa2sDf7g"),
            }),
        ),
        (
            "sanction_appeal_decided",
            json!({
                "council": COUNCIL, "decision": "suspend", "result": "amended", "until": "7 November 2026, 09:00 GMT",
                "reasons": "Two of the addresses were of shops, which are public; the third was of a neighbour.",
                "link": link(""),
            }),
        ),
        (
            "suspension_lifted",
            json!({ "council": COUNCIL, "appealed": true, "by_who_suspended": true, "link": link("") }),
        ),
        (
            "account_erased",
            json!({
                "council": COUNCIL, "at": "3 May 2027, 14:05 BST",
                "ideas": "Your public ideas stay, and nobody is named as their author.", "link": link(""),
            }),
        ),
        (
            "idea_published",
            json!({ "council": COUNCIL, "of": "idea", "title": TITLE, "number": 42, "link": link("ideas/42") }),
        ),
        (
            "idea_restricted",
            json!({
                "council": COUNCIL, "of": "idea", "title": TITLE, "number": 42, "effect": "hidden",
                "ground_title": "Personal details of others",
                "ground_body": "We do not publish where somebody lives, or how to reach them, without their consent.",
                "statement": "The third paragraph gives the name and the house number of a neighbour.", "public": true,
                "screened": true, "link": link("ideas/42"), "appeal_until": "14 May 2027", "appeal": link("appeal#token=abc"),
            }),
        ),
        (
            "safeguarding_alert",
            json!({ "council": COUNCIL, "of": "idea", "number": 42, "effect": "hide", "at": "3 May 2027, 14:05 BST", "link": link("ideas/42") }),
        ),
        (
            "thread_hidden",
            json!({ "council": COUNCIL, "of": "comment", "number": 42, "back": false, "told": true, "link": link("ideas/42#comment-7") }),
        ),
        (
            "ideas_decided",
            json!({
                "council": COUNCIL, "count": 2, "effect": "hidden",
                "items": [{ "number": 42, "title": TITLE }, { "number": 57, "title": "A crossing at Mill Lane, again" }],
                "ground_title": "Nothing for sale",
                "ground_body": "We do not publish advertisements, nor the same text again and again.",
                "statement": "Each of them has the address of a shop and nothing else.", "screened": true,
                "link": link(""), "appeal_until": "14 May 2027", "appeal": link("appeal#token=abc"),
            }),
        ),
        (
            "held_acts_failed",
            json!({
                "council": COUNCIL, "count": 2, "link": link(""), "of_others": false,
                "items": [
                    { "kind": "answer", "number": "ALD-42", "title": TITLE, "why": "It has been changed since you read it. Read it again and repeat your change." },
                    { "kind": "opening", "number": null, "title": "A safer Mill Lane", "why": "Something is still missing before this challenge can open." },
                ],
            }),
        ),
        (
            "appeal_decided",
            json!({
                "council": COUNCIL, "of": "idea", "title": TITLE, "number": 42, "result": "amended", "effect": "hide", "public": true, "item_state": "hidden", "was": "remove",
                "ground_title": "Personal details of others",
                "ground_body": "We do not publish where somebody lives, or how to reach them, without their consent.",
                "reasons": "The name can stay, for it is that of the mayor; the house number cannot.",
                "link": link("ideas/42"),
            }),
        ),
        (
            "report_decided",
            json!({
                "council": COUNCIL, "of": "idea", "number": 42, "decision": "hide", "ground_title": "Personal details of others",
                "link": link("ideas/42"),
            }),
        ),
        (
            "idea_answered",
            json!({
                "council": COUNCIL, "title": TITLE, "number": 42, "kind_label": "We will do this",
                "office": "The Highways Office", "because": "you supported it",
                "reason": "We counted 310 children at Mill Lane in one morning.\n\n\
                           The crossing will be built in the summer holidays.",
                "link": link("ideas/42"), "ask_link": link("reply#token=abc"), "may_ask_back": true,
            }),
        ),
        (
            "merge_proposed",
            json!({
                "council": COUNCIL, "title": TITLE, "number": "ALD-42", "because": "you support one of these ideas",
                "items": [{ "number": "ALD-57", "title": "A zebra crossing in Mill Lane" }],
                "reason": "Both ask for a crossing at the same place.",
                "leave": "It then stays recorded with the idea that you gave it to.",
                "silence": "If you say nothing, your support stays where it is.",
                "choose_by": "3 May 2027, 14:05 BST", "choose_link": link("merge#token=abc"), "link": link("ideas/42"),
            }),
        ),
        (
            "merge_ended",
            json!({
                "council": COUNCIL, "title": TITLE, "number": "ALD-42", "other": "ALD-57", "at": "3 May 2027",
                "what": "Your idea was merged into the other one. It keeps its address and its text.",
                "reason": "Both ask for a crossing at the same place.", "link": link("ideas/42"),
            }),
        ),
        (
            "votes_checked",
            json!({
                "council": COUNCIL, "challenge": CHALLENGE,
                "what": "Support of yours is set aside: it is not counted while we look at where it came from.",
                "ground": "Each person supports an idea once, and by themselves.", "said": "We are a class of thirty.",
                "facts": "64 accounts that were less than a day old supported one idea within hours.",
                "reason": "All of them were made within ten minutes.", "contest": link("contest#token=abc"),
                "link": link("challenges/safer-ways-to-school"),
            }),
        ),
        ("cases_due", json!({ "council": COUNCIL, "soon": 3, "late": 1, "overdue": false, "link": link("") })),
        (
            "answers_due",
            json!({
                "council": COUNCIL, "challenge": CHALLENGE, "due": "14 November 2026", "overdue": false,
                "items": [
                    { "number": 42, "title": TITLE },
                    { "number": 57, "title": "A walking bus from the station" },
                ],
                "link": link("challenges/safer-ways-to-school"),
            }),
        ),
        (
            "outcome_published",
            json!({
                "council": COUNCIL, "challenge": CHALLENGE,
                "summary": "Of 86 ideas, 9 will be done this year and 14 next year. 63 will not be done; each has \
                            an answer with the reason.",
                "link": link("challenges/safer-ways-to-school/outcome"),
            }),
        ),
        (
            "update_published",
            json!({
                "council": COUNCIL, "challenge": CHALLENGE, "office": "The Highways Office",
                "title": "The counts on Mill Lane are done", "body": "We counted for a week. 2,140 people cross on a school day.",
                "link": link("challenges/safer-ways-to-school/updates/0192f3a4-6b1c-7d52-9a0e-3c5d1f2b4a68"),
            }),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str, changes: &[(&str, serde_json::Value)]) -> serde_json::Value {
        let (_, mut context) = samples().into_iter().find(|(sample, _)| *sample == name).unwrap();
        for (key, value) in changes {
            context[*key] = value.clone();
        }
        context
    }

    #[test]
    fn every_template_renders_with_nothing_left_over() {
        let mut folders: Vec<_> = TEMPLATES.dirs().map(|dir| dir.path().to_str().unwrap().to_owned()).collect();
        let mut named: Vec<_> = previews().into_iter().map(|(name, _)| name).collect();
        folders.sort();
        named.sort();
        assert_eq!(folders, named);
        for (name, context) in samples() {
            let mail = render(name, &context).unwrap();
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(!part.is_empty(), "{name}");
                for left in ["{{", "}}", "{%", "%}", "undefined", "none", "&amp;lt;", "\n\n\n"] {
                    // A button has "text-decoration:none".
                    let part = part.replace("decoration:none", "");
                    assert!(!part.contains(left), "{name}: {left:?} in {part}");
                }
            }
            assert_eq!(mail.subject, one_line(&mail.subject), "{name}");
            for foot in ["Aldermoor Borough Council sends you this message.", "You get it because"] {
                assert!(mail.text.contains(foot) && mail.html.contains(foot), "{name}");
            }
            assert!(mail.html.contains("<a href=\"https:"), "{name}");
            for load in ["<img", "<link", "<style", "url(", "src="] {
                assert!(!mail.html.contains(load), "{name}");
            }
        }
    }

    #[test]
    fn the_text_says_all_that_is_given() {
        for (name, context) in samples() {
            let mail = render(name, &context).unwrap();
            for (key, value) in context.as_object().unwrap() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let said = format!("{}\n{}", mail.subject, mail.text);
                let told = said.contains(&value)
                    || [
                        "items",
                        "overdue",
                        "public",
                        "item_state",
                        "of",
                        "was",
                        "back",
                        "told",
                        "account",
                        "result",
                        "effect",
                        "decision",
                        "may_ask_back",
                        "screened",
                        "appealed",
                        "by_who_suspended",
                        "of_others",
                    ]
                    .contains(&key.as_str());
                assert!(told, "{name}: {key} is not in the text");
            }
        }
    }

    #[test]
    fn every_value_is_needed() {
        for (name, context) in samples() {
            for key in context.as_object().unwrap().keys() {
                let mut less = context.clone();
                less.as_object_mut().unwrap().remove(key);
                assert!(render(name, &less).is_err(), "{name} does without {key}");
            }
        }
    }

    #[test]
    fn markup_is_escaped_in_html_and_kept_in_text() {
        const EVIL: &str = "<script>alert('1')</script> & {{ link }}";
        for (name, context) in samples() {
            let keys = context.as_object().unwrap().iter().filter(|(key, value)| {
                value.is_string()
                    && !["effect", "result", "decision", "item_state", "of", "was"].contains(&key.as_str())
            });
            for (key, _) in keys {
                let mail = render(name, &sample(name, &[(key, EVIL.into())])).unwrap();
                assert!(!mail.html.contains("<script"), "{name}: {key}");
                assert!(mail.html.contains("&lt;script&gt;"), "{name}: {key}");
                assert!(!mail.html.contains("&amp;lt;"), "{name}: {key} is escaped twice");
                assert!(mail.text.contains(EVIL), "{name}: {key}");
            }
        }
        let items = json!([{ "number": 1, "title": EVIL }]);
        let mail = render("answers_due", &sample("answers_due", &[("items", items)])).unwrap();
        assert!(!mail.html.contains("<script") && mail.text.contains(EVIL));
    }

    #[test]
    fn a_value_cannot_leave_its_attribute() {
        let mail = render("idea_published", &sample("idea_published", &[("link", "\" onclick=\"x".into())])).unwrap();
        assert!(!mail.html.contains("\" onclick"), "{}", mail.html);
    }

    #[test]
    fn a_title_cannot_break_the_subject() {
        let title = json!("Swings\r\nBcc: eve@example.org\u{2028}\u{0}\tand slides");
        let mail = render("idea_published", &sample("idea_published", &[("title", title)])).unwrap();
        assert_eq!(mail.subject, "Your idea is published: Swings Bcc: eve@example.org and slides");
    }

    #[test]
    fn words_follow_the_values() {
        let text = |name: &str, changes: &[(&str, serde_json::Value)]| {
            let mail = render(name, &sample(name, changes)).unwrap();
            format!("{}\n{}", mail.subject, mail.text)
        };
        assert!(text("confirm_email", &[("hours", 1.into())]).contains("1 hour,"));
        assert!(text("invitation", &[("days", 1.into())]).contains("1 day,"));
        let removed = text("idea_restricted", &[("effect", "removed".into())]);
        assert!(removed.contains("was removed") && removed.contains("no longer") && !removed.contains("hidden"));
        let late = text("answers_due", &[("overdue", true.into())]);
        assert!(late.contains("Answers are late") && late.contains("was to answer") && !late.contains("due by"));
    }

    #[test]
    fn an_unknown_template_is_an_error() {
        for name in ["nothing", "..", "", "confirm_email/body.txt"] {
            assert!(render(name, &json!({ "council": "A", "link": "b" })).is_err(), "{name}");
        }
    }
}

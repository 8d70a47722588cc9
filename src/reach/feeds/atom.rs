//! Feedback as Atom (RFC 4287).

use atom_syndication::{Content, Entry, Feed, FixedDateTime, Link, Person, Text};

use super::model::{Item, What};
use super::rules::xml_text;
use crate::participation::ideas::rules::public_number;
use crate::people::councils::model::Council;
use crate::platform::db::Instant;
use crate::platform::html::markdown;

/// The bytes of a feed; `address` is where it is served, and its identity.
///
/// # Errors
/// Where it cannot be written, which is a fault of ours.
pub(super) fn written(council: &Council, title: &str, address: &str, items: &[Item]) -> anyhow::Result<String> {
    let mut feed = Feed::default();
    feed.set_id(xml_text(address));
    feed.set_title(Text::plain(xml_text(title)));
    feed.set_lang(Some(xml_text(&council.language)));
    feed.set_authors(vec![person(&council.name)]);
    feed.set_links(vec![link("self", address), link("alternate", &council.site_url)]);
    // Not the time of asking: what has not changed has the same bytes, and the same ETag.
    feed.set_updated(stamp(items.first().map_or(council.created_at, |item| item.at))?);
    feed.set_entries(items.iter().map(|item| entry(council, item)).collect::<anyhow::Result<Vec<_>>>()?);
    let bytes = feed.write_to(Vec::new()).map_err(|fault| anyhow::anyhow!("a feed cannot be written: {fault}"))?;
    Ok(String::from_utf8(bytes)?)
}

fn entry(council: &Council, item: &Item) -> anyhow::Result<Entry> {
    let site = council.site_url.trim_end_matches('/');
    let (title, author, address) = match &item.what {
        What::Answer(answer) => {
            let number = public_number(&council.idea_prefix, answer.number);
            let replaced = if answer.superseded { ", replaced since" } else { "" };
            let title = format!("{}: {} ({number}{replaced})", answer.kind.label(), answer.title);
            (title, answer.office.as_str(), format!("{site}/ideas/{number}"))
        }
        What::Update(update) => {
            let corrected = if update.revision > 1 { " (put right)" } else { "" };
            let address = format!("{site}/challenges/{}/updates/{}", item.challenge, item.id);
            (format!("{}: {}{corrected}", item.challenge_title, update.title), update.office.as_str(), address)
        }
        What::Outcome => {
            let address = format!("{site}/challenges/{}/outcome", item.challenge);
            (format!("Outcome: {}", item.challenge_title), council.name.as_str(), address)
        }
    };
    let mut content = Content::default();
    content.set_content_type(Some("html".to_owned()));
    content.set_value(Some(xml_text(&markdown(&item.text))));
    let mut entry = Entry::default();
    entry.set_id(format!("urn:uuid:{}", item.id));
    entry.set_title(Text::plain(xml_text(&title)));
    entry.set_authors(vec![person(author)]);
    entry.set_links(vec![link("alternate", &address)]);
    entry.set_updated(stamp(item.at)?);
    entry.set_content(Some(content));
    Ok(entry)
}

fn person(name: &str) -> Person {
    Person { name: xml_text(name), ..Person::default() }
}

fn link(rel: &str, href: &str) -> Link {
    Link { rel: rel.to_owned(), href: xml_text(href), ..Link::default() }
}

fn stamp(at: Instant) -> anyhow::Result<FixedDateTime> {
    at.to_string().parse().map_err(|fault| anyhow::anyhow!("a time cannot be written: {fault}"))
}

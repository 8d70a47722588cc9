//! Ask before you try; and look a word up.

use std::sync::Arc;

use super::rules::{self, Wanted};
use super::views::{ChallengeStanding, IdeaStanding, StateQuery, StateView, VocabularyView, WordList, WordView};
use crate::app::App;
use crate::participation::challenges::queries::challenges_among;
use crate::participation::ideas::queries::ideas_among;
use crate::participation::ideas::rules::Reference;
use crate::participation::voting::queries::supported_among;
use crate::people::accounts::Allowed;
use crate::people::verification::queries::facts_of;
use crate::platform::db::Id;
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::doors::{Anybody, Doors, get};
use crate::platform::http::{Query, Reply};
use crate::process::merges::queries::{holding_others_among, running_among};
use crate::process::signals::queries::set_aside_among;
use crate::vocabulary;
use crate::vocabulary::permissions::{acts, exceptions};

/// Ids in one question at most.
const MOST: usize = 100;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_state).service(read_vocabulary);
}

/// Read how one stands to ideas and challenges
///
/// Which ideas are yours and which you support, and for each operation whether it would be taken now or how it would be
/// refused: the very rules that enforce are asked. Public lists stay the same for everybody, so ask this beside them.
#[utoipa::path(tag = "Accounts", operation_id = "read_state", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), StateQuery),
    responses((status = 200, description = "How you stand", body = StateView)))]
#[get("/councils/{council}/me/state")]
async fn read_state(app: App, who: Allowed<acts::UseAccount>, query: Query<StateQuery>) -> Result<Reply> {
    let (council, actor, viewer) = (Arc::clone(&who.council), who.actor()?.clone(), who.viewer());
    let prefix = &council.idea_prefix;
    let ideas = named("?ideas", query.0.ideas.as_deref(), |part| Reference::read(prefix, part))?;
    let challenges = named("?challenges", query.0.challenges.as_deref(), |part| part.parse::<Id>().ok())?;
    let staff = who.is_staff();
    let read = app.db.read(move |tx| {
        let rows = ideas_among(tx, council.id, &viewer, &ideas)?;
        let seen: Vec<Id> = rows.iter().map(|idea| idea.id).collect();
        let supported = supported_among(tx, council.id, actor.id, &seen)?;
        let wanted: Vec<Id> = rows.iter().map(|idea| idea.challenge_id).chain(challenges.iter().copied()).collect();
        let found = challenges_among(tx, council.id, staff, &wanted)?;
        let facts = facts_of(tx, council.id, actor.id)?;
        let aside = set_aside_among(tx, council.id, actor.id, &seen)?;
        let holding = holding_others_among(tx, council.id, &seen)?;
        let merges = running_among(tx, council.id, &seen)?;
        let now = tx.now();
        let standing = |named: &Reference| {
            let idea = rows.iter().find(|idea| match named {
                Reference::Id(id) => idea.id == *id,
                Reference::Number(number) => idea.number == *number,
            })?;
            let (challenge, phases) = found.get(&idea.challenge_id)?;
            Some(IdeaStanding {
                idea: idea.id,
                mine: idea.author_id == Some(actor.id),
                supported: supported.contains(&idea.id),
                merges: merges.get(&idea.id).cloned().unwrap_or_default(),
                can: rules::with_idea(
                    &actor,
                    &facts,
                    &Wanted { idea, set_aside: aside.contains(&idea.id), holds_others: holding.contains(&idea.id) },
                    (challenge, phases),
                    now,
                ),
            })
        };
        let in_challenge = |id: &Id| {
            let (challenge, phases) = found.get(id)?;
            Some(ChallengeStanding { challenge: *id, can: rules::in_challenge(&actor, &facts, challenge, phases, now) })
        };
        Ok(StateView {
            ideas: ideas.iter().filter_map(standing).collect(),
            challenges: challenges.iter().filter_map(in_challenge).collect(),
        })
    });
    Reply::ok(&read.await?)
}

fn named<T>(pointer: &str, list: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    let parts: Vec<&str> = list.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() > MOST {
        return Err(Error::fault(pointer, "too_many", "At most 100 ids at once."));
    }
    let read = parts.into_iter().map(read).collect::<Option<_>>();
    read.ok_or_else(|| Error::fault(pointer, "wrong_format", "Ids, separated by commas; ideas also by number."))
}

/// Read the vocabulary
///
/// Every word that goes over the wire, with a label and what it means, so that a frontend need not invent them. Refusals
/// are the list `problem`.
#[utoipa::path(tag = "Vocabulary", operation_id = "read_vocabulary", security(()),
    responses((status = 200, description = "The words", body = VocabularyView)))]
#[get("/vocabulary")]
async fn read_vocabulary(_: Anybody<exceptions::ReadVocabulary>) -> Result<Reply> {
    std::future::ready(()).await;
    let word = |(word, explanation): vocabulary::Word| WordView { word, label: vocabulary::label(word), explanation };
    let mut lists: Vec<WordList> = vocabulary::lists()
        .into_iter()
        .map(|(name, words)| WordList { name, words: words.into_iter().map(word).collect() })
        .collect();
    let problem =
        |code: &Code| WordView { word: code.as_str(), label: code.title().into(), explanation: code.detail() };
    lists.push(WordList { name: "problem", words: Code::ALL.iter().map(problem).collect() });
    Ok(Reply::ok(&VocabularyView { language: "en-GB", lists })?.public(300))
}

//! All the SQL of replies.

use diesel::dsl::sum;
use diesel::prelude::*;

use super::model::{Counted, Counts, Line, QuestionRow};
use super::rules::SAMPLE;
use crate::each;
use crate::platform::db::schema::{answer_counts as counts, answer_questions as questions, answers, ideas};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::vocabulary::{AnswerReply, IdeaState};

/// Asks some about an answer, each once.
///
/// # Errors
/// What the database answers.
pub fn ask(tx: &mut Tx<'_>, council: Id, answer: Id, accounts: &[Id]) -> Result<()> {
    let mut asked = 0;
    for account in accounts {
        asked += i32::from(ask_one(tx, council, answer, *account)?);
    }
    if asked > 0 {
        each!(&mut **tx, c => diesel::insert_into(counts::table)
            .values((
                counts::council_id.eq(council),
                counts::answer_id.eq(answer),
                counts::asked.eq(asked),
                counts::yes.eq(0),
                counts::partly.eq(0),
                counts::no.eq(0),
            ))
            .on_conflict((counts::council_id, counts::answer_id))
            .do_update()
            .set(counts::asked.eq(counts::asked + asked))
            .execute(c))?;
    }
    Ok(())
}

/// Whether somebody was not asked before.
fn ask_one(tx: &mut Tx<'_>, council: Id, answer: Id, account: Id) -> Result<bool> {
    let now = tx.now();
    let asked = each!(&mut **tx, c => diesel::insert_into(questions::table)
        .values((
            questions::council_id.eq(council),
            questions::id.eq(Id::random()),
            questions::answer_id.eq(answer),
            questions::account_id.eq(account),
            questions::asked_at.eq(now),
        ))
        .on_conflict((questions::council_id, questions::answer_id, questions::account_id))
        .do_nothing()
        .execute(c))?;
    Ok(asked > 0)
}

/// What somebody was asked about an answer, and said.
///
/// # Errors
/// What the database answers.
pub fn find_question(tx: &mut Tx<'_>, council: Id, answer: Id, account: Id) -> Result<Option<QuestionRow>> {
    Ok(questions::table
        .filter(questions::council_id.eq(council))
        .filter(questions::answer_id.eq(answer))
        .filter(questions::account_id.eq(account))
        .select(QuestionRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// Which of the questions somebody was asked about an answer is theirs, while they have not replied.
///
/// # Errors
/// What the database answers.
pub fn open_question(tx: &mut Tx<'_>, council: Id, answer: Id, account: Id) -> Result<Option<Id>> {
    Ok(questions::table
        .filter(questions::council_id.eq(council))
        .filter(questions::answer_id.eq(answer))
        .filter(questions::account_id.eq(account))
        .filter(questions::reply.is_null())
        .select(questions::id)
        .first(&mut **tx)
        .optional()?)
}

/// About which answer a question is, and who was asked.
///
/// # Errors
/// What the database answers.
pub fn asked_by(tx: &mut Tx<'_>, council: Id, question: Id) -> Result<Option<(Id, Id)>> {
    let row = questions::table.find((council, question));
    Ok(row.select((questions::answer_id, questions::account_id)).first(&mut **tx).optional()?)
}

/// Writes what somebody says, unless they have said something; says whether it was written.
///
/// # Errors
/// What the database answers.
pub fn write_reply(
    tx: &mut Tx<'_>,
    council: Id,
    (answer, account): (Id, Id),
    reply: AnswerReply,
    line: Option<&str>,
) -> Result<bool> {
    let now = tx.now();
    let open = questions::table
        .filter(questions::council_id.eq(council))
        .filter(questions::answer_id.eq(answer))
        .filter(questions::account_id.eq(account))
        .filter(questions::reply.is_null());
    let written = diesel::update(open)
        .set((questions::reply.eq(reply), questions::line.eq(line), questions::replied_at.eq(now)))
        .execute(&mut **tx)?;
    if written == 0 {
        return Ok(false);
    }
    let (yes, partly, no) = match reply {
        AnswerReply::Yes => (1, 0, 0),
        AnswerReply::Partly => (0, 1, 0),
        AnswerReply::No => (0, 0, 1),
    };
    diesel::update(counts::table.find((council, answer)))
        .set((
            counts::yes.eq(counts::yes + yes),
            counts::partly.eq(counts::partly + partly),
            counts::no.eq(counts::no + no),
        ))
        .execute(&mut **tx)?;
    Ok(true)
}

/// What was said of the latest hundred answers to an idea, the latest first.
///
/// # Errors
/// What the database answers.
pub fn counted(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<Vec<Counted>> {
    type Row = (Id, i32, String, Option<(i32, i32, i32, i32)>);
    let rows: Vec<Row> = answers::table
        .left_join(counts::table.on(counts::council_id.eq(answers::council_id).and(counts::answer_id.eq(answers::id))))
        .filter(answers::council_id.eq(council))
        .filter(answers::idea_id.eq(idea))
        .order(answers::revision.desc())
        .limit(100)
        .select((
            answers::id,
            answers::revision,
            answers::office,
            (counts::asked, counts::yes, counts::partly, counts::no).nullable(),
        ))
        .load(&mut **tx)?;
    let of = |(asked, yes, partly, no): (i32, i32, i32, i32)| Counts {
        asked: asked.into(),
        yes: yes.into(),
        partly: partly.into(),
        no: no.into(),
    };
    let one = |(answer, revision, office, counts): Row| Counted {
        answer,
        revision,
        office,
        counts: counts.map(of).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(one).collect())
}

/// The sums of each office, of answers to ideas that everybody sees: of those that have their own figures published, or of the
/// others.
///
/// # Errors
/// What the database answers.
pub fn sums_by_office(tx: &mut Tx<'_>, council: Id, large: bool) -> Result<Vec<(String, Counts)>> {
    type Row = (String, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
    let sample = i32::try_from(SAMPLE).map_err(anyhow::Error::from)?;
    let query = counts::table
        .inner_join(
            answers::table.on(answers::council_id.eq(counts::council_id).and(answers::id.eq(counts::answer_id))),
        )
        .inner_join(ideas::table.on(ideas::council_id.eq(answers::council_id).and(ideas::id.eq(answers::idea_id))))
        .filter(counts::council_id.eq(council))
        .filter(ideas::state.eq(IdeaState::Published))
        .group_by(answers::office)
        .select((answers::office, sum(counts::asked), sum(counts::yes), sum(counts::partly), sum(counts::no)));
    let said = || counts::yes + counts::partly + counts::no;
    let rows: Vec<Row> = match large {
        true => query.filter(said().ge(sample)).load(&mut **tx)?,
        false => query.filter(said().lt(sample)).load(&mut **tx)?,
    };
    let one = |(office, asked, yes, partly, no): Row| {
        let counts = Counts {
            asked: asked.unwrap_or(0),
            yes: yes.unwrap_or(0),
            partly: partly.unwrap_or(0),
            no: no.unwrap_or(0),
        };
        (office, counts)
    };
    Ok(rows.into_iter().map(one).collect())
}

/// What was written beside the replies to the answers of an idea about which enough were asked, in no order that would tell who
/// or when.
///
/// # Errors
/// What the database answers.
pub fn list_lines(tx: &mut Tx<'_>, council: Id, idea: Id, after: Option<Id>, limit: i64) -> Result<Vec<Line>> {
    let sample = i32::try_from(SAMPLE).map_err(anyhow::Error::from)?;
    let enough: Vec<Id> = answers::table
        .inner_join(counts::table.on(counts::council_id.eq(answers::council_id).and(counts::answer_id.eq(answers::id))))
        .filter(answers::council_id.eq(council))
        .filter(answers::idea_id.eq(idea))
        .filter(counts::asked.ge(sample))
        .select(answers::id)
        .load(&mut **tx)?;
    // Sorted here: in the order of the ids, the database would look at all questions of the council to fill a page.
    let mut page: Vec<Id> = questions::table
        .filter(questions::council_id.eq(council))
        .filter(questions::answer_id.eq_any(enough))
        .filter(questions::line.is_not_null())
        .select(questions::id)
        .load(&mut **tx)?;
    page.retain(|id| after.is_none_or(|after| *id > after));
    page.sort_unstable();
    page.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(questions::table
        .inner_join(
            answers::table.on(answers::council_id.eq(questions::council_id).and(answers::id.eq(questions::answer_id))),
        )
        .filter(questions::council_id.eq(council))
        .filter(questions::id.eq_any(page))
        .order(questions::id)
        .select((questions::id, answers::id, answers::revision, questions::reply, questions::line))
        .load(&mut **tx)?)
}

//! What lies in the database, past every door.

use diesel::RunQueryDsl as _;
use folkmoot::platform::db::Conn;

use super::TestApp;

#[derive(diesel::QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// All that the database holds, as whoever steals a copy sees it.
pub async fn dump(app: &TestApp) -> Vec<u8> {
    let path = app.database_url.strip_prefix("sqlite:").map(ToOwned::to_owned);
    if let Some(path) = path {
        return [std::fs::read(&path).unwrap(), std::fs::read(format!("{path}-wal")).unwrap_or_default()].concat();
    }
    let read = app.app.db.read(|tx| {
        let Conn::Pg(conn) = &mut **tx else { unreachable!() };
        let tables = "SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public'";
        let mut whole = String::new();
        for table in diesel::sql_query(tables).load::<Text>(conn)? {
            let rows = format!("SELECT coalesce(string_agg(t::text, chr(10)), '') AS text FROM {} t", table.text);
            whole.push_str(&diesel::sql_query(rows).get_result::<Text>(conn)?.text);
        }
        Ok(whole.into_bytes())
    });
    read.await.unwrap()
}

/// The first column of a statement, as text.
pub async fn texts(app: &TestApp, statement: &str) -> Vec<String> {
    let statement = statement.to_owned();
    let read = app.app.db.read(move |tx| {
        let rows: Vec<Text> = folkmoot::each!(&mut **tx, c => diesel::sql_query(statement).load(c))?;
        Ok(rows.into_iter().map(|row| row.text).collect())
    });
    read.await.unwrap()
}

/// Writes past every door; says whether the database let it.
pub async fn tries(app: &TestApp, statement: &str) -> bool {
    let statement = statement.to_owned();
    let written = app.app.db.write(move |tx| {
        folkmoot::each!(&mut **tx, c => diesel::sql_query(statement.as_str()).execute(c))?;
        Ok(())
    });
    written.await.is_ok()
}

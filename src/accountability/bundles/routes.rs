//! Read a bundle.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream::try_unfold;
use utoipa::ToSchema;

use super::sections::Scope;
use super::write::write_bundle;
use crate::accountability::id_of;
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::people::accounts::Allowed;
use crate::platform::db::Id;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, get};
use crate::platform::http::reply::names;
use crate::vocabulary::permissions::acts;

/// Bytes that are sent at once.
const PIECE: usize = 64 * 1024;
/// How long somebody waits for the one that is being written.
const PATIENCE: Duration = Duration::from_secs(5);

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_decision_bundle);
}

/// A ZIP file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it is there for the document")]
struct ZipFile(Vec<u8>);

/// Read the decision bundle
///
/// All that is public of a challenge in one ZIP file, for whoever reviews a decision: `bundle.json`, the same as CSV, a `README.txt` that
/// says what each column is, and `SHA256SUMS`. It is written from one moment of the database, and the same data make the same bytes. Each
/// node writes one at a time: 503 while another is being written for long.
#[utoipa::path(tag = "Feedback", operation_id = "read_decision_bundle", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The bundle", body = inline(ZipFile), content_type = "application/zip")))]
#[get("/councils/{council}/challenges/{challenge}/decision-bundle.zip")]
async fn read_decision_bundle(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (council, challenge) = (Arc::clone(&who.council), id_of(&path.1, "challenge")?);
    let writing = Arc::clone(&app.bundles).acquire_owned();
    let turn = tokio::time::timeout(PATIENCE, writing).await.map_err(|_elapsed| Error::busy())?;
    let turn = turn.map_err(Error::unavailable)?;
    let (secrets, place, id) = (app.config.secrets.clone(), app.config.data_dir.clone(), council.id);
    let file = app.db.snapshot(move |tx| {
        let _turn = turn;
        find_challenge(tx, council.id, challenge, false)?;
        let mut file = tempfile::tempfile_in(place).map_err(anyhow::Error::from)?;
        let digest = write_bundle(tx, &Scope { council: &council, challenge, secrets: &secrets }, &mut file)?;
        file.rewind().map_err(anyhow::Error::from)?;
        Ok((file, digest))
    });
    let (file, digest) = file.await?;
    let etag = HeaderValue::from_str(&format!("\"{digest}\"")).map_err(anyhow::Error::from)?;
    if names(request.headers().get(header::IF_NONE_MATCH), &etag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    let size = file.metadata().map_err(anyhow::Error::from)?.len();
    tracing::info!(council.id = %id, challenge.id = %challenge, size_bytes = size, "a decision bundle was written");
    // It is compressed already, and large: no layer holds it back or keeps it.
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag))
        .insert_header(("Content-Type", "application/zip"))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"decision-bundle-{challenge}.zip\"")))
        .insert_header(("Content-Encoding", "identity"))
        .insert_header(("Cache-Control", "no-store"))
        .body(SizedStream::new(size, try_unfold(file, piece))))
}

async fn piece(file: File) -> Result<Option<(web::Bytes, File)>> {
    let read = move || {
        let (mut file, mut bytes) = (file, vec![0; PIECE]);
        let read = file.read(&mut bytes)?;
        bytes.truncate(read);
        std::io::Result::Ok((!bytes.is_empty()).then(|| (web::Bytes::from(bytes), file)))
    };
    Ok(web::block(read).await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?)
}

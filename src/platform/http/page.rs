//! Lists in keyset pages: a cursor is opaque, cannot be altered, and fits only the list it came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reply;
use crate::platform::error::{Code, Error, Result};
use crate::platform::secrets::Secrets;

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T: ToSchema> {
    /// The things on this page.
    pub items: Vec<T>,
    /// Send it as `cursor` to get what follows; null at the end.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// What every list takes.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    limit: i64,
    cursor: Option<String>,
}

impl Paging {
    /// Twenty unless told; how many at most is the business of the query's own description.
    pub fn new(limit: Option<i64>, cursor: Option<String>) -> Self {
        Self { limit: limit.unwrap_or(20), cursor }
    }

    /// How many to load: one more than are shown, to know whether more follow.
    pub fn load(&self) -> i64 {
        self.limit.saturating_add(1)
    }

    /// Where the last page ended.
    ///
    /// # Errors
    /// 400 where the cursor was altered or belongs to another list.
    pub fn after<K: DeserializeOwned>(&self, secrets: &Secrets, list: &str) -> Result<Option<K>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bad = || Error::from(Code::BadCursor.problem());
        let (key, mac) = cursor.split_once('.').ok_or_else(bad)?;
        if !Secrets::same(mac, &secrets.mac("cursor", &[list.as_bytes(), key.as_bytes()])) {
            return Err(bad());
        }
        let bytes = URL_SAFE_NO_PAD.decode(key).map_err(|_altered| bad())?;
        serde_json::from_slice(&bytes).map(Some).map_err(|_altered| bad())
    }

    /// Cuts the rows to a page and says where it ends.
    ///
    /// # Errors
    /// Where the key cannot be written, which is a fault of ours.
    pub fn page<R, T: ToSchema, K: Serialize>(
        &self,
        secrets: &Secrets,
        list: &str,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        view: impl FnMut(R) -> T,
    ) -> Result<Page<T>> {
        let limit = usize::try_from(self.limit).unwrap_or(1);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => {
                let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&key(last)).map_err(anyhow::Error::from)?);
                let mac = secrets.mac("cursor", &[list.as_bytes(), text.as_bytes()]);
                Some(format!("{text}.{mac}"))
            }
            _ => None,
        };
        Ok(Page { items: rows.into_iter().map(view).collect(), next_cursor })
    }
}

impl<T: ToSchema + Serialize> Page<T> {
    /// The page as an answer, with `Link: …; rel="next"`.
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn reply(&self, request: &actix_web::HttpRequest) -> Result<Reply> {
        let mut reply = Reply::ok(self)?;
        if let Some(cursor) = &self.next_cursor {
            let others = url::form_urlencoded::parse(request.query_string().as_bytes())
                .filter(|(name, _)| name != "cursor")
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect::<Vec<_>>();
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(others)
                .append_pair("cursor", cursor)
                .finish();
            reply.link = Some(format!("<{}?{query}>; rel=\"next\"", request.path()));
        }
        Ok(reply)
    }
}

/// The limit and cursor of every list, flattened into its own filters.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    // case J9
    #[test]
    fn a_cursor_fits_only_its_own_list_and_cannot_be_altered() {
        let secrets = Secrets::generate();
        let paging = Paging::new(Some(1), None);
        let page: Page<String> =
            paging.page(&secrets, "ideas:new", vec![1, 2], |n| *n, |n: i32| n.to_string()).unwrap();
        let cursor = page.next_cursor.unwrap();
        let again = |cursor: &str| Paging::new(None, Some(cursor.to_owned()));
        assert_eq!(again(&cursor).after::<i32>(&secrets, "ideas:new").unwrap(), Some(1));
        assert!(again(&cursor).after::<i32>(&secrets, "ideas:most").is_err());
        assert!(again(&format!("x{cursor}")).after::<i32>(&secrets, "ideas:new").is_err());
        assert!(again("nonsense").after::<i32>(&secrets, "ideas:new").is_err());
    }
}

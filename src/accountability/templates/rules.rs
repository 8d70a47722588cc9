//! What a template must be. Pure.

use super::model::TemplateDraft;
use super::views::WriteTemplate;
use crate::accountability::filled;
use crate::platform::error::{Error, Result};

/// A template as it is stored.
///
/// # Errors
/// 422 with all faults.
pub fn draft(wish: &WriteTemplate) -> Result<TemplateDraft> {
    let mut faults = Vec::new();
    let title = filled("/title", &wish.title, &mut faults);
    let body = filled("/body", &wish.body, &mut faults);
    if faults.is_empty() { Ok(TemplateDraft { title, kind: wish.kind, body }) } else { Err(Error::invalid(faults)) }
}

//! The campaign at the bus shelters.

use super::story::{DAY, at};
use crate::app::App;
use crate::people::councils::model::Council;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::reach::campaigns::model::CampaignDraft;
use crate::reach::campaigns::queries::{add, insert_campaign};
use crate::vocabulary::CampaignAction;

/// Visits, registrations, ideas and supports on each of the fifteen days. Four of forty-five residents came this way,
/// and what is under ten is withheld.
const BROUGHT: [[i64; 4]; 15] = [
    [61, 0, 0, 0],
    [47, 4, 0, 0],
    [52, 0, 0, 0],
    [38, 0, 0, 0],
    [23, 0, 0, 0],
    [14, 0, 0, 0],
    [35, 0, 0, 0],
    [31, 0, 0, 0],
    [27, 0, 0, 0],
    [42, 0, 3, 24],
    [36, 0, 2, 17],
    [29, 0, 4, 21],
    [18, 0, 2, 12],
    [12, 0, 1, 11],
    [33, 0, 2, 19],
];

/// Posters at bus shelters, and what they brought.
pub(super) async fn campaign(app: &App, council: &Council, site_url: String) -> Result<()> {
    let home = council.id;
    let made = move |tx: &mut Tx<'_>| {
        let draft = CampaignDraft {
            name: "Bus shelters in Mill Lane".into(),
            channel: "poster".into(),
            target_url: site_url.clone(),
        };
        Ok(insert_campaign(tx, home, &draft)?.id)
    };
    let id = at(app, 16 * DAY, made).await?;
    for (counts, day) in BROUGHT.iter().zip((1..16_u64).rev()) {
        let brought = move |tx: &mut Tx<'_>| {
            let [visits, registered, submitted, supported] = *counts;
            for (action, n) in [
                (CampaignAction::Visit, visits),
                (CampaignAction::Register, registered),
                (CampaignAction::Submit, submitted),
                (CampaignAction::Support, supported),
            ] {
                if n > 0 {
                    add(tx, home, id, action, n)?;
                }
            }
            Ok(())
        };
        at(app, day * DAY, brought).await?;
    }
    Ok(())
}

//! Notes which records the backend has changed, in the transaction that changes them; what is noted
//! and how it is read is [`crate::core::news`]'s.

use super::Runtime;
use crate::browser::clock;
use crate::browser::store::{Change, META, NEWS, RECORDS};
use crate::core::error::Error;
use crate::core::news::News;

impl Runtime {
    /// The change to be made beside others, by the tab that leads under a fence: what they do to
    /// records, added to the list. None if they do nothing to them.
    pub(super) async fn note_news(
        &self,
        fence: Option<u64>,
        changes: &[Change],
    ) -> Result<Option<Change>, Error> {
        let mut all = false;
        let mut keys = Vec::new();
        for change in changes {
            match change {
                Change::Put(RECORDS, key, _)
                | Change::Update(RECORDS, key, _)
                | Change::Delete(RECORDS, key) => keys.push(key.clone()),
                Change::DeleteAll(RECORDS, _) => all = true,
                _ => {}
            }
        }
        if keys.is_empty() && !all {
            return Ok(None);
        }
        let Some(fence) = fence else {
            // Somebody else leads and may be writing the list: everybody reads everything.
            return Ok(Some(Change::Delete(META, NEWS.into())));
        };
        let is_known = || matches!(&*self.news.borrow(), Some((under, _)) if *under == fence);
        if !is_known() {
            // Under this fence nobody else writes, so what is there stays as it is.
            let text = self.store.get(META, NEWS).await?.unwrap_or_default();
            if !is_known() {
                *self.news.borrow_mut() = Some((fence, News::from_text(&text)));
            }
        }
        let mut news = self.news.borrow_mut();
        Ok(news.as_mut().map(|(_, news)| {
            news.add(clock::uuid(), (!all).then_some(keys));
            Change::Put(META, NEWS.into(), news.to_text())
        }))
    }
}

//! A sign-out that is cut short, or that another tab keeps from removing everything.

use casement_e2e::in_chromium;
use casement_e2e::pages::{Drafts, Flow, SignIn, sign_in::SATO};

/// Notes what is put into the store in one with the first note of the sign-out.
const LISTEN_TO_THE_STORE: &str = "
    const together = new Map();
    const plain = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...what) {
      if (!together.has(this.transaction)) {
        together.set(this.transaction, []);
        this.transaction.addEventListener('complete', () => {
          const keys = together.get(this.transaction);
          if (keys.includes('left')) window.notedFirst ??= keys.join(' ');
        });
      }
      together.get(this.transaction).push(String(what[1]));
      return plain.apply(this, what);
    };";

/// Holds the databases of accounts open, as a page that sleeps does.
const HOLD_OPEN: &str = "
    for (const { name } of await indexedDB.databases()) {
      if (!name.startsWith('casement-')) continue;
      window.heldOpen = await new Promise((next) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => next(request.result);
      });
    }";

#[test]
fn fault_30_a_sign_out_is_noted_as_a_whole_and_what_is_written_after_it_stays() {
    in_chromium(async |desk| {
        desk.forgive("favicon.ico");
        let portal = desk.portal();
        let sign_in = SignIn(&portal);
        sign_in.open_as(SATO).await;
        let session = portal.session().clone();
        let first = session.window().await.expect("there is a window");
        let second = session.new_tab().await.expect("it can have two tabs");
        let there = session.switch_to_window(second.clone()).await;
        there.expect("the tab is there");
        // A page without the portal, which lets go of nothing.
        let list = format!("http://{}/assets.json", desk.backend.address());
        session
            .goto(&list)
            .await
            .expect("the list of files is there");
        portal.eval_later(HOLD_OPEN).await;
        let there = session.switch_to_window(first.clone()).await;
        there.expect("the tab is there");

        portal.eval(LISTEN_TO_THE_STORE, Vec::new()).await;
        sign_in.out().await;
        let noted = portal.eval("return window.notedFirst;", Vec::new()).await;
        let noted = noted.as_str().unwrap_or_default();

        for tab in [second, first] {
            let there = session.switch_to_window(tab).await;
            there.expect("the tab is there");
            if session.windows().await.is_ok_and(|tabs| tabs.len() > 1) {
                session.close_window().await.expect("a tab can be closed");
            }
        }
        // It could not be removed, and is to be removed at the next start; but not what is new in it.
        sign_in.as_person(SATO).await;
        Flow(&portal).describe("Written after the sign-out").await;
        portal.until_saved().await;
        portal.open("/").await;
        Drafts(&portal).open().await;
        portal.see("Written after the sign-out").await;
        assert!(
            noted.contains("wipe/casement-"),
            "noted at first: {noted:?}"
        );
    });
}

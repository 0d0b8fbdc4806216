//! What the examples beside the components are made of: a stage of its own, so that no example ever
//! touches what is kept on this device, and a text longer than anybody would wish.

use std::sync::Arc;

use crate::ui::dom::prelude::*;

use super::entitlement::example_contracts;
use crate::browser::clock;
use crate::core::case::{Account, Contact, Customer, Product, Version};
use crate::core::draft::{Draft, DraftFile};
use crate::core::policy::Policy;
use crate::core::sync::{CaseRef, Operation, Progress, What};
use crate::ui::state::{App, Records, Saved};

/// A component's states: what each is called, and its view.
pub type Examples = Vec<(&'static str, AnyView)>;

/// A text of several scripts, with a word that has no place to break.
pub const LONG: &str = "第二物流センターの端末だけで、月曜の更新後にサインインに九十秒かかります。Signing in takes \
ninety seconds since Monday’s update, on the terminals of the second logistics centre only: \
\\\\fileserver01.logistics.example\\profiles$\\a-very-long-path-without-any-place-to-break-it-0123456789-\
0123456789-0123456789 \u{1f9d1}\u{1f3fd}\u{200d}\u{1f4bb} 周一更新后登录需要九十秒。";

/// The product of the examples.
pub const PRODUCT: &str = "example";

/// The portal's handles with records and a draft of their own, and nothing to keep them in.
pub fn stage(app: App) -> App {
    let policy = policy(app);
    let records = Records {
        account: Account {
            name: "Northgate Consulting Ltd".into(),
            ..Account::default()
        },
        me: Contact {
            name: "Alex Reed".into(),
            on_contract: true,
            ..Contact::default()
        },
        customers: vec![Customer {
            name: LONG.into(),
            ..Customer::default()
        }],
        entitlements: example_contracts(clock::today()),
        products: vec![Product {
            id: PRODUCT.into(),
            name: "Example product".into(),
            versions: vec![Version {
                id: "1".into(),
                name: "1.0".into(),
                end_of_life: None,
            }],
            ..Product::default()
        }],
        arrived: true,
        ..Records::default()
    };
    App {
        runtime: StoredValue::new_local(None),
        records: RwSignal::new(Arc::new(records)),
        editor: RwSignal::new(Some(draft(&policy))),
        saved: RwSignal::new(Saved::Untouched),
        saver: StoredValue::new(Default::default()),
        ..app
    }
}

/// The policy the examples follow.
pub fn policy(app: App) -> Policy {
    app.deployment()
        .policies
        .first()
        .cloned()
        .unwrap_or_default()
}

/// A draft with a file.
pub fn draft(policy: &Policy) -> Draft {
    let mut draft = Draft::new("example", policy.id.clone(), clock::now() - 7_200_000);
    draft.files.push(file());
    draft
}

/// A file whose name looks like something else.
pub fn file() -> DraftFile {
    DraftFile {
        id: "example".into(),
        name: "<img src=x onerror=alert(1)>.log".into(),
        size: 18_200_000,
        media_type: String::new(),
        chunks: 0,
    }
}

/// A change to a case, as far as a state says.
pub fn operation(state: Progress) -> Operation {
    Operation {
        id: String::new(),
        subject: String::new(),
        created_at: clock::now(),
        what: What::EditCase {
            case: CaseRef::Known(String::new()),
            base: String::new(),
            patch: Default::default(),
        },
        state,
        attempts: 0,
        not_before: 0,
    }
}

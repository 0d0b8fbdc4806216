//! What the examples beside the components are made of: a stage of its own, so that no example ever
//! touches what is kept on this device. Its records are those of `public/gallery.json`, which nobody
//! but a visitor of the gallery pays for; `§` stands for the long text in them.

use std::sync::Arc;

use serde_json::Value;

use crate::browser::clock;
use crate::core::case::{Case, Record};
use crate::core::draft::{Draft, Recovered};
use crate::core::policy::Policy;
use crate::core::sync::Operation;
use crate::ui::dom::prelude::*;
use crate::ui::state::{App, Records, Saved};

/// A component's states: what each is called, and its view.
pub type Examples = Vec<(&'static str, AnyView)>;

/// A text of several scripts, longer than anybody would wish, with a word that has no place to break.
pub const LONG: &str = "第二物流センターの端末だけで、月曜の更新後にサインインに九十秒かかります。Signing in takes \
ninety seconds since Monday’s update, on the terminals of the second logistics centre only: \
//fileserver01.logistics.example/profiles/a-very-long-path-without-any-place-to-break-it-0123456789-\
0123456789-0123456789 cafe\u{301} 周一更新后登录需要九十秒。";

/// The id of the case of the examples.
pub const ID: &str = "example";

/// The portal's handles with records, drafts and an outbox of their own, and nothing to keep them in.
pub fn stage(app: App, data: &Value) -> App {
    let (policy, now) = (policy(app).id.clone(), clock::now());
    let mut cases: Vec<Case> = all(data);
    for case in &mut cases {
        case.policy = policy.clone();
    }
    let records = Records {
        contacts: all(data),
        customers: Arc::new(all(data)),
        entitlements: all(data),
        products: all(data),
        comments: Arc::new(all(data)),
        attachments: Arc::new(all(data)),
        cases: Arc::new(cases),
        arrived: true,
        ..Records::default()
    };
    let mut drafts: Vec<Draft> = list(data, "draft").filter_map(Draft::from_json).collect();
    for draft in &mut drafts {
        draft.policy = policy.clone();
        draft.updated_at = now;
    }
    let mut outbox: Vec<Operation> = list(data, "operation")
        .filter_map(Operation::from_json)
        .collect();
    for operation in &mut outbox {
        operation.created_at = now;
    }
    App {
        runtime: StoredValue::new_local(None),
        records: RwSignal::new(Arc::new(records)),
        editor: RwSignal::new(drafts.first().cloned()),
        drafts: RwSignal::new(Arc::new(drafts.into_iter().map(Recovered::Draft).collect())),
        outbox: RwSignal::new(Arc::new(outbox)),
        saved: RwSignal::new(Saved::Untouched),
        saver: StoredValue::new(Default::default()),
        ..app
    }
}

fn list<'a>(data: &'a Value, kind: &str) -> impl Iterator<Item = &'a Value> {
    data.get(kind)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn all<T: Record>(data: &Value) -> Vec<T> {
    list(data, T::KIND).map(T::from_json).collect()
}

/// The policy the examples follow.
pub fn policy(app: App) -> Arc<Policy> {
    let deployment = app.deployment();
    deployment.policies.first().cloned().unwrap_or_default()
}

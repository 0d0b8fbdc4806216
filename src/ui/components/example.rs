//! What the examples beside the components are made of: a stage of its own, so that no example ever
//! touches what is kept on this device. Its records are JSON, as from a backend: read by what reads
//! records anyway, they cost the bundle least.

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

/// The id of the case, the product and the file of the examples.
pub const ID: &str = "example";

/// In it, `§` stands for the long text.
const DATA: &str = r#"{
"customer":[{"id":"1","name":"§"}],
"entitlement":[
{"id":"1","name":"Priority","plan":"priority","contract_number":"40021873","status":"active","start":"2020-04-01","end":"2039-03-31","cases_total":20,"cases_remaining":17,"coverage":"24×7"},
{"id":"2","name":"Select","plan":"select","contract_number":"40017720","status":"active","start":"2020-04-01","end":"2039-03-31","serial_numbers":["4XK9TFH2NQ"]},
{"id":"3","name":"Few left","status":"active","start":"2020-04-01","end":"2039-03-31","cases_total":5,"cases_remaining":1},
{"id":"4","name":"None left","status":"active","start":"2020-04-01","end":"2039-03-31","cases_total":5,"cases_remaining":0},
{"id":"5","name":"Ended","status":"expired","start":"2020-04-01","end":"2024-03-31","cases_total":5,"cases_remaining":3},
{"id":"6","name":"Begins later","status":"active","start":"2039-04-01","end":"2040-03-31"},
{"id":"7","name":"§","contract_number":"§","status":"suspended","start":"2020-04-01","end":"2039-03-31","cases_total":20000,"cases_remaining":12000,"coverage":"§"}],
"product":[{"id":"example","name":"Example","versions":[{"id":"1","name":"1.0"}]}],
"case":[
{"id":"example","number":"81000021","status":"waiting_customer","subject":"§","severity":"2","customer_name":"§","updated_at":"2025-11-19T06:00:00Z","history":[
{"at":"2025-11-18T01:00:00Z","kind":"created","by":"Alex Reed"},
{"at":"2025-11-18T02:00:00Z","kind":"assigned","by":"system","detail":"Naoki Takahashi"},
{"at":"2025-11-18T03:00:00Z","kind":"status","by":"Naoki Takahashi","detail":"waiting_customer"},
{"at":"2025-11-19T06:00:00Z","kind":"edited","by":"Alex Reed","detail":"description, other_email"}]},
{"id":"2","number":"81000022","status":"open","subject":"Sign-in takes 90 seconds","severity":"3","updated_at":"2025-11-19T06:00:00Z"}],
"comment":[
{"id":"1","case_id":"example","author_side":"vendor","author_name":"Naoki Takahashi","body":"Please send the log.","created_at":"2025-11-18T04:00:00Z"},
{"id":"2","case_id":"example","author_side":"partner","author_name":"Alex Reed","body":"§","created_at":"2025-11-18T05:00:00Z"},
{"id":"3","case_id":"example","author_side":"system","body":"§","created_at":"2025-11-18T06:00:00Z"}],
"attachment":[{"id":"1","case_id":"example","name":"<img src=x onerror=alert(1)>.log","size":18200000,"created_at":"2025-11-18T07:00:00Z"}],
"draft":[
{"format":2,"id":"example","policy":"","revision":0,"created_at":0,"updated_at":0,"answers":{"subject":"Sign-in takes 90 seconds","customer_name":"Harbour & Vale"},"files":[{"id":"example","name":"<img src=x onerror=alert(1)>.log","size":18200000,"media_type":"","chunks":0}]},
{"format":2,"id":"example","policy":"","revision":0,"created_at":0,"updated_at":0,"answers":{}},
{"format":2,"id":"example","policy":"","revision":0,"created_at":0,"updated_at":0,"answers":{"subject":"§","customer_name":"§"},"copy_of":"1"}],
"operation":[
{"id":"1","subject":"","created_at":0,"what":{"do":"create_case","draft":"","title":"Sign-in takes 90 seconds","body":{}},"state":{"is":"needs_you","code":"invalid_fields","detail":"/subject"}},
{"id":"1","subject":"","created_at":0,"what":{"do":"create_case","draft":"","title":"§","body":{}},"state":{"is":"needs_you","detail":"§"}},
{"id":"1","subject":"","created_at":0,"what":{"do":"add_comment","case":{"known":"example"},"text":"§"},"state":{"is":"waiting"}},
{"id":"1","subject":"","created_at":0,"what":{"do":"attach","case":{"known":""},"file":{"id":"example","name":"<img src=x onerror=alert(1)>.log","size":18200000,"media_type":"","chunks":0}},"state":{"is":"sending"}},
{"id":"1","subject":"","created_at":0,"what":{"do":"edit_case","case":{"known":""},"base":"","patch":{}},"state":{"is":"done"}}]
}"#;

/// The portal's handles with records, drafts and an outbox of their own, and nothing to keep them in.
pub fn stage(app: App) -> App {
    let data: Value = serde_json::from_str(&DATA.replace('§', LONG)).unwrap_or_default();
    let (policy, now) = (policy(app).id.clone(), clock::now());
    let mut cases: Vec<Case> = all(&data);
    for case in &mut cases {
        case.policy = policy.clone();
    }
    let records = Records {
        customers: all(&data),
        entitlements: all(&data),
        products: all(&data),
        comments: all(&data),
        attachments: all(&data),
        cases,
        arrived: true,
        ..Records::default()
    };
    let mut drafts: Vec<Draft> = list(&data, "draft").filter_map(Draft::from_json).collect();
    for draft in &mut drafts {
        draft.policy = policy.clone();
        draft.updated_at = now;
    }
    let mut outbox: Vec<Operation> = list(&data, "operation")
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

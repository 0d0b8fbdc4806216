//! What the examples beside the components are made of: a stage of its own, so that no example ever
//! touches what is kept on this device, and a text longer than anybody would wish.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::ui::dom::prelude::*;

use super::entitlement::example_contracts;
use crate::browser::clock;
use crate::core::case::{
    Account, Attachment, Case, Comment, Contact, Customer, Happening, Product, Version,
};
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
0123456789-0123456789 cafe\u{301} 周一更新后登录需要九十秒。";

/// The product of the examples.
pub const PRODUCT: &str = "example";

/// The case of the examples.
pub const CASE: &str = "example";

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
        cases: vec![case(&policy)],
        comments: comments(),
        attachments: vec![Attachment {
            case_id: CASE.into(),
            name: file().name,
            size: file().size,
            created_at: ago(1),
            ..Attachment::default()
        }],
        arrived: true,
        ..Records::default()
    };
    let comment = Operation {
        what: What::AddComment {
            case: CaseRef::Known(CASE.into()),
            text: LONG.into(),
        },
        ..operation(Progress::Waiting)
    };
    App {
        runtime: StoredValue::new_local(None),
        records: RwSignal::new(Arc::new(records)),
        outbox: RwSignal::new(Arc::new(vec![comment])),
        editor: RwSignal::new(Some(draft(&policy))),
        saved: RwSignal::new(Saved::Untouched),
        saver: StoredValue::new(Default::default()),
        ..app
    }
}

/// The policy the examples follow.
pub fn policy(app: App) -> Arc<Policy> {
    app.deployment()
        .policies
        .first()
        .cloned()
        .unwrap_or_default()
}

fn ago(hours: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(clock::now() - hours * 3_600_000)
}

/// A case on which everything has happened once.
pub fn case(policy: &Policy) -> Case {
    let happened = [
        ("created", "Alex Reed", ""),
        ("assigned", "system", "Naoki Takahashi"),
        ("status", "Naoki Takahashi", "waiting_customer"),
        ("edited", "Alex Reed", "description, other_email"),
    ];
    Case {
        id: CASE.into(),
        policy: policy.id.clone(),
        number: "81000021".into(),
        status: "waiting_customer".into(),
        subject: LONG.into(),
        severity: policy.severities.get(1).map_or("", |one| &one.id).into(),
        customer_name: LONG.into(),
        updated_at: ago(2),
        history: happened
            .map(|(kind, by, detail)| Happening {
                at: ago(6),
                kind: kind.into(),
                by: by.into(),
                detail: detail.into(),
            })
            .into(),
        ..Case::default()
    }
}

fn comments() -> Vec<Comment> {
    let said = [
        ("vendor", "Naoki Takahashi", "Please send the log."),
        ("partner", "Alex Reed", LONG),
        ("system", "", "The case is with the next level."),
    ];
    said.map(|(side, author, body)| Comment {
        case_id: CASE.into(),
        side: side.into(),
        author: author.into(),
        body: body.into(),
        created_at: ago(3),
        ..Comment::default()
    })
    .into()
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

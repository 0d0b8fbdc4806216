//! Asks for the activation of a contract (MPT-18).

use serde_json::{Value, json};

use super::add_comment::enqueue;
use crate::core::case::Entitlement;
use crate::core::sync::{ACTIVATE, What};
use crate::ui::components::comment_box::tell;
use crate::ui::state::App;

/// Asks for it; the backend knows whose role allows it.
pub fn activate(app: App, contract: &Entitlement) {
    let what = What::Act {
        on: None,
        action: ACTIVATE.into(),
        title: app
            .words_now()
            .with("activate.asked", &[("name", &contract.name)]),
        body: json!({ "entitlement_id": contract.id }),
        before: Value::Null,
    };
    enqueue(app, what, move |worked| {
        if worked {
            tell(app, "asked.on_its_way");
        }
    });
}

//! Buys an offer (MPT-14) at the price that was shown: another price is refused and shown anew.

use serde_json::{Value, json};

use super::add_comment::enqueue;
use crate::core::case::Offer;
use crate::core::sync::{BUY, What};
use crate::ui::components::comment_box::tell;
use crate::ui::state::App;

/// Asks for the purchase; the payment itself is the backend's.
pub fn buy(app: App, offer: &Offer) {
    let what = What::Act {
        on: None,
        action: BUY.into(),
        title: app.words_now().with("buy.asked", &[("name", &offer.name)]),
        body: json!({
            "offer_id": offer.id,
            "price": offer.price,
            "currency": offer.currency,
        }),
        before: Value::Null,
    };
    enqueue(app, what, move |worked| {
        if worked {
            tell(app, "asked.on_its_way");
        }
    });
}

//! Incidents that can be bought (MPT-14): price, currency and expiry are shown and confirmed before
//! anything is asked of the backend, which does the payment.

use chrono::Months;
use leptos::ev;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    article, b, button, dd, dialog as dialog_element, div, dl, dt, h2, h3, p, section,
};

use crate::browser::clock;
use crate::core::case::Offer;
use crate::core::facts::holds_before;
use crate::core::policy::Policy;
use crate::core::sync::BUY;
use crate::ui::actions::buy_incident::buy;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::state::{App, Words};

/// What is offered to the account under each policy that sells.
pub(super) fn offers(app: App, words: &Words) -> AnyView {
    let chosen = RwSignal::new(None::<Offer>);
    let offers = Memo::new(move |_| app.records.with(|records| records.offers.clone()));
    let (list_words, dialog_words) = (words.clone(), words.clone());
    let lists = move || {
        let offers = offers.get();
        let policies = app.chosen_policies().into_iter();
        let views = policies.filter_map(|policy| {
            let own = offers.iter().filter(|offer| offer.policy == policy.id);
            let own: Vec<&Offer> = own.collect();
            let takes = app.deployment().profile.can("entitlement", BUY);
            (takes && policy.purchase.is_some() && !own.is_empty())
                .then(|| of_policy(app, &list_words, &policy, &own, chosen))
        });
        views.collect::<Vec<_>>()
    };
    let dialog = move || {
        chosen
            .get()
            .map(|offer| confirmation(app, &dialog_words, offer, chosen))
    };
    (lists, dialog).into_any()
}

fn of_policy(
    app: App,
    words: &Words,
    policy: &Policy,
    offers: &[&Offer],
    chosen: RwSignal<Option<Offer>>,
) -> AnyView {
    let Some(purchase) = &policy.purchase else {
        return ().into_any();
    };
    let lang = words.lang();
    let allowed = app.with_world(&policy.id, |world| holds_before(world, &purchase.needs));
    let refusal = (allowed != Some(true)).then(|| {
        let reason = policy.reason(&purchase.needs_reason);
        let (text, remedy) = match reason {
            Some(reason) => (reason.text.get(lang), reason.remedy.get(lang)),
            None => ("", ""),
        };
        notice(
            Tone::Warning,
            text.to_string(),
            p().child(remedy.to_string()),
        )
    });
    let can_buy = refusal.is_none();
    let cards: Vec<_> = offers
        .iter()
        .map(|offer| card(words, offer, can_buy, chosen))
        .collect();
    let advice = purchase.advice.as_ref();
    section()
        .class("section")
        .attr("aria-labelledby", "offers")
        .child((
            h2().id("offers").child(words.t("buy.title")),
            p().class("muted")
                .child(purchase.intro.get(lang).to_string()),
            advice.map(|advice| p().class("small muted").child(advice.get(lang).to_string())),
            refusal,
            div().class("cols").child(cards),
        ))
        .into_any()
}

fn price(words: &Words, offer: &Offer) -> String {
    let amount = clock::money(words.lang(), &offer.price, &offer.currency);
    // A sign such as $ is the sign of many currencies.
    format!("{amount} ({})", offer.currency)
}

fn card(words: &Words, offer: &Offer, can_buy: bool, chosen: RwSignal<Option<Offer>>) -> AnyView {
    let choice = offer.clone();
    let go = can_buy.then(|| {
        button()
            .class("btn btn-s")
            .attr("type", "button")
            .on(ev::click, move |_| chosen.set(Some(choice.clone())))
            .child(words.t("buy.choose"))
    });
    article()
        .class("ent")
        .child((
            h3().class("ent-name").child(offer.name.clone()),
            p().class("ent-left").child(b().child(price(words, offer))),
            p().class("small muted").child((
                words.count("buy.incidents", offer.incidents),
                " · ",
                words.count("buy.months", offer.valid_months),
            )),
            go,
        ))
        .into_any()
}

/// What is bought, for how much, until when, once more and in full, before it is charged.
fn confirmation(app: App, words: &Words, offer: Offer, chosen: RwSignal<Option<Offer>>) -> AnyView {
    let place = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = place.get() {
            // It stands in the page and was just made, so it can be opened.
            let _ = dialog.show_modal();
        }
    });
    on_cleanup(move || {
        if let Some(dialog) = place.try_get_untracked().flatten() {
            dialog.close();
        }
    });
    let policy = app.policy(&offer.policy);
    let purchase = policy.as_ref().and_then(|policy| policy.purchase.as_ref());
    let immediate = purchase.map(|purchase| {
        notice(
            Tone::Warning,
            words.t("buy.at_once"),
            p().child(purchase.immediate.get(words.lang()).to_string()),
        )
    });
    let months = Months::new(u32::try_from(offer.valid_months).unwrap_or(0));
    let end = clock::today().checked_add_months(months);
    let end = end.map_or_else(String::new, |end| clock::date(words.lang(), end));
    let fact =
        |key: &str, value: String| div().child((dt().child(words.t(key)), dd().child(value)));
    let bought = offer.clone();
    dialog_element()
        .class("dialog")
        .node_ref(place)
        .attr("aria-labelledby", "buy-title")
        .on(ev::close, move |_| {
            chosen.try_set(None);
        })
        .child((
            h2().id("buy-title").child(words.t("buy.confirm")),
            dl().class("facts").child((
                fact("buy.what", offer.name.clone()),
                fact("buy.price", price(words, &offer)),
                fact("buy.count", clock::number(words.lang(), offer.incidents)),
                fact("buy.until", end),
            )),
            immediate,
            div().class("actions").child((
                button()
                    .class("btn btn-primary")
                    .attr("type", "button")
                    .on(ev::click, move |_| {
                        buy(app, &bought);
                        chosen.set(None);
                    })
                    .child(words.with("buy.go", &[("price", &price(words, &offer))])),
                button()
                    .class("btn")
                    .attr("type", "button")
                    .on(ev::click, move |_| chosen.set(None))
                    .child(words.t("buy.no")),
            )),
        ))
        .into_any()
}

//! Answers to choose: options with what follows from each, regions with their hours, something to
//! agree to.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, input, label, p, span};
use leptos::ev;

use super::Place;
use crate::core::entitlement::why;
use crate::core::flow::offers;
use crate::core::policy::{Choice, Region, name_of};
use crate::ui::components::icon::icon;
use crate::ui::components::status::tag;

/// Radio cards of options; what can't be chosen now says why (MPC-09, MPT-04).
pub(super) fn options_field(place: Place, options: Vec<Choice>) -> AnyView {
    let (app, field) = (place.app, place.field.clone());
    // An option by its place, with the code of the reason for which it can't be chosen.
    let offered = {
        let options = options.clone();
        Memo::new(move |_| {
            app.with_editor(|world, draft| {
                let offers = offers(world, draft, &field);
                let place_of = |id: &str| options.iter().position(|one| one.id == id);
                offers
                    .iter()
                    .filter_map(|offer| {
                        Some((place_of(&offer.choice.id)?, offer.reason.map(String::from)))
                    })
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
        })
    };
    let inner = place.clone();
    let cards = keyed(
        move || offered.get(),
        move |(index, reason): &(usize, Option<String>)| match options.get(*index) {
            Some(option) => option_card(&inner, option, *index == 0, reason.as_deref()),
            None => ().into_any(),
        },
    );
    place.group(cards, false)
}

fn option_card(place: &Place, one: &Choice, first: bool, reason: Option<&str>) -> AnyView {
    let lang = place.words.lang();
    let title = span()
        .class("choice-title")
        .child(one.name.get(lang).to_string());
    let help = one.help.as_ref().map(|help| {
        span()
            .class("choice-text")
            .child(help.get(lang).to_string())
    });
    let Some(code) = reason else {
        let body = span().class("choice-body").child((title, help));
        return label()
            .class("choice")
            .child((place.radio(&one.id, first), body))
            .into_any();
    };
    let note = why(&place.policy, "", code).map(|reason| {
        let text = format!("{} {}", reason.text.get(lang), reason.remedy.get(lang));
        span()
            .class("choice-note")
            .child((icon("info"), span().child(text)))
    });
    div()
        .class("choice choice-no")
        .child((
            icon("circle-slash"),
            span().class("choice-body").child((title, help, note)),
        ))
        .into_any()
}

/// Radio cards of regions, each with its hours and languages; the account's own is proposed
/// (MPT-15).
pub(super) fn region_field(place: Place) -> AnyView {
    let country = place
        .app
        .records
        .with_untracked(|records| records.account.country.clone());
    let regions = place.policy.regions.iter().enumerate();
    let cards: Vec<AnyView> = regions
        .map(|(index, region)| region_card(&place, region, index == 0, &country))
        .collect();
    place.group(cards, false)
}

fn region_card(place: &Place, region: &Region, first: bool, country: &str) -> AnyView {
    let (words, lang) = (&place.words, place.words.lang());
    let proposed = region.countries.iter().any(|one| one == country);
    let proposed = proposed.then(|| tag("m-accent", "check", words.t("region.proposed")));
    let spoken: Vec<String> = region
        .languages
        .iter()
        .map(
            |id| match place.policy.languages.iter().any(|one| one.id == *id) {
                true => name_of(&place.policy.languages, id, lang).to_string(),
                false => crate::browser::clock::language_name(lang, id),
            },
        )
        .collect();
    let spoken = (!spoken.is_empty()).then(|| {
        let text = words.with("region.languages", &[("list", &spoken.join(", "))]);
        span().class("choice-text").child(text)
    });
    let note = region.note.as_ref().map(|note| {
        span()
            .class("choice-note")
            .child((icon("info"), span().child(note.get(lang).to_string())))
    });
    label()
        .class("choice")
        .child((
            place.radio(&region.id, first),
            span().class("choice-body").child((
                span().class("choice-title").child((
                    region.name.get(lang).to_string(),
                    " ",
                    proposed,
                )),
                span()
                    .class("choice-text")
                    .child(region.hours.get(lang).to_string()),
                spoken,
                note,
            )),
        ))
        .into_any()
}

/// Something to agree to.
pub(super) fn confirm_field(place: Place) -> AnyView {
    let value = place.value;
    let setter = place.clone();
    let hint = place.field.help.as_ref().map(|help| {
        p().class("hint")
            .id(format!("{}-hint", place.id))
            .child(help.get(place.words.lang()).to_string())
    });
    div()
        .class(place.class())
        .child((
            place.error_line(),
            label()
                .class("check")
                .attr("data-field", place.id.clone())
                .child((
                    input()
                        .attr("type", "checkbox")
                        .id(place.id.clone())
                        .attr("aria-required", place.required())
                        .attr("aria-invalid", place.invalid())
                        .attr("aria-describedby", place.described_by(false))
                        .prop("checked", move || value.with(|value| value == "yes"))
                        .on(ev::change, move |_| {
                            let ticked = setter.value.with_untracked(|value| value == "yes");
                            setter.choose(if ticked { "" } else { "yes" }.into());
                        }),
                    span().child(place.label_text()),
                )),
            hint,
        ))
        .into_any()
}

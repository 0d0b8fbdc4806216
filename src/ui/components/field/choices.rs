//! Answers to choose: options with what follows from each, regions with their hours, something to
//! agree to.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, input, label, option, p, select, span};
use leptos::ev;

use super::Place;
use crate::core::entitlement::why;
use crate::core::flow::offers;
use crate::core::policy::{Choice, Region, name_of};
use crate::ui::components::icon::icon;
use crate::ui::components::status::tag;

/// So many are shown as cards; of more, a list shows the chosen one.
const CARDS: usize = 8;

/// Radio cards of options; what can't be chosen now says why (MPC-09, MPT-04).
pub(super) fn options_field(place: Place, options: Vec<Choice>) -> AnyView {
    if options.len() > CARDS && options.iter().all(|one| one.when.is_empty()) {
        let entries = options.iter().map(|one| {
            let lang = place.words.lang();
            let name = one.name.get(lang).to_string();
            let help = one.help.as_ref().map(|help| help.get(lang).to_string());
            Entry {
                id: one.id.clone(),
                name,
                tag: None,
                lines: help.into_iter().collect(),
                note: None,
            }
        });
        let entries = entries.collect();
        return list_field(place, entries);
    }
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

/// Something to choose, with what belongs to it.
struct Entry {
    id: String,
    name: String,
    tag: Option<String>,
    lines: Vec<String>,
    note: Option<String>,
}

impl Entry {
    /// What follows from choosing it.
    fn consequence(&self) -> AnyView {
        let line = |text: &String| span().class("choice-text").child(text.clone());
        let lines: Vec<_> = self.lines.iter().map(line).collect();
        let note = self.note.as_ref().map(|note| {
            span()
                .class("choice-note")
                .child((icon("info"), span().child(note.clone())))
        });
        (lines, note).into_any()
    }

    fn tag(&self) -> Option<AnyView> {
        let word = self.tag.clone()?;
        Some(tag("m-accent", "check", word))
    }
}

/// Regions, each with its hours and languages; the account's own is proposed (MPT-15).
pub(super) fn region_field(place: Place) -> AnyView {
    let country = place
        .app
        .records
        .with_untracked(|records| records.account.country.clone());
    let regions = place.policy.regions.iter();
    let entries: Vec<Entry> = regions.map(|one| region(&place, one, &country)).collect();
    if entries.len() > CARDS {
        return list_field(place, entries);
    }
    let cards = entries.iter().enumerate().map(|(index, one)| {
        let title = span()
            .class("choice-title")
            .child((one.name.clone(), " ", one.tag()));
        label().class("choice").child((
            place.radio(&one.id, index == 0),
            span()
                .class("choice-body")
                .child((title, one.consequence())),
        ))
    });
    let cards = cards.collect_view();
    place.group(cards, false)
}

fn region(place: &Place, region: &Region, country: &str) -> Entry {
    let (words, lang) = (&place.words, place.words.lang());
    let languages = &place.policy.languages;
    let spoken: Vec<String> = region
        .languages
        .iter()
        .map(|id| match languages.iter().any(|one| one.id == *id) {
            true => name_of(languages, id, lang).to_string(),
            false => crate::browser::clock::language_name(lang, id),
        })
        .collect();
    let mut lines = vec![region.hours.get(lang).to_string()];
    if !spoken.is_empty() {
        lines.push(words.with("region.languages", &[("list", &spoken.join(", "))]));
    }
    let proposed = region.countries.iter().any(|one| one == country);
    Entry {
        id: region.id.clone(),
        name: region.name.get(lang).to_string(),
        tag: proposed.then(|| words.t("region.proposed")),
        lines,
        note: region.note.as_ref().map(|note| note.get(lang).to_string()),
    }
}

/// A list to choose from, with what follows from the chosen one beneath it.
fn list_field(place: Place, entries: Vec<Entry>) -> AnyView {
    let value = place.value;
    let setter = place.clone();
    let first = option()
        .attr("value", "")
        .prop("selected", value.get_untracked().is_empty())
        .child(place.words.t("field.choose"));
    let options: Vec<_> = entries
        .iter()
        .map(|one| {
            let own = one.id.clone();
            let name = match &one.tag {
                Some(tag) => format!("{} – {tag}", one.name),
                None => one.name.clone(),
            };
            option()
                .attr("value", one.id.clone())
                .prop("selected", move || value.with(|value| *value == own))
                .child(name)
        })
        .collect();
    let chosen = move || {
        let id = value.get();
        let one = entries.iter().find(|one| one.id == id)?;
        Some((one.tag(), one.consequence()))
    };
    div()
        .class(place.class())
        .child((
            label()
                .class("label")
                .attr("for", place.id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            span().class("select-box").child(
                select()
                    .class("select")
                    .id(place.id.clone())
                    .attr("aria-required", place.required())
                    .attr("aria-invalid", place.invalid())
                    .attr("aria-describedby", place.described_by(false))
                    .on(ev::change, move |event| {
                        setter.choose(event_target_value(&event));
                    })
                    .child((first, options)),
            ),
            div()
                .class("consequence")
                .attr("role", "status")
                .child(chosen),
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

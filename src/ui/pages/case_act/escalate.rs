//! Bringing a case before the management (CSF-13): what is asked for, and the ways to do it with the
//! time in which each is answered. Whichever way is taken, it is noted on the case, so that its
//! clock runs.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::form::{self, Ask, Kind, Offer, all_kept, answer, kept};
use super::{Ground, buttons_saying, said};
use crate::browser::clock;
use crate::core::policy::Policy;
use crate::core::policy::life::Channel;
use crate::core::route::encode;
use crate::ui::actions::ask_on_case::ask;
use crate::ui::components::copy::copy_button;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, div, h2, li, p, section, span, ul};
use crate::ui::state::{App, Words};

/// The answers that a backend has a place for; everything else goes into the summary.
const OWN: [&str; 3] = ["business_impact", "summary", "contact"];

pub(super) fn form(ground: &Ground) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let policy = ground.policy.clone();
    let Some(escalate) = &policy.life.escalate else {
        return ().into_any();
    };
    let lang = words.lang().to_string();
    let mut asks: Vec<Ask> = Vec::new();
    // The number of the case is known; nobody is asked for it.
    let open = escalate.asks.iter().filter(|one| one.id != "case_number");
    for one in open {
        let first = match one.id.as_str() {
            "business_impact" => case.business_impact.as_str(),
            _ => "",
        };
        let key = OWN.into_iter().find(|own| *own == one.id).unwrap_or("more");
        asks.push(Ask {
            key,
            label: one.label.get(&lang).into(),
            hint: String::new(),
            required: one.required,
            kind: if key == "contact" {
                Kind::Line("text")
            } else {
                Kind::Text
            },
            kept: kept(app, &case.id, "escalate", &one.id, first),
        });
    }
    let channel = kept(app, &case.id, "escalate", "channel", "");
    asks.push(Ask {
        key: "channel",
        label: words.t("act.escalate.way"),
        hint: String::new(),
        required: true,
        kind: Kind::Choice(
            escalate
                .channels
                .iter()
                .map(|one| offer(&lang, one))
                .collect(),
        ),
        kept: channel,
    });
    let asks = Rc::new(asks);
    let chosen = {
        let policy = policy.clone();
        move || {
            let id = channel.text.get();
            let channels = &policy.life.escalate.as_ref()?.channels;
            let place = channels.iter().position(|one| one.id == id)?;
            Some((policy.clone(), place))
        }
    };
    let kind_of = {
        let chosen = chosen.clone();
        Memo::new(move |_| chosen().and_then(|(policy, place)| kind(&policy, place)))
    };
    let help = {
        let (words, asks, number) = (words.clone(), asks.clone(), case.number.clone());
        let subject = case.subject.clone();
        move || {
            let (policy, place) = chosen()?;
            let channel = policy.life.escalate.as_ref()?.channels.get(place)?;
            match channel.kind.as_str() {
                "phone" => Some(by_phone(&words, &policy, channel)),
                "mail" => {
                    let text = mail_text(&words, &policy, &asks, &number);
                    let subject = format!("[{number}] {subject}");
                    Some(by_mail(app, &words, channel, &subject, text))
                }
                _ => None,
            }
        }
    };
    let go_words = words.clone();
    let go = move || {
        let key = match kind_of.get().as_deref() {
            Some("phone") => "act.escalate.called",
            Some("mail") => "act.escalate.mailed",
            _ => "act.escalate.go",
        };
        go_words.t(key)
    };
    let actions = buttons_saying(ground, go);
    let (id, title) = (case.id.clone(), words.t("act.escalate.asked"));
    let form = form::view(words, asks, help, actions, move |asks| {
        let body = body(asks);
        ask(app, &id, "escalate", title.clone(), body, all_kept(asks));
    });
    let before = case.escalation.as_ref().map(|before| {
        let channels = escalate.channels.iter();
        let name = channels.clone().find(|one| one.id == before.channel);
        let name = name.map_or("", |one| one.name.get(&lang));
        let at = clock::record_time(&lang, before.at);
        let text = words.with("act.escalate.before", &[("way", name), ("at", &at)]);
        notice(Tone::Info, text, ())
    });
    (said(escalate.intro.get(&lang)), before, form).into_any()
}

fn kind(policy: &Policy, place: usize) -> Option<String> {
    let channels = &policy.life.escalate.as_ref()?.channels;
    Some(channels.get(place)?.kind.clone())
}

fn offer(lang: &str, channel: &Channel) -> Offer {
    Offer {
        id: channel.id.clone(),
        name: channel.name.get(lang).into(),
        help: format!("{}\n{}", channel.answer.get(lang), channel.when.get(lang)),
        refused: None,
    }
}

/// Only what was answered, each where the backend expects it.
fn body(asks: &[Ask]) -> Value {
    let mut body = Map::new();
    for key in ["channel", "business_impact", "contact"] {
        let text = answer(asks, key);
        if !text.is_empty() {
            body.insert(key.into(), text.into());
        }
    }
    let more = asks.iter().filter(|one| one.key == "more");
    let more = more
        .map(|one| (one.label.clone(), one.answer()))
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| format!("\n\n■ {label}\n{text}"));
    let summary = answer(asks, "summary") + &more.collect::<String>();
    body.insert("summary".into(), summary.into());
    Value::Object(body)
}

/// All asks with their answers as the text of a mail; follows what is typed.
fn mail_text(words: &Words, policy: &Policy, asks: &[Ask], number: &str) -> String {
    let lang = words.lang();
    let escalate = policy.life.escalate.as_ref();
    let labels = escalate.map(|escalate| escalate.asks.as_slice());
    let number_label = labels
        .into_iter()
        .flatten()
        .find(|one| one.id == "case_number")
        .map_or_else(|| words.t("case.number"), |one| one.label.get(lang).into());
    let mut text = format!("■ {number_label}\n{number}\n\n");
    for one in asks.iter().filter(|one| one.key != "channel") {
        let answer = one.kept.text.get();
        if !answer.trim().is_empty() {
            text += &format!("■ {}\n{}\n\n", one.label, answer.trim());
        }
    }
    text.trim_end().into()
}

fn by_phone(words: &Words, policy: &Policy, channel: &Channel) -> AnyView {
    let lang = words.lang();
    let own = channel
        .target
        .iter()
        .map(|number| (number.clone(), String::new()));
    let of_regions = policy.regions.iter().flat_map(|region| {
        let name = region.name.get(lang);
        let phones = region.phones.iter();
        phones.map(move |(number, label)| (number.clone(), format!("{name} · {}", label.get(lang))))
    });
    let numbers: Vec<(String, String)> = match channel.target {
        Some(_) => own.collect(),
        None => of_regions.collect(),
    };
    let rows: Vec<_> = numbers
        .into_iter()
        .map(|(number, label)| {
            let plain: String = number.chars().filter(|c| !c.is_whitespace()).collect();
            li().child((
                a().href(format!("tel:{plain}"))
                    .child((icon("phone"), number)),
                " ",
                span().class("small muted").child(label),
            ))
        })
        .collect();
    section()
        .class("card section")
        .child((
            h2().class("label").child(words.t("act.escalate.call")),
            ul().class("stack-s").child(rows),
            p().class("small muted")
                .child(words.t("act.escalate.then_note")),
        ))
        .into_any()
}

fn by_mail(app: App, words: &Words, channel: &Channel, subject: &str, text: String) -> AnyView {
    let address = channel.target.clone().unwrap_or_default();
    let href = format!(
        "mailto:{address}?subject={}&body={}",
        encode(subject),
        encode(&text)
    );
    let name = words.t("act.escalate.text");
    let to = (!address.is_empty()).then(|| p().child(address));
    section()
        .class("card section")
        .child((
            h2().class("label").child(words.t("act.escalate.mail")),
            to,
            p().class("plain request-text").child(text.clone()),
            div().class("inline").child((
                copy_button(app, words, &name, text),
                a().class("copy")
                    .href(href)
                    .child((icon("mail"), words.t("guard.mail"))),
            )),
            p().class("small muted")
                .child(words.t("act.escalate.then_note")),
        ))
        .into_any()
}

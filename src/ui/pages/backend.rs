//! For whoever connects a backend: what is wrong in a profile, what the portal does without at it,
//! what recorded answers come to, and what the backend itself answers. The first part of it runs as
//! `cargo xtask check-profile`, too.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    b, button, code, div, h2, label, li, option, p, section, select, span, textarea, ul,
};
use leptos::ev;

use crate::browser::files::pick::Picked;
use crate::browser::{clock, page};
use crate::core::profile::Profile;
use crate::core::profile::advice::{
    Examined, Limit, Seen, examine_text, problems_of_record, replay,
};
use crate::core::profile::live::{Finding, Level, findings as judged};
use crate::core::profile::trial::{Tried, proposed};
use crate::core::reader::Problem;
use crate::ui::actions::check_backend;
use crate::ui::components::file_drop::{FileDrop, file_drop};
use crate::ui::components::findings::findings;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Words};

/// Most problems of records that are shown; more say nothing new.
const MOST: usize = 20;

/// What came of a profile.
#[derive(Clone, Default)]
struct Checked {
    name: String,
    profile: Option<Profile>,
    mistakes: Vec<Problem>,
    advice: Vec<Problem>,
    limits: Vec<Limit>,
}

/// What came of answers, of the backend or recorded.
#[derive(Clone)]
enum Answered {
    Asking,
    Live(Vec<Finding>, Vec<Problem>),
    Recorded(Vec<Seen>),
}

#[derive(Clone, Copy)]
struct State {
    app: App,
    checked: RwSignal<Option<Checked>>,
    answered: RwSignal<Option<Answered>>,
    unreadable: RwSignal<Option<String>>,
    /// The profiles that lie beside the deployment's: id and name.
    listed: RwSignal<Vec<(String, String)>>,
    pasted: RwSignal<String>,
    tried: RwSignal<Option<Trying>>,
}

/// A trial with a test case.
#[derive(Clone)]
enum Trying {
    UnderWay,
    NoJson,
    Done(Tried),
}

/// The page.
pub(super) fn page(app: App) -> AnyView {
    let words = app.words_now();
    let state = State {
        app,
        checked: RwSignal::new(None),
        answered: RwSignal::new(None),
        unreadable: RwSignal::new(None),
        listed: RwSignal::new(Vec::new()),
        pasted: RwSignal::new(String::new()),
        tried: RwSignal::new(None),
    };
    own(state);
    check_backend::list(app, move |listed| {
        state.listed.try_set(listed);
    });
    let told = {
        let words = words.clone();
        move || {
            let unreadable = state.unreadable.get();
            let unreadable = unreadable.map(|file| could_not_read(&words, &file));
            let checked = state.checked.get();
            (unreadable, checked.map(|one| outcome(state, &words, &one)))
        }
    };
    let answers = {
        let words = words.clone();
        move || state.answered.get().map(|one| answers(&words, &one))
    };
    let words = words.clone();
    div()
        .class("page")
        .child((
            page_head(words.t("backend.title"), words.t("backend.lede")),
            chooser(state, &words),
            div().attr("role", "status").class("stack").child(told),
            div().attr("role", "status").class("stack").child(answers),
            {
                let words = words.clone();
                move || {
                    state
                        .checked
                        .get()
                        .and_then(|one| trial(state, &words, one.profile?))
                }
            },
            div()
                .attr("role", "status")
                .class("stack")
                .child(move || state.tried.get().map(|one| tried(&words, &one))),
        ))
        .into_any()
}

/// The portal's own profile, with which the page begins.
fn own(state: State) {
    let deployment = state.app.deployment();
    let name = format!("{}.json", deployment.portal.backend);
    examined(state, name, &deployment.profile.json().to_string());
}

fn examined(state: State, name: String, text: &str) {
    let portal = state.app.deployment().portal.clone();
    let Examined {
        profile,
        problems: mistakes,
        advice,
        limits,
    } = examine_text(text, &state.app.api(), Some(&portal.origins));
    state.answered.set(None);
    state.tried.set(None);
    state.checked.set(Some(Checked {
        name,
        profile,
        mistakes,
        advice,
        limits,
    }));
}

/// Takes a file: recorded answers for the profile at hand, or another profile.
fn take(state: State, name: String, text: Option<String>) {
    state.unreadable.set(None);
    let Some(text) = text else {
        state.unreadable.set(Some(name));
        return;
    };
    let json = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
    if json.get("runs").is_none() {
        return examined(state, name, &text);
    }
    let profile = state
        .checked
        .with_untracked(|one| one.as_ref()?.profile.clone());
    if let Some(profile) = profile {
        let seen = replay(&profile, &json, clock::now());
        state.answered.set(Some(Answered::Recorded(seen)));
    }
}

fn chooser(state: State, words: &Words) -> AnyView {
    let taken = move |files: Vec<Picked>| {
        let Some(Picked { file, .. }) = files.into_iter().next() else {
            return;
        };
        let name = file.name();
        check_backend::read(file, move |text| take(state, name, text));
    };
    let head = span().class("label").id("backend-file");
    let place = FileDrop {
        id: "backend-choose".into(),
        label: "backend-file".into(),
        choose: words.t("policy.choose"),
        or_drop: words.t("policy.or_drop"),
        limits: words.t("backend.recorded_help"),
        accept: ".json,application/json",
        folder: None,
    };
    div()
        .class("stack")
        .child((
            listed(state, words),
            div()
                .class("field")
                .child((head.child(words.t("backend.file")), file_drop(place, taken))),
            paste(state, words),
        ))
        .into_any()
}

/// The profiles of the deployment, of which one is the portal's own.
fn listed(state: State, words: &Words) -> AnyView {
    let own = state.app.deployment().portal.backend.clone();
    let words = words.clone();
    let shown = move || {
        let all = state.listed.get();
        let entries: Vec<_> = all
            .iter()
            .map(|(id, name)| {
                let name = match *id == own {
                    true => words.with("backend.own", &[("name", name)]),
                    false => name.clone(),
                };
                option()
                    .attr("value", id.clone())
                    .prop("selected", *id == own)
                    .child(name)
            })
            .collect();
        let choose = move |event| {
            let id = event_target_value(&event);
            check_backend::load(state.app, id, move |name, text| take(state, name, text));
        };
        (!all.is_empty()).then(|| {
            div().class("field").child((
                label()
                    .class("label")
                    .attr("for", "backend-listed")
                    .child(words.t("backend.listed")),
                span().class("select-box").child(
                    select()
                        .class("select")
                        .id("backend-listed")
                        .on(ev::change, choose)
                        .child(entries),
                ),
            ))
        })
    };
    shown.into_any()
}

/// A profile, or recorded answers, as text.
fn paste(state: State, words: &Words) -> AnyView {
    let name = words.t("backend.pasted");
    let check = move |_| {
        let text = state.pasted.get_untracked();
        if !text.trim().is_empty() {
            take(state, name.clone(), Some(text));
        }
    };
    div()
        .class("field")
        .child((
            label()
                .class("label")
                .attr("for", "backend-paste")
                .child(words.t("backend.paste")),
            textarea()
                .class("textarea textarea-s")
                .id("backend-paste")
                .attr("rows", "4")
                .attr("spellcheck", "false")
                .attr("autocomplete", "off")
                .on(ev::input, move |event| {
                    state.pasted.set(event_target_value(&event))
                }),
            div().class("actions").child(
                button()
                    .class("btn")
                    .attr("type", "button")
                    .on(ev::click, check)
                    .child(words.t("backend.check_pasted")),
            ),
        ))
        .into_any()
}

fn could_not_read(words: &Words, file: &str) -> AnyView {
    let title = words.with("policy.unreadable", &[("file", file)]);
    notice(
        Tone::Danger,
        title,
        p().child(words.t("policy.unreadable_help")),
    )
}

fn outcome(state: State, words: &Words, checked: &Checked) -> AnyView {
    let file = [("file", checked.name.as_str())];
    let (tone, title) = match checked.mistakes.len() {
        0 => (Tone::Success, words.with("policy.fine", &file)),
        _ => (Tone::Danger, words.with("policy.mistaken", &file)),
    };
    let ask = checked
        .profile
        .clone()
        .map(|profile| ask(state, words, profile));
    let limits = (!checked.limits.is_empty()).then(|| limits(words, &checked.limits));
    div()
        .class("stack")
        .child((
            notice(tone, title, ask),
            part(
                words.count("policy.mistakes", checked.mistakes.len() as u64),
                &checked.mistakes,
            ),
            part(
                words.count("policy.advice", checked.advice.len() as u64),
                &checked.advice,
            ),
            limits,
            checked
                .profile
                .as_ref()
                .and_then(|profile| about(words, profile)),
        ))
        .into_any()
}

/// What its author says of it: what was tried and what was not, and what it can't do.
fn about(words: &Words, profile: &Profile) -> Option<AnyView> {
    let about = profile.json().get("about")?;
    let parts: Vec<_> = ["tried", "untried", "cannot"]
        .into_iter()
        .filter_map(|key| {
            let all = about.get(key)?.as_array()?;
            let rows: Vec<_> = all.iter().map(|one| said_by(words, one)).collect();
            (!rows.is_empty()).then(|| {
                (
                    p().child(b().child(words.t(&format!("backend_about.{key}")))),
                    ul().class("stack").child(rows),
                )
            })
        })
        .collect();
    let title = h2().child(words.t("backend.about"));
    (!parts.is_empty()).then(|| section().class("section").child((title, parts)).into_any())
}

/// A sentence of the author: English, or one in each of several languages.
fn said_by(words: &Words, one: &serde_json::Value) -> AnyView {
    let (lang, own) = match one.get(words.lang()) {
        Some(own) => (None, own),
        None => (Some("en"), one.get("en").unwrap_or(one)),
    };
    li().attr("lang", lang)
        .child(own.as_str().unwrap_or_default().to_string())
        .into_any()
}

fn part(title: String, problems: &[Problem]) -> Option<AnyView> {
    (!problems.is_empty()).then(|| {
        section()
            .class("section")
            .child((h2().child(title), findings(problems)))
            .into_any()
    })
}

/// What the portal does without, in English as all that is said of the file itself.
fn limits(words: &Words, limits: &[Limit]) -> AnyView {
    let rows: Vec<_> = limits
        .iter()
        .map(|one| {
            li().child((
                p().child(one.consequence.clone()),
                p().class("small muted")
                    .child(code().child(one.path.clone())),
            ))
        })
        .collect();
    let title = words.count("backend.limits", limits.len() as u64);
    section()
        .class("section")
        .child((
            h2().child(title),
            ul().class("stack").attr("lang", "en").child(rows),
        ))
        .into_any()
}

/// The way to the backend itself.
fn ask(state: State, words: &Words, profile: Profile) -> AnyView {
    let begin = move |_| {
        state.answered.set(Some(Answered::Asking));
        check_backend::ask(state.app, profile.clone(), move |profile, seen| {
            let found = judged(&profile, &seen, clock::now());
            let records: Vec<Problem> = seen.changes().flat_map(problems_of_record).collect();
            // The page may have been left meanwhile.
            state.answered.try_set(Some(Answered::Live(found, records)));
        });
    };
    (
        p().child(words.t("backend.ask_help")),
        div().class("actions").child(
            button()
                .class("btn btn-primary")
                .attr("type", "button")
                .on(ev::click, begin)
                .child(words.t("backend.ask")),
        ),
    )
        .into_any()
}

fn answers(words: &Words, answered: &Answered) -> AnyView {
    match answered {
        Answered::Asking => p()
            .class("muted")
            .child(words.t("backend.asking"))
            .into_any(),
        Answered::Live(found, records) => live(words, found, records),
        Answered::Recorded(seen) => seen
            .iter()
            .map(|one| run(words, one))
            .collect_view()
            .into_any(),
    }
}

/// A finding in words: what it is, and what to do where something is.
fn said(words: &Words, finding: &Finding) -> (String, Option<String>) {
    let code = finding.code;
    let value = [("value", finding.value.as_str())];
    let what = words.with(&format!("backend_found.{code}"), &value);
    let mend = (finding.level != Level::Good).then(|| words.t(&format!("backend_mend.{code}")));
    (what, mend)
}

/// The trial with a test case, for whoever wants it: what it sends can be read and changed before.
fn trial(state: State, words: &Words, profile: Profile) -> Option<AnyView> {
    if !profile.can("case", "create") {
        return None;
    }
    let person = check_backend::person(state.app);
    let subject = words.t("backend.trial_subject");
    let body = state.app.records.with_untracked(|records| {
        let latest = records.cases.iter().max_by_key(|case| case.created_at);
        proposed(&person, latest, &subject)
    });
    let text = serde_json::to_string_pretty(&body).unwrap_or_default();
    let sent = RwSignal::new(text.clone());
    let begin = move |_| {
        let Ok(body) = serde_json::from_str(&sent.get_untracked()) else {
            return state.tried.set(Some(Trying::NoJson));
        };
        state.tried.set(Some(Trying::UnderWay));
        check_backend::attempt(state.app, profile.clone(), body, move |tried| {
            // The page may have been left meanwhile.
            state.tried.try_set(Some(Trying::Done(tried)));
        });
    };
    let under_way = move || matches!(state.tried.get(), Some(Trying::UnderWay));
    let view = section().class("section").child((
        h2().child(words.t("backend.trial")),
        p().child(words.t("backend.trial_help")),
        div().class("field").child((
            label()
                .class("label")
                .attr("for", "backend-case")
                .child(words.t("backend.trial_case")),
            textarea()
                .class("textarea textarea-s")
                .id("backend-case")
                .attr("rows", "8")
                .attr("spellcheck", "false")
                .attr("autocomplete", "off")
                .prop("value", text)
                .on(ev::input, move |event| sent.set(event_target_value(&event))),
        )),
        div().class("actions").child(
            button()
                .class("btn")
                .attr("type", "button")
                .prop("disabled", under_way)
                .on(ev::click, begin)
                .child(words.t("backend.trial_begin")),
        ),
    ));
    Some(view.into_any())
}

fn tried(words: &Words, tried: &Trying) -> AnyView {
    match tried {
        Trying::UnderWay => p()
            .class("muted")
            .child(words.t("backend.asking"))
            .into_any(),
        Trying::NoJson => notice(
            Tone::Danger,
            words.t("backend.trial_no_json"),
            p().child(words.t("backend.trial_no_json_help")),
        ),
        Trying::Done(tried) => {
            let title = words.t("backend.trial_found");
            found_list(words, title, "backend-tried", &tried.findings)
        }
    }
}

fn live(words: &Words, found: &[Finding], records: &[Problem]) -> AnyView {
    let records = &records[..records.len().min(MOST)];
    (
        found_list(words, words.t("backend.found"), "backend-found", found),
        part(words.t("backend.records"), records),
    )
        .into_any()
}

/// Findings with their consequences, to be read and to be saved as text.
fn found_list(words: &Words, title: String, id: &'static str, found: &[Finding]) -> AnyView {
    let said: Vec<_> = found
        .iter()
        .map(|one| (one.level, said(words, one)))
        .collect();
    let mut text = String::new();
    for (level, (what, mend)) in &said {
        let mark = match level {
            Level::Good => "✓",
            Level::Note => "·",
            Level::Bad => "✗",
        };
        text.push_str(&format!("{mark} {what}\n"));
        text.extend(mend.iter().map(|mend| format!("    {mend}\n")));
    }
    let rows: Vec<_> = said
        .into_iter()
        .map(|(level, (what, mend))| {
            let (tone, name) = match level {
                Level::Good => ("m-success", "circle-check"),
                Level::Note => ("m-info", "info"),
                Level::Bad => ("m-danger", "circle-alert"),
            };
            let mend = mend.map(|mend| p().class("small").child(mend));
            li().class(format!("notice {tone}"))
                .child((icon(name), div().child((b().child(what), mend))))
        })
        .collect();
    let save = button()
        .class("btn")
        .attr("type", "button")
        .on(ev::click, move |_| {
            page::download("backend-check.txt", &text)
        })
        .child((icon("download"), words.t("backend.save")));
    section()
        .class("section")
        .child((
            h2().child(title),
            ul().class("stack").id(id).child(rows),
            div().class("actions").child(save),
        ))
        .into_any()
}

/// One run of recorded answers.
fn run(words: &Words, seen: &Seen) -> AnyView {
    let asked: Vec<_> = seen
        .asked
        .iter()
        .map(|one| li().child(code().child(one.clone())))
        .collect();
    let records: Vec<_> = seen
        .records
        .iter()
        .map(|change| {
            let record = match &change.record {
                Some(record) => record.to_string(),
                None => "deleted".into(),
            };
            li().child(code().child(format!("{} {} {record}", change.kind, change.id)))
        })
        .collect();
    section()
        .class("section")
        .child((
            h2().child(format!("{}: {}", seen.what, seen.outcome))
                .attr("lang", "en"),
            ul().class("small").child(asked),
            ul().class("stack small").child(records),
            part(
                words.count("policy.mistakes", seen.problems.len() as u64),
                &seen.problems,
            ),
        ))
        .into_any()
}

//! A step of the flow: one page of questions with what helps beside them.
//!
//! The address names the draft and the step; which step comes next is computed from the answers.
//! "Continue" never loses anything: with problems it shows them, puts the focus on their summary and
//! stays; without, it goes on.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    a, aside, button, div, form, h1, h2, h3, header, li, nav, ol, p, section, span, ul,
};
use leptos::ev;

use super::{call, not_found, review, sent};
use crate::browser::clock;
use crate::core::draft::State as DraftState;
use crate::core::entitlement::access;
use crate::core::facts::holds;
use crate::core::flow::{Journey, journey, prefill, product_of, take_typed};
use crate::core::policy::{Beside, FieldKind, Policy, Resource, Step};
use crate::core::route::Route;
use crate::ui::actions::{discard_draft, new_draft, save_draft};
use crate::ui::components::article::suggestion;
use crate::ui::components::clock_panel;
use crate::ui::components::disagreement::{self, Telling};
use crate::ui::components::entitlement::reason;
use crate::ui::components::error_summary::error_summary;
use crate::ui::components::field::{field, field_id, plans, problem_at};
use crate::ui::components::icon::icon;
use crate::ui::components::kept_aside::kept_aside;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::saved::saved;
use crate::ui::state::{App, Words};

/// The page of a step; without one, of the first that needs something.
pub fn page(app: App, draft: &str, step: Option<&str>) -> AnyView {
    if !new_draft::open(app, draft) {
        return awaited(app, draft, step);
    }
    let Some(policy) = app
        .editor
        .with_untracked(|open| open.as_ref().map(|open| open.policy.clone()))
        .and_then(|id| app.policy(&id))
    else {
        return unknown_policy(app);
    };
    let state = app
        .editor
        .with_untracked(|open| open.as_ref().map(|open| open.state.clone()));
    match (step, state) {
        (_, Some(DraftState::Queued { .. } | DraftState::Sent { .. })) => sent::page(app),
        (Some("review"), _) => review::page(app, &policy),
        (Some("call"), _) if policy.has_channel("phone") => call::page(app, &policy),
        (Some(id), _) => match policy.steps.iter().find(|one| one.id == id) {
            Some(step) => questions(app, &policy, step),
            None => not_found::page(app),
        },
        (None, _) => match next_step(app, &policy) {
            Some(step) => questions(app, &policy, &step),
            None => review::page(app, &policy),
        },
    }
}

/// The draft may still be on its way from the store; if it isn't there either, that is said.
fn awaited(app: App, draft: &str, step: Option<&str>) -> AnyView {
    let (draft, step) = (draft.to_string(), step.map(String::from));
    let there = Memo::new({
        let draft = draft.clone();
        move |_| {
            app.drafts.with(|drafts| {
                drafts.iter().any(|one| {
                    matches!(one, crate::core::draft::Recovered::Draft(found) if found.id == draft)
                })
            })
        }
    });
    (move || {
        if there.get() {
            page(app, &draft, step.as_deref())
        } else {
            not_found::page(app)
        }
    })
    .into_any()
}

/// A draft of a vendor that this portal no longer offers is not lost: its words are shown.
fn unknown_policy(app: App) -> AnyView {
    let words = app.words_now();
    let text = app
        .editor
        .with_untracked(|open| open.as_ref().map(|draft| format!("{:#}", draft.to_json())))
        .unwrap_or_default();
    div()
        .class("page")
        .child((
            notice(
                Tone::Warning,
                words.t("draft.policy_gone"),
                p().child(words.t("draft.policy_gone_next")),
            ),
            p().class("plain").child(text),
        ))
        .into_any()
}

fn next_step(app: App, policy: &Arc<Policy>) -> Option<Step> {
    app.editor.with_untracked(|draft| {
        let draft = draft.as_ref()?;
        app.with_world(&policy.id, |world| {
            journey(world, draft).next().map(|stage| stage.step.clone())
        })?
    })
}

/// Reads something off the journey as it stands, untracked.
pub fn with_journey<T>(app: App, policy: &str, read: impl FnOnce(&Journey) -> T) -> Option<T> {
    app.editor.with_untracked(|draft| {
        let draft = draft.as_ref()?;
        app.with_world(policy, |world| read(&journey(world, draft)))
    })
}

/// The steps' names in a line, with "Step 2 of 7" and the way back.
pub fn flow_head(
    app: App,
    policy: &Arc<Policy>,
    here: &str,
    title: String,
    lede: String,
) -> AnyView {
    let words = app.words_now();
    let draft = app
        .editor
        .with_untracked(|open| open.as_ref().map(|open| open.id.clone()))
        .unwrap_or_default();
    let read = |journey: &Journey| -> Vec<(Step, bool)> {
        journey
            .steps
            .iter()
            .map(|stage| {
                (
                    stage.step.clone(),
                    stage.problems.is_empty() && stage.reachable,
                )
            })
            .collect()
    };
    let steps = with_journey(app, &policy.id, read).unwrap_or_default();
    let place = steps
        .iter()
        .position(|(step, _)| step.id == here)
        .unwrap_or(steps.len());
    let total = (steps.len() + 1).to_string();
    let route = |step: &str| Route::Step {
        draft: draft.clone(),
        step: Some(step.into()),
    };
    let back = match place.checked_sub(1).and_then(|before| steps.get(before)) {
        Some((step, _)) => route(&step.id),
        None => Route::Home,
    };
    let entry = |id: &str, name: String, done: bool| {
        let current = (id == here).then_some("step");
        let inner = if done && id != here {
            link(app, "", route(id), name)
        } else {
            span().child(name).into_any()
        };
        li().class(if done { "step step-done" } else { "step" })
            .attr("aria-current", current)
            .child(inner)
    };
    let mut entries: Vec<_> = steps
        .iter()
        .map(|(step, done)| {
            let name = step.short.as_ref().unwrap_or(&step.title);
            entry(&step.id, name.get(words.lang()).to_string(), *done)
        })
        .collect();
    entries.push(entry("review", words.t("review.short"), false));
    header()
        .class("page-head")
        .child((
            nav()
                .class("page-nav")
                .attr("aria-label", words.t("flow.nav"))
                .child((
                    link(
                        app,
                        "back",
                        back,
                        (icon("arrow-left"), words.t("flow.back")),
                    ),
                    span().child(words.with(
                        "flow.place",
                        &[("n", &(place + 1).to_string()), ("all", &total)],
                    )),
                )),
            ol().class("steps")
                .attr("aria-label", words.t("flow.steps"))
                .child(entries),
            h1().child(title),
            (!lede.is_empty()).then(|| p().class("lede").child(lede)),
        ))
        .into_any()
}

fn questions(app: App, policy: &Arc<Policy>, step: &Step) -> AnyView {
    let words = app.words_now();
    let lang = words.lang().to_string();
    // What a person may not do is said before anything is typed (CMS-02, CMS-03).
    let barred = barred(app, policy);
    let step_id = step.id.clone();
    let shown = {
        let id = step_id.clone();
        Memo::new(move |_| {
            app.editor.with(|draft| {
                draft
                    .as_ref()
                    .is_some_and(|draft| draft.visited.contains(&id))
            })
        })
    };
    let attempts = RwSignal::new(0_u32);
    let title = step.title.get(&lang).to_string();
    let lede = step
        .intro
        .as_ref()
        .map(|intro| intro.get(&lang).to_string())
        .unwrap_or_default();
    let go = step
        .go
        .as_ref()
        .map_or_else(|| words.t("flow.continue"), |go| go.get(&lang).to_string());
    let on_submit = {
        let (policy, id) = (policy.clone(), step_id.clone());
        move |event: web_sys::SubmitEvent| {
            event.prevent_default();
            if advance(app, &policy, &id) {
                attempts.set(0);
            } else {
                attempts.update(|attempts| *attempts += 1);
            }
        }
    };
    // Where the plan itself is asked for, all plans stand there already.
    let asks_plan = policy
        .field_of(FieldKind::Entitlement)
        .is_some_and(|field| step.fields.contains(&field.key));
    let beside = step
        .beside
        .filter(|beside| *beside != Beside::Plans || !asks_plan);
    let with_clocks = clock_panel::belongs_beside(policy, step);
    let class = if beside.is_some() || with_clocks {
        "page page-beside"
    } else {
        "page"
    };
    let is_first = policy
        .steps
        .first()
        .is_some_and(|first| first.id == step.id);
    let body = div().class("page-body form").child((
        problems(app, policy.clone(), step_id.clone(), shown, attempts),
        is_first.then(|| said_early(app, policy)),
        fields(app, policy, &step_id, shown),
        kept_aside(app),
        div().class("actions").child((
            button()
                .class("btn btn-primary")
                .attr("type", "submit")
                .child(go),
            saved(app),
        )),
        draft_buttons(app, &words),
    ));
    form()
        .class(class)
        .attr("novalidate", "")
        .on(ev::submit, on_submit)
        .child((
            flow_head(app, policy, &step_id, title, lede),
            barred,
            body,
            match beside {
                Some(beside) if with_clocks => div()
                    .class("page-aside")
                    .child((
                        clock_panel::panel(app, policy),
                        beside_view(app, policy, beside),
                    ))
                    .into_any(),
                Some(beside) => beside_view(app, policy, beside),
                None if with_clocks => clock_panel::beside(app, policy),
                None => ().into_any(),
            },
        ))
        .into_any()
}

/// Why this person can't open cases at all, and whom to ask.
fn barred(app: App, policy: &Arc<Policy>) -> impl IntoView + use<> {
    let policy = policy.clone();
    let words = app.words_now();
    move || {
        let records = app.records.get();
        if !records.arrived {
            return None;
        }
        let decision = access(&records.me, &records.entitlements, clock::today());
        if decision.allowed {
            return None;
        }
        let (text, remedy) = reason(&words, Some(&policy), &decision);
        let admins: Vec<_> = records
            .account
            .admins
            .iter()
            .map(|admin| {
                li().child((
                    format!("{} ", admin.name),
                    a().href(format!("mailto:{}", admin.email))
                        .child(admin.email.clone()),
                ))
            })
            .collect();
        let body = (p().child(remedy), ul().child(admins));
        Some(div().class("span").child(notice(Tone::Warning, text, body)))
    }
}

/// The summary of the step's problems, built anew with each attempt so that it takes the focus.
fn problems(
    app: App,
    policy: Arc<Policy>,
    step: String,
    shown: Memo<bool>,
    attempts: RwSignal<u32>,
) -> impl IntoView {
    move || {
        if attempts.get() == 0 || !shown.get_untracked() {
            return None;
        }
        let words = app.words_now();
        let found = app.editor.with_untracked(|draft| {
            let draft = draft.as_ref()?;
            app.with_world(&policy.id, |world| {
                let journey = journey(world, draft);
                let (_, stage) = journey.stage(&step)?;
                let texts = stage.problems.iter();
                let texts = texts.filter_map(|problem| problem_at(&words, world, draft, problem));
                Some(texts.collect::<Vec<_>>())
            })?
        })?;
        (!found.is_empty()).then(|| error_summary(&words, found))
    }
}

/// The fields that are asked, each built once for as long as it is.
fn fields(app: App, policy: &Arc<Policy>, step: &str, shown: Memo<bool>) -> impl IntoView + use<> {
    let (policy, step) = (policy.clone(), step.to_string());
    let asked = {
        let step = step.clone();
        Memo::new(move |_| {
            app.with_editor(|world, draft| {
                let journey = journey(world, draft);
                journey
                    .stage(&step)
                    .map(|(_, stage)| {
                        stage
                            .fields
                            .iter()
                            .map(|field| field.key.clone())
                            .collect::<Vec<_>>()
                    })
                    .unwrap_or_default()
            })
            .unwrap_or_default()
        })
    };
    let words = app.words_now();
    let told = {
        let words = words.clone();
        Memo::new(move |_| disagreement::all(app, &words))
    };
    keyed(
        move || asked.get(),
        move |key: &String| match policy.field(key) {
            Some(found) => {
                let view = field(app, &policy, found, shown);
                div()
                    .class("stack-s")
                    .child((view, told_at(app, &words, told, field_id(key))))
                    .into_any()
            }
            None => ().into_any(),
        },
    )
}

/// What does not agree with an answer, beneath it (NEW-04). An answer that is wrong by itself says so
/// above its control and not once more here.
fn told_at(app: App, words: &Words, told: Memo<Vec<Telling>>, control: String) -> AnyView {
    let words = words.clone();
    let own = control.clone();
    let here = Memo::new(move |_| {
        told.with(|told| {
            let here = told.iter().filter(|one| one.is_rule() && one.is_at(&own));
            here.cloned().collect::<Vec<_>>()
        })
    });
    div()
        .class("told")
        .attr("aria-live", "polite")
        .child(keyed(
            move || here.get(),
            move |one: &Telling| {
                disagreement::view(app, &words, one, one.is_mended_elsewhere(&control))
            },
        ))
        .into_any()
}

/// What is said before anything is typed: what this person may not do here, and what is not taken
/// here at all (MPT-04, MPT-19).
fn said_early(app: App, policy: &Arc<Policy>) -> impl IntoView + use<> {
    let words = app.words_now();
    let policy = policy.id.clone();
    let told = Memo::new(move |_| {
        // Who one is may still be on its way.
        app.records.with(|_| ());
        app.with_world(&policy, |world| {
            disagreement::early(&app.words_now(), world)
        })
        .unwrap_or_default()
    });
    keyed(
        move || told.get(),
        move |one: &Telling| disagreement::view(app, &words, one, false),
    )
}

/// Takes what is typed into the step's lists and was not yet taken.
fn take_typed_of(app: App, policy: &Arc<Policy>, step: &str) {
    let steps = policy.steps.iter().filter(|one| one.id == step);
    save_draft::change(app, |draft| {
        for key in steps.flat_map(|step| &step.fields) {
            // What is no address stays as it is typed, and is one of the step's problems.
            take_typed(draft, key);
        }
    });
}

/// Goes on if the step is complete; otherwise has its problems shown.
fn advance(app: App, policy: &Arc<Policy>, step: &str) -> bool {
    take_typed_of(app, policy, step);
    let complete = with_journey(app, &policy.id, |journey| {
        journey
            .stage(step)
            .is_some_and(|(_, stage)| stage.problems.is_empty())
    })
    .unwrap_or(false);
    if !complete {
        save_draft::change(app, |draft| {
            if !draft.visited.iter().any(|one| one == step) {
                draft.visited.push(step.into());
            }
        });
        return false;
    }
    save_draft::change(app, |draft| {
        app.with_world(&policy.id, |world| prefill(world, draft));
    });
    save_draft::now(app);
    let next = with_journey(app, &policy.id, |journey| {
        let place = journey.stage(step).map_or(0, |(place, _)| place);
        journey
            .steps
            .get(place)
            .map_or("review".to_string(), |stage| stage.step.id.clone())
    });
    let draft = app
        .editor
        .with_untracked(|open| open.as_ref().map(|open| open.id.clone()));
    if let (Some(draft), Some(next)) = (draft, next) {
        app.go(Route::Step {
            draft,
            step: Some(next),
        });
    }
    true
}

fn draft_buttons(app: App, words: &Words) -> AnyView {
    let discard = move |_| {
        let id = app
            .editor
            .with_untracked(|open| open.as_ref().map(|open| open.id.clone()));
        if let Some(id) = id {
            discard_draft::discard(app, id);
            app.go(Route::Drafts);
        }
    };
    div()
        .class("inline no-print")
        .child((
            link(
                app,
                "btn btn-quiet btn-s",
                Route::Drafts,
                words.t("flow.later"),
            ),
            button()
                .class("btn btn-quiet btn-s")
                .attr("type", "button")
                .on(ev::click, discard)
                .child((icon("trash"), words.t("drafts.discard"))),
        ))
        .into_any()
}

fn beside_view(app: App, policy: &Arc<Policy>, beside: Beside) -> AnyView {
    match beside {
        Beside::Articles => articles(app),
        Beside::Severities => examples(app, policy),
        Beside::Resources => resources(app, policy),
        Beside::Help => div()
            .class("page-aside")
            .child((articles(app), resources(app, policy)))
            .into_any(),
        Beside::Plans => plans(app, policy),
    }
}

/// The articles that fit what is being typed, as it is typed (CMS-05).
fn articles(app: App) -> AnyView {
    let words = app.words_now();
    let text = Memo::new(move |_| {
        app.with_editor(|world, draft| {
            // What is written later on says it better than the first few words did (NTT-06).
            let typed = ["brief", "subject", "description"].map(|key| draft.text(key));
            let typed = clock::normalised(typed.join("\n").trim());
            let product = product_of(world, draft).to_string();
            (world.policy.id.clone(), typed, product)
        })
        .unwrap_or_default()
    });
    let title = words.t("articles.title");
    let list = move || {
        let (policy, text, product) = text.get();
        let index = app.index.get();
        let hits = index.search_in(&policy, &text, &product, 5);
        let typed = !text.is_empty();
        let count = typed.then(|| words.count("articles.count", hits.len() as u64));
        let body = if !typed {
            p().class("muted")
                .child(words.t("articles.type_first"))
                .into_any()
        } else if hits.is_empty() {
            p().class("muted")
                .child(words.t("articles.none"))
                .into_any()
        } else {
            let entries: Vec<_> = hits
                .iter()
                .map(|hit| suggestion(app, &words, hit))
                .collect();
            ul().class("articles").child(entries).into_any()
        };
        (
            p().class("small muted").attr("role", "status").child(count),
            body,
        )
    };
    aside_view("articles-title", title, list)
}

/// Where to look for help oneself, for the chosen product (CSF-20, MPT-09).
fn resources(app: App, policy: &Arc<Policy>) -> AnyView {
    let words = app.words_now();
    let policy = policy.clone();
    // Places in the policy's list, so that the list is built again only when others are meant.
    let shown = Memo::new(move |_| {
        app.with_editor(|world, draft| {
            let product = product_of(world, draft);
            let family = world.product(product).map_or("", |one| one.family.as_str());
            let is_of =
                |list: &[String], one: &str| list.is_empty() || list.iter().any(|id| id == one);
            let resources = world.policy.resources.iter().enumerate();
            resources
                .filter(|(_, one)| is_of(&one.products, product) && is_of(&one.families, family))
                .filter(|(_, one)| holds(world, draft, &one.when))
                .map(|(place, _)| place)
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let none = words.t("resources.none");
    let title = words.t("resources.title");
    let list = keyed(
        move || shown.get(),
        move |place: &usize| match policy.resources.get(*place) {
            Some(one) => resource(&words, one),
            None => ().into_any(),
        },
    );
    let nothing = move || {
        shown
            .with(Vec::is_empty)
            .then(|| p().class("muted").child(none.clone()))
    };
    aside_view(
        "resources-title",
        title,
        (nothing, ul().class("articles").child(list)),
    )
}

fn resource(words: &Words, one: &Resource) -> AnyView {
    let lang = words.lang();
    let name = one.name.get(lang).to_string();
    let name = match &one.url {
        Some(url) => a()
            .href(url.clone())
            .attr("target", "_blank")
            .attr("rel", "noopener noreferrer")
            .child((name, " ", icon("external-link")))
            .into_any(),
        None => span().child(name).into_any(),
    };
    let help = one.help.as_ref();
    let help = help.map(|help| p().class("article-text").child(help.get(lang).to_string()));
    li().class("article")
        .child((h3().class("article-title").child(name), help))
        .into_any()
}

/// All plans as they stand for what was answered so far, with what can be used of them (MPT-13).
fn plans(app: App, policy: &Arc<Policy>) -> AnyView {
    let words = app.words_now();
    let policy = policy.clone();
    let rows = Memo::new(move |_| plans::rows(app));
    let title = words.t("plans.title");
    let list = keyed(
        move || rows.get(),
        move |row: &plans::PlanRow| plans::card(app, &words, &policy, row, None),
    );
    aside_view("plans-title", title, div().class("choices").child(list))
}

fn aside_view(id: &'static str, title: String, content: impl IntoView + 'static) -> AnyView {
    aside()
        .class("page-aside")
        .attr("aria-labelledby", id)
        .child(section().class("section").child((
            div().class("section-head").child(h2().id(id).child(title)),
            content.into_any(),
        )))
        .into_any()
}

/// The examples of the chosen severity, and how to choose when unsure (CMS-09).
fn examples(app: App, policy: &Arc<Policy>) -> AnyView {
    let words = app.words_now();
    let policy = policy.clone();
    let title = words.t("severity.examples");
    let chosen = Memo::new(move |_| {
        app.editor.with(|draft| {
            draft
                .as_ref()
                .map(|draft| draft.text("severity").to_string())
                .unwrap_or_default()
        })
    });
    let list = move || {
        let shown: Vec<_> = policy
            .severities
            .iter()
            .filter(|one| chosen.with(|id| id.is_empty() || *id == one.id))
            .filter(|one| !one.examples.is_empty())
            .map(|one| {
                let examples: Vec<_> = one
                    .examples
                    .iter()
                    .map(|example| li().child(example.get(words.lang()).to_string()))
                    .collect();
                div().class("stack-s").child((
                    crate::ui::components::severity::severity(
                        Some(&policy),
                        &one.id,
                        words.lang(),
                        false,
                    ),
                    ul().class("small").child(examples),
                ))
            })
            .collect();
        shown
    };
    aside()
        .class("page-aside")
        .attr("aria-labelledby", "examples-title")
        .child(
            section()
                .class("section card stack")
                .child((h2().id("examples-title").child(title), list)),
        )
        .into_any()
}

//! What does not agree in a draft (NEW-04), where it can be mended: what stops, what must be
//! confirmed, what is worth knowing, each with what to do and, where others must act, the text to
//! send them.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, details, div, input, label, p, span, summary};
use leptos::ev;

use super::copy::copy_button;
use super::entitlement as contracts;
use super::field::{field_id, problem_text};
use super::icon::icon;
use super::link::link_after;
use super::notice::{Tone, notice};
use crate::core::case::Person;
use crate::core::draft::Draft;
use crate::core::facts;
use crate::core::flow::{Problem, World};
use crate::core::guard::{self, Disagreement, Words as Told};
use crate::core::policy::{FieldKind, Level, Rule};
use crate::core::route::{Route, encode};
use crate::ui::actions::save_draft;
use crate::ui::state::{App, Words};

/// A disagreement in words, made anew only when one of them has changed.
#[derive(Clone, PartialEq)]
pub struct Telling {
    id: String,
    level: u8,
    is_rule: bool,
    /// Whether the text to send is shown at once.
    is_open: bool,
    text: String,
    remedy: String,
    request: Option<Request>,
    /// The controls beneath which it is told: of the answer that mends it, and of the one that was
    /// given last of those that don't agree.
    at: Vec<String>,
    /// The step and the control where it is mended.
    way: Option<(String, String)>,
    /// The place of the rule that asks for a confirmation.
    asks: Option<usize>,
}

/// A text for those who can mend it, and to whom it goes.
#[derive(Clone, PartialEq)]
pub struct Request {
    text: String,
    subject: String,
    to: Vec<Person>,
}

/// Everything that does not agree, in words.
pub fn all(app: App, words: &Words) -> Vec<Telling> {
    let found = app.with_editor(|world, draft| {
        let all = guard::disagreements(world, draft).into_iter();
        all.map(|one| telling(words, world, draft, one)).collect()
    });
    found.unwrap_or_default()
}

/// What the policies say of acting for a customer, whatever it may be about (MPC-03, MPT-03).
pub fn of_customer(app: App, words: &Words, customer: &str) -> Vec<Telling> {
    let mut all = Vec::new();
    // Who one is and what the customer has granted may still be on its way.
    app.records.with(|_| ());
    for policy in app.own_policies() {
        let Some(field) = policy.field_of(FieldKind::OnBehalf) else {
            continue;
        };
        // A draft in which the customer is asked for.
        let mut draft = Draft::new("", policy.id.as_str(), 0);
        for (key, values) in &field.when {
            draft.set(key, values.first().map_or("", |value| value.as_str()));
        }
        draft.set(&field.key, customer);
        app.with_world(&policy.id, |world| {
            for rule in &policy.rules {
                let of_customer = |name: &str| name.starts_with("customer.");
                let when = rule.when.iter();
                let when = when.filter(|(name, _)| {
                    of_customer(name) || facts::is_known_before(world.policy, name)
                });
                let when: Vec<_> = when.cloned().collect();
                let about =
                    rule.field == field.key && rule.when.iter().any(|(name, _)| of_customer(name));
                if about && facts::holds(world, &draft, &when) {
                    all.push(of_rule(words, world, &draft, rule, None));
                }
            }
        });
    }
    all
}

/// What is said early of a policy: known before anything is typed (MPT-04).
pub fn early(words: &Words, world: World) -> Vec<Telling> {
    let nothing = Draft::new("", world.policy.id.as_str(), 0);
    let rules = guard::early(world).into_iter();
    rules
        .map(|rule| of_rule(words, world, &nothing, rule, None))
        .collect()
}

fn telling(words: &Words, world: World, draft: &Draft, one: Disagreement) -> Telling {
    match &one.words {
        Told::Rule(place) => match world.policy.rules.get(*place) {
            Some(rule) => of_rule(words, world, draft, rule, Some(*place)),
            None => built_in(words, world, draft, &one, "", &[]),
        },
        Told::BuiltIn { code, facts } => built_in(words, world, draft, &one, code, facts),
    }
}

fn built_in(
    words: &Words,
    world: World,
    draft: &Draft,
    one: &Disagreement,
    code: &'static str,
    facts: &[(&'static str, String)],
) -> Telling {
    let fact = |name: &str| facts.iter().find(|(key, _)| *key == name);
    let reason = fact("reason").map(|(_, code)| code.as_str());
    let (text, remedy) = match (reason, world.policy.field(&one.field)) {
        (Some(reason), _) => {
            let plan = fact("plan").map_or("", |(_, plan)| plan);
            contracts::reason_of(words, world.policy, plan, reason, facts)
        }
        (None, Some(field)) => {
            let problem = Problem {
                field: one.field.clone(),
                code,
                facts: facts.to_vec(),
            };
            (
                problem_text(words, world.policy, field, &problem),
                String::new(),
            )
        }
        (None, None) => (code.into(), String::new()),
    };
    Telling {
        id: one.id.clone(),
        level: 0,
        is_rule: false,
        is_open: false,
        text,
        remedy,
        request: None,
        at: vec![field_id(&one.field)],
        way: way(world, draft, &one.field),
        asks: None,
    }
}

fn of_rule(
    words: &Words,
    world: World,
    draft: &Draft,
    rule: &Rule,
    place: Option<usize>,
) -> Telling {
    let lang = words.lang();
    let say = |text| guard::words(world, draft, text, lang);
    let request = rule.request.as_ref().map(|request| Request {
        text: say(request),
        subject: say(&rule.text),
        to: match rule.to.as_str() {
            "admins" => world.account.admins.clone(),
            _ => Vec::new(),
        },
    });
    Telling {
        id: rule.id.clone(),
        level: match rule.level {
            Level::Stop => 0,
            Level::Confirm => 1,
            Level::Note => 2,
        },
        is_rule: true,
        is_open: place.is_some() && rule.level == Level::Stop,
        text: say(&rule.text),
        remedy: say(&rule.remedy),
        request,
        at: told_under(world, rule),
        way: way(world, draft, &rule.field),
        asks: place.filter(|_| rule.level == Level::Confirm),
    }
}

/// The controls beneath which a rule is told, once for each step.
fn told_under(world: World, rule: &Rule) -> Vec<String> {
    let last = last_looked_at(world, rule);
    if rule.field.is_empty() {
        return vec![field_id(last)];
    }
    let mut steps = world.policy.steps.iter();
    let together = steps.any(|step| {
        let asks = |key: &str| step.fields.iter().any(|one| one == key);
        asks(&rule.field) && asks(last)
    });
    let mut controls = vec![field_id(&rule.field)];
    if !together {
        controls.push(field_id(last));
    }
    controls
}

/// The last of the questions that a rule looks at.
fn last_looked_at<'a>(world: World<'a>, rule: &'a Rule) -> &'a str {
    let names = rule.when.iter().map(|(name, _)| name.as_str());
    let looked_at: Vec<&str> = names
        .flat_map(|name| facts::questions(world.policy, name))
        .collect();
    let asked = world.policy.steps.iter().flat_map(|step| &step.fields);
    let mut told = asked.filter(|key| looked_at.contains(&key.as_str()));
    told.next_back().map_or("", |key| key.as_str())
}

/// The step at which a field is asked.
fn way(world: World, draft: &Draft, field: &str) -> Option<(String, String)> {
    let journey = crate::core::flow::journey(world, draft);
    let asks = |stage: &&crate::core::flow::Stage| stage.fields.iter().any(|one| one.key == field);
    let step = journey.steps.iter().find(asks)?.step.id.clone();
    Some((step, field_id(field)))
}

impl Telling {
    /// Whether a rule of the policy says it, and not the answer's own control.
    pub fn is_rule(&self) -> bool {
        self.is_rule
    }

    /// Whether it is told beneath a control.
    pub fn is_at(&self, control: &str) -> bool {
        self.at.iter().any(|one| one == control)
    }

    /// Whether another control than this one mends it.
    pub fn is_mended_elsewhere(&self, control: &str) -> bool {
        self.way.as_ref().is_some_and(|(_, id)| id != control)
    }

    /// Whether it is mended at none of the steps.
    pub fn is_nowhere(&self) -> bool {
        self.way.is_none()
    }
}

/// A disagreement: with `leads`, it leads to its answer.
pub fn view(app: App, words: &Words, one: &Telling, leads: bool) -> AnyView {
    let tone = match one.level {
        0 => Tone::Danger,
        1 => Tone::Warning,
        _ => Tone::Info,
    };
    let way = one.way.as_ref().filter(|_| leads);
    let way = way.map(|(step, control)| p().child(mend(app, words, step, control)));
    let remedy = (!one.remedy.is_empty()).then(|| p().child(one.remedy.clone()));
    let request = one.request.as_ref();
    let request = request.map(|request| request_view(app, words, request, one.is_open));
    let asks = one.asks.map(|place| confirmation(app, words, place, leads));
    notice(tone, one.text.clone(), (remedy, request, way, asks))
}

/// The link that leads to the answer and shows what is wrong with it.
pub fn mend(app: App, words: &Words, step: &str, control: &str) -> AnyView {
    to_answer(app, step, control, words.t("guard.mend").into_any())
}

/// A link to an answer on another page of the draft: its errors are shown there, and the focus goes
/// to its control.
pub fn to_answer(app: App, step: &str, control: &str, content: AnyView) -> AnyView {
    let draft = app.editor.with_untracked(|draft| {
        let draft = draft.as_ref();
        draft.map(|draft| draft.id.clone()).unwrap_or_default()
    });
    let route = Route::Step {
        draft,
        step: Some(step.into()),
    };
    let (step, control) = (step.to_string(), control.to_string());
    let before = move || {
        app.mend.set_value(Some(control.clone()));
        save_draft::change(app, |draft| {
            if !draft.visited.contains(&step) {
                draft.visited.push(step.clone());
            }
        });
    };
    link_after(app, "", route, before, content)
}

/// What others must do, ready to be sent.
fn request_view(app: App, words: &Words, request: &Request, open: bool) -> AnyView {
    let addresses: Vec<&str> = request.to.iter().map(|one| one.email.as_str()).collect();
    let names: Vec<&str> = request.to.iter().map(|one| one.name.as_str()).collect();
    let whom = (!names.is_empty()).then(|| {
        let text = words.with("guard.ask", &[("names", &names.join(", "))]);
        p().child(text)
    });
    let (subject, body) = subject_and_body(request);
    let mail = format!(
        "mailto:{}?subject={}&body={}",
        addresses.join(","),
        encode(subject),
        encode(body)
    );
    details()
        .class("request")
        .attr("open", open.then_some(""))
        .child((
            summary().child(words.t("guard.request")),
            whom,
            p().class("plain request-text").child(request.text.clone()),
            div().class("inline").child((
                copy_button(app, words, &words.t("guard.request"), request.text.clone()),
                a().class("copy")
                    .href(mail)
                    .child((icon("mail"), words.t("guard.mail"))),
            )),
        ))
        .into_any()
}

/// A request may begin with a line of its own for the subject, as a mail is dictated: `Subject: …`.
fn subject_and_body(request: &Request) -> (&str, &str) {
    let named = || {
        let (first, rest) = request.text.split_once('\n')?;
        let (name, subject) = first.split_once([':', '：'])?;
        let is_name = !name.contains(char::is_whitespace) && name.chars().count() < 12;
        is_name.then(|| (subject.trim(), rest.trim_start()))
    };
    named().unwrap_or((&request.subject, &request.text))
}

/// The box to tick; it holds for as long as what it was ticked for stays as it is.
fn confirmation(app: App, words: &Words, place: usize, leads: bool) -> AnyView {
    let ticked = Memo::new(move |_| {
        app.with_editor(|world, draft| {
            let all = guard::disagreements(world, draft);
            all.iter()
                .any(|one| one.confirmed && one.words == Told::Rule(place))
        })
        .unwrap_or(false)
    });
    let turn = move |_| {
        let yes = !ticked.get_untracked();
        let policy = app
            .editor
            .with_untracked(|draft| draft.as_ref().map(|draft| draft.policy.clone()));
        let Some(policy) = policy else { return };
        save_draft::change(app, |draft| {
            app.with_world(&policy, |world| {
                if let Some(rule) = world.policy.rules.get(place) {
                    guard::confirm(world, draft, rule, yes);
                }
            });
        });
        save_draft::now(app);
    };
    let id = format!("confirm-{place}{}", if leads { "-review" } else { "" });
    label()
        .class("check")
        .child((
            input()
                .attr("type", "checkbox")
                .id(id)
                .prop("checked", move || ticked.get())
                .on(ev::change, turn),
            span().child(words.t("guard.confirm")),
        ))
        .into_any()
}

/// What stops, what asks, what informs, with and without a text to send.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let one = |level: u8, request: bool, text: &str| {
        let telling = Telling {
            id: "example".into(),
            level,
            is_rule: true,
            is_open: request,
            text: text.into(),
            remedy: "Choose another one.".into(),
            request: request.then(|| Request {
                text: super::example::LONG.into(),
                subject: "Example".into(),
                to: vec![Person {
                    name: "Example Person".into(),
                    email: "person@example.example".into(),
                }],
            }),
            at: Vec::new(),
            way: Some(("example".into(), "example".into())),
            asks: (level == 1).then_some(0),
        };
        view(app, &words, &telling, true)
    };
    vec![
        ("Stops", one(0, true, "Short")),
        ("Asks", one(1, false, super::example::LONG)),
        ("Informs", one(2, false, "Short")),
    ]
}

//! Opening a case that somebody handed over as a file (NEW-07): first what it is and who signed it,
//! then what taking it over would change, and only then the button that does it.

use std::rc::Rc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    bdi, button, dd, details, div, dl, dt, h2, header, li, nav, p, section, span, summary, ul,
};
use leptos::ev;
use leptos::task::spawn_local;

use crate::browser::case_file::{Opened, open};
use crate::browser::clock;
use crate::core::case::{Case, Comment, Record};
use crate::core::case_file::{Broken, ENDING, News, as_draft, news, spoken};
use crate::core::draft::Answer;
use crate::core::files::shown_name;
use crate::core::route::Route;
use crate::ui::actions::keep_file;
use crate::ui::components::copy::copy_button;
use crate::ui::components::file_drop::{FileDrop, file_drop};
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Words};

/// How far the reading of a file is.
#[derive(Clone)]
enum Read {
    Nothing,
    Checking(String),
    Broken(Broken),
    Here(Rc<Opened>),
}

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let read = StoredValue::new_local(Read::Nothing);
    let changed = RwSignal::new(0_u32);
    let tell = move |state: Read| {
        // The page may have been left meanwhile.
        if changed.try_with_untracked(|_| ()).is_some() {
            read.set_value(state);
            changed.update(|count| *count += 1);
        }
    };
    let take = move |chosen: Vec<crate::browser::files::pick::Picked>| {
        let Some(one) = chosen.into_iter().next() else {
            return;
        };
        tell(Read::Checking(one.file.name()));
        spawn_local(async move {
            let account = keep_file::account(app).unwrap_or_default();
            tell(match open(&account, &one.file).await {
                Ok(opened) => Read::Here(Rc::new(opened)),
                Err(broken) => Read::Broken(broken),
            });
        });
    };
    let shown = {
        let words = words.clone();
        move || {
            changed.get();
            match read.get_value() {
                Read::Nothing => ().into_any(),
                Read::Checking(name) => checking(&words, &name),
                Read::Broken(why) => broken(&words, &why),
                Read::Here(opened) => found(app, &words, &opened),
            }
        }
    };
    let content = (icon("arrow-left"), words.t("nav.drafts"));
    div()
        .class("page")
        .child((
            header().class("page-head").child((
                nav()
                    .class("page-nav")
                    .attr("aria-label", words.t("case.nav"))
                    .child(link(app, "back", Route::Drafts, content)),
                page_head(words.t("case_file.title"), words.t("case_file.lede")),
            )),
            div().class("field").child((
                span()
                    .class("label")
                    .id("case-file-label")
                    .child(words.t("case_file.choose_label")),
                file_drop(
                    FileDrop {
                        id: "case-file".into(),
                        label: "case-file-label".into(),
                        choose: words.t("case_file.choose"),
                        or_drop: words.t("case_file.or_drop"),
                        limits: String::new(),
                        accept: ENDING,
                        folder: None,
                    },
                    take,
                ),
            )),
            div()
                .class("stack")
                .attr("aria-live", "polite")
                .child(shown),
        ))
        .into_any()
}

fn checking(words: &Words, name: &str) -> AnyView {
    let name = shown_name(name);
    p().child(words.with("case_file.checking", &[("name", &name)]))
        .into_any()
}

fn broken(words: &Words, broken: &Broken) -> AnyView {
    let why = broken.why;
    let body = (
        p().child(words.t(&format!("case_file.broken.{why}"))),
        p().class("small").child((
            words.t("case_file.place"),
            " ",
            bdi().child(shown_name(&broken.at)),
        )),
        p().child(words.t("case_file.ask_again")),
    );
    notice(Tone::Danger, words.t("case_file.unusable"), body)
}

fn found(app: App, words: &Words, opened: &Rc<Opened>) -> AnyView {
    let known = app.records.with_untracked(|records| {
        let id = opened.file.case_id();
        let case = records
            .cases
            .iter()
            .find(|one| !id.is_empty() && one.id == id);
        case.map(|case| {
            let comments = records.comments.iter().filter(|one| one.case_id == id);
            let files = records.attachments.iter().filter(|one| one.case_id == id);
            let comments: Vec<_> = comments.cloned().collect();
            let files: Vec<_> = files.cloned().collect();
            (case.clone(), news(&opened.file, &comments, &files))
        })
    });
    (
        signature(app, words, opened),
        contents(words, opened),
        match known {
            Some((case, news)) => into_case(app, words, opened, &case, news),
            None => into_draft(app, words, opened),
        },
    )
        .into_any()
}

/// Who signed it, what that proves and what it does not.
fn signature(app: App, words: &Words, opened: &Opened) -> AnyView {
    let file = &opened.file;
    let made = clock::date_time(words.lang(), file.made_at);
    let print = spoken(&opened.fingerprint);
    let row = |name: &str, value: String| {
        div().child((dt().child(words.t(name)), dd().child(bdi().child(value))))
    };
    let own = opened.is_own.then(|| p().child(words.t("case_file.own")));
    let body = (
        dl().class("facts").child((
            row("case_file.by", file.signer.name.clone()),
            row("case_file.company", file.signer.company.clone()),
            row("case_file.when", made),
            div().child((
                dt().child(words.t("case_file.fingerprint")),
                dd().class("num").child(print.clone()),
                dd().child(copy_button(
                    app,
                    words,
                    &words.t("case_file.fingerprint"),
                    print,
                )),
            )),
        )),
        own,
        details().class("why").attr("open", "").child((
            summary().child(words.t("case_file.means")),
            p().child(words.t("case_file.proves")),
            p().child(words.t("case_file.proves_not")),
        )),
    );
    notice(Tone::Success, words.t("case_file.unchanged"), body)
}

/// What is in it, to be looked at before anything is done.
fn contents(words: &Words, opened: &Opened) -> AnyView {
    let file = &opened.file;
    let text = |key: &str| {
        let of_case = file.case.as_ref().and_then(|case| case.get(key)?.as_str());
        let of_draft = file.draft.as_ref().and_then(|draft| draft.answers.get(key));
        match (of_case, of_draft) {
            (Some(text), _) => text.to_string(),
            (None, Some(Answer::One(text))) => text.clone(),
            _ => String::new(),
        }
    };
    let description = text("description");
    let description = (!description.is_empty()).then(|| {
        details().child((
            summary().child(words.t("case.description")),
            p().class("plain card").child(description),
        ))
    });
    let said: Vec<_> = file
        .comments
        .iter()
        .map(|one| said(words, &Comment::from_json(one)))
        .chain(file.unsent.iter().map(|text| {
            li().child((
                p().class("small muted").child(words.t("case_file.unsent")),
                p().class("plain").child(text.clone()),
            ))
            .into_any()
        }))
        .collect();
    let count = said.len() as u64;
    let said = (count > 0).then(|| {
        details().child((
            summary().child(words.count("case_file.comments", count)),
            ul().class("plain-list stack-s").child(said),
        ))
    });
    let parts: Vec<_> = file
        .parts
        .iter()
        .map(|part| {
            li().class("file").child((
                icon("file-text"),
                span().child((
                    bdi().class("file-name").child(shown_name(&part.name)),
                    " ",
                    span()
                        .class("file-meta")
                        .child(clock::bytes(words.lang(), part.size)),
                )),
            ))
        })
        .collect();
    let left_out: Vec<String> = file.left_out.iter().map(|name| shown_name(name)).collect();
    let left_out = (!left_out.is_empty()).then(|| {
        let names = left_out.join(&words.t("list.comma"));
        p().class("small")
            .child(words.with("case_file.left_out", &[("names", &names)]))
    });
    section()
        .class("section card")
        .child((
            h2().child(bdi().child(file.title.clone())),
            description,
            said,
            (!parts.is_empty()).then(|| ul().class("files").child(parts)),
            left_out,
        ))
        .into_any()
}

fn said(words: &Words, one: &Comment) -> AnyView {
    let time = clock::record_time(words.lang(), one.created_at);
    li().child((
        p().class("small muted")
            .child((bdi().child(one.author.clone()), format!(" {time}"))),
        p().class("plain").child(one.body.clone()),
    ))
    .into_any()
}

/// A case that is not known here becomes a draft of one's own.
fn into_draft(app: App, words: &Words, opened: &Rc<Opened>) -> AnyView {
    let draft = as_draft(&opened.file, "", 0);
    let answers = draft.answers.len() as u64;
    let files = opened.file.parts.len() as u64;
    let vendor = app.policy(opened.file.policy());
    let lines = [
        Some(words.count("case_file.new_draft", answers)),
        (files > 0).then(|| words.count("case_file.new_files", files)),
        Some(words.t("case_file.own_contract")),
        (!opened.file.comments.is_empty()).then(|| words.t("case_file.comments_stay")),
        vendor.is_none().then(|| words.t("draft.policy_gone")),
    ];
    let lines: Vec<_> = lines
        .into_iter()
        .flatten()
        .map(|line| li().child(line))
        .collect();
    let busy = RwSignal::new(false);
    let opened = opened.clone();
    let go = move |_| {
        if !busy.get_untracked() {
            keep_file::take_as_draft(app, (*opened).clone(), busy);
        }
    };
    would(
        app,
        words,
        lines.collect_view(),
        "case_file.take_draft",
        busy,
        go,
    )
}

/// A case that is known here gets what it lacks.
fn into_case(app: App, words: &Words, opened: &Rc<Opened>, case: &Case, news: News) -> AnyView {
    let name = format!("{} {}", case.number, case.subject);
    let known = p().child((
        words.t("case_file.known"),
        " ",
        link(app, "", Route::Case(case.id.clone()), name),
    ));
    if news.is_empty() {
        return section()
            .class("section")
            .child((
                h2().child(words.t("case_file.would")),
                known,
                p().child(words.t("case_file.nothing_new")),
            ))
            .into_any();
    }
    let comments = (news.comments.len() + news.unsent.len()) as u64;
    let files = news
        .parts
        .iter()
        .filter_map(|place| opened.file.parts.get(*place));
    let files: Vec<_> = files
        .map(|part| {
            let name = shown_name(&part.name);
            li().child(words.with("case_file.adds_file", &[("name", &name)]))
        })
        .collect();
    let lines = (
        li().child(known),
        (comments > 0).then(|| li().child(words.count("case_file.adds_comments", comments))),
        files,
    );
    let busy = RwSignal::new(false);
    let (opened, id) = (opened.clone(), case.id.clone());
    let go = move |_| {
        if !busy.get_untracked() {
            keep_file::take_into_case(app, (*opened).clone(), news.clone(), id.clone(), busy);
        }
    };
    would(
        app,
        words,
        lines.into_any(),
        "case_file.take_case",
        busy,
        go,
    )
}

fn would(
    app: App,
    words: &Words,
    lines: AnyView,
    take: &str,
    busy: RwSignal<bool>,
    go: impl FnMut(web_sys::MouseEvent) + 'static,
) -> AnyView {
    let (take, taking) = (words.t(take), words.t("case_file.taking"));
    section()
        .class("section")
        .child((
            h2().child(words.t("case_file.would")),
            ul().child(lines),
            div().class("actions").child((
                button()
                    .class("btn btn-primary")
                    .attr("type", "button")
                    .attr("aria-busy", move || busy.get().then_some("true"))
                    .on(ev::click, go)
                    .child((icon("check"), move || match busy.get() {
                        true => taking.clone(),
                        false => take.clone(),
                    })),
                link(app, "btn", Route::Drafts, words.t("case_file.not")),
            )),
        ))
        .into_any()
}

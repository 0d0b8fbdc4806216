//! What went wrong before the portal could begin: all of it, and the mend.
//!
//! This page stands when there may be no words yet, so it brings its own few in each language of the
//! interface. What is wrong with a file is for whoever runs the portal, and in English.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, button, div, h2, main, p};
use leptos::ev;

use crate::browser::page as window;
use crate::core::embed::is_contact;
use crate::core::error::{Error, Kind};
use crate::core::reader::Problem;
use crate::ui::components::findings::findings;
use crate::ui::components::icon::icon;
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Failure};

struct Texts {
    lang: &'static str,
    title: &'static str,
    unreachable: &'static str,
    mistakes: &'static str,
    safe: &'static str,
    found: &'static str,
    again: &'static str,
    support: &'static str,
}

/// The first is for everyone whose language is none of these.
const TEXTS: [Texts; 3] = [
    Texts {
        lang: "en",
        title: "The portal can’t start",
        unreachable: "A file it needs could not be read. Check the network, then load the page again.",
        mistakes: "A file it needs has mistakes. Whoever runs this portal can mend them.",
        safe: "What you have written on this device is safe.",
        found: "What is wrong in",
        again: "Load again",
        support: "Contact support",
    },
    Texts {
        lang: "ja",
        title: "ポータルを開始できません",
        unreachable: "必要なファイルを読み込めませんでした。ネットワークを確認して、もう一度読み込んでください。",
        mistakes: "必要なファイルに誤りがあります。このポータルの管理者が修正できます。",
        safe: "この端末で入力した内容は失われていません。",
        found: "誤りのあるファイル：",
        again: "もう一度読み込む",
        support: "サポートに問い合わせる",
    },
    Texts {
        lang: "zh",
        title: "无法启动门户",
        unreachable: "无法读取所需的文件。请检查网络，然后重新加载页面。",
        mistakes: "所需的文件有错误，可由本门户的管理员修正。",
        safe: "您在本设备上填写的内容不会丢失。",
        found: "有错误的文件：",
        again: "重新加载",
        support: "联系支持",
    },
];

/// The page.
pub fn page(app: App, failure: &Failure) -> AnyView {
    let asked = app.options.with_value(|options| options.lang.clone());
    let languages: Vec<String> = asked.into_iter().chain(window::languages()).collect();
    let texts = texts(&languages);
    let (lede, details) = match failure {
        Failure::Error(error) if error.kind() == Kind::Configuration => {
            (texts.mistakes, context(error))
        }
        Failure::Error(error) => (texts.unreachable, context(error)),
        Failure::Problems(file, problems) => (texts.mistakes, list(texts, file, problems)),
    };
    let again = button()
        .class("btn btn-primary")
        .attr("type", "button")
        .on(ev::click, |_| reload())
        .child((icon("refresh-cw"), texts.again));
    main()
        .class("main")
        .attr("lang", texts.lang)
        .child(div().class("page").child((
            page_head(texts.title.into(), lede.into()),
            p().child(texts.safe),
            div().class("actions").child((again, support(app, texts))),
            details,
        )))
        .into_any()
}

/// The way to somebody who can help: the page's own, else the deployment's.
fn support(app: App, texts: &'static Texts) -> Option<AnyView> {
    let embed = app.options.with_value(|options| options.embed.clone())?;
    let ways = [embed.support, app.deployment().portal.embed.support.clone()];
    let way = ways.into_iter().find(|way| is_contact(way))?;
    let link = a()
        .class("btn")
        .href(way)
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .child(texts.support);
    Some(link.into_any())
}

fn texts(languages: &[String]) -> &'static Texts {
    languages
        .iter()
        .find_map(|lang| TEXTS.iter().find(|texts| lang.starts_with(texts.lang)))
        .unwrap_or(&TEXTS[0])
}

fn context(error: &Error) -> AnyView {
    let text = error.context().to_string();
    p().class("small muted plain")
        .attr("lang", "en")
        .child(text)
        .into_any()
}

/// All mistakes of a file, each with its place and its mend.
fn list(texts: &Texts, file: &str, problems: &[Problem]) -> AnyView {
    (
        h2().child(format!("{} {file} ({})", texts.found, problems.len())),
        findings(problems),
    )
        .into_any()
}

fn reload() {
    if let Some(window) = web_sys::window() {
        // A page that can't be loaded again stays as it is.
        let _ = window.location().reload();
    }
}

//! The way of a case (CSF-10): which steps are behind, where it is, and what is asked of the
//! customer there.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{details, div, li, ol, p, span, summary, ul};

use super::icon::icon;
use crate::core::case::Case;
use crate::core::life::{Stage, progress};
use crate::core::policy::Policy;
use crate::ui::state::Words;

/// The steps in their order; nothing where the policy names none.
pub fn way(words: &Words, policy: &Policy, case: &Case) -> Option<AnyView> {
    let steps = progress(policy, case);
    if steps.is_empty() {
        return None;
    }
    let lang = words.lang();
    let entries: Vec<_> = steps
        .iter()
        .map(|(step, stage)| {
            let (mark, said, class) = match stage {
                Stage::Done => ("circle-check", "way.done", "way-done"),
                Stage::Now => ("circle-dot", "way.now", "way-now"),
                Stage::Later => ("hourglass", "way.later", "way-later"),
                Stage::Skipped => ("circle-slash", "way.skipped", "way-later"),
            };
            li().class(class)
                .attr("aria-current", (*stage == Stage::Now).then_some("step"))
                .child((
                    icon(mark),
                    span().child(step.name.get(lang).to_string()),
                    span().class("vh").child(words.t(said)),
                ))
        })
        .collect();
    let now = steps.iter().find(|(_, stage)| *stage == Stage::Now);
    let asks = now
        .filter(|(step, _)| !step.asks.is_empty())
        .map(|(step, _)| {
            let asks: Vec<_> = step
                .asks
                .iter()
                .map(|one| li().child(one.get(lang).to_string()))
                .collect();
            details()
                .class("small")
                .child((summary().child(words.t("way.asks")), ul().child(asks)))
        });
    let view = div().class("way-box").child((
        p().class("vh").child(words.t("way.title")),
        ol().class("way").child(entries),
        asks,
    ));
    Some(view.into_any())
}

/// At each of its steps.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    let (words, policy) = (app.words_now(), super::example::policy(app));
    let at = |status: &str, place: usize| {
        let step = policy.life.progress.get(place);
        let case = Case {
            status: status.into(),
            progress: step.map(|step| step.id.clone()).unwrap_or_default(),
            ..Case::default()
        };
        way(&words, &policy, &case).into_any()
    };
    vec![
        ("At the beginning", at("open", 0)),
        ("On its way", at("waiting_customer", 1)),
        ("Closed early", at("closed", 1)),
    ]
}

//! In a frame on somebody's page: that what is kept belongs to that page, and the way to the portal
//! itself.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, p, span};

use crate::ui::state::App;

/// The line below each page.
pub fn line(app: App) -> AnyView {
    let words = app.words_now();
    let base = app.options.with_value(|options| options.base.clone());
    p().class("apart small muted")
        .child((
            span().child(words.t("embed.apart")),
            a().href(base)
                .attr("target", "_blank")
                .attr("rel", "noopener")
                .child(words.t("embed.portal")),
        ))
        .into_any()
}

//! Chooses the customer in whose name one acts.
//!
//! The choice is kept for the account on this device, by the customer's id alone. With a draft open
//! it is the draft's answer as well: everything typed stays, and what depends on the customer is
//! decided anew.

use crate::browser::page;
use crate::core::draft::State as DraftState;
use crate::core::policy::FieldKind;
use crate::core::route::Route;
use crate::ui::dom::prelude::untrack;
use crate::ui::state::{App, Toast};

use super::save_draft;

/// What the choice of an account is kept under.
fn kept_under(subject: &str) -> String {
    format!("acting.{subject}")
}

/// The customer one acted for the last time on this device.
pub fn remembered(subject: &str) -> Option<String> {
    page::preference(&kept_under(subject)).filter(|id| !id.is_empty())
}

/// Forgets the choice of an account.
pub fn forget(subject: &str) {
    page::forget_preference(&kept_under(subject));
}

/// Acts for a customer from now on, or for nobody but oneself.
pub fn choose(app: App, customer: Option<String>) {
    let of_draft = untrack(|| of_draft(app));
    let before = of_draft.unwrap_or_else(|| app.acting_for.get_untracked());
    keep(app, customer.as_deref());
    app.acting_for.set(customer.clone());
    if let Some(key) = untrack(|| field_of_draft(app)) {
        save_draft::answer(app, &key, customer.clone().unwrap_or_default());
        save_draft::now(app);
        if before.is_some() && before != customer {
            tell(app, customer.as_deref());
        }
    }
}

fn keep(app: App, customer: Option<&str>) {
    let subject = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.subject.clone()));
    if let Some(subject) = subject {
        page::set_preference(&kept_under(&subject), customer.unwrap_or_default());
    }
}

fn tell(app: App, customer: Option<&str>) {
    let words = app.words_now();
    let name = customer.map(|id| name_of(app, id));
    let text = match name {
        Some(name) => words.with("acting.changed", &[("name", &name)]),
        None => words.t("acting.changed_own"),
    };
    app.toast.set(Some(Toast {
        text,
        undo_draft: None,
    }));
}

/// A customer's name; the id where the backend has not sent the customer.
pub fn name_of(app: App, id: &str) -> String {
    let records = app.records.get_untracked();
    let found = records.customers.iter().find(|one| one.id == id);
    found.map_or_else(|| id.into(), |one| one.name.clone())
}

/// The question of the draft being written whose answer is the customer; none outside of a draft.
pub fn field_of_draft(app: App) -> Option<String> {
    if !app.route.with(|route| matches!(route, Route::Step { .. })) {
        return None;
    }
    let open = app.editor.with(|draft| {
        let draft = draft.as_ref()?;
        (draft.state == DraftState::Open).then(|| draft.policy.clone())
    })?;
    let policy = app.policy(&open)?;
    let field = policy.field_of(FieldKind::OnBehalf)?;
    Some(field.key.clone())
}

/// The customer of the draft being written: of none, the question is not there; of `Some(None)`, it
/// is not answered.
pub fn of_draft(app: App) -> Option<Option<String>> {
    let key = field_of_draft(app)?;
    app.editor.with(|draft| {
        let text = draft.as_ref()?.text(&key).to_string();
        Some((!text.is_empty()).then_some(text))
    })
}

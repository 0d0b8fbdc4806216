//! Which contracts a case can use, and for each that can't: why, and what to do.
//!
//! Every contract is returned, usable or not (CMS-03, CMS-18): hiding one leaves its owner
//! guessing. The reason is a code with its facts; the words come from the policy or the catalogue.

use chrono::NaiveDate;

use super::case::{Contact, Entitlement};
use super::order::sort_by_key;
use super::text::fold_id;

/// Whether something may be done, and because of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may.
    pub allowed: bool,
    /// The code of the reason; `ok` when allowed.
    pub because: &'static str,
    /// Facts that belong into the sentence.
    pub facts: Vec<(&'static str, String)>,
}

impl Decision {
    /// Allowed.
    pub fn yes() -> Decision {
        Decision {
            allowed: true,
            because: "ok",
            facts: Vec::new(),
        }
    }

    /// Not allowed, with the reason's code and facts.
    pub fn no(because: &'static str, facts: Vec<(&'static str, String)>) -> Decision {
        Decision {
            allowed: false,
            because,
            facts,
        }
    }
}

/// Whether a contract can be used on a day for a product; without a product, for any.
///
/// The order is that of what one would be told first: a contract that ended needs renewal, whatever
/// else is wrong with it.
pub fn usable(entitlement: &Entitlement, product: Option<&str>, today: NaiveDate) -> Decision {
    let date = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    if entitlement.end.is_some_and(|end| end < today) || entitlement.status == "expired" {
        return Decision::no("expired", vec![("end", date(entitlement.end))]);
    }
    if entitlement.start.is_some_and(|start| start > today) {
        return Decision::no("not_started", vec![("start", date(entitlement.start))]);
    }
    if entitlement.status != "active" {
        return Decision::no("not_active", vec![("status", entitlement.status.clone())]);
    }
    if entitlement.cases_remaining == Some(0) {
        let total = entitlement.cases_total.unwrap_or(0).to_string();
        return Decision::no("none_left", vec![("total", total)]);
    }
    if let Some(product) = product
        && !product.is_empty()
        && !entitlement.product_ids.is_empty()
        && !entitlement.product_ids.iter().any(|id| id == product)
    {
        return Decision::no("product_not_covered", Vec::new());
    }
    Decision::yes()
}

/// The contract that covers a device, by its serial number as people write it (CMS-07).
pub fn by_serial<'a>(entitlements: &'a [Entitlement], serial: &str) -> Option<&'a Entitlement> {
    let wanted = fold_id(serial);
    if wanted.is_empty() {
        return None;
    }
    let covers = |entitlement: &&Entitlement| {
        entitlement
            .serial_numbers
            .iter()
            .any(|serial| fold_id(serial) == wanted)
    };
    // A device may stand on an old and a renewed contract; the one that still runs is meant.
    let mut hits: Vec<&Entitlement> = entitlements.iter().filter(covers).collect();
    sort_by_key(&mut hits, |hit| {
        let end = hit.end.unwrap_or(NaiveDate::MAX);
        (hit.status != "active", std::cmp::Reverse(end))
    });
    hits.first().copied()
}

/// Whether a contact may open cases at all, and if not, why (CMS-02, CMS-03).
pub fn access(contact: &Contact, entitlements: &[Entitlement], today: NaiveDate) -> Decision {
    if !contact.on_contract {
        return Decision::no("not_on_contract", Vec::new());
    }
    if entitlements.is_empty() {
        return Decision::no("no_contract", Vec::new());
    }
    let any = entitlements
        .iter()
        .any(|entitlement| usable(entitlement, None, today).allowed);
    if any {
        Decision::yes()
    } else {
        Decision::no("no_usable_contract", Vec::new())
    }
}

//! How an account gains contracts: it links one by its two ids, buys incidents, or activates what
//! an agreement already grants. What a contract's ids lead to is known to the desk only; nobody
//! learns from it which other account has linked one.

use super::limits::{LONGEST_ID, OTHER};
use super::{App, body, is_id};
use crate::catalog::{self, CONTRACT};
use crate::desk::World;
use crate::form::Form;
use crate::idempotency::{Outcome, once};
use crate::problem::Problem;
use crate::session::Session;
use crate::store::WriteTx;
use crate::text;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Months, Utc};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::Arc;

const PLACE: &str = "/api/entitlements";

/// Links a contract by its access id and its contract id.
pub(super) async fn link(
    session: Session,
    app: State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    operate(session, app, request, |transaction, session, form| {
        Box::pin(find_and_link(transaction, session, form))
    })
    .await
}

/// Buys what an offer holds, at the price the person has seen.
pub(super) async fn purchase(
    session: Session,
    app: State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    operate(session, app, request, |transaction, session, form| {
        Box::pin(buy(transaction, session, form))
    })
    .await
}

/// Activates a contract that an agreement grants but nobody has activated.
pub(super) async fn activate(
    session: Session,
    app: State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    operate(session, app, request, |transaction, session, form| {
        Box::pin(make_active(transaction, session, form))
    })
    .await
}

/// The part that all three have in common: one operation, one key, one body.
async fn operate<F>(
    session: Session,
    State(app): State<Arc<App>>,
    request: Request,
    work: F,
) -> Result<Response, Problem>
where
    F: for<'t> FnOnce(
            &'t mut WriteTx,
            &'t Session,
            Form,
        ) -> BoxFuture<'t, Result<Outcome, Problem>>
        + Send
        + 'static,
{
    let (operation, body) = body::json_operation(request).await?;
    let account_id = session.user.account_id.clone();
    once(&app, &account_id, operation, move |transaction| {
        Box::pin(async move {
            let form = Form::read(&body)?;
            work(transaction, &session, form).await
        })
    })
    .await
}

async fn find_and_link(
    transaction: &mut WriteTx,
    session: &Session,
    mut form: Form,
) -> Result<Outcome, Problem> {
    let policy = form.required_line("policy", LONGEST_ID);
    let access_id = bare(&form.required_line("access_id", OTHER));
    let contract_id = bare(&form.required_line("contract_id", OTHER));
    check_policy(&mut form, session, &policy);
    form.finish()?;
    check_desk(transaction, session, "link", &policy, Value::Null).await?;

    let contracts = transaction
        .find(&session.access, CONTRACT, ("contract_id", contract_id))
        .await?;
    let contract = contracts.into_iter().find(|contract| {
        contract["policy"] == policy && contract["access_id"].as_str() == Some(&access_id)
    });
    let Some(contract) = contract else {
        return Err(refused(
            "unknown_ids",
            "No contract has these two ids. Check both as they stand in the confirmation.",
        ));
    };
    if let Some((code, detail)) = why_not_linkable(&contract, &session.user.account_id) {
        return Err(refused(code, detail));
    }
    let entitlement = linked(transaction, session, contract).await?;
    Ok(Outcome::created(PLACE, entitlement))
}

/// Ids are read as people copy them: spaces and hyphens don't count, full-width digits do.
fn bare(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            // Full-width forms stand in the same order as ASCII, this far away.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}' | '-'))
        .flat_map(char::to_uppercase)
        .collect()
}

fn why_not_linkable(contract: &Value, account_id: &str) -> Option<(&'static str, &'static str)> {
    let today = Utc::now().date_naive().to_string();
    let expired = contract["entitlement"]["end"]
        .as_str()
        .is_some_and(|end| *end < *today);
    let linked_by = contract["linked_by"].as_str();
    let (shared, own) = (contract["ids"] == "shared", contract["ids"] == "own");
    if expired {
        Some(("contract_expired", "The contract with these ids has ended."))
    } else if linked_by == Some(account_id) && shared {
        Some((
            "shared_id",
            "These ids are shared and already linked. Nothing needs to be done.",
        ))
    } else if linked_by == Some(account_id) {
        Some((
            "already_linked",
            "This contract is already linked. Nothing needs to be done.",
        ))
    } else if linked_by.is_some() && own {
        Some((
            "ids_of_own",
            "With this contract everybody needs ids of their own. Ask your account manager for them.",
        ))
    } else if linked_by.is_some() {
        Some((
            "linked_elsewhere",
            "These ids can't be linked here. Ask your account manager.",
        ))
    } else {
        None
    }
}

async fn linked(
    transaction: &mut WriteTx,
    session: &Session,
    mut contract: Value,
) -> Result<Value, Problem> {
    contract["linked_by"] = session.user.account_id.clone().into();
    let mut entitlement = contract["entitlement"].clone();
    entitlement["id"] = text::new_id("ent")?.into();
    entitlement["account_id"] = session.user.account_id.clone().into();
    entitlement["policy"] = contract["policy"].clone();
    entitlement["contract_number"] = contract["contract_id"].clone();
    entitlement["shared_id"] = (contract["ids"] == "shared").into();
    let placement = catalog::placement(CONTRACT, &contract);
    transaction.put(CONTRACT, contract, &placement).await?;
    put(transaction, entitlement).await
}

async fn buy(
    transaction: &mut WriteTx,
    session: &Session,
    mut form: Form,
) -> Result<Outcome, Problem> {
    let offer_id = form.required_line("offer_id", LONGEST_ID);
    let price = form.required_line("price", OTHER);
    let currency = form.required_line("currency", OTHER);
    let offer = known(transaction, session, "offer", &offer_id).await?;
    if !offer_id.is_empty() && offer.is_none() {
        form.mistake("/offer_id", "unknown", "There is no such offer.");
    }
    form.finish()?;
    let offer = offer.ok_or_else(Problem::not_found)?;
    let policy = offer["policy"].as_str().unwrap_or_default().to_owned();
    check_desk(transaction, session, "purchase", &policy, Value::Null).await?;
    if offer["price"] != price || offer["currency"] != currency {
        let detail = "The price has changed since it was shown. Look at it again.";
        return Err(Problem::refused("/price", "price_changed", detail));
    }
    let number = transaction.next_number("purchase_number").await?;
    let entitlement = put(transaction, bought(&offer, number)?).await?;
    Ok(Outcome::created(PLACE, entitlement))
}

fn bought(offer: &Value, number: i64) -> Result<Value, Problem> {
    let today = Utc::now().date_naive();
    let months = offer["valid_months"].as_u64().unwrap_or_default();
    let end = u32::try_from(months)
        .ok()
        .and_then(|months| today.checked_add_months(Months::new(months)))
        .ok_or_else(|| Problem::internal("an offer without an end"))?;
    Ok(catalog::complete(
        "entitlement",
        json!({
            "id": text::new_id("ent")?, "account_id": offer["account_id"],
            "policy": offer["policy"], "name": offer["name"], "plan": offer["plan"],
            "contract_number": format!("PPI-{number}"), "status": "active",
            "start": today.to_string(), "end": end.to_string(),
            "cases_total": offer["incidents"], "cases_remaining": offer["incidents"],
            "product_ids": offer["product_ids"], "coverage": offer["coverage"],
        }),
    ))
}

async fn make_active(
    transaction: &mut WriteTx,
    session: &Session,
    mut form: Form,
) -> Result<Outcome, Problem> {
    let id = form.required_line("entitlement_id", LONGEST_ID);
    let entitlement = known(transaction, session, "entitlement", &id).await?;
    if !id.is_empty() && entitlement.is_none() {
        let detail = "Your account has no such entitlement.";
        form.mistake("/entitlement_id", "unknown", detail);
    }
    form.finish()?;
    let mut entitlement = entitlement.ok_or_else(Problem::not_found)?;
    let policy = entitlement["policy"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    check_desk(
        transaction,
        session,
        "activate",
        &policy,
        entitlement.clone(),
    )
    .await?;
    match entitlement["status"].as_str() {
        Some("active") => return Ok(Outcome::changed(entitlement)),
        Some("not_activated") => {}
        _ => {
            let detail = "This entitlement is not one that waits for activation.";
            return Err(Problem::refused(
                "/entitlement_id",
                "not_activatable",
                detail,
            ));
        }
    }
    entitlement["status"] = "active".into();
    let entitlement = put(transaction, entitlement).await?;
    Ok(Outcome::changed(entitlement))
}

async fn put(transaction: &mut WriteTx, entitlement: Value) -> Result<Value, Problem> {
    let entitlement = catalog::complete("entitlement", entitlement);
    let placement = catalog::placement("entitlement", &entitlement);
    Ok(transaction
        .put("entitlement", entitlement, &placement)
        .await?)
}

async fn known(
    transaction: &mut WriteTx,
    session: &Session,
    kind: &str,
    id: &str,
) -> Result<Option<Value>, Problem> {
    match is_id(id) {
        true => Ok(transaction.get(&session.access, kind, id).await?),
        false => Ok(None),
    }
}

fn check_policy(form: &mut Form, session: &Session, policy: &str) {
    let known = session.account["policies"]
        .as_array()
        .is_some_and(|policies| policies.iter().any(|known| known == policy));
    if !policy.is_empty() && !known {
        let detail = "Your account has no such support policy.";
        form.mistake("/policy", "unknown", detail);
    }
}

/// The desk may say who can do this; that is a matter of rights, not of what was written.
async fn check_desk(
    transaction: &mut WriteTx,
    session: &Session,
    occasion: &str,
    policy: &str,
    entitlement: Value,
) -> Result<(), Problem> {
    let contact = transaction
        .get(&session.access, "contact", &session.user.contact_id)
        .await?;
    let world = World {
        account: session.account.clone(),
        contact: contact.unwrap_or_default(),
        entitlement,
        ..World::default()
    };
    let desk = catalog::desk(transaction, session, &Value::from(policy)).await?;
    match desk.refusals(occasion, &world).into_iter().next() {
        None if desk.takes(occasion) => Ok(()),
        None => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not_offered",
            "The desk of this policy does not take this.",
        )),
        Some(refusal) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            refusal.code,
            refusal.detail,
        )),
    }
}

fn refused(code: &'static str, detail: &'static str) -> Problem {
    Problem::refused("/access_id", code, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mpt_05_ids_are_read_without_spaces_and_in_any_width() {
        assert_eq!(bare(" 0010 4471\u{3000}８８２\u{200b} "), "00104471882");
        assert_eq!(bare("ab-cＤ"), "ABCD");
    }

    #[test]
    fn linked_elsewhere_tells_nothing_about_who_has_linked_it() {
        let contract = json!({"ids": "", "linked_by": "acc-other", "entitlement": {}});
        let told = why_not_linkable(&contract, "acc-me");
        assert_eq!(told.map(|(code, _)| code), Some("linked_elsewhere"));
        assert!(!told.is_some_and(|(_, detail)| detail.contains("other")));
    }
}

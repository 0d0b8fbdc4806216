//! Which level of maintenance a device gets when a part of it goes back (CSF-16 to CSF-18).
//!
//! The levels, the distances and the exclusions are the policy's. The fastest level needs more than
//! a contract: a registered address, near enough to a service centre of the same country. Where
//! that fails the next lower level holds, and the reason is said.

use super::case::Asset;
use super::entitlement::Decision;
use super::policy::life::RmaLevel;
use super::policy::{Policy, Reason, Rma};
use super::text::fold_id;

/// The device of a serial number, as people write it.
pub fn by_serial<'a>(assets: &'a [Asset], serial: &str) -> Option<&'a Asset> {
    let wanted = fold_id(serial);
    let is_it = |asset: &&Asset| !wanted.is_empty() && fold_id(&asset.serial_number) == wanted;
    assets.iter().find(is_it)
}

/// Whether a device's part can go back under a level, and if not, why.
pub fn eligible(policy: &Policy, asset: &Asset, level: &str) -> Decision {
    let no = |code| Decision::no(code, Vec::new());
    let Some(rma) = &policy.rma else {
        return no("not_offered");
    };
    if rma.not_for_products.contains(&asset.product_id) {
        return no("excluded_product");
    }
    match (rank(rma, level), rank(rma, &asset.level)) {
        (Some(asked), Some(has)) if asked <= has => {}
        (_, None) => return no("no_maintenance"),
        _ => return Decision::no("not_this_level", vec![("level", asset.level.clone())]),
    }
    if level == rma.fast_level {
        near(rma, asset)
    } else {
        Decision::yes()
    }
}

/// Whether a device is where the fastest level reaches (CSF-17).
fn near(rma: &Rma, asset: &Asset) -> Decision {
    if asset.address_registered_at.is_none() {
        return Decision::no("address_not_registered", Vec::new());
    }
    if asset.center_name.is_empty() {
        return Decision::no("no_center", vec![("country", asset.country.clone())]);
    }
    if asset.center_country != asset.country {
        let facts = vec![
            ("country", asset.country.clone()),
            ("center", asset.center_country.clone()),
        ];
        return Decision::no("other_country", facts);
    }
    let limit = limit_miles(rma, &asset.country);
    match asset.distance_miles {
        None => Decision::no("distance_unknown", Vec::new()),
        Some(miles) if miles > limit => Decision::no(
            "too_far",
            vec![
                ("miles", miles.to_string()),
                ("km", km(miles).to_string()),
                ("limit", limit.to_string()),
                ("limit_km", km(limit).to_string()),
            ],
        ),
        Some(_) => Decision::yes(),
    }
}

/// The level under which a device's part goes back today: its own, or where that can't be had, the
/// next lower one.
pub fn level<'a>(policy: &'a Policy, asset: &Asset) -> Option<&'a RmaLevel> {
    let levels = &policy.rma.as_ref()?.levels;
    let fits = |level: &&RmaLevel| eligible(policy, asset, &level.id).allowed;
    levels.iter().rev().find(fits)
}

/// How many miles a service centre may be away in a country.
pub fn limit_miles(rma: &Rma, country: &str) -> u64 {
    if country == rma.home_country {
        rma.max_miles_home
    } else {
        rma.max_miles
    }
}

/// Miles in kilometres, to the nearest.
///
/// ```
/// use casement::core::rma::km;
/// assert_eq!((km(50), km(70)), (80, 113));
/// ```
pub fn km(miles: u64) -> u64 {
    (miles.saturating_mul(1_609_344) + 500_000) / 1_000_000
}

/// What the policy says of a reason.
pub fn why<'a>(policy: &'a Policy, code: &str) -> Option<&'a Reason> {
    let texts = &policy.rma.as_ref()?.texts;
    let found = texts.iter().find(|(name, _)| name == code);
    found
        .map(|(_, reason)| reason)
        .or_else(|| policy.reason(code))
}

/// The place of a level, the slowest being the first.
fn rank(rma: &Rma, level: &str) -> Option<usize> {
    rma.levels.iter().position(|one| one.id == level)
}

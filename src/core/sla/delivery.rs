//! Who can get a part within hours: near enough to a service centre of the same country, at the
//! address registered when the device was installed (NEW-09).
//!
//! [`check`] returns every condition with whether it is met, so that a page can show what is
//! missing. How long a new centre takes and when parts are due are targets of
//! [`super::terms`] like any other.

use super::terms::{When, read_when};
use crate::core::entitlement::Decision;
use crate::core::reader::Reader;

/// Kilometres in a mile.
pub const KILOMETRES_PER_MILE: f64 = 1.609_344;

/// The vendor's conditions.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    /// For which contracts.
    pub when: When,
    /// How far the centre may be, by country; the first entry that fits decides.
    pub radius: Vec<Radius>,
    /// Whether the centre must be in the same country.
    pub same_country: bool,
    /// The level that applies until a new centre is there.
    pub meanwhile: String,
}

/// How far a service centre may be.
#[derive(Clone, Debug, Default)]
pub struct Radius {
    /// In these countries; none listed means anywhere.
    pub countries: Vec<String>,
    /// At most so many miles.
    pub miles: u64,
}

/// Where the device stands and what is known of it.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// ISO 3166 country of the device.
    pub country: String,
    /// ISO 3166 country of the nearest centre, empty if not known.
    pub centre_country: String,
    /// Miles to that centre.
    pub miles: Option<f64>,
    /// Whether the part goes to the address registered at installation.
    pub registered_address: bool,
    /// Whether a contact is named who will be there.
    pub contact: bool,
    /// Whether the contact's mobile number is known.
    pub mobile: bool,
}

/// Reads the part `delivery` of a policy.
pub(super) fn read_delivery(r: &Reader) -> Delivery {
    let delivery = Delivery {
        when: read_when(r),
        radius: r.list("radius", |r| {
            let radius = Radius {
                countries: r.texts("countries"),
                miles: r.number_or_none("miles").unwrap_or_default(),
            };
            r.done();
            radius
        }),
        same_country: r.flag("same_country", false),
        meanwhile: r.text_or_empty("meanwhile"),
    };
    if delivery.radius.iter().any(|one| one.miles == 0) {
        r.problem("radius", "miles with every entry", "none", "add miles");
    }
    r.done();
    delivery
}

/// Every condition, met or not. The codes are `address`, `country`, `distance`, `contact` and
/// `mobile`.
pub fn check(delivery: &Delivery, site: &Site) -> Vec<Decision> {
    let radius = delivery
        .radius
        .iter()
        .find(|one| one.countries.is_empty() || one.countries.contains(&site.country));
    let country = !delivery.same_country || site.country == site.centre_country;
    let point = |met: bool, code: &'static str, facts| Decision {
        allowed: met,
        because: code,
        facts,
    };
    let mut points = vec![
        point(site.registered_address, "address", Vec::new()),
        point(
            country && !site.country.is_empty(),
            "country",
            vec![("centre", site.centre_country.clone())],
        ),
    ];
    if let Some(radius) = radius {
        let near = site.miles.is_some_and(|miles| miles <= radius.miles as f64);
        points.push(point(
            near,
            "distance",
            vec![("miles", radius.miles.to_string())],
        ));
    }
    points.push(point(site.contact, "contact", Vec::new()));
    points.push(point(site.mobile, "mobile", Vec::new()));
    points
}

/// Miles as the crow flies between two places, each (latitude, longitude) in degrees.
pub fn miles_between(a: (f64, f64), b: (f64, f64)) -> f64 {
    const RADIUS: f64 = 6_371.008_8;
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let chord = half(a.0, b.0) + lat_a.cos() * lat_b.cos() * half(a.1, b.1);
    2.0 * RADIUS * chord.sqrt().min(1.0).asin() / KILOMETRES_PER_MILE
}

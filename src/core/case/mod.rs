//! What the backend knows: the account, its people and contracts, its cases and what was said.
//!
//! Records come as JSON and are read leniently: a record that lacks something is shown with what
//! it has, because hiding a case over a missing field would be worse. The JSON itself stays in the
//! store, so fields this version does not know survive.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::order::sort;
use super::reader::{Reader, read};
use super::route::CaseFilter;

/// The kinds of records, named as the backend names them.
pub const KINDS: [&str; 12] = [
    "account",
    "contact",
    "customer",
    "entitlement",
    "product",
    "authorization",
    "license",
    "asset",
    "offer",
    "case",
    "comment",
    "attachment",
];

/// A person and where to reach them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// Full name as the person writes it.
    pub name: String,
    /// Mail address.
    pub email: String,
}

/// The partner's company.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Its id at the backend.
    pub id: String,
    /// The company's name.
    pub name: String,
    /// The vendor's id of the organisation.
    pub org_id: String,
    /// ISO 3166 country.
    pub country: String,
    /// Region of support, an id of the policy.
    pub region: String,
    /// Language the company prefers to be answered in.
    pub language: String,
    /// Whom to ask for rights (CMS-02).
    pub admins: Vec<Person>,
    /// The policies of the vendors it is a partner of; none listed means all that are offered.
    pub policies: Vec<String>,
    /// What else is known, by name; a policy's conditions may ask for it.
    pub facts: Vec<(String, String)>,
}

/// A person of the partner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contact {
    /// Its id at the backend.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Number to call back (CMS-08).
    pub phone: String,
    /// Language the person prefers.
    pub language: String,
    /// Role in the vendor's terms.
    pub role: String,
    /// Whether the person is named on the partner contract (CMS-02).
    pub on_contract: bool,
    /// What else is known, by name; a policy's conditions may ask for it.
    pub facts: Vec<(String, String)>,
}

/// A customer of the partner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customer {
    /// Its id at the backend.
    pub id: String,
    /// The company's name.
    pub name: String,
    /// ISO 3166 country.
    pub country: String,
    /// IANA zone of its clocks, empty if not known.
    pub zone: String,
    /// Mail domain.
    pub domain: String,
    /// What else is known, by name; a policy's conditions may ask for it.
    pub facts: Vec<(String, String)>,
}

/// A contract that cases can be charged to (CMS-18).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entitlement {
    /// Its id at the backend.
    pub id: String,
    /// The policy it belongs to.
    pub policy: String,
    /// Name as on the contract.
    pub name: String,
    /// Plan or service level, the policy's word.
    pub plan: String,
    /// The vendor's number of the contract.
    pub contract_number: String,
    /// `active` or why not.
    pub status: String,
    /// First day.
    pub start: Option<NaiveDate>,
    /// Last day.
    pub end: Option<NaiveDate>,
    /// Cases in all; nothing means without limit.
    pub cases_total: Option<u64>,
    /// Cases left.
    pub cases_remaining: Option<u64>,
    /// Products it covers; none listed means all.
    pub product_ids: Vec<String>,
    /// Devices it covers, by serial number (CMS-07).
    pub serial_numbers: Vec<String>,
    /// Maintenance level.
    pub level: String,
    /// What it covers, in the contract's words.
    pub coverage: String,
    /// Incidents used by month, as `2026-03`, for the chart of its use.
    pub history: Vec<(String, u64)>,
    /// Whether its ids are shared among partners, so that linking it again means nothing (MPT-06).
    pub shared_id: bool,
    /// What else is known, by name; a policy's conditions may ask for it.
    pub facts: Vec<(String, String)>,
}

/// Something the vendor supports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Product {
    /// Its id at the backend.
    pub id: String,
    /// The policy it belongs to.
    pub policy: String,
    /// Name.
    pub name: String,
    /// Product family.
    pub family: String,
    /// Whether it is a device.
    pub hardware: bool,
    /// Versions, newest first.
    pub versions: Vec<Version>,
    /// What else is known, by name; a policy's conditions may ask for it.
    pub facts: Vec<(String, String)>,
}

/// A version of a product.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Version {
    /// Its id.
    pub id: String,
    /// Name as shown.
    pub name: String,
    /// Last day of support, if set.
    pub end_of_life: Option<NaiveDate>,
}

/// What the partner may sell (CMS-19).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Authorization {
    /// Its id at the backend.
    pub id: String,
    /// The product family.
    pub product_family: String,
    /// `authorized`, `expired` or `not_authorized`.
    pub status: String,
    /// The level of partnership for it.
    pub level: String,
    /// First day.
    pub start: Option<NaiveDate>,
    /// Last day.
    pub end: Option<NaiveDate>,
}

/// A support case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Its id at the backend.
    pub id: String,
    /// Concurrency token of the record.
    pub version: String,
    /// The policy it follows.
    pub policy: String,
    /// The number people use.
    pub number: String,
    /// Where it stands.
    pub status: String,
    /// Type of issue.
    pub kind: String,
    /// One line.
    pub subject: String,
    /// What was written at creation and edited since.
    pub description: String,
    /// Severity, an id of the policy.
    pub severity: String,
    /// The product.
    pub product_id: String,
    /// Its version.
    pub product_version: String,
    /// The contract it is charged to.
    pub entitlement_id: String,
    /// The device.
    pub serial_number: String,
    /// What it means for the business.
    pub business_impact: String,
    /// The end customer.
    pub customer_name: String,
    /// The partner's contact.
    pub contact_id: String,
    /// Number to call back.
    pub callback_number: String,
    /// One more address that gets all mails (CMS-11).
    pub other_email: String,
    /// Who else follows it.
    pub watchers: Vec<String>,
    /// Language of the answers (CMS-12).
    pub preferred_language: String,
    /// Where mails about it go (CMS-14).
    pub mail_address: String,
    /// The subject that such mails must carry.
    pub mail_subject: String,
    /// The engineer, once assigned.
    pub assigned_to: String,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// What happened to it.
    pub history: Vec<Happening>,
    /// The customer's id, where the backend knows whom it is for.
    pub customer_id: String,
    /// Region of support, an id of the policy.
    pub region: String,
    /// Answers that have no field of their own, by the key of their question.
    pub fields: Vec<(String, String)>,
    /// Further contacts of the account, by id (NTT-10).
    pub contacts: Vec<String>,
    /// Contracts that it concerns (NTT-10).
    pub contract_numbers: Vec<String>,
    /// Number of the case that this one continues (CSF-12).
    pub linked_case: String,
    /// The escalation to the management, once asked for (CSF-13).
    pub escalation: Option<Escalation>,
    /// The return of material, once asked for (CSF-16).
    pub rma: Option<Return>,
    /// How far it is, an id among the policy's steps of progress (CSF-10).
    pub progress: String,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was closed (CSF-11).
    pub close_reason: String,
}

/// An escalation to the vendor's management.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Escalation {
    /// The way it took, an id among the policy's channels.
    pub channel: String,
    /// When it was asked for.
    pub at: Option<DateTime<Utc>>,
}

/// A return of material: what goes back, and to whom the replacement comes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Return {
    /// The device.
    pub serial_number: String,
    /// Level of maintenance it is handled under, an id of the policy.
    pub level: String,
    /// The part.
    pub part: String,
    /// Who takes the replacement.
    pub contact_name: String,
    /// Number to reach them at.
    pub contact_mobile: String,
    /// When it was asked for.
    pub requested_at: Option<DateTime<Utc>>,
    /// When the defect was verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// When the replacement was sent off.
    pub shipped_at: Option<DateTime<Utc>>,
    /// When it arrived.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When the defective part was back.
    pub returned_at: Option<DateTime<Utc>>,
}

/// Licences of a product family under one id of an organisation (CSF-14).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct License {
    /// Its id at the backend.
    pub id: String,
    /// The policy it belongs to.
    pub policy: String,
    /// The vendor's id of the organisation.
    pub org_id: String,
    /// The product family.
    pub family: String,
    /// Licences in all.
    pub total: u64,
    /// Those that a contract covers.
    pub covered: u64,
}

/// A device at a customer's place (CSF-17).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asset {
    /// Its id at the backend.
    pub id: String,
    /// The policy it belongs to.
    pub policy: String,
    /// Its serial number.
    pub serial_number: String,
    /// What it is.
    pub product_id: String,
    /// Level of maintenance, an id of the policy.
    pub level: String,
    /// Where it stands: the customer.
    pub customer_id: String,
    /// The customer's name.
    pub customer_name: String,
    /// Where it stands: the address, in one or several lines.
    pub address: String,
    /// ISO 3166 country of the address.
    pub country: String,
    /// When the address was registered; nothing means that it is not.
    pub address_registered_at: Option<NaiveDate>,
    /// Miles to the nearest service centre, if measured.
    pub distance_miles: Option<u64>,
    /// ISO 3166 country of that centre.
    pub center_country: String,
    /// Its name; nothing means that there is none yet.
    pub center_name: String,
    /// Who takes a replacement.
    pub contact_name: String,
    /// Number to reach them at.
    pub contact_mobile: String,
}

/// An incident, or several, that can be bought (MPT-14).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// Its id at the backend.
    pub id: String,
    /// The policy it belongs to.
    pub policy: String,
    /// Name.
    pub name: String,
    /// How many incidents it holds.
    pub incidents: u64,
    /// Price as decimal text; money is never a fraction of a machine's kind.
    pub price: String,
    /// ISO 4217 currency.
    pub currency: String,
    /// Months in which it must be used.
    pub valid_months: u64,
    /// Region it is offered in, an id of the policy; nothing means everywhere.
    pub region: String,
}

/// A change of a case's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Happening {
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// `created`, `assigned`, `reassigned`, `status`, `edited`, `severity`, `escalated`, `rma`,
    /// `closed`, `reopened`, `requested` (of the customer: the detail) or `progress` (a step's id).
    pub kind: String,
    /// Who did it.
    pub by: String,
    /// What it became.
    pub detail: String,
}

/// Something said on a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comment {
    /// Its id at the backend.
    pub id: String,
    /// The case.
    pub case_id: String,
    /// Who said it.
    pub author: String,
    /// `partner`, `vendor` or `system`.
    pub side: String,
    /// The text; text only.
    pub body: String,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
}

/// A file of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    /// Its id at the backend.
    pub id: String,
    /// The case.
    pub case_id: String,
    /// File name; text only, never a path.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
}

/// Reads a date as `2026-01-31`. By hand, because chrono's own way brings its whole language of
/// formats into the bundle.
pub fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let mut next = |digits: usize| -> Option<u32> {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    };
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    parts.next().is_none().then_some(date)
}

/// Reads an RFC 3339 time.
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.with_timezone(&Utc))
}

fn time_of(reader: &Reader, key: &'static str) -> Option<DateTime<Utc>> {
    let text = reader.text_or_none(key)?;
    let time = time(&text);
    if time.is_none() {
        reader.problem(key, "a time as 2026-01-31T09:30:00Z", text, "correct it");
    }
    time
}

fn date_of(reader: &Reader, key: &'static str) -> Option<NaiveDate> {
    let text = reader.text_or_none(key)?;
    let date = text.get(..10).and_then(day);
    if date.is_none() {
        reader.problem(key, "a date as 2026-01-31", text, "correct it");
    }
    date
}

/// A distance. What is a little over the limit is over it, so parts of a mile count as a mile.
fn whole_miles(reader: &Reader, key: &str) -> Option<u64> {
    let miles = reader.value().get(key)?.as_f64()?;
    (miles >= 0.0).then_some(miles.ceil() as u64)
}

fn facts(reader: &Reader) -> Vec<(String, String)> {
    reader.entries("facts", Reader::as_text)
}

/// A record that can be read from the backend's JSON.
pub trait Record: Sized {
    /// The backend's word for it.
    const KIND: &'static str;
    /// Reads it, with what there is.
    fn read(r: &Reader) -> Self;

    /// Reads it from JSON, leaving problems to whoever checks profiles.
    fn from_json(json: &Value) -> Self {
        read(json, Self::read).0
    }
}

impl Record for Account {
    const KIND: &'static str = "account";
    fn read(r: &Reader) -> Account {
        Account {
            id: r.text("id"),
            name: r.text("name"),
            org_id: r.text_or_empty("org_id"),
            country: r.text_or_empty("country"),
            region: r.text_or_empty("region"),
            language: r.text_or_empty("language"),
            admins: r.list("admins", |r| Person {
                name: r.text("name"),
                email: r.text_or_empty("email"),
            }),
            policies: r.texts("policies"),
            facts: facts(r),
        }
    }
}

impl Record for Contact {
    const KIND: &'static str = "contact";
    fn read(r: &Reader) -> Contact {
        Contact {
            id: r.text("id"),
            name: r.text("name"),
            email: r.text_or_empty("email"),
            phone: r.text_or_empty("phone"),
            language: r.text_or_empty("language"),
            role: r.text_or_empty("role"),
            on_contract: r.flag("on_contract", true),
            facts: facts(r),
        }
    }
}

impl Record for Customer {
    const KIND: &'static str = "customer";
    fn read(r: &Reader) -> Customer {
        Customer {
            id: r.text("id"),
            name: r.text("name"),
            country: r.text_or_empty("country"),
            zone: r.text_or_empty("zone"),
            domain: r.text_or_empty("domain"),
            facts: facts(r),
        }
    }
}

impl Record for Entitlement {
    const KIND: &'static str = "entitlement";
    fn read(r: &Reader) -> Entitlement {
        Entitlement {
            id: r.text("id"),
            policy: r.text_or_empty("policy"),
            name: r.text("name"),
            plan: r.text_or_empty("plan"),
            contract_number: r.text_or_empty("contract_number"),
            status: r.text_or_empty("status"),
            start: date_of(r, "start"),
            end: date_of(r, "end"),
            cases_total: r.number_or_none("cases_total"),
            cases_remaining: r.number_or_none("cases_remaining"),
            product_ids: r.texts("product_ids"),
            serial_numbers: r.texts("serial_numbers"),
            level: r.text_or_empty("level"),
            coverage: r.text_or_empty("coverage"),
            history: r.list("history", |r| {
                let used = r.number_or_none("used").unwrap_or(0);
                (r.text_or_empty("month"), used)
            }),
            shared_id: r.flag("shared_id", false),
            facts: facts(r),
        }
    }
}

impl Record for Product {
    const KIND: &'static str = "product";
    fn read(r: &Reader) -> Product {
        Product {
            id: r.text("id"),
            policy: r.text_or_empty("policy"),
            name: r.text("name"),
            family: r.text_or_empty("family"),
            hardware: r.flag("hardware", false),
            versions: r.list("versions", |r| Version {
                id: r.text("id"),
                name: r.text("name"),
                end_of_life: date_of(r, "end_of_life"),
            }),
            facts: facts(r),
        }
    }
}

impl Record for Authorization {
    const KIND: &'static str = "authorization";
    fn read(r: &Reader) -> Authorization {
        Authorization {
            id: r.text("id"),
            product_family: r.text("product_family"),
            status: r.text_or_empty("status"),
            level: r.text_or_empty("level"),
            start: date_of(r, "start"),
            end: date_of(r, "end"),
        }
    }
}

impl Record for Case {
    const KIND: &'static str = "case";
    fn read(r: &Reader) -> Case {
        Case {
            id: r.text("id"),
            version: r.text_or_empty("version"),
            policy: r.text_or_empty("policy"),
            number: r.text("number"),
            status: r.text_or_empty("status"),
            kind: r.text_or_empty("type"),
            subject: r.text_or_empty("subject"),
            description: r.text_or_empty("description"),
            severity: r.text_or_empty("severity"),
            product_id: r.text_or_empty("product_id"),
            product_version: r.text_or_empty("product_version"),
            entitlement_id: r.text_or_empty("entitlement_id"),
            serial_number: r.text_or_empty("serial_number"),
            business_impact: r.text_or_empty("business_impact"),
            customer_name: r.text_or_empty("customer_name"),
            contact_id: r.text_or_empty("contact_id"),
            callback_number: r.text_or_empty("callback_number"),
            other_email: r.text_or_empty("other_email"),
            watchers: r.texts("watchers"),
            preferred_language: r.text_or_empty("preferred_language"),
            mail_address: r.text_or_empty("mail_address"),
            mail_subject: r.text_or_empty("mail_subject"),
            assigned_to: r.text_or_empty("assigned_to"),
            created_at: time_of(r, "created_at"),
            updated_at: time_of(r, "updated_at"),
            history: r.list("history", |r| Happening {
                at: time_of(r, "at"),
                kind: r.text_or_empty("kind"),
                by: r.text_or_empty("by"),
                detail: r.text_or_empty("detail"),
            }),
            customer_id: r.text_or_empty("customer_id"),
            region: r.text_or_empty("region"),
            fields: r.entries("fields", |r| r.as_text()),
            contacts: r.texts("contacts"),
            contract_numbers: r.texts("contract_numbers"),
            linked_case: r.text_or_empty("linked_case"),
            escalation: r.object_or_none("escalation", |r| Escalation {
                channel: r.text_or_empty("channel"),
                at: time_of(r, "at"),
            }),
            rma: r.object_or_none("rma", |r| Return {
                serial_number: r.text_or_empty("serial_number"),
                level: r.text_or_empty("level"),
                part: r.text_or_empty("part"),
                contact_name: r.text_or_empty("contact_name"),
                contact_mobile: r.text_or_empty("contact_mobile"),
                requested_at: time_of(r, "requested_at"),
                verified_at: time_of(r, "verified_at"),
                shipped_at: time_of(r, "shipped_at"),
                delivered_at: time_of(r, "delivered_at"),
                returned_at: time_of(r, "returned_at"),
            }),
            progress: r.text_or_empty("progress"),
            closed_at: time_of(r, "closed_at"),
            close_reason: r.text_or_empty("close_reason"),
        }
    }
}

impl Record for License {
    const KIND: &'static str = "license";
    fn read(r: &Reader) -> License {
        License {
            id: r.text("id"),
            policy: r.text_or_empty("policy"),
            org_id: r.text_or_empty("org_id"),
            family: r.text_or_empty("family"),
            total: r.number_or_none("total").unwrap_or(0),
            covered: r.number_or_none("covered").unwrap_or(0),
        }
    }
}

impl Record for Asset {
    const KIND: &'static str = "asset";
    fn read(r: &Reader) -> Asset {
        Asset {
            id: r.text("id"),
            policy: r.text_or_empty("policy"),
            serial_number: r.text_or_empty("serial_number"),
            product_id: r.text_or_empty("product_id"),
            level: r.text_or_empty("level"),
            customer_id: r.text_or_empty("customer_id"),
            customer_name: r.text_or_empty("customer_name"),
            address: r.text_or_empty("address"),
            country: r.text_or_empty("country"),
            address_registered_at: date_of(r, "address_registered_at"),
            distance_miles: whole_miles(r, "distance_miles"),
            center_country: r.text_or_empty("center_country"),
            center_name: r.text_or_empty("center_name"),
            contact_name: r.text_or_empty("contact_name"),
            contact_mobile: r.text_or_empty("contact_mobile"),
        }
    }
}

impl Record for Offer {
    const KIND: &'static str = "offer";
    fn read(r: &Reader) -> Offer {
        Offer {
            id: r.text("id"),
            policy: r.text_or_empty("policy"),
            name: r.text_or_empty("name"),
            incidents: r.number_or_none("incidents").unwrap_or(1),
            price: r.text_or_empty("price"),
            currency: r.text_or_empty("currency"),
            valid_months: r.number_or_none("valid_months").unwrap_or(0),
            region: r.text_or_empty("region"),
        }
    }
}

impl Record for Comment {
    const KIND: &'static str = "comment";
    fn read(r: &Reader) -> Comment {
        Comment {
            id: r.text("id"),
            case_id: r.text("case_id"),
            author: r.text_or_empty("author_name"),
            side: r.text_or_empty("author_side"),
            body: r.text_or_empty("body"),
            created_at: time_of(r, "created_at"),
        }
    }
}

impl Record for Attachment {
    const KIND: &'static str = "attachment";
    fn read(r: &Reader) -> Attachment {
        Attachment {
            id: r.text("id"),
            case_id: r.text("case_id"),
            name: r.text_or_empty("name"),
            size: r.number_or_none("size").unwrap_or(0),
            created_at: time_of(r, "created_at"),
        }
    }
}

/// Licences by organisation and family, as one record each (CSF-14): all of them must be covered.
pub fn coverage(licenses: &[License]) -> Vec<License> {
    let mut groups: Vec<License> = Vec::new();
    for one in licenses {
        let same = |group: &&mut License| {
            (&group.policy, &group.org_id, &group.family) == (&one.policy, &one.org_id, &one.family)
        };
        // What is covered twice in one place makes up for nothing in another.
        let covered = one.covered.min(one.total);
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.total = group.total.saturating_add(one.total);
                group.covered = group.covered.saturating_add(covered);
            }
            None => groups.push(License {
                covered,
                ..one.clone()
            }),
        }
    }
    groups
}

impl License {
    /// Whether not one licence is left out.
    pub fn is_all_in(&self) -> bool {
        self.covered >= self.total
    }
}

impl Case {
    /// What tells its customer from others: the id, the name where there is none.
    pub fn customer_key(&self) -> &str {
        match self.customer_id.as_str() {
            "" => &self.customer_name,
            id => id,
        }
    }
}

/// What a filter lets through, made ready once for any number of cases.
pub struct Sieve<'a> {
    filter: &'a CaseFilter,
    words: Vec<String>,
}

impl<'a> Sieve<'a> {
    /// Makes a filter ready.
    pub fn new(filter: &'a CaseFilter) -> Sieve<'a> {
        let text = filter.text.to_lowercase();
        let words = text.split_whitespace().map(String::from).collect();
        Sieve { filter, words }
    }

    /// Whether a case is let through: in every respect, and with each of the words in its number,
    /// subject, description or customer.
    pub fn lets_through(&self, case: &Case) -> bool {
        let filter = self.filter;
        let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        let texts = [
            &case.number,
            &case.subject,
            &case.customer_name,
            &case.description,
        ];
        let holds = |word: &String| texts.iter().any(|text| holds(text, word));
        fits(&filter.kind, &case.kind)
            && fits(&filter.status, &case.status)
            && fits(&filter.contact, &case.contact_id)
            && fits(&filter.customer, case.customer_key())
            && self.words.iter().all(holds)
    }
}

/// Whether a text holds a word, which is in small letters, in letters of any size. A word without
/// any but plain letters is looked for where the text stands, because to write a hundred thousand
/// texts anew for each key that is pressed would be felt.
fn holds(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word) || text.to_lowercase().contains(word);
    }
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let same = |part: &[u8]| part.eq_ignore_ascii_case(word);
    text.windows(word.len().max(1)).any(same)
}

impl CaseFilter {
    /// Whether everything that this lets through was let through by an earlier one, so that only
    /// that needs to be looked at: it differs by a text that goes on where the earlier one ended.
    pub fn narrows(&self, earlier: &CaseFilter) -> bool {
        let with_text = CaseFilter {
            text: self.text.clone(),
            ..earlier.clone()
        };
        *self == with_text && self.text.starts_with(&earlier.text)
    }
}

/// The places of cases in the order of a number each, the lowest first; of the same number latest
/// change first, and of two at the same time the higher number of the case.
pub fn in_order(cases: &[Case], number: impl Fn(&Case) -> i64) -> Vec<usize> {
    let key = |case: &Case| {
        // One whose change is not known comes last.
        let changed = case.updated_at.map_or(i64::MIN, |at| at.timestamp_micros());
        (number(case), std::cmp::Reverse(changed))
    };
    let keys: Vec<_> = cases.iter().map(key).collect();
    let mut places: Vec<usize> = (0..cases.len()).collect();
    sort(&mut places, |a, b| {
        let first = keys[*a].cmp(&keys[*b]);
        first.then_with(|| cases[*b].number.cmp(&cases[*a].number))
    });
    places
}

/// The cases that a filter lets through, latest change first.
pub fn filtered<'a>(cases: &'a [Case], filter: &CaseFilter) -> Vec<&'a Case> {
    let sieve = Sieve::new(filter);
    let places = in_order(cases, |_| 0).into_iter();
    let sorted = places.filter_map(|place| cases.get(place));
    sorted.filter(|case| sieve.lets_through(case)).collect()
}

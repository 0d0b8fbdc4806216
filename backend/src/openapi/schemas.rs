//! The shapes of records, bodies and problems.

use super::reference;
use crate::http::limits;
use serde_json::{Map, Value, json};

/// All named shapes.
pub(super) fn all() -> Map<String, Value> {
    let mut schemas = Map::new();
    let mut add = |name: &str, schema: Value| schemas.insert(name.to_owned(), schema);
    add("Problem", problem());
    add("FieldError", field_error());
    add("Credentials", credentials());
    add("Session", session());
    add("HandOver", hand_over());
    add("HandOverCode", hand_over_code());
    add("HandedOver", handed_over());
    add("SessionState", session_state());
    add("Changes", changes());
    add("NewCase", new_case());
    add("CaseEdit", case_edit());
    add("NewComment", new_comment());
    add("Upload", upload());
    add("CaseAction", case_action());
    add("ContractIds", contract_ids());
    add("Purchase", purchase());
    add("Activation", activation());
    add("CaseDeed", case_deed());
    add("EntitlementDeed", entitlement_deed());
    add("ContactDeed", contact_deed());
    add("CustomerDeed", customer_deed());
    for (kind, fields) in records() {
        add(&super::capital(kind), record(fields));
    }
    schemas
}

/// The own fields of each kind; id, version and updated_at are common to all.
fn records() -> [(&'static str, Value); 13] {
    [
        ("account", account()),
        ("contact", contact()),
        ("customer", customer()),
        ("entitlement", entitlement()),
        ("product", product()),
        ("authorization", authorization()),
        ("license", license()),
        ("asset", asset()),
        ("offer", offer()),
        ("case", case()),
        ("comment", comment()),
        ("attachment", attachment()),
        ("article", article()),
    ]
}

fn record(mut fields: Value) -> Value {
    fields["id"] = text();
    fields["version"] = json!({"type": "string", "pattern": "^[0-9]+$"});
    fields["updated_at"] = time();
    object(fields)
}

/// An object with all of its fields.
fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .collect();
    json!({"type": "object", "required": required, "properties": properties})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn texts() -> Value {
    json!({"type": "array", "items": text()})
}

/// What else is known of a record, in words of its policy.
fn facts() -> Value {
    json!({"type": "object", "additionalProperties": text()})
}

fn optional_text() -> Value {
    json!({"type": ["string", "null"]})
}

fn one_of(values: &[&str]) -> Value {
    json!({"enum": values})
}

fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn date() -> Value {
    json!({"type": "string", "format": "date"})
}

fn optional(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn account() -> Value {
    json!({
        "name": text(), "org_id": text(), "country": text(), "region": text(),
        "language": text(), "policies": texts(), "facts": facts(),
        "admins": {"type": "array", "items": object(json!({"name": text(), "email": text()}))},
    })
}

fn contact() -> Value {
    json!({
        "account_id": text(), "name": text(), "email": text(), "phone": text(),
        "language": text(), "role": text(), "on_contract": {"type": "boolean"},
        "facts": facts(),
    })
}

fn customer() -> Value {
    json!({
        "account_id": text(), "name": text(), "country": text(), "zone": text(), "domain": text(),
        "facts": facts(),
    })
}

fn entitlement() -> Value {
    let count = json!({
        "type": ["integer", "null"], "minimum": 0, "description": "null means unlimited",
    });
    let used = object(json!({
        "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
        "used": {"type": "integer", "minimum": 0},
    }));
    json!({
        "account_id": text(), "policy": text(), "name": text(), "plan": text(),
        "contract_number": text(), "start": date(), "end": date(),
        "status": one_of(&[
            "active", "expired", "pending", "suspended", "not_activated", "no_permission",
        ]),
        "cases_total": count, "cases_remaining": count, "product_ids": texts(),
        "serial_numbers": texts(), "level": optional_text(), "customer_id": optional_text(),
        "coverage": text(), "facts": facts(), "history": {"type": "array", "items": used},
        "shared_id": {"type": "boolean"},
    })
}

fn product() -> Value {
    let version = object(json!({
        "id": text(), "name": text(), "end_of_life": optional(date()),
    }));
    json!({
        "policy": text(), "name": text(), "family": text(), "hardware": {"type": "boolean"},
        "versions": {"type": "array", "items": version}, "facts": facts(),
    })
}

fn authorization() -> Value {
    json!({
        "account_id": text(), "policy": text(), "product_family": text(),
        "status": one_of(&["authorized", "expired", "not_authorized"]),
        "level": optional_text(), "start": optional(date()), "end": optional(date()),
    })
}

fn license() -> Value {
    let count = json!({"type": "integer", "minimum": 0});
    json!({
        "account_id": text(), "policy": text(), "org_id": text(), "family": text(),
        "total": count, "covered": count,
    })
}

fn asset() -> Value {
    json!({
        "account_id": text(), "policy": text(), "serial_number": text(), "product_id": text(),
        "level": text(), "customer_id": optional_text(), "customer_name": text(),
        "address": text(), "country": text(), "address_registered_at": optional(date()),
        "distance_miles": {"type": ["integer", "null"], "minimum": 0},
        "center_country": optional_text(), "center_name": optional_text(),
        "contact_name": text(), "contact_mobile": text(),
    })
}

fn offer() -> Value {
    json!({
        "account_id": text(), "policy": text(), "name": text(), "plan": text(),
        "incidents": {"type": "integer", "minimum": 1},
        "price": {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "valid_months": {"type": "integer", "minimum": 1},
        "region": text(), "product_ids": texts(), "coverage": text(),
    })
}

fn escalation() -> Value {
    object(json!({
        "channel": text(), "at": time(), "business_impact": text(), "summary": text(),
        "contact": text(),
    }))
}

fn rma() -> Value {
    object(json!({
        "serial_number": text(), "level": text(), "part": text(), "contact_name": text(),
        "contact_mobile": text(), "requested_at": time(), "verified_at": optional(time()),
        "shipped_at": optional(time()), "delivered_at": optional(time()),
        "returned_at": optional(time()),
    }))
}

fn case() -> Value {
    let status = one_of(&[
        "waiting_assignment",
        "open",
        "waiting_customer",
        "solution_provided",
        "closed",
    ]);
    let history = object(json!({
        "at": time(), "by": text(), "detail": text(),
        "kind": one_of(&[
            "created", "assigned", "reassigned", "status", "edited", "severity", "escalated",
            "rma", "closed", "reopened", "requested", "progress",
        ]),
    }));
    json!({
        "account_id": text(), "policy": text(), "status": status, "type": text(),
        "client_reference": client_reference(),
        "number": {"type": "string", "pattern": "^[0-9]{8}$"},
        "subject": text(), "description": text(), "severity": text(), "product_id": text(),
        "product_version": text(), "entitlement_id": text(), "serial_number": text(),
        "business_impact": text(), "customer_id": text(), "customer_name": text(),
        "contact_id": text(), "callback_number": text(), "other_email": text(),
        "watchers": texts(), "preferred_language": text(),
        "fields": {"type": "object", "additionalProperties": text()},
        "mail_address": text(), "mail_subject": text(), "assigned_to": optional_text(),
        "created_at": time(), "closed_at": optional(time()),
        "history": {"type": "array", "items": history}, "region": text(),
        "linked_case": text(), "contacts": texts(), "contract_numbers": texts(),
        "escalation": optional(escalation()), "rma": optional(rma()), "progress": text(),
        "close_reason": text(),
    })
}

fn comment() -> Value {
    json!({
        "case_id": text(), "account_id": text(), "author_name": text(), "body": text(),
        "author_side": one_of(&["partner", "vendor", "system"]), "created_at": time(),
        "client_reference": client_reference(),
    })
}

fn attachment() -> Value {
    json!({
        "case_id": text(), "account_id": text(), "name": text(), "media_type": text(),
        "size": {"type": "integer", "minimum": 0},
        "sha256": sha256(), "created_at": time(), "client_reference": client_reference(),
    })
}

fn sha256() -> Value {
    json!({"type": "string", "pattern": "^[0-9a-f]{64}$"})
}

/// What the creator calls it, to find it again when its answer was lost.
fn client_reference() -> Value {
    json!({
        "type": "string",
        "description": "The Idempotency-Key of the operation that created it; else empty.",
    })
}

fn upload() -> Value {
    object(json!({
        "id": text(),
        "offset": {"type": "integer", "minimum": 0},
        "length": {"type": "integer", "minimum": 0},
        "sha256": sha256(),
        "attachment": {"oneOf": [reference("Attachment"), {"type": "null"}]},
    }))
}

fn article() -> Value {
    json!({
        "policy": text(), "lang": text(), "title": text(), "summary": text(), "body": text(),
        "products": texts(), "tags": texts(), "url": optional_text(),
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "pattern": "^urn:casement:problem:[a-z_]+$"},
            "title": text(),
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text(),
            "code": {"type": "string", "pattern": "^[a-z_]+$"},
            "errors": {"type": "array", "minItems": 1, "items": reference("FieldError")},
        },
    })
}

fn field_error() -> Value {
    object(json!({
        "pointer": {"type": "string", "description": "JSON pointer to the field"},
        "code": {
            "type": "string", "pattern": "^[a-z_]+$",
            "description": "required, too_long, invalid, unknown, not_usable, or a code of the \
                desk that refuses it",
        },
        "detail": text(),
    }))
}

fn credentials() -> Value {
    closed(
        &["login", "password"],
        json!({
            "login": required_line(limits::LONGEST_EMAIL),
            "password": required_text(limits::LONGEST_PASSWORD),
        }),
    )
}

fn hand_over() -> Value {
    closed(
        &["nonce"],
        json!({"nonce": required_line(limits::LONGEST_CODE)}),
    )
}

fn hand_over_code() -> Value {
    object(json!({"code": text(), "expires_in": {"type": "integer", "minimum": 1}}))
}

fn handed_over() -> Value {
    let line = required_line(limits::LONGEST_CODE);
    closed(&["code", "nonce"], json!({"code": line, "nonce": line}))
}

fn session() -> Value {
    object(json!({
        "signed_in": {"const": true}, "server_time": time(), "csrf": text(), "login": text(),
        "contact_id": text(), "account_id": text(), "subject": text(),
    }))
}

fn session_state() -> Value {
    let example = object(json!({
        "login": text(), "password": text(), "name": text(), "note": text(),
    }));
    let nobody = object(json!({
        "signed_in": {"const": false}, "server_time": time(),
        "examples": {"type": "array", "items": example},
    }));
    json!({"oneOf": [reference("Session"), nobody]})
}

fn changes() -> Value {
    let written = records().map(|(kind, _)| {
        object(json!({
            "kind": {"const": kind}, "id": text(), "deleted": {"const": false},
            "record": reference(&super::capital(kind)),
        }))
    });
    let kinds = records().map(|(kind, _)| kind);
    let deleted = object(json!({
        "kind": one_of(&kinds), "id": text(), "deleted": {"const": true},
    }));
    let mut shapes = written.to_vec();
    shapes.push(deleted);
    object(json!({
        "items": {"type": "array", "items": {"oneOf": shapes}},
        "cursor": text(),
        "more": {"type": "boolean"},
    }))
}

fn new_case() -> Value {
    closed(
        &["policy", "subject", "description", "type", "contact_id"],
        json!({
            "policy": required_line(limits::LONGEST_ID),
            "subject": subject(),
            "description": required_text(limits::DESCRIPTION),
            "severity": asked_by_most(line(limits::OTHER)),
            "type": required_line(limits::OTHER),
            "product_id": asked_by_most(line(limits::LONGEST_ID)),
            "product_version": asked_by_most(line(limits::LONGEST_ID)),
            "entitlement_id": line(limits::LONGEST_ID),
            "serial_number": line(limits::OTHER),
            "business_impact": free_text(limits::OTHER),
            "customer_id": line(limits::LONGEST_ID),
            "customer_name": line(limits::OTHER),
            "contact_id": required_line(limits::LONGEST_ID),
            "callback_number": asked_by_most(line(limits::OTHER)),
            "region": line(limits::OTHER),
            "contacts": names(),
            "contract_numbers": names(),
            "linked_case": line(limits::LONGEST_ID),
            "other_email": email(),
            "watchers": emails(),
            "preferred_language": line(limits::OTHER),
            "fields": fields(),
        }),
    )
}

/// A subject is counted as people count; a document can count code points only.
fn subject() -> Value {
    let mut subject = required_line(limits::OTHER);
    if let Some(fields) = subject.as_object_mut() {
        fields.remove("maxLength");
    }
    let longest = limits::SUBJECT;
    subject["description"] = json!(format!("At most {longest} characters (grapheme clusters)"));
    subject
}

fn asked_by_most(mut schema: Value) -> Value {
    schema["description"] = json!("Whether it is required is a matter of the policy's desk");
    schema
}

fn names() -> Value {
    json!({
        "type": ["array", "null"], "maxItems": limits::WATCHERS,
        "items": required_line(limits::LONGEST_ID),
    })
}

/// One shape for each word that says what is to be done.
fn by_word(name: &str, shapes: Vec<(&str, &[&str], Value)>) -> Value {
    let shapes: Vec<Value> = shapes
        .into_iter()
        .map(|(word, required, mut properties)| {
            properties[name] = json!({"const": word});
            let required: Vec<&str> = [name].into_iter().chain(required.iter().copied()).collect();
            closed(&required, properties)
        })
        .collect();
    json!({"oneOf": shapes})
}

fn case_action() -> Value {
    let line = || required_line(limits::OTHER);
    let words = || required_text(limits::OTHER);
    by_word(
        "action",
        vec![
            (
                "lower_severity",
                &["severity"],
                json!({"severity": line(), "reason": free_text(limits::OTHER)}),
            ),
            ("close", &[], json!({"note": free_text(limits::OTHER)})),
            ("reopen", &["reason"], json!({"reason": words()})),
            (
                "escalate",
                &["channel", "business_impact", "summary"],
                json!({
                    "channel": line(), "business_impact": words(), "summary": words(),
                    "contact": self::line(limits::OTHER),
                }),
            ),
            (
                "rma",
                &["serial_number", "level", "contact_name", "contact_mobile"],
                json!({
                    "serial_number": line(), "level": line(), "part": self::line(limits::OTHER),
                    "address_confirmed": {"type": ["boolean", "null"]},
                    "contact_name": line(), "contact_mobile": line(),
                }),
            ),
            ("contacts", &[], json!({"contacts": names()})),
            ("watchers", &[], json!({"watchers": emails()})),
        ],
    )
}

fn contract_ids() -> Value {
    closed(
        &["policy", "access_id", "contract_id"],
        json!({
            "policy": required_line(limits::LONGEST_ID),
            "access_id": required_line(limits::OTHER),
            "contract_id": required_line(limits::OTHER),
        }),
    )
}

fn purchase() -> Value {
    closed(
        &["offer_id", "price", "currency"],
        json!({
            "offer_id": required_line(limits::LONGEST_ID),
            "price": required_line(limits::OTHER),
            "currency": required_line(limits::OTHER),
        }),
    )
}

fn activation() -> Value {
    closed(
        &["entitlement_id"],
        json!({"entitlement_id": required_line(limits::LONGEST_ID)}),
    )
}

fn case_deed() -> Value {
    let name = || json!({"name": line(limits::OTHER)});
    let text = || json!({"text": required_text(limits::DESCRIPTION)});
    let mut shapes: Vec<(&str, &[&str], Value)> = vec![
        ("assign", &[], name()),
        ("reassign", &[], name()),
        ("answer", &["text"], text()),
        ("ask", &["text"], text()),
        ("solve", &["text"], text()),
        (
            "progress",
            &["step"],
            json!({"step": required_line(limits::OTHER)}),
        ),
        (
            "lower",
            &["severity"],
            json!({"severity": required_line(limits::OTHER)}),
        ),
        (
            "close",
            &["reason"],
            json!({"reason": one_of(&["confirmed", "no_answer", "not_entitled"])}),
        ),
    ];
    for deed in ["verify", "ship", "deliver", "receive"] {
        shapes.push((deed, &[], json!({})));
    }
    by_word("do", shapes)
}

fn entitlement_deed() -> Value {
    closed(
        &["do"],
        json!({"do": one_of(&["expire", "suspend", "use_up", "remove"])}),
    )
}

fn contact_deed() -> Value {
    by_word(
        "do",
        vec![
            (
                "role",
                &["role"],
                json!({"role": required_line(limits::OTHER)}),
            ),
            (
                "contract",
                &[],
                json!({"on_contract": {"type": ["boolean", "null"]}}),
            ),
        ],
    )
}

fn customer_deed() -> Value {
    by_word(
        "do",
        vec![(
            "access",
            &["delegation"],
            json!({"delegation": one_of(&["granted", "requested", "none", "withheld"])}),
        )],
    )
}

fn case_edit() -> Value {
    closed(
        &[],
        json!({
            "description": required_text(limits::DESCRIPTION),
            "business_impact": free_text(limits::OTHER),
            "other_email": email(),
            "watchers": emails(),
            "fields": fields(),
            "customer_name": line(limits::OTHER),
        }),
    )
}

fn new_comment() -> Value {
    let mut body = required_text(limits::LONGEST_COMMENT);
    body["description"] = json!("At most 16000 bytes in UTF-8");
    closed(&["body"], json!({"body": body}))
}

/// A body in which a field nobody asked for is a mistake.
fn closed(required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object", "required": required, "properties": properties,
        "additionalProperties": false,
    })
}

/// One line with something to read in it.
pub(super) fn required_line(longest: usize) -> Value {
    const ANY: &str = r"[^\u0000-\u001F\u007F-\u009F]";
    const VISIBLE: &str = r"[^\s\u0000-\u001F\u007F-\u009F]";
    json!({
        "type": "string", "minLength": 1, "maxLength": longest,
        "pattern": format!("^{ANY}*{VISIBLE}{ANY}*$"),
    })
}

fn line(longest: usize) -> Value {
    json!({
        "type": ["string", "null"], "maxLength": longest,
        "pattern": r"^[^\u0000-\u001F\u007F-\u009F]*$",
    })
}

fn required_text(longest: usize) -> Value {
    json!({
        "type": "string", "minLength": 1, "maxLength": longest,
        "pattern": r"[^\s\u0000-\u001F\u007F-\u009F]",
    })
}

fn free_text(longest: usize) -> Value {
    json!({"type": ["string", "null"], "maxLength": longest})
}

const ADDRESS: &str = "[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+";

fn email() -> Value {
    json!({
        "type": ["string", "null"], "maxLength": limits::LONGEST_EMAIL,
        "pattern": format!("^({ADDRESS})?$"),
    })
}

fn emails() -> Value {
    json!({
        "type": ["array", "null"], "maxItems": limits::WATCHERS,
        "items": {
            "type": "string", "maxLength": limits::LONGEST_EMAIL, "pattern": format!("^{ADDRESS}$"),
        },
    })
}

fn fields() -> Value {
    json!({
        "type": ["object", "null"], "maxProperties": limits::FIELDS,
        "propertyNames": {"maxLength": limits::LONGEST_FIELD_NAME},
        "additionalProperties": {"type": ["string", "null"], "maxLength": limits::OTHER},
    })
}

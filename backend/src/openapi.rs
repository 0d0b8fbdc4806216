//! The OpenAPI 3.1 document. Limits come from the code that checks them, so that the document
//! can't promise something else; the rest is compared with the running service by tests.

mod schemas;

use crate::catalog::{COLLECTIONS, Collection, OF_CASE};
use crate::example;
use crate::http::{limits, uploads};
use serde_json::{Map, Value, json};

/// The document.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Casement reference backend",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Support cases, and what is needed to file and follow them",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths(),
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": security_schemes(),
        },
    })
}

const DESCRIPTION: &str = "\
Errors are problems (RFC 9457) with a stable `code`. Times are RFC 3339 in UTC, ids are opaque \
texts. A record's `version` is its entity tag without quotes. Creating needs an \
`Idempotency-Key`: sending the same operation again gives the first answer again, with \
`Idempotency-Replayed: true`. Keys are kept for at least 24 hours; after that, ask for records \
with the key as `client_reference` before sending an operation again. A refusal creates nothing and frees the key, so a corrected \
operation may keep it.";

fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    let mut add = |path: &str, operations: Value| paths.insert(path.to_owned(), operations);
    add("/health", json!({"get": health()}));
    add("/openapi.json", json!({"get": own_document()}));
    add(
        "/api/session",
        json!({"get": show_session(), "post": sign_in(), "delete": sign_out()}),
    );
    add("/api/session/hand-over", json!({"post": hand_over()}));
    add("/api/session/redeem", json!({"post": redeem()}));
    add(
        "/api/account",
        json!({"get": single("account", "The account one acts for", false)}),
    );
    add("/api/changes", json!({"get": changes()}));
    for collection in &COLLECTIONS {
        let mut listing = json!({"get": listing(collection)});
        let mut one = json!({"get": single(collection.kind, "One record", true)});
        if collection.kind == "case" {
            listing["post"] = file_case();
            one["patch"] = edit_case();
        }
        add(&format!("/api/{}", collection.path), listing);
        add(&format!("/api/{}/{{id}}", collection.path), one);
    }
    add(
        "/api/cases/{id}/comments",
        json!({"get": listing_of_case("comment"), "post": add_comment()}),
    );
    add(
        "/api/cases/{id}/attachments",
        json!({"get": listing_of_case("attachment"), "post": add_attachment()}),
    );
    add(
        "/api/cases/{id}/uploads",
        json!({"post": begin_upload(), "options": offers("OfCase")}),
    );
    add(
        "/api/uploads/{id}",
        json!({
            "head": tell_upload(), "get": show_upload(), "patch": append_to_upload(),
            "delete": discard_upload(), "options": offers("OfOne"),
        }),
    );
    add("/api/cases/{id}/actions", json!({"post": act_on_case()}));
    add("/api/entitlements/link", json!({"post": link_contract()}));
    add(
        "/api/entitlements/purchases",
        json!({"post": buy_incidents()}),
    );
    add(
        "/api/entitlements/activate",
        json!({"post": activate_contract()}),
    );
    for (path, kind, schema) in DEEDS {
        add(
            &format!("/api/desk/{path}/{{id}}"),
            json!({"post": play_vendor(kind, schema)}),
        );
    }
    add(
        "/api/comments/{id}",
        json!({"get": single("comment", "One comment", true)}),
    );
    add(
        "/api/attachments/{id}",
        json!({"get": single("attachment", "One file's record", true)}),
    );
    add("/api/attachments/{id}/content", json!({"get": content()}));
    paths
}

/// Where one can act as the vendor on example records: the collection, its kind, the body.
const DEEDS: [(&str, &str, &str); 4] = [
    ("cases", "case", "CaseDeed"),
    ("entitlements", "entitlement", "EntitlementDeed"),
    ("contacts", "contact", "ContactDeed"),
    ("customers", "customer", "CustomerDeed"),
];

fn security_schemes() -> Value {
    json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-casement",
            "description": "The cookie that signing in sets. A service on loopback without TLS \
                also accepts it under the name casement-loopback, because some browsers keep no \
                Secure cookies there.",
        },
        "csrf": {
            "type": "apiKey", "in": "header", "name": "X-CSRF-Token",
            "description": "The csrf of the session; needed by all that changes something.",
        },
    })
}

/// An operation for everybody.
fn open(id: &str, summary: &str, responses: Value) -> Value {
    json!({"operationId": id, "summary": summary, "security": [], "responses": responses})
}

/// An operation for whoever is signed in.
fn signed_in(id: &str, summary: &str, parameters: Vec<Value>, responses: Value) -> Value {
    let mut operation = open(id, summary, responses);
    operation["security"] = json!([{"session": []}]);
    operation["parameters"] = parameters.into();
    operation["responses"]["401"] = problem("Nobody is signed in: `signed_out`");
    operation
}

/// An operation that changes something, and so needs the CSRF token too.
fn changing(id: &str, summary: &str, parameters: Vec<Value>, responses: Value) -> Value {
    let mut operation = signed_in(id, summary, parameters, responses);
    operation["security"] = json!([{"session": [], "csrf": []}]);
    operation["responses"]["403"] = problem("Not from our own pages: `csrf`");
    operation
}

fn key(required: bool) -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": required,
        "description": "Made by the client with the operation and kept with it.",
        "schema": {
            "type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]{8,128}$",
        },
    })
}

/// An operation that changes a record that is there, once for each key.
fn once_for_each_key(id: &str, summary: &str, parameters: Vec<Value>, schema: &str) -> Value {
    let mut operation = creating(id, summary, parameters, schema);
    let mut changed = answer("The record as it is now", schema);
    changed["headers"] = json!({
        "ETag": etag(), "Idempotency-Replayed": {"schema": {"const": "true"}},
    });
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.remove("201");
        responses.insert("200".to_owned(), changed);
        responses.insert("415".to_owned(), problem("Not JSON: `media_type`"));
    }
    operation
}

/// An operation that creates a record, once for each key.
fn creating(id: &str, summary: &str, mut parameters: Vec<Value>, schema: &str) -> Value {
    parameters.push(key(true));
    let replayed = json!({"schema": {"const": "true"}});
    let location = json!({"required": true, "schema": {"type": "string", "pattern": "^/api/"}});
    let mut created = answer("The new record", schema);
    created["headers"] = json!({
        "ETag": etag(), "Location": location, "Idempotency-Replayed": replayed,
    });
    changing(
        id,
        summary,
        parameters,
        json!({
            "201": created,
            "400": problem(
                "Not readable: `idempotency_key_missing`, `malformed`, `incomplete`, `query_invalid`"
            ),
            "409": problem_later("The same operation is under way: `in_flight`"),
            "413": problem("Larger than the service takes: `too_large`"),
            "422": problem(
                "Not acceptable: `invalid_fields` with `errors`, or `idempotency_key_reused`"
            ),
            "503": problem_later("Too much is going on: `busy`"),
        }),
    )
}

fn health() -> Value {
    open(
        "health",
        "Whether the service works",
        json!({
            "200": content_of("It works", json!({
                "type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}},
            })),
            "503": problem_later("It does not: `busy`"),
        }),
    )
}

fn own_document() -> Value {
    let document = json!({
        "type": "object", "required": ["openapi", "paths"],
        "properties": {"openapi": {"type": "string"}, "paths": {"type": "object"}},
    });
    open(
        "openapi",
        "This document",
        json!({"200": content_of("This document", document)}),
    )
}

fn show_session() -> Value {
    let responses = json!({"200": answer("Who is signed in, if anybody", "SessionState")});
    open("showSession", "Who is signed in", responses)
}

fn sign_in() -> Value {
    let mut signed_in = answer("The session; its cookie is set", "Session");
    signed_in["headers"] = json!({
        "Set-Cookie": {"required": true, "schema": {"type": "string"}},
    });
    let mut operation = open(
        "signIn",
        "Sign in",
        json!({
            "200": signed_in,
            "400": problem("Not readable: `malformed`, `incomplete`"),
            "401": problem("Wrong login or password: `sign_in_failed`"),
            "403": problem("From another site's page: `csrf`"),
            "413": problem("Larger than the service takes: `too_large`"),
            "415": problem("Not JSON: `media_type`"),
            "422": problem("Not acceptable: `invalid_fields` with `errors`"),
            "429": problem_later("Wrong too often: `too_many_attempts`"),
        }),
    );
    operation["requestBody"] = json_body("Credentials");
    operation
}

fn sign_out() -> Value {
    let signed_out = json!({"description": "Signed out; the cookie is taken away"});
    changing("signOut", "Sign out", vec![], json!({"204": signed_out}))
}

fn hand_over() -> Value {
    let mut operation = changing(
        "handOver",
        "Make a code with which a frame on another page is signed in, once, within a minute",
        vec![],
        json!({
            "201": answer("The code, for this nonce alone", "HandOverCode"),
            "400": problem("Not readable: `malformed`, `incomplete`"),
            "413": problem("Larger than the service takes: `too_large`"),
            "415": problem("Not JSON: `media_type`"),
            "422": problem("Not acceptable: `invalid_fields` with `errors`"),
        }),
    );
    operation["requestBody"] = json_body("HandOver");
    operation
}

fn redeem() -> Value {
    let mut operation = open(
        "redeem",
        "Sign in with a code that was handed over; the cookie is kept for the page around the frame",
        json!({
            "200": answer("The session; its cookie is set", "Session"),
            "400": problem("Not readable: `malformed`, `incomplete`"),
            "401": problem("Not known, used already, or too old: `hand_over_failed`"),
            "403": problem("From another site's page: `csrf`"),
            "413": problem("Larger than the service takes: `too_large`"),
            "415": problem("Not JSON: `media_type`"),
            "422": problem("Not acceptable: `invalid_fields` with `errors`"),
        }),
    );
    operation["requestBody"] = json_body("HandedOver");
    operation
}

fn changes() -> Value {
    let since = json!({
        "name": "since", "in": "query",
        "description": "The `cursor` of the last answer; absent to start from the beginning.",
        "schema": {"type": "string"},
    });
    let responses = json!({
        "200": answer("What has changed, oldest first", "Changes"),
        "400": problem("Not understood: `query_invalid`"),
        "410": problem("The cursor can't be continued, start over: `cursor_gone`"),
    });
    signed_in(
        "listChanges",
        "What has changed since a cursor, deletions included",
        vec![since, limit(limits::LARGEST_PAGE)],
        responses,
    )
}

fn listing(collection: &Collection) -> Value {
    let facets = collection.facets.iter().map(|name| facet(name));
    page(collection.kind, collection.path, facets.collect())
}

fn facet(name: &str) -> Value {
    json!({
        "name": name, "in": "query", "description": "Only those with this value.",
        "schema": {"type": "string", "maxLength": limits::LONGEST_FACET},
    })
}

fn listing_of_case(kind: &str) -> Value {
    let mut parameters = vec![id()];
    parameters.extend(OF_CASE.iter().map(|name| facet(name)));
    let mut operation = page(kind, &format!("{kind}sOfCase"), parameters);
    operation["responses"]["404"] = problem("No such case: `not_found`");
    operation
}

fn page(kind: &str, name: &str, mut parameters: Vec<Value>) -> Value {
    parameters.push(limit(limits::USUAL_PAGE));
    parameters.push(json!({
        "name": "cursor", "in": "query", "description": "The `next` of the page before.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:~-]{1,200}$"},
    }));
    parameters.push(json!({
        "name": "q", "in": "query", "description": "Only those in which each of these words occurs.",
        "schema": {"type": "string", "maxLength": limits::LONGEST_SEARCH},
    }));
    let items = json!({
        "type": "object", "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": reference(&schema_of(kind))},
            "next": {"type": ["string", "null"]},
        },
    });
    let mut found = content_of("One page", items);
    found["headers"] = json!({
        "Link": {
            "description": "The next page, if there is one.",
            "schema": {"type": "string", "pattern": "^<.+>; rel=\"next\"$"},
        },
    });
    let responses = json!({"200": found, "400": problem("Not understood: `query_invalid`")});
    signed_in(
        &format!("list{}", capital(name)),
        "One page",
        parameters,
        responses,
    )
}

fn single(kind: &str, summary: &str, by_id: bool) -> Value {
    let mut found = answer("The record", &schema_of(kind));
    found["headers"] = json!({"ETag": etag()});
    let mut responses = json!({"200": found});
    let mut parameters = Vec::new();
    if by_id {
        parameters.push(id());
        responses["404"] = problem("Not there, or not yours: `not_found`");
    }
    signed_in(
        &format!("get{}", capital(kind)),
        summary,
        parameters,
        responses,
    )
}

fn file_case() -> Value {
    let mut operation = creating("fileCase", "File a case", vec![], "Case");
    operation["requestBody"] = json_body("NewCase");
    operation["requestBody"]["content"]["application/json"]["example"] = example::new_case();
    operation["responses"]["415"] = problem("Not JSON: `media_type`");
    operation["responses"]["403"] =
        problem("Not from our own pages: `csrf`; not a contact of the contract: `not_on_contract`");
    operation
}

fn edit_case() -> Value {
    let if_match = json!({
        "name": "If-Match", "in": "header", "required": true,
        "description": "The entity tag of the version that was edited.",
        "schema": {
            "type": "string",
            "pattern": "^(\\*|(W/)?\"[!#-+\\--~]*\"(, *(W/)?\"[!#-+\\--~]*\")*)$",
        },
    });
    let mut edited = answer("The case as it is now", "Case");
    edited["headers"] = json!({
        "ETag": etag(), "Idempotency-Replayed": {"schema": {"const": "true"}},
    });
    let mut stale = problem("Changed in the meantime: `stale`");
    stale["headers"] = json!({"ETag": etag()});
    let mut operation = changing(
        "editCase",
        "Change what may still be changed of a case, as a merge patch (RFC 7396)",
        vec![id(), if_match, key(false)],
        json!({
            "200": edited,
            "400": problem(
                "Body or header not readable: `malformed`, `incomplete`, `idempotency_key_missing`"
            ),
            "404": problem("Not there, or not yours: `not_found`"),
            "409": problem_later("The same operation is under way: `in_flight`"),
            "412": stale,
            "413": problem("Larger than the service takes: `too_large`"),
            "415": problem("Not a merge patch: `media_type`"),
            "422": problem(
                "Not acceptable: `invalid_fields` with `errors`, or `idempotency_key_reused`"
            ),
            "428": problem("Without If-Match: `if_match_missing`"),
            "503": problem_later("Too much is going on: `busy`"),
        }),
    );
    let schema = json!({"schema": reference("CaseEdit")});
    operation["requestBody"] = json!({
        "required": true,
        "content": {"application/merge-patch+json": schema, "application/json": schema},
    });
    operation
}

fn act_on_case() -> Value {
    let mut operation = once_for_each_key(
        "actOnCase",
        "Ask something of the desk: a lower severity, closing, reopening, escalation, a return of \
         material, other people on the case",
        vec![id()],
        "Case",
    );
    operation["requestBody"] = json_body("CaseAction");
    operation["responses"]["403"] =
        problem("Not from our own pages: `csrf`; not a contact of the contract: `not_on_contract`");
    operation["responses"]["404"] = problem("Not there, or not yours: `not_found`");
    operation["responses"]["422"] = problem(
        "Not acceptable: `invalid_fields` with `errors`, `idempotency_key_reused`; not possible: \
         `not_offered`, `case_closed`, `not_closed`, `reopen_too_late`, `cannot_raise`, \
         `rma_already`, `not_this_level`, `address_not_confirmed`, `address_not_registered`",
    );
    operation
}

fn link_contract() -> Value {
    let mut operation = creating(
        "linkContract",
        "Link a contract by its access id and its contract id",
        vec![],
        "Entitlement",
    );
    operation["requestBody"] = json_body("ContractIds");
    operation["responses"]["403"] =
        problem("Not from our own pages: `csrf`; not in this role: `role_needed`");
    operation["responses"]["415"] = problem("Not JSON: `media_type`");
    operation["responses"]["422"] = problem(
        "Not acceptable: `invalid_fields` with `errors`, `idempotency_key_reused`; not possible: \
         `not_offered`, `unknown_ids`, `already_linked`, `shared_id`, `ids_of_own`, \
         `linked_elsewhere`, `contract_expired`",
    );
    operation
}

fn buy_incidents() -> Value {
    let mut operation = creating(
        "buyIncidents",
        "Buy what an offer holds, at the price that was shown",
        vec![],
        "Entitlement",
    );
    operation["requestBody"] = json_body("Purchase");
    operation["responses"]["403"] =
        problem("Not from our own pages: `csrf`; not with this kind of sign-in: `sign_in_kind`");
    operation["responses"]["415"] = problem("Not JSON: `media_type`");
    operation["responses"]["422"] = problem(
        "Not acceptable: `invalid_fields` with `errors`, `idempotency_key_reused`; not possible: \
         `not_offered`, `price_changed`",
    );
    operation
}

fn activate_contract() -> Value {
    let mut operation = once_for_each_key(
        "activateContract",
        "Activate a contract that an agreement grants",
        vec![],
        "Entitlement",
    );
    operation["requestBody"] = json_body("Activation");
    operation["responses"]["403"] =
        problem("Not from our own pages: `csrf`; not in this role: `role_needed`");
    operation["responses"]["422"] = problem(
        "Not acceptable: `invalid_fields` with `errors`, `idempotency_key_reused`; not possible: \
         `not_offered`, `not_activatable`",
    );
    operation
}

fn play_vendor(kind: &str, schema: &str) -> Value {
    let mut changed = answer("The record as it is now", &schema_of(kind));
    changed["headers"] = json!({"ETag": etag()});
    let mut operation = changing(
        &format!("play{}", capital(kind)),
        "Act as the vendor on an example record; only with example data",
        vec![id()],
        json!({
            "200": changed,
            "400": problem("Not readable: `malformed`, `incomplete`"),
            "404": problem("Not there, not yours, or no example data: `not_found`"),
            "413": problem("Larger than the service takes: `too_large`"),
            "415": problem("Not JSON: `media_type`"),
            "422": problem("Not acceptable: `invalid_fields` with `errors`, or `no_rma`"),
            "503": problem_later("Too much is going on: `busy`"),
        }),
    );
    operation["requestBody"] = json_body(schema);
    operation
}

fn add_comment() -> Value {
    let mut operation = creating("addComment", "Comment on a case", vec![id()], "Comment");
    operation["requestBody"] = json_body("NewComment");
    operation["responses"]["404"] = problem("No such case: `not_found`");
    operation["responses"]["415"] = problem("Not JSON: `media_type`");
    operation
}

fn add_attachment() -> Value {
    let name = json!({
        "name": "name", "in": "query", "required": true,
        "description": "The file's name, kept as it is.",
        "schema": schemas::required_line(limits::LONGEST_NAME),
    });
    let mut operation = creating(
        "addFile",
        "Add a file to a case",
        vec![id(), name],
        "Attachment",
    );
    operation["description"] =
        json!("The body is the file, of at most 100 MiB; its Content-Type is kept as data.");
    // An empty file is a file too.
    operation["requestBody"] = json!({
        "required": false, "content": {"application/octet-stream": {}},
    });
    operation["responses"]["404"] = problem("No such case: `not_found`");
    operation
}

/// Every request of the protocol says its version, and every answer.
fn resumable(mut operation: Value) -> Value {
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        parameters.push(json!({
            "name": "Tus-Resumable", "in": "header", "required": true,
            "schema": {"const": uploads::VERSION},
        }));
    }
    operation["responses"]["412"] = problem("Another version of the protocol: `tus_version`");
    operation
}

fn offset() -> Value {
    json!({"required": true, "schema": {"type": "integer", "minimum": 0}})
}

fn offers(which: &str) -> Value {
    let header = |value: &str| json!({"required": true, "schema": {"const": value}});
    let mut operation = open(
        &format!("uploadOptions{which}"),
        "What the protocol tus offers here",
        json!({"204": {
            "description": "Versions and extensions",
            "headers": {
                "Tus-Resumable": header(uploads::VERSION),
                "Tus-Version": header(uploads::VERSION),
                "Tus-Extension": header(uploads::EXTENSIONS),
                "Tus-Checksum-Algorithm": header(uploads::ALGORITHMS),
                "Tus-Max-Size": offset(),
            },
        }}),
    );
    operation["parameters"] = json!([id()]);
    operation["responses"]["404"] = problem("This can't be an id: `not_found`");
    operation
}

fn begin_upload() -> Value {
    let length = json!({
        "name": "Upload-Length", "in": "header", "required": true,
        "description": "How many bytes the file has.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,10}$"},
    });
    let metadata = json!({
        "name": "Upload-Metadata", "in": "header", "required": true,
        "description": "`filename`, and if one likes `filetype` and `sha256` (in hexadecimal), \
            each with its value in Base64, separated by commas.",
        "schema": {
            "type": "string", "maxLength": limits::LONGEST_METADATA,
            "pattern": "^filename [A-Za-z0-9+/]{4,2000}={0,2}(,[a-z0-9]+ [A-Za-z0-9+/]{0,500}={0,2})*$",
        },
        "example": "filename YS5sb2c=,filetype dGV4dC9wbGFpbg==",
    });
    let mut operation = creating(
        "beginUpload",
        "Begin to upload a file piece by piece (tus 1.0.0)",
        vec![id(), length, metadata],
        "Upload",
    );
    let created = &mut operation["responses"]["201"];
    created["description"] = "The new upload, or the one begun with this key".into();
    created["headers"] = json!({
        "Location": {
            "required": true, "schema": {"type": "string", "pattern": "^/api/uploads/"},
        },
        "Upload-Expires": {"schema": {"type": "string"}},
    });
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.remove("409");
    }
    operation["responses"]["404"] = problem("No such case: `not_found`");
    resumable(operation)
}

fn tell_upload() -> Value {
    // An answer to HEAD has no body.
    let plain = |description: &str| json!({"description": description});
    let mut operation = signed_in(
        "tellUpload",
        "How far an upload has come",
        vec![id()],
        json!({"200": {
            "description": "So far",
            "headers": {
                "Upload-Offset": offset(), "Upload-Length": offset(),
                "Upload-Metadata": {"schema": {"type": "string"}},
                "Upload-Expires": {"schema": {"type": "string"}},
            },
        }}),
    );
    operation = resumable(operation);
    for (status, description) in [
        ("401", "Nobody is signed in"),
        ("404", "Not there, or not yours"),
        ("410", "Given up after a long time"),
        ("412", "Another version of the protocol"),
    ] {
        operation["responses"][status] = plain(description);
    }
    operation
}

fn show_upload() -> Value {
    signed_in(
        "showUpload",
        "How far an upload has come, the hash of what is there, and the file's record in the end",
        vec![id()],
        json!({
            "200": answer("So far", "Upload"),
            "404": problem("Not there, or not yours: `not_found`"),
            "410": problem("Given up after a long time: `upload_expired`"),
        }),
    )
}

fn append_to_upload() -> Value {
    let from = json!({
        "name": "Upload-Offset", "in": "header", "required": true,
        "description": "Where the upload stands.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,10}$"},
    });
    let checksum = json!({
        "name": "Upload-Checksum", "in": "header",
        "description": "`sha256` or `sha1`, and the hash of this piece in Base64.",
        "schema": {"type": "string", "pattern": "^sha256 [A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"},
    });
    let mut wrong_offset = problem("The upload does not stand there: `wrong_offset`");
    wrong_offset["headers"] = json!({"Upload-Offset": offset()});
    let mut operation = changing(
        "appendToUpload",
        "Send the next bytes of a file, and with the last of them complete it",
        vec![id(), from, checksum],
        json!({
            "204": {
                "description": "They are kept",
                "headers": {
                    "Upload-Offset": offset(), "Upload-Expires": {"schema": {"type": "string"}},
                },
            },
            "400": problem("Not readable: `malformed`, `incomplete`"),
            "404": problem("Not there, or not yours: `not_found`"),
            "409": wrong_offset,
            "410": problem("Given up after a long time: `upload_expired`"),
            "413": problem("More than the file was to have: `too_large`"),
            "415": problem("Not a piece of a file: `media_type`"),
            "422": problem("Complete, but not the file that was announced: `hash_mismatch`"),
            "423": problem_later("Something else is sending it: `upload_locked`"),
            "460": problem("Not what its checksum says: `checksum_mismatch`"),
            "503": problem_later("Too much is going on: `busy`"),
        }),
    );
    operation["requestBody"] = json!({"required": true, "content": {uploads::PIECE: {}}});
    resumable(operation)
}

fn discard_upload() -> Value {
    let operation = changing(
        "discardUpload",
        "Give an upload up; a complete one goes with its record",
        vec![id()],
        json!({
            "204": {"description": "It is gone, and its key is free"},
            "404": problem("Not there, or not yours: `not_found`"),
            "410": problem("Given up after a long time: `upload_expired`"),
            "503": problem_later("Too much is going on: `busy`"),
        }),
    );
    resumable(operation)
}

fn content() -> Value {
    let bytes = json!({
        "description": "The file",
        "headers": {
            "Content-Disposition": {
                "required": true, "schema": {"type": "string", "pattern": "^attachment; "},
            },
        },
        "content": {"application/octet-stream": {}},
    });
    let responses = json!({"200": bytes, "404": problem("Not there, or not yours: `not_found`")});
    signed_in(
        "getFileContent",
        "A file's content, to be saved",
        vec![id()],
        responses,
    )
}

fn id() -> Value {
    json!({
        "name": "id", "in": "path", "required": true,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
    })
}

fn limit(usual: i64) -> Value {
    json!({
        "name": "limit", "in": "query", "description": "At most so many records.",
        "schema": {
            "type": "integer", "minimum": 1, "maximum": limits::LARGEST_PAGE, "default": usual,
        },
    })
}

fn etag() -> Value {
    json!({"required": true, "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"}})
}

fn json_body(schema: &str) -> Value {
    json!({
        "required": true,
        "content": {"application/json": {"schema": reference(schema)}},
    })
}

fn answer(description: &str, schema: &str) -> Value {
    content_of(description, reference(schema))
}

fn content_of(description: &str, schema: Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    })
}

fn problem_later(description: &str) -> Value {
    let mut problem = problem(description);
    problem["headers"] = json!({
        "Retry-After": {"required": true, "schema": {"type": "integer", "minimum": 1}},
    });
    problem
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn schema_of(kind: &str) -> String {
    capital(kind)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

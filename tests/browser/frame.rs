//! What the portal in its frame takes of what a page says.

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/public/frame-messages.js")]
extern "C" {
    fn message(data: &JsValue, nonce: &str) -> JsValue;
    fn allows(origins: &JsValue, origin: &str) -> bool;
    fn look(given: &JsValue) -> JsValue;
}

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap_or(JsValue::NULL)
}

fn text(value: &JsValue) -> String {
    let text = JSON::stringify(value).ok();
    text.and_then(|text| text.as_string()).unwrap_or_default()
}

#[wasm_bindgen_test]
fn new_11_a_message_needs_its_nonce_its_type_and_nothing_else_is_taken_of_it() {
    for forged in [
        "null",
        "\"connect\"",
        "7",
        "[]",
        r#"{"type": "connect", "nonce": "n"}"#,
        r#"{"casement": 2, "type": "connect", "nonce": "n"}"#,
        r#"{"casement": 1, "type": "connect", "nonce": "m"}"#,
        r#"{"casement": 1, "type": "connect", "nonce": ["n"]}"#,
        r#"{"casement": 1, "type": "eval", "nonce": "n", "code": "1"}"#,
        r#"{"casement": 1, "type": "ask", "nonce": "n", "id": 1, "what": "read"}"#,
        r#"{"casement": 1, "type": "ask", "nonce": "n", "id": "1", "what": "sign-out"}"#,
    ] {
        assert!(message(&json(forged), "n").is_null(), "{forged}");
    }
    let ask = r#"{"casement": 1, "nonce": "n", "type": "ask", "id": 1, "what": "prefill",
        "value": {"subject": "A", "product": {}, "password": "x"}, "more": 1}"#;
    assert_eq!(
        text(&message(&json(ask), "n")),
        r#"{"type":"ask","id":1,"what":"prefill","value":{"subject":"A"}}"#
    );
}

#[wasm_bindgen_test]
fn new_11_settings_that_make_no_sense_are_the_usual_ones() {
    let connect = r#"{"casement": 1, "nonce": "n", "type": "connect", "settings": {
        "view": "admin", "theme": 3, "lang": "en\"><script>", "support": "javascript:alert(1)",
        "fit": "yes", "policy": 5, "look": {"radius": "url(x)"}, "__proto__": {"x": 1}}}"#;
    assert_eq!(
        text(&message(&json(connect), "n")),
        r#"{"type":"connect","settings":{"view":"full","theme":"auto","lang":"","support":"","fit":false,"look":{}}}"#
    );
}

#[wasm_bindgen_test]
fn new_11_of_a_look_only_numbers_lengths_and_names_of_fonts_are_taken() {
    let good = r#"{"accent-hue":"262","accent-chroma":".13","radius":"10px","space":"1.25","font-family":"\"Inter\", 'Noto Sans JP'"}"#;
    assert_eq!(text(&look(&json(good))), good);
    for bad in [
        r#"{"accent-hue":"361"}"#,
        r#"{"accent-hue":"1e2"}"#,
        r#"{"accent-chroma":"calc(1)"}"#,
        r#"{"radius":"99px"}"#,
        r#"{"radius":"1px;position:fixed"}"#,
        r#"{"space":"0"}"#,
        r#"{"font-family":"x;}*{display:none"}"#,
        r#"{"font-family":"url(https://evil.example)"}"#,
        r#"{"height":"1px"}"#,
        r#"{"accent-hue":262}"#,
        "null",
    ] {
        assert_eq!(text(&look(&json(bad))), "{}", "{bad}");
    }
}

#[wasm_bindgen_test]
fn new_11_an_origin_is_the_same_or_below_a_name() {
    let origins = json(r#"["https://www.vendor.example", "https://*.docs.example", "*", 7]"#);
    for good in ["https://www.vendor.example", "https://a.b.docs.example"] {
        assert!(allows(&origins, good), "{good}");
    }
    for bad in [
        "http://www.vendor.example",
        "https://vendor.example",
        "https://www.vendor.example:444",
        "https://www.vendor.example.evil.example",
        "https://docs.example",
        "https://evildocs.example",
        "http://a.docs.example",
        "null",
        "",
    ] {
        assert!(!allows(&origins, bad), "{bad}");
    }
    assert!(!allows(
        &json("\"https://www.vendor.example\""),
        "https://www.vendor.example"
    ));
    assert!(!allows(&JsValue::UNDEFINED, "https://www.vendor.example"));
}

//! What editors and type checkers read of `<casement-portal>`, made from `xtask/element.json`: types
//! for TypeScript and a custom-elements manifest. That the element offers just this is what the tests
//! here compare.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

const OFFER: &str = include_str!("../../element.json");

/// Writes both into a bundle.
pub(super) fn describe(dist: &Path) -> Result<()> {
    let offer: Value = serde_json::from_str(OFFER).context("xtask/element.json is not JSON")?;
    let manifest = serde_json::to_string_pretty(&manifest(&offer))?;
    fs::write(dist.join("custom-elements.json"), manifest + "\n")?;
    fs::write(dist.join("embed.d.ts"), types(&offer)?).context("cannot write the types")
}

fn all<'a>(offer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    offer[name].as_array().into_iter().flatten()
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

/// The property of an attribute: `serial-number` is `serialNumber`.
fn property(attribute: &str) -> String {
    let mut parts = attribute.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (head, tail) = part.split_at(part.len().min(1));
        name + &head.to_uppercase() + tail
    })
}

fn type_of(attribute: &Value) -> String {
    let values: Vec<String> = all(attribute, "values").map(Value::to_string).collect();
    match values.is_empty() {
        true => "string".to_owned(),
        false => values.join(" | "),
    }
}

fn detail_of(event: &Value) -> String {
    let fields = event["detail"].as_object().into_iter().flatten();
    let fields: Vec<String> = fields
        .map(|(name, kind)| format!("{name}: {}", kind.as_str().unwrap_or("unknown")))
        .collect();
    match fields.is_empty() {
        true => "Record<string, never>".to_owned(),
        false => format!("{{ {} }}", fields.join("; ")),
    }
}

fn types(offer: &Value) -> Result<String> {
    let mut out = String::from("// Types of <casement-portal>. Made from xtask/element.json.\n\n");
    let class = text(offer, "class");
    let tag = text(offer, "tag");
    writeln!(out, "/** What a page knows of a new case. */")?;
    writeln!(out, "export interface CasementPrefill {{")?;
    for name in ["customer", "product", "version", "serialNumber", "subject"] {
        writeln!(out, "  {name}?: string;")?;
    }
    writeln!(out, "}}\n\nexport interface CasementEventMap {{")?;
    for event in all(offer, "events") {
        writeln!(out, "  /** {} */", text(event, "about"))?;
        let (name, detail) = (text(event, "name"), detail_of(event));
        writeln!(out, "  '{name}': CustomEvent<{detail}>;")?;
    }
    writeln!(out, "}}\n\n/** {} */", text(offer, "about"))?;
    writeln!(out, "export declare class {class} extends HTMLElement {{")?;
    for attribute in all(offer, "attributes") {
        writeln!(out, "  /** {} */", text(attribute, "about"))?;
        let name = property(text(attribute, "name"));
        writeln!(out, "  {name}: {};", type_of(attribute))?;
    }
    for method in all(offer, "methods") {
        writeln!(out, "  /** {} */", text(method, "about"))?;
        let (name, takes) = (text(method, "name"), text(method, "parameters"));
        writeln!(out, "  {name}({takes}): {};", text(method, "returns"))?;
    }
    for change in ["addEventListener", "removeEventListener"] {
        writeln!(
            out,
            "  {change}<K extends keyof CasementEventMap>(type: K, listener: (this: {class}, event: \
             CasementEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void;\n  \
             {change}(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | \
             AddEventListenerOptions): void;"
        )?;
    }
    writeln!(
        out,
        "}}\n\ndeclare global {{\n  interface HTMLElementTagNameMap {{\n    '{tag}': {class};\n  }}\n}}"
    )?;
    Ok(out)
}

/// The manifest, version 1 of its schema.
fn manifest(offer: &Value) -> Value {
    let class = text(offer, "class");
    let tag = text(offer, "tag");
    let named = |name: &str| -> Vec<Value> {
        let list = all(offer, name);
        list.map(|one| json!({"name": one["name"], "description": one["about"]}))
            .collect()
    };
    let attributes: Vec<Value> = all(offer, "attributes")
        .map(|one| {
            json!({
                "name": one["name"], "fieldName": property(text(one, "name")),
                "type": {"text": type_of(one)}, "description": one["about"],
            })
        })
        .collect();
    let fields = all(offer, "attributes").map(|one| {
        json!({
            "kind": "field", "name": property(text(one, "name")), "attribute": one["name"],
            "reflects": true, "type": {"text": type_of(one)}, "description": one["about"],
        })
    });
    let methods = all(offer, "methods").map(|one| {
        json!({
            "kind": "method", "name": one["name"], "description": one["about"],
            "return": {"type": {"text": one["returns"]}},
        })
    });
    let members: Vec<Value> = fields.chain(methods).collect();
    let events: Vec<Value> = all(offer, "events")
        .map(|one| {
            json!({
                "name": one["name"], "description": one["about"],
                "type": {"text": format!("CustomEvent<{}>", detail_of(one))},
            })
        })
        .collect();
    let properties: Vec<Value> = all(offer, "cssProperties")
        .map(|one| {
            json!({
                "name": one["name"], "default": one["default"], "description": one["about"],
            })
        })
        .collect();
    json!({
        "schemaVersion": "1.0.0",
        "modules": [{
            "kind": "javascript-module", "path": "embed.js",
            "declarations": [{
                "kind": "class", "name": class, "tagName": tag, "customElement": true,
                "superclass": {"name": "HTMLElement"}, "description": offer["about"],
                "attributes": attributes, "members": members, "events": events,
                "slots": named("slots"), "cssProperties": properties, "cssParts": named("parts"),
            }],
            "exports": [{
                "kind": "custom-element-definition", "name": tag,
                "declaration": {"name": class, "module": "embed.js"},
            }],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    fn offer() -> Value {
        serde_json::from_str(OFFER).unwrap()
    }

    fn element() -> String {
        fs::read_to_string(workspace::root().join("public/embed.js")).unwrap()
    }

    /// The lines of a table of the element, without its blanks.
    fn table(script: &str, begin: &str) -> Vec<String> {
        let (_, rest) = script.split_once(begin).unwrap();
        let (inside, _) = rest.split_once("\n};").unwrap();
        let lines = inside.lines().map(|line| line.trim().replace('\'', "\""));
        lines.filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn new_11_the_element_takes_the_attributes_and_values_that_are_described() {
        let offer = offer();
        let described: Vec<String> = all(&offer, "attributes")
            .map(|one| {
                let name = text(one, "name");
                let name = match name.contains('-') {
                    true => format!("\"{name}\""),
                    false => name.to_owned(),
                };
                let values: Vec<String> = all(one, "values").map(Value::to_string).collect();
                match values.is_empty() {
                    true => format!("{name}: null,"),
                    false => format!("{name}: [{}],", values.join(", ")),
                }
            })
            .collect();
        assert_eq!(table(&element(), "const known = {"), described);
    }

    #[test]
    fn new_11_the_element_tells_what_is_described_and_nothing_else() {
        let offer = offer();
        let described: Vec<String> = all(&offer, "events")
            .filter(|one| text(one, "name") != "casement-close")
            .map(|one| {
                let name = text(one, "name").trim_start_matches("casement-");
                let name = match name.contains('-') {
                    true => format!("\"{name}\""),
                    false => name.to_owned(),
                };
                let keys = one["detail"].as_object().unwrap();
                // JSON keeps them in the order of the alphabet.
                let mut keys: Vec<String> = keys.keys().map(|key| format!("\"{key}\"")).collect();
                keys.sort();
                format!("{name}: [{}],", keys.join(", "))
            })
            .collect();
        let told: Vec<String> = table(&element(), "const told = {")
            .iter()
            .map(|line| {
                let (name, keys) = line.split_once(": [").unwrap();
                let mut keys: Vec<&str> = keys.trim_end_matches("],").split(", ").collect();
                keys.sort_unstable();
                format!("{name}: [{}],", keys.join(", "))
            })
            .collect();
        assert_eq!(told, described);
    }

    #[test]
    fn new_11_methods_slots_parts_and_properties_are_in_the_element_or_its_styles() {
        let (offer, script) = (offer(), element());
        for method in all(&offer, "methods") {
            let start = format!("  async {}(", text(method, "name"));
            assert!(script.contains(&start), "{start}");
        }
        let styles: String = ["style/10-tokens.css", "style/20-base.css", "src/ui/app.rs"]
            .iter()
            .map(|file| fs::read_to_string(workspace::root().join(file)).unwrap())
            .collect();
        for one in all(&offer, "cssProperties") {
            let name = format!("var({}", text(one, "name"));
            assert!(script.contains(&name) || styles.contains(&name), "{name}");
        }
        for name in ["slots", "parts"] {
            for one in all(&offer, name) {
                let word = text(one, "name");
                let found = script.contains(&format!("'{word}'"))
                    || styles.contains(&format!("attr(\"part\", \"{word}\")"));
                assert!(found, "{name}: {word}");
            }
        }
    }

    #[test]
    fn new_11_types_and_manifest_say_the_same() {
        let offer = offer();
        let types = types(&offer).unwrap();
        let manifest = manifest(&offer);
        assert!(types.contains("serialNumber: string;"));
        assert!(types.contains("view: \"full\" | \"new-case\""));
        assert!(types.contains("'casement-case-created': CustomEvent<{"));
        let declared = &manifest["modules"][0]["declarations"][0];
        for field in all(declared, "members") {
            assert!(types.contains(text(field, "name")), "{field}");
        }
        assert_eq!(declared["tagName"], "casement-portal");
    }
}

//! Schemas of the description, as rows of a table and as examples.

use serde_json::{Map, Value, json};

/// One field, of a body or an object, or one parameter.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// `string`, `integer`, `SessionView`, `list of ReasonView`.
    pub(crate) kind: String,
    /// Whether it must be given, or is always there.
    pub(crate) required: bool,
    /// What it is.
    pub(crate) about: String,
}

/// What a reference names.
pub(crate) fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// The schema itself, behind a reference.
pub(crate) fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    name_of(schema).map_or(schema, |name| &api["components"]["schemas"][name])
}

/// The fields of an object.
pub(crate) fn fields(api: &Value, schema: &Value) -> Vec<Field> {
    let schema = resolved(api, schema);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, property)| Field {
            name: name.clone(),
            kind: kind(property),
            required: required.contains(&name.as_str()),
            about: about(property),
        })
        .collect()
}

/// What stands there about a schema, references with a remark included.
pub(crate) fn about(schema: &Value) -> String {
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    let texts = std::iter::once(schema).chain(alternatives);
    texts.filter_map(|s| s["description"].as_str()).next().unwrap_or_default().to_owned()
}

/// In a word or two.
pub(crate) fn kind(schema: &Value) -> String {
    if let Some(name) = name_of(schema) {
        return name.to_owned();
    }
    if let Some(some) = schema["oneOf"].as_array().and_then(|all| all.iter().find(|s| s["type"] != "null")) {
        return kind(some);
    }
    let named = match &schema["type"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).find(|t| *t != "null"),
        other => other.as_str(),
    };
    match (named.unwrap_or("any"), schema["format"].as_str()) {
        ("array", _) => format!("{}[]", kind(&schema["items"])),
        (_, Some("date-time")) => "date-time".to_owned(),
        (named, _) => named.to_owned(),
    }
}

/// Something that fits: the examples that stand there, and what must be given.
pub(crate) fn example(api: &Value, schema: &Value) -> Value {
    let schema = resolved(api, schema);
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    match kind(schema).as_str() {
        "object" => {
            let needed: Vec<String> =
                fields(api, schema).into_iter().filter(|f| f.required).map(|f| f.name).collect();
            let part = |name: String| {
                let value = example(api, &schema["properties"][&name]);
                (name, value)
            };
            Value::Object(needed.into_iter().map(part).collect::<Map<_, _>>())
        }
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "string" => json!("…"),
        _ => json!([]),
    }
}

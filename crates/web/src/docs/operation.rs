//! One operation of the API, as the page shows it.

use serde_json::Value;

use super::schema::{Field, about, example, fields, kind, name_of};

/// One operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Its id in the description, and on the page.
    pub(crate) id: String,
    /// Its resource.
    pub(crate) resource: String,
    /// `GET`
    pub(crate) method: String,
    /// `/v1/cases/{id}`
    pub(crate) path: String,
    /// What it does, in English.
    pub(crate) title: String,
    /// More about it.
    pub(crate) about: String,
    /// In path, query and header.
    pub(crate) parameters: Vec<Field>,
    /// What is sent.
    pub(crate) body: Vec<Field>,
    /// What comes back.
    pub(crate) answers: Vec<Reply>,
    /// How to try it.
    pub(crate) curl: String,
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// `200`
    pub(crate) status: String,
    /// When it comes.
    pub(crate) when: String,
    /// The object in it, by its name.
    pub(crate) object: Option<String>,
}

/// All operations of a description, in its order.
pub(crate) fn all(api: &Value, url: &str) -> Vec<Operation> {
    let paths = api["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, op)| (path, method, op))
    });
    each.map(|(path, method, op)| operation(api, url, path, method, op)).collect()
}

fn operation(api: &Value, url: &str, path: &str, method: &str, op: &Value) -> Operation {
    let text = |key: &str| op[key].as_str().unwrap_or_default().to_owned();
    let content = &op["requestBody"]["content"]["application/json"]["schema"];
    let body = if content.is_null() { Vec::new() } else { fields(api, content) };
    Operation {
        id: text("operationId"),
        resource: op["tags"][0].as_str().unwrap_or_default().to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        title: text("summary"),
        about: text("description"),
        parameters: op["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        curl: curl(api, url, path, method, op),
        answers: op["responses"].as_object().into_iter().flatten().map(reply).collect(),
        body,
    }
}

fn parameter(parameter: &Value) -> Field {
    let text = |key: &str| parameter[key].as_str().unwrap_or_default();
    Field {
        name: text("name").to_owned(),
        kind: format!("{}, {}", text("in"), kind(&parameter["schema"])),
        required: parameter["required"].as_bool().unwrap_or_default(),
        about: about(parameter),
    }
}

fn reply((status, response): (&String, &Value)) -> Reply {
    let content = response["content"].as_object().into_iter().flatten().next();
    let object = content.and_then(|(_, media)| name_of(&media["schema"])).map(str::to_owned);
    Reply { status: status.clone(), when: about(response), object }
}

fn curl(api: &Value, url: &str, path: &str, method: &str, op: &Value) -> String {
    let mut path = path.to_owned();
    for parameter in op["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path") {
        let name = parameter["name"].as_str().unwrap_or_default();
        let value = parameter["example"].as_str().unwrap_or("ID");
        path = path.replace(&format!("{{{name}}}"), value);
    }
    let mut lines =
        vec![format!("curl \"{url}{path}\""), "-H \"Authorization: Bearer $SHIREN_KEY\"".to_owned()];
    match method {
        "post" => lines.push("-X POST -H \"Idempotency-Key: $(uuidgen)\"".to_owned()),
        "put" => lines.push("-X PUT -H \"Idempotency-Key: $(uuidgen)\"".to_owned()),
        "delete" => lines.push("-X DELETE".to_owned()),
        _ => {}
    }
    let schema = &op["requestBody"]["content"]["application/json"]["schema"];
    if !schema.is_null() {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{}'", example(api, schema)));
    }
    lines.join(" \\\n  ")
}

//! One call of the table, and what it is in OpenAPI.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Anyone,
    /// A phone, by its key.
    Device,
    /// A phone, by its key; with a token where somebody is logged in.
    DeviceOrAccount,
    /// An account on the phone that its token is bound to.
    Account,
    /// A browser, by its cookie.
    Visitor,
}

/// A type of `protocol` as a schema.
#[derive(Clone, Copy)]
pub struct Schema {
    name: fn() -> std::borrow::Cow<'static, str>,
    own: fn() -> RefOr<schema::Schema>,
    others: fn(&mut Vec<(String, RefOr<schema::Schema>)>),
    many: bool,
}

impl Schema {
    /// The schema of a type.
    pub fn of<T: ToSchema + PartialSchema>() -> Self {
        Self {
            name: T::name,
            own: T::schema,
            others: T::schemas,
            many: false,
        }
    }

    fn reference(&self) -> Value {
        let one = json!({ "$ref": format!("#/components/schemas/{}", (self.name)()) });
        if self.many {
            json!({ "type": "array", "items": one })
        } else {
            one
        }
    }

    /// Adds the type and all that it holds.
    pub fn collect(&self, all: &mut Map<String, Value>) {
        let mut found = vec![((self.name)().into_owned(), (self.own)())];
        (self.others)(&mut found);
        for (name, schema) in found {
            all.entry(name)
                .or_insert_with(|| serde_json::to_value(schema).unwrap_or_default());
        }
    }
}

/// What goes over the wire.
#[derive(Clone, Copy)]
enum Content {
    Nothing,
    Json(Schema),
    /// Bytes of this content type.
    File(&'static str),
    /// The connection becomes a WebSocket.
    Socket,
}

/// One call.
pub struct Call {
    /// `get` or `post`.
    pub method: &'static str,
    /// As the router has it.
    pub path: &'static str,
    role: &'static str,
    about: &'static str,
    who: Who,
    key: bool,
    query: Option<(&'static str, &'static str)>,
    takes: Content,
    gives: Content,
}

/// A `GET` of a role.
pub const fn get(role: &'static str, path: &'static str, about: &'static str) -> Call {
    call("get", role, path, about)
}

/// A `POST` of a role.
pub const fn post(role: &'static str, path: &'static str, about: &'static str) -> Call {
    call("post", role, path, about)
}

const fn call(
    method: &'static str,
    role: &'static str,
    path: &'static str,
    about: &'static str,
) -> Call {
    Call {
        method,
        path,
        role,
        about,
        who: Who::Anyone,
        key: false,
        query: None,
        takes: Content::Nothing,
        gives: Content::Nothing,
    }
}

impl Call {
    /// Who may call.
    pub const fn by(self, who: Who) -> Self {
        Self { who, ..self }
    }

    /// It has an effect that happens once for one `Idempotency-Key`.
    pub const fn once(self) -> Self {
        Self { key: true, ..self }
    }

    /// A parameter behind the `?`.
    pub const fn query(self, name: &'static str, about: &'static str) -> Self {
        Self {
            query: Some((name, about)),
            ..self
        }
    }

    /// The JSON that it takes.
    pub fn takes<T: ToSchema + PartialSchema>(self) -> Self {
        Self {
            takes: Content::Json(Schema::of::<T>()),
            ..self
        }
    }

    /// The content type that it takes.
    pub const fn takes_file(self, kind: &'static str) -> Self {
        Self {
            takes: Content::File(kind),
            ..self
        }
    }

    /// The JSON that it gives.
    pub fn gives<T: ToSchema + PartialSchema>(self) -> Self {
        Self {
            gives: Content::Json(Schema::of::<T>()),
            ..self
        }
    }

    /// The JSON list that it gives.
    pub fn lists<T: ToSchema + PartialSchema>(self) -> Self {
        let one = Schema::of::<T>();
        Self {
            gives: Content::Json(Schema { many: true, ..one }),
            ..self
        }
    }

    /// The content type that it gives.
    pub const fn gives_file(self, kind: &'static str) -> Self {
        Self {
            gives: Content::File(kind),
            ..self
        }
    }

    /// It opens a WebSocket.
    pub const fn opens_socket(self) -> Self {
        Self {
            gives: Content::Socket,
            ..self
        }
    }

    /// The types that it names.
    pub fn schemas(&self) -> impl Iterator<Item = Schema> {
        [self.takes, self.gives]
            .into_iter()
            .filter_map(|content| match content {
                Content::Json(schema) => Some(schema),
                _ => None,
            })
    }

    /// The operation object; `error` is every refusal's.
    pub fn operation(&self, error: &Schema) -> Value {
        let refusal = json!({ "application/json": { "schema": error.reference() } });
        let operation = json!({
            "tags": [self.role],
            "summary": self.about,
            "operationId": self.id(),
            "security": self.security(),
            "responses": {
                self.status(): self.answer(),
                "default": { "description": "Refused.", "content": refusal },
            },
        });
        let body =
            content(self.takes).map(|content| json!({ "required": true, "content": content }));
        let operation = with(operation, "parameters", self.parameters());
        with(operation, "requestBody", body)
    }

    /// The method and the path's words, unique because both together are.
    fn id(&self) -> String {
        let words = self.path.split(|c: char| !c.is_ascii_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        std::iter::once(self.method)
            .chain(words)
            .collect::<Vec<_>>()
            .join("_")
    }

    const fn status(&self) -> &'static str {
        match self.gives {
            Content::Nothing => "204",
            Content::Socket => "101",
            Content::Json(_) | Content::File(_) => "200",
        }
    }

    fn answer(&self) -> Value {
        let description = match self.gives {
            Content::Nothing => "Done.",
            Content::Socket => "Binary CBOR frames follow.",
            Content::Json(_) | Content::File(_) => "The answer.",
        };
        match content(self.gives) {
            Some(content) => json!({ "description": description, "content": content }),
            None => json!({ "description": description }),
        }
    }

    fn parameters(&self) -> Option<Value> {
        let text = json!({ "type": "string" });
        let mut all: Vec<_> = self
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({ "in": "path", "name": name, "required": true, "schema": text }))
            .collect();
        if let Some((name, about)) = self.query {
            all.push(json!({ "in": "query", "name": name, "description": about, "schema": text }));
        }
        if self.key {
            let id = json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" });
            all.push(
                json!({ "in": "header", "name": "Idempotency-Key", "required": true, "schema": id }),
            );
        }
        (!all.is_empty()).then(|| all.into())
    }

    /// Alternatives, of which one must be met.
    fn security(&self) -> Value {
        let device = json!({ "proof": [] });
        let account = json!({ "proof": [], "token": [] });
        match self.who {
            Who::Anyone => json!([]),
            Who::Device => json!([device]),
            Who::DeviceOrAccount => json!([device, account]),
            Who::Account => json!([account]),
            Who::Visitor => json!([{ "visitor": [] }]),
        }
    }
}

/// The object with one more field, where there is a value for it.
fn with(mut object: Value, name: &str, value: Option<Value>) -> Value {
    if let (Some(fields), Some(value)) = (object.as_object_mut(), value) {
        fields.insert(name.to_owned(), value);
    }
    object
}

fn content(content: Content) -> Option<Value> {
    match content {
        Content::Nothing | Content::Socket => None,
        Content::Json(schema) => {
            Some(json!({ "application/json": { "schema": schema.reference() } }))
        }
        Content::File(kind) => Some(json!({ kind: {} })),
    }
}

/// The ways in which a caller shows itself.
pub fn security_schemes() -> Value {
    json!({
        "proof": {
            "type": "apiKey", "in": "header", "name": "DPoP",
            "description": "A proof of the phone's hardware key for this very call (RFC 9449).",
        },
        "token": {
            "type": "http", "scheme": "DPoP",
            "description": "An access token, bound to the phone's key.",
        },
        "visitor": {
            "type": "apiKey", "in": "cookie", "name": "kapok_portal_PORT",
            "description": "A browser's cookie, named after the platform's port.",
        },
    })
}

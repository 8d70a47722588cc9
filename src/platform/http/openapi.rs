//! The document's frame: what is said once for all operations.

use serde_json::json;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ArrayItems, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, Ref, RefOr, Required};
use utoipa::{Modify, OpenApi as _, PartialSchema as _};

use crate::platform::error::Fault;
use crate::platform::http::idempotency;
use crate::platform::http::limit::{Limited, PROOF_OF_WORK};

/// A refusal (RFC 9457).
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ProblemView {
    /// Address of the explanation; stable.
    #[schema(example = "/problems/not_found")]
    pub r#type: String,
    /// A short title.
    #[schema(example = "Not found")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// Stable, snake_case: decide by this.
    #[schema(example = "not_found")]
    pub code: String,
    /// What a person can do about it.
    #[schema(example = "There is no such idea, or none you may see.")]
    pub detail: String,
    /// The id of the request.
    #[schema(nullable = false)]
    pub instance: Option<String>,
    /// All that is wrong with the input.
    #[schema(nullable = false)]
    pub errors: Option<Vec<Fault>>,
    /// With 409: when it will be possible; null where nobody knows.
    pub opens_at: Option<crate::platform::db::Instant>,
    /// With `not_ready`: everything that is missing.
    #[schema(nullable = false, value_type = Option<Vec<Missing>>)]
    pub missing: Option<Vec<Missing>>,
    /// With `already_done`: where the first answer is.
    pub location: Option<String>,
    /// With `proof_of_work_needed`: where there is one to do.
    #[schema(nullable = false)]
    pub proof_of_work: Option<String>,
    /// With `proof_of_work_needed`: the address of the mailed way, where there is one.
    pub instead: Option<String>,
}

/// Something that has to be there before a challenge opens.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Missing {
    /// Stable, snake_case.
    #[schema(example = "acceptance")]
    pub code: String,
    /// What to do about it.
    pub detail: String,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Folkmoot",
        description = "The backend of a public ideas platform: councils post challenges, residents submit ideas and \
            support them, staff moderate and answer, and what became of every idea is fed back in public.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Folkmoot contributors")
    ),
    servers((url = "/", description = "This installation")),
    components(schemas(ProblemView, Fault, Missing)),
    tags(
        (name = "Ideas", description = "Submit, revise, withdraw, browse and support ideas."),
        (name = "Comments", description = "What is said of ideas: write, answer, revise, withdraw and read."),
        (name = "Voting", description = "What is put to the vote, a ballot of one's own, and the result with its reasons."),
        (name = "Challenges", description = "What a council asks, and the acceptance of its promise."),
        (name = "Preparing challenges", description = "Drafts, the promise and its changes, and the gate that a challenge passes to open."),
        (name = "Answering", description = "Answers, their templates, commitments, milestones and outcomes, as the council gives them."),
        (name = "Feedback", description = "What became of it: answers, commitments, outcomes, feeds."),
        (name = "Moderation", description = "The queue and the decisions."),
        (name = "Appeals", description = "Statements of reasons, and what is said against them."),
        (name = "Accounts", description = "Register, confirm, see and change one's own account; verify; take part without one."),
        (name = "Signing in", description = "By password, mailed code or link, and passkey; second factors; sessions; a password or address that changes."),
        (name = "Single sign-on", description = "A council's own sign-in providers, and the identities of an account."),
        (name = "Privacy", description = "What is kept of somebody: a copy of all of it, and its erasure."),
        (name = "Councils", description = "A council, its grounds, its privacy notice, its audit log."),
        (name = "Staff", description = "Who works for a council: roles, invitations, offices, keys for programs."),
        (name = "Sanctions", description = "Decisions on people: warnings, suspensions, and appeals against them."),
        (name = "Campaigns", description = "Which promotion brought people, without watching anybody."),
        (name = "Changes", description = "One order of events, to mirror without polling everything."),
        (name = "Vocabulary", description = "Every state and kind, with a label and an explanation."),
        (name = "Demo", description = "Only in a demo: be somebody, move its clock, look at its mails."),
        (name = "Pages", description = "Plain pages for whoever follows a link and has no other frontend."),
        (name = "Platform", description = "Operating the installation."),
        (name = "Service", description = "Health and metrics.")
    ),
    modifiers(&SharedParts)
)]
struct Frame;

/// The document without its paths.
pub fn frame() -> OpenApi {
    Frame::openapi()
}

struct SharedParts;

impl Modify for SharedParts {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("at+jwt")
                    .description(Some("The access token of a session, good for minutes."))
                    .build(),
            ),
        );
        components.responses.insert(
            "Unchanged".to_owned(),
            RefOr::T(ResponseBuilder::new().description("Unchanged since the ETag in If-None-Match.").build()),
        );
        for (name, what) in HEADERS {
            let schema = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).build();
            let header = HeaderBuilder::new().description(Some(*what)).schema(Some(schema)).build();
            components.headers.insert((*name).to_owned(), RefOr::T(header));
        }
        for parameter in [
            header_parameter("If-None-Match", "The ETag you last read: 304 where nothing has changed.", None),
            header_parameter(
                "Idempotency-Key",
                "The same key and body within 24 hours get the first answer again, with `Idempotency-Replayed: true`, \
                 and nothing is done twice.",
                Some(200),
            ),
            header_parameter(
                "Proof-Of-Work",
                "Only after 428 `proof_of_work_needed`: what ALTCHA's widget makes of `…/proof-of-work`, as Base64. Good once.",
                Some(4_096),
            ),
        ] {
            components.parameters.insert(parameter.name.clone(), RefOr::T(parameter));
        }
        for (name, description) in REFUSALS.iter().map(|(_, name, description)| (name, description)) {
            components.responses.insert((*name).to_owned(), RefOr::T(told(name, description)));
        }
    }
}

/// What OpenAPI has no word for stands under this name, all in one, for the order of several would be left to chance.
pub const OURS: &str = "x-folkmoot";

/// The shared response of a status.
pub fn shared_refusal(status: u16) -> Option<&'static str> {
    REFUSALS.iter().find(|(one, ..)| one.parse() == Ok(status)).map(|(_, name, _)| *name)
}

fn told(name: &str, description: &str) -> Response {
    let response = ResponseBuilder::new().description(description).content(
        "application/problem+json",
        ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemView"))).build(),
    );
    let headers: &[&str] = match name {
        "TooMany" => &["Retry-After", "RateLimit-Policy", "RateLimit"],
        // Where waiting helps, too.
        "PreconditionNeeded" => &["Retry-After"],
        "Unavailable" => &["Retry-After"],
        _ => &["RateLimit-Policy", "RateLimit"],
    };
    let mut response = response.build();
    response.headers.extend(headers.iter().map(|name| shared_header(name)));
    response
}

/// The headers of answers, said once.
const HEADERS: &[(&str, &str)] = &[
    ("ETag", "The version, where it has one; send it back in If-Match or If-None-Match."),
    ("Idempotency-Replayed", "`true` where the first answer to this key is given again."),
    ("Link", "The next page of a list, as `rel=\"next\"`."),
    ("Location", "The address of what was made."),
    ("RateLimit", "On answers for one caller, what is left of each budget: `r` now, full again in `t` seconds."),
    ("RateLimit-Policy", "On answers for one caller, the budgets: `q` at once, full again in `w` seconds."),
    ("Retry-After", "Seconds until it is worth trying again."),
];

fn shared_header(name: &str) -> (String, RefOr<Header>) {
    (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))))
}

fn shared_parameter(name: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))
}

/// What is made has no address of its own to read it at.
const WITHOUT_ADDRESS: [&str; 15] = [
    "finish_sign_on",
    "make_account_of_sign_on",
    "sign_in",
    "sign_in_with_code",
    "sign_in_with_link",
    "take_part",
    "sign_in_with_passkey",
    "begin_sign_in_with_passkey",
    "sign_in_to_platform",
    "sign_in_to_demo",
    "begin_totp",
    "renew_recovery_codes",
    "begin_passkey",
    "add_passkey",
    "support_idea",
];

/// The type of an answer that does not end.
const STREAM: &str = "text/event-stream";

/// The headers of what is answered where all goes well, and 304 for what is read.
fn describe_answers(method: &str, operation: &mut Operation) {
    let name = operation.operation_id.as_deref();
    let remembered = name.is_some_and(|name| idempotency::READ_BY.contains(&name));
    let takes = |name: &str| {
        let all = operation.parameters.iter().flatten();
        all.into_iter().any(|one| matches!(one, RefOr::T(parameter) if parameter.name == name))
    };
    let (matched, paged) = (takes("If-Match"), takes("cursor"));
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if !status.starts_with('2') {
            continue;
        }
        response.headers.extend(["RateLimit-Policy", "RateLimit"].map(shared_header));
        let endless = response.content.contains_key(STREAM);
        if (method == "get" && !endless) || (matched && status == "200") {
            response.headers.extend([shared_header("ETag")]);
        }
        if paged {
            response.headers.extend([shared_header("Link")]);
        }
        if status == "201" && !name.is_some_and(|name| WITHOUT_ADDRESS.contains(&name)) {
            response.headers.extend([shared_header("Location")]);
        }
        response.headers.extend(remembered.then(|| shared_header("Idempotency-Replayed")));
    }
    let parameters = operation.parameters.get_or_insert_default();
    if remembered {
        parameters.push(shared_parameter("Idempotency-Key"));
    }
    let endless = operation
        .responses
        .responses
        .values()
        .any(|response| matches!(response, RefOr::T(response) if response.content.contains_key(STREAM)));
    if method == "get" && !endless {
        parameters.push(shared_parameter("If-None-Match"));
        let unchanged = RefOr::Ref(Ref::from_response_name("Unchanged"));
        operation.responses.responses.insert("304".to_owned(), unchanged);
    }
}

fn header_parameter(name: &str, description: &str, longest: Option<usize>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::String))
                .min_length(longest.map(|_| 1))
                .max_length(longest)
                .build(),
        ))
        .build()
}

/// What is read at certain times only.
const AT_TIMES: [&str; 2] = ["read_own_ballot", "read_result"];

/// Status, name of the shared response, and what it says.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("400", "Malformed", "The request cannot be read."),
    ("401", "Unauthenticated", "Who are you? Sign in, or sign in again."),
    ("403", "Forbidden", "Your role does not allow this."),
    ("404", "NotFound", "Not there, or not yours to know of."),
    ("409", "Conflict", "Refused by phase, state or limit; `opens_at` says when, where that is known."),
    ("412", "Changed", "Changed since you read it."),
    ("413", "TooLarge", "The body is too large."),
    ("415", "UnsupportedType", "Send JSON."),
    ("422", "Invalid", "Understood but invalid; `errors` lists every fault."),
    ("428", "PreconditionNeeded", "Something has to come along: If-Match, or a proof of work, as `code` says."),
    ("429", "TooMany", "Too often; wait for Retry-After."),
    ("503", "Unavailable", "Cannot answer now; nothing was changed."),
];

/// What the plain pages refuse, as pages.
const PAGE_REFUSALS: &[(&str, &str)] = &[
    ("401", "A token was sent, and it is not accepted."),
    ("404", "Nothing to see here."),
    ("429", "Too often; wait for Retry-After."),
    ("503", "Cannot answer now."),
];

/// Adds the refusals that follow from what an operation is, so that no handler repeats them.
pub fn complete(document: &mut OpenApi) {
    document.info.version = env!("CARGO_PKG_VERSION").into();
    refer_to_items(document);
    describe_choices(document);
    let paths: Vec<String> = document.paths.paths.keys().cloned().collect();
    for path in paths {
        let Some(item) = document.paths.paths.get_mut(&path) else { continue };
        let councils = path.contains('{');
        for (method, operation) in operations(item) {
            if councils && !path.starts_with("/v1") {
                for (status, told) in PAGE_REFUSALS {
                    let html = ContentBuilder::new().schema(Some(String::schema())).build();
                    let refusal = ResponseBuilder::new().description(*told).content("text/html", html).build();
                    operation.responses.responses.entry((*status).to_owned()).or_insert(RefOr::T(refusal));
                }
            }
            if path.starts_with("/v1") {
                let body = operation.request_body.is_some();
                let secured = operation.security.as_ref().is_some_and(|list| !list.is_empty());
                let writes = method != "get";
                let name = operation.operation_id.clone().unwrap_or_default();
                let policies: Vec<&str> =
                    Limited::of(&name, method).iter().map(|limited| limited.as_str()).chain(["requests"]).collect();
                operation
                    .extensions
                    .get_or_insert_default()
                    .merge(ExtensionsBuilder::new().add(OURS, json!({ "limits": policies })).build());
                let matched = operation.parameters.as_ref().is_some_and(|all| {
                    all.iter().any(|one| matches!(one, RefOr::T(parameter) if parameter.name == "If-Match"))
                });
                if method == "patch"
                    && let Some(RefOr::T(body)) = operation.request_body.as_mut()
                    && let Some(json) = body.content.get("application/json").cloned()
                {
                    body.content.insert("application/merge-patch+json".into(), json);
                }
                describe_answers(method, operation);
                let at_times = AT_TIMES.contains(&name.as_str());
                let works = PROOF_OF_WORK.contains(&name.as_str());
                if works {
                    operation.parameters.get_or_insert_default().push(shared_parameter("Proof-Of-Work"));
                }
                for (status, name, _) in REFUSALS {
                    let wanted = match *status {
                        "400" | "422" => true,
                        "401" | "503" => true,
                        "403" => secured,
                        "404" => councils,
                        "409" => writes || at_times,
                        "429" => true,
                        "412" => matched,
                        "428" => matched || works,
                        "413" | "415" => body,
                        _ => false,
                    };
                    if wanted && !operation.responses.responses.contains_key(*status) {
                        operation
                            .responses
                            .responses
                            .insert((*status).to_owned(), RefOr::Ref(Ref::from_response_name(*name)));
                    }
                }
            }
        }
    }
}

/// The schema of a page repeats that of its items; a reference lets generators make one type of both.
fn refer_to_items(document: &mut OpenApi) {
    let Some(components) = document.components.as_mut() else { return };
    let names: Vec<String> = components.schemas.keys().cloned().collect();
    for (name, schema) in &mut components.schemas {
        let Some(item) = name.strip_prefix("Page_").filter(|item| names.iter().any(|name| name == item)) else {
            continue;
        };
        if let RefOr::T(Schema::Object(page)) = schema
            && let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items")
        {
            items.items = ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(item))));
        }
    }
}

/// What is said of a member that may be null stands beside the choice, where generators look for it.
fn describe_choices(document: &mut OpenApi) {
    let Some(components) = document.components.as_mut() else { return };
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        for property in object.properties.values_mut() {
            let RefOr::T(Schema::OneOf(choice)) = property else { continue };
            for item in &mut choice.items {
                if let RefOr::Ref(reference) = item
                    && !reference.description.is_empty()
                {
                    choice.description = Some(std::mem::take(&mut reference.description));
                }
            }
        }
    }
}

/// The document as YAML. What looks like a date is quoted, for YAML 1.1 would make one of it.
///
/// # Errors
/// Where it cannot be written, which is a fault of ours.
pub fn yaml(document: &OpenApi) -> anyhow::Result<String> {
    let looks_like_date = |text: &str| {
        let mut parts = text.get(..10).unwrap_or_default().split('-');
        text.get(10..11).is_none_or(|next| next == "T")
            && [4, 2, 2].iter().all(|length| {
                parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()))
            })
    };
    let quoted = |line: &str| match line.rsplit_once(": ") {
        Some((name, value)) if looks_like_date(value) => format!("{name}: '{value}'\n"),
        _ => format!("{line}\n"),
    };
    Ok(document.to_yaml()?.lines().map(quoted).collect())
}

/// The operations of a path, by method.
pub fn operations(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("put", item.put.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
    .collect()
}

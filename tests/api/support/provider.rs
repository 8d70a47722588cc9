//! An OpenID Connect provider on the loopback that says whatever a test wants it to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use folkmoot::platform::secrets::digest;
use serde_json::{Value, json};

/// The secret of the client at the provider.
pub const SECRET: &str = "a secret that both sides know";

/// How an ID token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    Well,
    NotAtAll,
    /// With the secret of the client, or with the public key taken for a secret.
    WithTheSecret,
    /// With a key that is not in the set, which the header says is to be had elsewhere.
    WithAnotherKey,
}

/// What it says next.
#[derive(Clone, Debug)]
pub struct Says {
    /// Over the claims of a good token.
    pub claims: Value,
    /// Claims that are left out.
    pub without: Vec<&'static str>,
    pub signed: Signed,
    /// Over its configuration.
    pub configuration: Value,
}

struct Inner {
    says: Says,
    now: i64,
    key: SigningKey,
    kid: String,
    codes: HashMap<String, (String, String)>,
    asked: Vec<String>,
}

/// The provider.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Provider {
    pub fn start(now: i64) -> Self {
        let says = Says { claims: json!({}), without: vec![], signed: Signed::Well, configuration: json!({}) };
        let inner = Inner { says, now, key: key(7), kid: "1".into(), codes: HashMap::new(), asked: Vec::new() };
        let inner = Arc::new(Mutex::new(inner));
        let data = web::Data::new(Arc::clone(&inner));
        let server = HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(answer)));
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let issuer = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { issuer, inner }
    }

    /// Changes what it says next.
    pub fn says(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.inner.lock().unwrap().says);
    }

    /// Signs with a new key from now on.
    pub fn rotates(&self) {
        let mut inner = self.inner.lock().unwrap();
        (inner.key, inner.kid) = (key(9), "2".into());
    }

    /// What it was asked, by path.
    pub fn asked(&self) -> Vec<String> {
        self.inner.lock().unwrap().asked.clone()
    }

    /// Somebody signs in there, sent by this address: the code that they come back with.
    pub fn signs_in(&self, authorization_url: &str) -> String {
        let url = url::Url::parse(authorization_url).unwrap();
        let told: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(told["code_challenge_method"], "S256");
        assert!(told["scope"].split(' ').any(|scope| scope == "openid"));
        let mut inner = self.inner.lock().unwrap();
        let code = format!("code-{}-{}", inner.codes.len(), self.issuer.len());
        inner.codes.insert(code.clone(), (told["nonce"].clone(), told["code_challenge"].clone()));
        code
    }
}

fn configuration(issuer: &str, over: &Value) -> Value {
    let mut all = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    });
    for (name, value) in over.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

fn token(inner: &Inner, issuer: &str, nonce: &str) -> String {
    let mut claims = json!({ "iss": issuer, "sub": "somebody", "aud": "folkmoot", "nonce": nonce, "iat": inner.now,
        "exp": inner.now + 300 });
    for (name, value) in inner.says.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    for name in &inner.says.without {
        claims.as_object_mut().unwrap().remove(*name);
    }
    let header = match inner.says.signed {
        Signed::NotAtAll => json!({ "alg": "none" }),
        Signed::WithTheSecret => json!({ "alg": "HS256" }),
        Signed::WithAnotherKey => {
            json!({ "alg": "EdDSA", "kid": "9", "jku": claims["iss"].as_str().unwrap().to_owned() + "/keys" })
        }
        Signed::Well => json!({ "alg": "EdDSA", "kid": inner.kid }),
    };
    let body = format!("{}.{}", part(&header), part(&claims));
    let signature = match inner.says.signed {
        Signed::NotAtAll => Vec::new(),
        Signed::WithTheSecret => {
            let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
            let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
            return jsonwebtoken::encode(&header, &claims, &key).unwrap();
        }
        Signed::WithAnotherKey => key(8).sign(body.as_bytes()).to_bytes().to_vec(),
        Signed::Well => inner.key.sign(body.as_bytes()).to_bytes().to_vec(),
    };
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn answer(data: web::Data<Arc<Mutex<Inner>>>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    std::future::ready(()).await;
    let issuer = format!("http://{}", request.app_config().local_addr());
    let mut inner = data.lock().unwrap();
    inner.asked.push(request.path().to_owned());
    match request.path() {
        "/.well-known/openid-configuration" => {
            HttpResponse::Ok().json(configuration(&issuer, &inner.says.configuration))
        }
        "/keys" => {
            let x = URL_SAFE_NO_PAD.encode(inner.key.verifying_key().to_bytes());
            HttpResponse::Ok().json(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                "kid": inner.kid, "x": x }] }))
        }
        "/token" => {
            let sent: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
            let basic = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
            assert!(basic.is_some_and(|basic| basic.starts_with("Basic ")), "the client proves who it is");
            let Some((nonce, challenge)) = inner.codes.remove(&sent["code"]) else {
                return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
            };
            assert_eq!(digest(sent["code_verifier"].as_bytes(), 32), challenge, "the verifier fits");
            let token = token(&inner, &issuer, &nonce);
            HttpResponse::Ok().json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": token }))
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

//! People whom a proxy in front of the console has signed in. Its headers count only where the operator
//! named the proxy's address; from anywhere else they are taken out of the request unread, because
//! anybody can send them.
use super::config::{ProxyConfig, ProxyKind};
use super::identity::{Identity, subject_of_name};
use axum::extract::{ConnectInfo, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::net::{IpAddr, SocketAddr};

const PREFIXES: [&str; 2] = ["x-ms-client-principal", "x-auth-request-"];

/// The address of whoever opened the connection; a proxy's, where there is one.
pub fn peer(request: &Request) -> Option<IpAddr> {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    // A socket for both families tells IPv4 addresses as mapped ones.
    info.map(|ConnectInfo(address)| address.ip().to_canonical())
}

/// Whom the proxy vouches for. Afterwards nothing of its headers is left in the request.
pub fn take_identity(config: Option<&ProxyConfig>, request: &mut Request) -> Option<Identity> {
    let peer = peer(request);
    let is_trusted = |config: &&ProxyConfig| {
        config
            .peers
            .iter()
            .any(|net| peer.is_some_and(|it| net.contains(&it)))
    };
    let trusted = config.filter(is_trusted);
    let identity = trusted.and_then(|config| read(config, request.headers()));
    let is_claim = |name: &&HeaderName| {
        PREFIXES
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
    };
    let names: Vec<HeaderName> = request.headers().keys().filter(is_claim).cloned().collect();
    for name in names {
        request.headers_mut().remove(name);
    }
    identity
}

fn read(config: &ProxyConfig, headers: &HeaderMap) -> Option<Identity> {
    match config.kind {
        ProxyKind::EasyAuth => easy_auth(headers, &config.roles_claim),
        ProxyKind::Oauth2Proxy => oauth2_proxy(headers),
    }
}

/// `X-MS-CLIENT-PRINCIPAL`: base64 of JSON (learn.microsoft.com, "Work with user identities in Azure App
/// Service authentication").
#[derive(Deserialize)]
struct Principal {
    auth_typ: Option<String>,
    name_typ: Option<String>,
    role_typ: Option<String>,
    #[serde(default)]
    claims: Vec<PrincipalClaim>,
}

#[derive(Deserialize)]
struct PrincipalClaim {
    typ: String,
    val: String,
}

fn easy_auth(headers: &HeaderMap, roles_claim: &str) -> Option<Identity> {
    let bytes = STANDARD
        .decode(headers.get("x-ms-client-principal")?)
        .ok()?;
    let principal: Principal = serde_json::from_slice(&bytes).ok()?;
    let is_role = |typ: &str| typ == roles_claim || principal.role_typ.as_deref() == Some(typ);
    let values = principal.claims.iter().filter(|claim| is_role(&claim.typ));
    let values: Vec<String> = values.map(|claim| claim.val.clone()).collect();
    let mut claims = Map::new();
    for claim in principal.claims {
        if principal.name_typ.as_deref() == Some(claim.typ.as_str()) {
            claims.insert("name".into(), json!(claim.val));
        }
        claims.insert(claim.typ, Value::String(claim.val));
    }
    let identity = Identity::from_claims(&Value::Object(claims), roles_claim);
    // The provider's own name for the person, where the proxy tells it.
    let id = headers.get("x-ms-client-principal-id");
    let id = id
        .and_then(|id| id.to_str().ok())
        .filter(|id| !id.is_empty());
    let issuer = principal.auth_typ.unwrap_or_default();
    let subject = id.map(|id| format!("easy-auth {issuer} {id}"));
    Some(Identity {
        values,
        subject: subject.unwrap_or(identity.subject),
        name: identity.name,
    })
}

fn oauth2_proxy(headers: &HeaderMap) -> Option<Identity> {
    let text = |name: &str| {
        let value = headers
            .get(format!("x-auth-request-{name}"))?
            .to_str()
            .ok()?;
        Some(value).filter(|value| !value.is_empty())
    };
    let name = text("preferred-username")
        .or(text("email"))
        .or(text("user"))?;
    // What the provider calls the person, which outlives an address.
    let subject = match text("user") {
        Some(user) => format!("oauth2-proxy {user}"),
        None => subject_of_name(name),
    };
    let groups = text("groups").unwrap_or_default().split(',');
    let groups = groups.map(str::trim).filter(|group| !group.is_empty());
    Some(Identity {
        name: name.to_owned(),
        subject,
        values: groups.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const PRINCIPAL: &str = r#"{"auth_typ":"aad","name_typ":"upn","role_typ":"app_roles","claims":[
        {"typ":"upn","val":"ada@corp"},{"typ":"roles","val":"secops"},{"typ":"app_roles","val":"audit"},
        {"typ":"aud","val":"admin"}]}"#;

    fn request(peer: Option<&str>, headers: &[(&'static str, &str)]) -> Request {
        let mut request = Request::new(Body::empty());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        if let Some(peer) = peer {
            let address: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(address));
        }
        request
    }

    fn trusting(kind: ProxyKind) -> ProxyConfig {
        ProxyConfig {
            kind,
            peers: vec!["10.1.0.0/16".parse().unwrap()],
            roles_claim: "roles".to_owned(),
        }
    }

    #[test]
    fn headers_count_from_the_proxy_alone_and_never_stay() {
        let headers = [
            ("x-auth-request-email", "ada@corp"),
            ("x-auth-request-groups", "web, secops"),
        ];
        let config = trusting(ProxyKind::Oauth2Proxy);
        let check = |config: Option<&ProxyConfig>, peer, expected| {
            let mut request = request(peer, &headers);
            let found = take_identity(config, &mut request);
            assert_eq!(found.map(|it| it.values), expected, "{peer:?}");
            assert!(request.headers().is_empty());
        };
        let both = Some(vec!["web".to_owned(), "secops".to_owned()]);
        check(Some(&config), Some("10.1.2.3:9"), both.clone());
        check(Some(&config), Some("[::ffff:10.1.2.3]:9"), both);
        check(Some(&config), Some("10.2.0.1:9"), None);
        check(Some(&config), None, None);
        check(None, Some("10.1.2.3:9"), None);
    }

    #[test]
    fn easy_auths_principal_is_read_and_no_other_proxys_headers() {
        let encoded = STANDARD.encode(PRINCIPAL);
        let headers = [
            ("x-ms-client-principal", encoded.as_str()),
            ("x-ms-client-principal-name", "somebody else"),
            ("x-ms-client-principal-id", "7"),
            ("x-auth-request-groups", "admin"),
        ];
        let mut asked = request(Some("10.1.0.1:9"), &headers);
        let found = take_identity(Some(&trusting(ProxyKind::EasyAuth)), &mut asked).unwrap();
        assert_eq!(found.name, "ada@corp");
        assert_eq!(found.subject, "easy-auth aad 7");
        assert_eq!(found.values, ["secops", "audit"]);
        assert!(asked.headers().is_empty());

        let mut other = request(Some("10.1.0.1:9"), &headers);
        let config = trusting(ProxyKind::Oauth2Proxy);
        assert_eq!(take_identity(Some(&config), &mut other), None);
        let mut broken = request(Some("10.1.0.1:9"), &[("x-ms-client-principal", "e30")]);
        let config = trusting(ProxyKind::EasyAuth);
        assert_eq!(take_identity(Some(&config), &mut broken), None);
    }
}

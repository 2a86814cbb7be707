//! Which entries are shown: it stands in the address, so that it can be sent to somebody.
use crate::paths;
use drydock_domain::audit::{AuditQuery, Outcome};
use leptos_router::params::ParamsMap;

pub const OUTCOMES: [Outcome; 4] = [
    Outcome::Succeeded,
    Outcome::Failed,
    Outcome::Denied,
    Outcome::Unknown,
];

pub fn read(query: &ParamsMap) -> AuditQuery {
    let text = |name| query.get(name).unwrap_or_default().trim().to_owned();
    let outcome = text("outcome");
    AuditQuery {
        mention: text("id"),
        actor: text("actor"),
        operation: text("operation"),
        object: text("object"),
        outcome: OUTCOMES.into_iter().find(|word| word.as_str() == outcome),
        from: text("from"),
        until: text("until"),
        before: text("before").parse().ok(),
    }
}

/// The address of the page with these entries.
pub fn address(query: &AuditQuery) -> String {
    let before = query.before.map(|before| before.to_string());
    let pairs = [
        ("id", query.mention.as_str()),
        ("actor", &query.actor),
        ("operation", &query.operation),
        ("object", &query.object),
        ("outcome", query.outcome.map_or("", Outcome::as_str)),
        ("from", &query.from),
        ("until", &query.until),
        ("before", before.as_deref().unwrap_or_default()),
    ];
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={}", paths::query_value(value)))
        .collect();
    match pairs.is_empty() {
        true => paths::AUDIT.to_owned(),
        false => format!("{}?{}", paths::AUDIT, pairs.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_what_it_was_made_of() {
        let check = |query: AuditQuery, expected: &str| {
            let address = address(&query);
            assert_eq!(address, expected);
            let mut params = ParamsMap::new();
            let pairs = address.split_once('?').map_or("", |(_, pairs)| pairs);
            for (name, value) in pairs.split('&').filter_map(|pair| pair.split_once('=')) {
                params.insert(
                    name.to_owned(),
                    value.replace("%2F", "/").replace("%20", " "),
                );
            }
            assert_eq!(read(&params), query);
        };
        check(AuditQuery::default(), "/audit");
        let query = AuditQuery {
            mention: "web/api".to_owned(),
            actor: "Ada L".to_owned(),
            outcome: Some(Outcome::Denied),
            from: "2026-11-21".to_owned(),
            before: Some(7),
            ..AuditQuery::default()
        };
        let address = "/audit?id=web%2Fapi&actor=Ada%20L&outcome=denied&from=2026-11-21&before=7";
        check(query, address);
    }
}

//! What is shown stands in the address, so that it can be sent to somebody.
use crate::paths;
use drydock_domain::compliance::{FindingQuery, Framework};
use leptos_router::params::ParamsMap;

pub fn read(params: &ParamsMap) -> FindingQuery {
    FindingQuery::read(|name| params.get(name).unwrap_or_default())
}

pub fn of_view(registry: &str, framework: Framework) -> String {
    let query = FindingQuery {
        view: framework.as_str().to_owned(),
        ..FindingQuery::default()
    };
    with(&paths::compliance(registry), &query, &[])
}

pub fn of_page(registry: &str, query: &FindingQuery, page: usize) -> String {
    let page = page.to_string();
    with(&paths::compliance(registry), query, &[("page", &page)])
}

/// An address of the query's own pairs, and others.
pub fn with(path: &str, query: &FindingQuery, others: &[(&str, &str)]) -> String {
    let own = query.pairs();
    let pairs: Vec<String> = own
        .iter()
        .chain(others)
        .map(|(name, value)| format!("{name}={}", paths::query_value(value)))
        .collect();
    match pairs.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", pairs.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_what_it_was_made_of() {
        let query = FindingQuery {
            view: "soc2".into(),
            text: "libssl".into(),
            seed: "2026-q4".into(),
            page: 3,
            ..FindingQuery::default()
        };
        let address = of_page("dock", &query, query.page);
        assert_eq!(
            address,
            "/registries/dock/compliance?view=soc2&text=libssl&seed=2026-q4&page=3"
        );
        let mut params = ParamsMap::new();
        let (_, pairs) = address.split_once('?').unwrap();
        for (name, value) in pairs.split('&').filter_map(|pair| pair.split_once('=')) {
            params.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(read(&params), query);
        assert_eq!(
            of_view("dock", Framework::All),
            "/registries/dock/compliance"
        );
    }
}

//! The page's state in its address, so that it can be sent to somebody and outlives a reload.
use super::fields;
use super::room::Room;
use crate::paths;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

/// Writes a schedule that is not the deployed one into the address, without a step in the history.
pub fn keep(room: Room) {
    let query = use_query_map();
    let navigate = use_navigate();
    Effect::new(move |begun: Option<()>| {
        let (days, at) = (room.days.get(), room.at.get());
        let deployed = room.deployed.get();
        if begun.is_none() {
            return;
        }
        let is_deployed = fields::fields(deployed.as_ref()) == (days.clone(), at.clone());
        let chosen = (!is_deployed).then_some([("days", days), ("at", at)]);
        let query = query.read_untracked();
        let kept = ["from", "compare"].map(|name| (name, query.get(name)));
        let kept = kept
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let href = address(&room.registry(), chosen.into_iter().flatten().chain(kept));
        navigate(
            &href,
            NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            },
        );
    });
}

/// The page's address with a query.
pub fn address(registry: &str, query: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut href = paths::schedule(registry);
    for (index, (name, value)) in query.into_iter().enumerate() {
        href.push(if index == 0 { '?' } else { '&' });
        href.push_str(name);
        href.push('=');
        href.push_str(&paths::query_value(&value));
    }
    href
}

/// The address with one field changed and the others as they are; `None` takes it out.
pub fn with_field(room: Room, name: &'static str, value: Option<String>) -> String {
    let query = use_query_map();
    let query = query.read();
    let fields = ["days", "at", "from", "compare"].map(|field| match field == name {
        true => (field, value.clone()),
        false => (field, query.get(field)),
    });
    let fields = fields
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)));
    address(&room.registry(), fields)
}

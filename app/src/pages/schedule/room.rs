use super::fields;
use super::model::Window;
use crate::state::zone::{ZoneName, use_own_zone, use_zone};
use chrono::{DateTime, Utc};
use drydock_domain::calendar::{CalendarFacts, Plan, local};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Room {
    pub facts: RwSignal<CalendarFacts>,
    /// The form's fields.
    pub days: RwSignal<String>,
    pub at: RwSignal<String>,
    pub deployed: Memo<Option<Plan>>,
    /// What the fields say; none while they say nothing.
    pub chosen: Memo<Option<Plan>>,
    pub window: Memo<Window>,
    /// The zone that everything is shown in.
    pub zone: RwSignal<ZoneName>,
    /// The zone to show beside UTC: the chosen one, else the browser's own, where it is another one.
    pub beside: Memo<Option<ZoneName>>,
}

impl Room {
    pub fn new(facts: CalendarFacts) -> Self {
        let query = use_query_map();
        let facts = RwSignal::new(facts);
        let deployed = Memo::new(move |_| facts.read().deployed());
        let given = {
            let query = query.read_untracked();
            query.get("days").zip(query.get("at"))
        };
        let given = given.unwrap_or_else(|| fields::fields(deployed.get_untracked().as_ref()));
        let (days, at) = (RwSignal::new(given.0), RwSignal::new(given.1));
        let chosen = Memo::new(move |_| {
            let deployed = deployed.read();
            fields::chosen(&days.read(), &at.read(), deployed.as_ref())
        });
        let zone = use_zone();
        let window = Memo::new(move |_| {
            let today = local(&*zone.read(), facts.read().workflow.as_of).date();
            Window::read(query.read().get_str("from"), today)
        });
        let own = use_own_zone();
        let beside = Memo::new(move |_| {
            let chosen = Some(zone.get()).filter(|zone| !zone.is_utc());
            chosen.or_else(|| own.get().filter(|zone| !zone.is_utc()))
        });
        Self {
            facts,
            days,
            at,
            deployed,
            chosen,
            window,
            zone,
            beside,
        }
    }

    /// The server's clock, so that both sides render the same.
    pub fn now(self) -> DateTime<Utc> {
        self.facts.read_untracked().workflow.as_of
    }

    pub fn registry(self) -> String {
        self.facts.read_untracked().workflow.registry.name.clone()
    }
}

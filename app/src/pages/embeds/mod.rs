mod check;
mod hosts;
mod list;

use crate::api::embeds::{
    CreateEmbed, CreateEmbedHost, CreateEmbedKey, DeleteEmbedHost, EmbedList, EndEmbedSessions,
    RevokeEmbed, RevokeEmbedKey, list_embeds,
};
use crate::ui::{Notice, PageHeader};
use crate::widgets::Loaded;
use check::Check;
use hosts::{EndSessions, Hosts};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use list::{Embeds, NewEmbed};

/// What this page can do, each an action of a plain form.
#[derive(Clone, Copy)]
struct Actions {
    create_host: ServerAction<CreateEmbedHost>,
    delete_host: ServerAction<DeleteEmbedHost>,
    create_key: ServerAction<CreateEmbedKey>,
    revoke_key: ServerAction<RevokeEmbedKey>,
    create: ServerAction<CreateEmbed>,
    revoke: ServerAction<RevokeEmbed>,
    end: ServerAction<EndEmbedSessions>,
}

impl Actions {
    fn new() -> Self {
        Self {
            create_host: ServerAction::new(),
            delete_host: ServerAction::new(),
            create_key: ServerAction::new(),
            revoke_key: ServerAction::new(),
            create: ServerAction::new(),
            revoke: ServerAction::new(),
            end: ServerAction::new(),
        }
    }

    /// Another number after each change.
    fn version(self) -> usize {
        self.create_host.version().get()
            + self.delete_host.version().get()
            + self.create_key.version().get()
            + self.revoke_key.version().get()
            + self.create.version().get()
            + self.revoke.version().get()
    }
}

/// Which sites may show which views of this console in a frame; with `?embed=` one of them, and what
/// stands between it and a frame.
#[component]
pub fn EmbedsPage() -> impl IntoView {
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.read().get("embed"));
    let actions = Actions::new();
    let list = Resource::new(move || actions.version(), |_| list_embeds());
    view! {
        <PageHeader
            title="Embedded views"
            subtitle="Views of this console in other sites' pages: read-only, for named sites, by their own sign-in."
        />
        {move || chosen.get().map(|id| view! { <Check id /> })}
        <Loaded resource=list label="Loading embeds" let:list>
            {view! { <Body list actions /> }.into_any()}
        </Loaded>
    }
}

#[component]
fn Body(list: EmbedList, actions: Actions) -> impl IntoView {
    let off = list.hosts.is_empty().then(|| {
        view! {
            <Notice title="Embedding is off">
                <p>"No site may show this console in a frame. It begins with a site that you list below."</p>
            </Notice>
        }
    });
    let form = (!list.hosts.is_empty()).then(|| {
        view! {
            <NewEmbed hosts=list.hosts.clone() action=actions.create />
            <EndSessions hosts=list.hosts.clone() action=actions.end />
        }
    });
    view! {
        {off}
        <Embeds embeds=list.embeds action=actions.revoke />
        <Hosts hosts=list.hosts actions />
        {form}
    }
}

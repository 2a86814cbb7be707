use crate::api::registries::{list_refused_places, list_registries};
use crate::error::ApiError;
use crate::paths;
use crate::state::resource::load;
use crate::ui::{Badge, Cell, EmptyState, IconName, Notice, PageHeader, Table, Tone};
use crate::widgets::Loaded;
use drydock_domain::console::{RefusedPlace, Registry};
use leptos::prelude::*;
use leptos_router::components::Redirect;

/// All registries in sight, and what may not be read; where there is only one, its overview instead.
#[component]
pub fn RegistriesPage() -> impl IntoView {
    let registries = load(|| async {
        let registries = list_registries().await?;
        Ok::<_, ApiError>((registries, list_refused_places().await?))
    });
    view! {
        <Loaded resource=registries label="Loading registries" heading="Registries" let:found>
            {registries_view(found.0, found.1)}
        </Loaded>
    }
}

fn registries_view(registries: Vec<Registry>, refused: Vec<RefusedPlace>) -> AnyView {
    match registries.as_slice() {
        [] => none().into_any(),
        [only] if refused.is_empty() => {
            view! { <Redirect path=paths::overview(&only.name) /> }.into_any()
        }
        _ => view! {
            <RegistriesTable registries />
            <Refused refused />
        }
        .into_any(),
    }
}

#[component]
fn Refused(refused: Vec<RefusedPlace>) -> impl IntoView {
    (!refused.is_empty()).then(|| {
        let places = refused.into_iter().map(|place| {
            view! { <li><code class="break">{place.id}</code> <p class="muted">{place.why}</p></li> }
        });
        view! {
            <Notice tone=Tone::Warning title="Not everything may be read">
                <p>"Give the console's identity the role Reader there, or leave it out of the scope."</p>
                <ul>{places.collect_view()}</ul>
            </Notice>
        }
    })
}

fn none() -> impl IntoView {
    view! {
        <PageHeader title="Registries" />
        <EmptyState icon=IconName::Registry title="No registry in sight">
            <p>
                "Drydock's identity can read no container registry. Give it the role Reader on a \
                 registry or on its resource group, then reload this page."
            </p>
        </EmptyState>
    }
}

#[component]
fn RegistriesTable(registries: Vec<Registry>) -> impl IntoView {
    // Said only where it tells registries apart.
    let is_apart = |of: fn(&Registry) -> &str| {
        registries
            .windows(2)
            .any(|pair| of(&pair[0]) != of(&pair[1]))
    };
    let (subscriptions, groups) = (
        is_apart(Registry::subscription),
        is_apart(Registry::resource_group),
    );
    let rows = registries.into_iter().map(move |registry| {
        let group = registry.resource_group().to_owned();
        let group = groups.then(|| view! { <p class="muted">"Resource group " {group}</p> });
        let subscription = registry.subscription().to_owned();
        let subscription = subscriptions
            .then(|| view! { <p class="muted">"Subscription " <code>{subscription}</code></p> });
        let place = if registry.sandbox {
            view! { <Badge tone=Tone::Accent icon=IconName::Sandbox label="Sandbox" /> }.into_any()
        } else {
            view! { <span>{registry.location}</span> }.into_any()
        };
        let href = paths::overview(&registry.name);
        view! {
            <tr role="row">
                <Cell column="Registry">
                    <a href=href>{registry.name}</a>
                    {group}
                    {subscription}
                </Cell>
                <Cell column="Login server">
                    <code>{registry.login_server}</code>
                </Cell>
                <Cell column="Tier">{registry.sku}</Cell>
                <Cell column="Location">{place}</Cell>
            </tr>
        }
    });
    view! {
        <PageHeader title="Registries" />
        <Table caption="Registries" columns=&["Registry", "Login server", "Tier", "Location"]>
            {rows.collect_view()}
        </Table>
    }
}

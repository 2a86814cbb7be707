use crate::api::registries::list_registries;
use crate::paths;
use crate::ui::{Badge, Cell, EmptyState, IconName, PageHeader, Table, Tone};
use crate::widgets::Loaded;
use drydock_domain::console::Registry;
use leptos::prelude::*;
use leptos_router::components::Redirect;

/// All registries in sight; where there is only one, its overview instead.
#[component]
pub fn RegistriesPage() -> impl IntoView {
    let registries = Resource::new(|| (), |()| list_registries());
    view! {
        <Loaded resource=registries label="Loading registries" heading="Registries" let:registries>
            {registries_view(registries)}
        </Loaded>
    }
}

fn registries_view(registries: Vec<Registry>) -> AnyView {
    match registries.as_slice() {
        [] => none().into_any(),
        [only] => view! { <Redirect path=paths::overview(&only.name) /> }.into_any(),
        _ => view! { <RegistriesTable registries /> }.into_any(),
    }
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
    let rows = registries.into_iter().map(|registry| {
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

//! The frame around every page: who and where you are, the ways on, and what to know.
use super::PageAlive;
use super::keyboard::{Keyboard, PaletteOpener};
use super::registry_nav::RegistryNav;
use super::sample_banner::SampleBanner;
use super::user_menu::UserMenu;
use crate::api::console::ConsoleFacts;
use crate::paths;
use crate::state::console::use_console;
use crate::ui::{Badge, IconName, Menu, Tone};
use drydock_domain::console::Registry;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let path = use_location().pathname;
    let registry = Memo::new(move |_| paths::registry_of(&path.read()).map(str::to_owned));
    let console = use_console();
    let alive = RwSignal::new(false);
    provide_context(PageAlive(alive));
    let main = NodeRef::<html::Main>::new();
    let arrive = move |_: &String, _: Option<&String>, _: Option<()>| arrive(main);
    Effect::watch(move || path.get(), arrive, false);
    view! {
        // The router would go there without the focus.
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <header class="top-bar">
            <a class="brand" href=paths::REGISTRIES>
                <Hull />
                <span>"Drydock"</span>
            </a>
            <Transition>
                {move || Suspend::new(async move {
                    console.facts.await.ok().map(|facts| view! { <TopBarFacts facts registry /> })
                })}
            </Transition>
        </header>
        <div class="frame">
            <Transition>
                {move || Suspend::new(async move {
                    let facts = console.facts.await.ok();
                    let registries = facts.map_or_else(Vec::new, |facts| facts.registries);
                    let only = only_registry(&registries);
                    let registry = Memo::new(move |_| registry.get().or_else(|| only.clone()));
                    view! {
                        <RegistryNav registry />
                        <Keyboard registry registries=registries />
                    }
                })}
            </Transition>
            <div class="content">
                <Transition>
                    {move || Suspend::new(async move {
                        let samples = console.facts.await.ok().and_then(|facts| facts.samples);
                        samples.map(|initial| view! { <SampleBanner initial /> })
                    })}
                </Transition>
                <main
                    id="main"
                    tabindex="-1"
                    node_ref=main
                    data-alive=move || alive.get().then_some("true")>
                    {children()}
                </main>
                <Footer />
            </div>
        </div>
    }
}

/// A new page begins at its beginning for a reader of any kind: menus close, and the focus goes to
/// the content.
fn arrive(main: NodeRef<html::Main>) {
    #[cfg(target_arch = "wasm32")]
    {
        while let Ok(Some(menu)) = document().query_selector("details.menu[open]") {
            if menu.remove_attribute("open").is_err() {
                break;
            }
        }
        if let Some(main) = main.get_untracked() {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            // Refused only by an element that has left the document.
            let _ = main.focus_with_options(&options);
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = main;
}

/// The registry that every page belongs to where there is no other.
fn only_registry(registries: &[Registry]) -> Option<String> {
    match registries {
        [registry] => Some(registry.name.clone()),
        _ => None,
    }
}

#[component]
fn TopBarFacts(facts: ConsoleFacts, registry: Memo<Option<String>>) -> impl IntoView {
    let registries = facts.registries.clone();
    let sandbox = registries.iter().any(|registry| registry.sandbox) || facts.samples.is_some();
    view! {
        {move || view! { <RegistrySwitcher registries=registries.clone() current=registry.get() /> }}
        <div class="top-bar-end">
            <PaletteOpener />
            {sandbox
                .then(|| {
                    view! {
                        <span title="Runs on this machine alone; nothing here touches a cloud account">
                            <Badge tone=Tone::Accent icon=IconName::Sandbox label="Sandbox" />
                        </span>
                    }
                })}
            <UserMenu facts />
        </div>
    }
}

/// The registry's name, and the others to go to where there are any.
#[component]
fn RegistrySwitcher(registries: Vec<Registry>, current: Option<String>) -> impl IntoView {
    let only_one = registries.len() == 1;
    let name = current.or_else(|| only_registry(&registries))?;
    let switcher = if only_one {
        let href = paths::overview(&name);
        view! { <a class="registry-name" href=href>{name}</a> }.into_any()
    } else {
        let rows = registries.into_iter().map(|registry| {
            let href = paths::overview(&registry.name);
            view! { <li><a href=href>{registry.name}</a></li> }
        });
        let menu = view! {
            <Menu summary=move || view! { <span class="registry-name">{name.clone()}</span> }>
                <ul role="list">{rows.collect_view()}</ul>
            </Menu>
        };
        menu.into_any()
    };
    Some(view! { <div class="switcher">{switcher}</div> })
}

#[component]
fn Footer() -> impl IntoView {
    let console = use_console();
    view! {
        <footer class="footer">
            <span>"Drydock " {env!("CARGO_PKG_VERSION")}</span>
            <Transition>
                {move || Suspend::new(async move {
                    let source = console
                        .facts
                        .await
                        .ok()
                        .and_then(|facts| facts.samples)
                        .map(|samples| samples.source)
                        .filter(|source| !source.is_empty());
                    source.map(|source| view! { <span>"Sample packages: " {source}</span> })
                })}
            </Transition>
        </footer>
    }
}

/// The mark: a hull on its blocks in the dock.
#[component]
fn Hull() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <path class="mark-dock" d="M2 6v15h20v-15" />
            <path class="mark-hull" d="M5.5 8.5h13l-2.6 7.5h-7.8z" />
            <path class="mark-dock" d="M8.75 18.5v2M12 18.5v2M15.25 18.5v2M12 3v3" />
        </svg>
    }
}

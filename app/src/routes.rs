//! Which page an address shows. Each page is a chunk of its own.
use crate::pages::{
    audit::AuditPage, compliance::CompliancePage, dry_run::DryRunPage, embeds::EmbedsPage,
    images::ImagesPage, lineage::LineagePage, not_found::NotFoundPage,
    notifications::NotificationsPage, overview::OverviewPage, policy::PolicyPage,
    preflight::PreflightPage, proposals::ProposalsPage, registries::RegistriesPage, run::RunPage,
    runs::RunsPage, schedule::SchedulePage, sessions::SessionsPage, settings::SettingsPage,
};
use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::{Lazy, LazyRoute, SsrMode, lazy_route, path};

/// Every page waits for its data (`SsrMode::Async`): whole without JavaScript, with the right status.
#[component]
pub fn ConsoleRoutes() -> impl IntoView {
    let ssr = SsrMode::Async;
    view! {
        <Routes fallback=NotFoundPage>
            <Route path=path!("/") view={Lazy::<RegistriesRoute>::new()} ssr=ssr.clone() />
            <Route path=path!("/audit") view={Lazy::<AuditRoute>::new()} ssr=ssr.clone() />
            <Route path=path!("/notifications") view={Lazy::<NotificationsRoute>::new()} ssr=ssr.clone() />
            <Route path=path!("/sessions") view={Lazy::<SessionsRoute>::new()} ssr=ssr.clone() />
            <Route path=path!("/settings/embeds") view={Lazy::<EmbedsRoute>::new()} ssr=ssr.clone() />
            <Route path=path!("/registries/:registry") view={Lazy::<OverviewRoute>::new()} ssr=ssr.clone() />
            <Route
                path=path!("/registries/:registry/policy")
                view={Lazy::<PolicyRoute>::new()}
                ssr=ssr.clone()
            />
            <Route
                path=path!("/registries/:registry/dry-run")
                view={Lazy::<DryRunRoute>::new()}
                ssr=ssr.clone()
            />
            <Route
                path=path!("/registries/:registry/proposals")
                view={Lazy::<ProposalsRoute>::new()}
                ssr=ssr.clone()
            />
            <Route
                path=path!("/registries/:registry/schedule")
                view={Lazy::<ScheduleRoute>::new()}
                ssr=ssr.clone()
            />
            <Route path=path!("/registries/:registry/runs") view={Lazy::<RunsRoute>::new()} ssr=ssr.clone() />
            <Route
                path=path!("/registries/:registry/runs/:id")
                view={Lazy::<RunRoute>::new()}
                ssr=ssr.clone()
            />
            <Route path=path!("/registries/:registry/images") view={Lazy::<ImagesRoute>::new()} ssr=ssr.clone() />
            <Route
                path=path!("/registries/:registry/images/*repository")
                view={Lazy::<LineageRoute>::new()}
                ssr=ssr.clone()
            />
            <Route
                path=path!("/registries/:registry/compliance")
                view={Lazy::<ComplianceRoute>::new()}
                ssr=ssr.clone()
            />
            <Route
                path=path!("/registries/:registry/settings")
                view={Lazy::<SettingsRoute>::new()}
                ssr=ssr.clone()
            />
            <Route
                path=path!("/registries/:registry/settings/preflight")
                view={Lazy::<PreflightRoute>::new()}
                ssr=ssr.clone()
            />
        </Routes>
    }
}

/// The pack of code that the page at `path` will ask for: a lazy route of this file.
#[cfg(not(target_arch = "wasm32"))]
pub fn pack_of(path: &str) -> Option<&'static str> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let pack = match segments[..] {
        [] => "registries",
        ["audit"] => "audit",
        ["notifications"] => "notifications",
        ["sessions"] => "sessions",
        ["settings", "embeds"] => "embeds",
        ["registries", _] => "overview",
        ["registries", _, "policy"] => "policy",
        ["registries", _, "dry-run"] => "dry_run",
        ["registries", _, "proposals"] => "proposals",
        ["registries", _, "schedule"] => "schedule",
        ["registries", _, "runs"] => "runs",
        ["registries", _, "runs", _] => "run",
        ["registries", _, "images"] => "images",
        ["registries", _, "images", ..] => "lineage",
        ["registries", _, "compliance"] => "compliance",
        ["registries", _, "settings"] => "settings",
        ["registries", _, "settings", "preflight"] => "preflight",
        _ => return None,
    };
    Some(pack)
}

/// Declares the chunk of a page that is loaded when it is first visited.
macro_rules! lazy_page {
    ($route:ident, $page:ident) => {
        struct $route;

        #[lazy_route]
        impl LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> AnyView {
                let page = view! { <$page /> };
                page.into_any()
            }
        }
    };
}

lazy_page!(RegistriesRoute, RegistriesPage);
lazy_page!(AuditRoute, AuditPage);
lazy_page!(NotificationsRoute, NotificationsPage);
lazy_page!(ComplianceRoute, CompliancePage);
lazy_page!(EmbedsRoute, EmbedsPage);
lazy_page!(OverviewRoute, OverviewPage);
lazy_page!(PolicyRoute, PolicyPage);
lazy_page!(DryRunRoute, DryRunPage);
lazy_page!(ScheduleRoute, SchedulePage);
lazy_page!(RunsRoute, RunsPage);
lazy_page!(RunRoute, RunPage);
lazy_page!(ImagesRoute, ImagesPage);
lazy_page!(LineageRoute, LineagePage);
lazy_page!(PreflightRoute, PreflightPage);
lazy_page!(ProposalsRoute, ProposalsPage);
lazy_page!(SettingsRoute, SettingsPage);
lazy_page!(SessionsRoute, SessionsPage);

use leptos::prelude::*;

/// The set of icons: strokes of 1.5 on a grid of 16, drawn for this console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Overview,
    Policy,
    DryRun,
    Schedule,
    Runs,
    Images,
    Settings,
    Audit,
    Registry,
    Check,
    CheckCircle,
    Cross,
    CrossCircle,
    Warning,
    Info,
    Clock,
    Skip,
    Ban,
    Question,
    Running,
    Queue,
    Copy,
    Download,
    Undo,
    Redo,
    Play,
    Stop,
    Person,
    Chevron,
    Arrow,
    Tag,
    Link,
    Search,
    Sandbox,
}

impl IconName {
    /// The `d` of the one path.
    fn path(self) -> &'static str {
        match self {
            Self::Overview => {
                "M2.5 2.5h4.5v6h-4.5zM9 2.5h4.5v3.5h-4.5zM9 8h4.5v5.5h-4.5zM2.5 10.5h4.5v3h-4.5z"
            }
            Self::Policy => "M3.5 1.75h6l3 3v9.5h-9zM9.25 1.75v3.25h3.25M5.75 8.25h4.5M5.75 11h3",
            Self::DryRun => {
                "M6 1.75h4M6.75 1.75v4.5l-3.6 6.2a1.2 1.2 0 0 0 1.05 1.8h7.6a1.2 1.2 0 0 0 1.05-1.8l-3.6-6.2v-4.5M4.75 10h6.5"
            }
            Self::Schedule => {
                "M2.25 3.5h11.5v10.25h-11.5zM2.25 6.5h11.5M5.25 1.75v3M10.75 1.75v3M5 9.25h1.5M9.5 9.25h1.5"
            }
            Self::Runs => "M1.5 8h3l2-5 3 10 2-5h3",
            Self::Images => "M8 1.75l6 3-6 3-6-3zM2 8l6 3 6-3M2 11.25l6 3 6-3",
            Self::Settings => {
                "M2 4.5h6.5M12.5 4.5h1.5M2 11.5h1.5M7.5 11.5h6.5M10.5 2.5v4M5.5 9.5v4"
            }
            Self::Audit => {
                "M8 1.75l5.25 2v4c0 3.1-2.1 5.4-5.25 6.5-3.15-1.1-5.25-3.4-5.25-6.5v-4zM5.75 8l1.6 1.6 3-3.2"
            }
            Self::Registry => {
                "M2.25 3h11.5v4h-11.5zM2.25 9h11.5v4h-11.5zM4.75 5h.5M4.75 11h.5M8 5h3.25M8 11h3.25"
            }
            Self::Check => "M3 8.5l3.25 3.25 6.75-7.5",
            Self::CheckCircle => {
                "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0zM5.25 8.25l2 2 3.5-4"
            }
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::CrossCircle => {
                "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0zM5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5"
            }
            Self::Warning => "M8 2.25l6.25 11.25h-12.5zM8 6.5v3.25M8 11.6v.15",
            Self::Info => {
                "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0zM8 7.25v4M8 4.75v.15"
            }
            Self::Clock => {
                "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0zM8 4.5v3.75l2.5 1.5"
            }
            Self::Skip => "M3.25 3.5l6 4.5-6 4.5zM12.5 3.5v9",
            Self::Ban => {
                "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0zM3.75 12.25l8.5-8.5"
            }
            Self::Question => {
                "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0zM6.25 6.4a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.85.6-.85 1.25M8 11.4v.15"
            }
            Self::Running => "M8 1.75a6.25 6.25 0 1 1-6.25 6.25",
            Self::Queue => "M3 4h10M3 8h10M3 12h5",
            Self::Copy => "M5.75 5.75h8v8h-8zM10.25 5.5v-3.25h-8v8h3.25",
            Self::Download => "M8 2v8M4.75 7l3.25 3.25 3.25-3.25M2.5 13.25h11",
            Self::Undo => "M5.5 2.75l-3 3 3 3M2.5 5.75h7a4 4 0 0 1 0 8h-3",
            Self::Redo => "M10.5 2.75l3 3-3 3M13.5 5.75h-7a4 4 0 0 0 0 8h3",
            Self::Play => "M4.5 2.75v10.5l8.5-5.25z",
            Self::Stop => "M4 4h8v8h-8z",
            Self::Person => {
                "M10.75 5a2.75 2.75 0 1 1-5.5 0 2.75 2.75 0 0 1 5.5 0zM2.5 14c.4-3 2.6-4.5 5.5-4.5s5.1 1.5 5.5 4.5"
            }
            Self::Chevron => "M4 6.25l4 4 4-4",
            Self::Arrow => "M2.5 8h11M9.5 4l4 4-4 4",
            Self::Tag => "M2 2h5.5l6.5 6.5-5.5 5.5-6.5-6.5zM5 5h.15",
            Self::Link => {
                "M6.5 9.5l3-3M7.25 4.75l1.5-1.5a2.9 2.9 0 0 1 4 4l-1.5 1.5M8.75 11.25l-1.5 1.5a2.9 2.9 0 0 1-4-4l1.5-1.5"
            }
            Self::Search => "M11.25 6.75a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10 10l4 4",
            Self::Sandbox => {
                "M1.75 10.5h12.5l-1.75 3.5h-9zM4.25 10.5v-5.25h7.5v5.25M8 5.25v-3.5M6 8h4"
            }
        }
    }
}

/// Decoration beside words; a reader passes over it.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=name.path() />
        </svg>
    }
}

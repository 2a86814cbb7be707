//! Parts that know the domain and serve two pages or more.
mod action_result;
mod as_of;
mod comment_field;
mod cycle_cost;
mod digest_link;
mod error_notice;
pub mod frame;
mod ignored;
mod kept_back;
pub mod keyboard;
mod live_mark;
mod loaded;
mod marked_text;
mod permitted;
mod policy_changes;
mod proposed;
mod registry_nav;
mod run_cause;
mod sample_banner;
mod schedule_fields;
mod short_digests;
mod start_run_form;
mod status_badge;
mod tag_name;
mod user_menu;
#[cfg(not(target_arch = "wasm32"))]
mod viewing_as;
mod zone_picker;

pub use action_result::{ActionError, PartOutcomes};
pub use as_of::{AsOf, FROM_AZURE, FROM_LEDGER};
pub use comment_field::CommentField;
pub use cycle_cost::{CycleCost, dollars, task_time};
pub use digest_link::DigestText;
pub use error_notice::ErrorNotice;
pub use ignored::{Ignored, Readable};
pub use kept_back::KeptBackNotes;
pub use live_mark::LiveMark;
pub use loaded::{Loaded, PageAlive};
pub use marked_text::MarkedText;
pub use permitted::{OfWholeRegistry, Permitted};
pub use policy_changes::PolicyChanges;
pub use proposed::{Proposed, Reason, Waiting, verb};
pub use run_cause::run_cause;
pub use schedule_fields::{ScheduleFields, read_schedule};
pub use short_digests::ShortDigests;
pub use start_run_form::StartRunForm;
pub use status_badge::{DerivationBadge, ImageStatusBadge, RunStatusBadge};
pub use tag_name::TagName;
#[cfg(not(target_arch = "wasm32"))]
pub use viewing_as::ViewingAs;
pub use zone_picker::ZonePicker;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// A parameter of the route, such as `registry`; empty only outside of that route.
pub fn use_param(name: &'static str) -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get(name).unwrap_or_default())
}

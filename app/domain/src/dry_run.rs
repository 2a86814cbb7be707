//! A dry run as a record: what it said, what it would cost, how it differs from another one, and
//! the proof that it wrote nothing.
mod budget;
mod diff;
mod estimate;
mod inspection;
mod receipt;
mod record;
mod render;

pub use budget::{Budget, NearLimit, budget};
pub use diff::{DryRunDiff, VerdictChange, diff};
pub use estimate::{
    Averages, BATCH_PAUSE_MS, BATCH_SIZE, CycleEstimate, Estimate, ImageTimes, Price, averages,
    estimate_cycle, times_of,
};
pub use inspection::{ImageInside, ImagePlan, InspectedImage, Inspection};
pub use receipt::{Depth, Moved, Receipt, inventory_listing, moved};
pub use record::{DryRunRecord, KeptDryRun};
pub(crate) use render::push_csv_cell;
pub use render::{Found, Row, to_csv, to_json, to_markdown};

//! What dpkg and apt know about an image: its packages, its settings, its wishes.
pub mod accounts;
pub mod database;
pub mod end_of_life;
pub mod filters;
pub mod glob;
pub mod installed;
pub mod overrides;
pub mod pins;

pub use database::Database;
pub use filters::PathFilters;
pub use installed::{Conffile, Installed, Place};
pub use overrides::{Diversions, StatOverrides};
pub use pins::Pins;

//! Finds and fixes OS vulnerabilities in Debian and Ubuntu images, without running any of
//! an image's code. See ARCHITECTURE.md.
pub mod apply;
pub mod archive;
pub mod deb822;
pub mod dpkg;
pub mod engine;
pub mod error;
pub mod image;
pub mod job;
pub mod layout;
pub mod os_release;
pub mod plan;
pub mod printable;
pub mod relation;
pub mod samples;
pub mod scan;
pub mod store;
pub mod system;
#[cfg(test)]
mod testing;
pub mod toy;
pub mod trivy;
pub mod version;

pub use archive::{Archive, ArchiveConfig};
pub use engine::{Engine, EngineConfig, Inspection, PatchOutcome};
pub use error::PatchError;
pub use image::Limits;
pub use job::Job;
pub use os_release::OsRelease;
pub use store::{BlobInfo, BlobStore, ReadSeek};
pub use trivy::TrivyReport;

//! Finds and fixes OS vulnerabilities in Debian and Ubuntu images, without running any of
//! an image's code. See ARCHITECTURE.md.
pub mod archive;
pub mod deb822;
pub mod error;
pub mod job;
pub mod os_release;
pub mod relation;
pub mod samples;
pub mod toy;
pub mod version;

pub use archive::{Archive, ArchiveConfig};
pub use error::PatchError;
pub use job::Job;
pub use os_release::OsRelease;

//! What the registry has in ARM besides tasks, runs and roles: kept here, and saved as it changes.
use super::cache_rules::CacheRules;
use super::settings::SettingsFile;
use crate::Clock;
use crate::deployments::{Deployments, WhatIfs};
use crate::import::Imports;
use crate::tasks::FileError;
use std::path::Path;
use std::sync::Arc;

pub struct Resources {
    pub settings: SettingsFile,
    pub cache_rules: CacheRules,
    pub deployments: Deployments,
    pub what_ifs: WhatIfs,
    pub imports: Imports,
    /// How many requests are left of those that ARM allows.
    pub(super) quotas: super::quota::Quotas,
}

impl Resources {
    /// Reads what an earlier process left under `directory`.
    pub fn open(directory: &Path, clock: Arc<dyn Clock>) -> Result<Self, FileError> {
        Ok(Self {
            settings: SettingsFile::open(directory)?,
            cache_rules: CacheRules::open(directory)?,
            deployments: Deployments::open(directory, clock.clone())?,
            what_ifs: WhatIfs::default(),
            imports: Imports::default(),
            quotas: super::quota::Quotas::new(clock),
        })
    }
}

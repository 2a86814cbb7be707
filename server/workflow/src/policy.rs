//! The policy as the registry keeps it: the artifact, who may change it on what grounds, and what it was before.
pub(crate) mod artifact;
pub(crate) mod gate;
pub(crate) mod history;

pub mod audit;
pub mod leases;
pub mod list;
pub mod people;
pub mod prune;
pub mod replicas;
pub mod sessions;
pub mod tamper;

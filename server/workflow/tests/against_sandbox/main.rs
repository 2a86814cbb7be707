//! The use cases against the real sandbox, which fails where it is told to.
mod archive;
mod connection;
mod desk;
mod dry_run;
mod faults;
mod interrupted;
mod secrets;
mod settings;
mod witness;

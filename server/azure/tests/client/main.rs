//! The client against a server that answers with recorded shapes.
mod acr;
mod arm;
mod log_tail;
mod recorded;
mod support;

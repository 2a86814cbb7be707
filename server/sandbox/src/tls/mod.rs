//! TLS on loopback: an authority of the sandbox's own, made at its first start, and the
//! certificate that it gives the listener. Clients trust `ca.pem`; the key never leaves its file.
mod authority;
mod channel;
mod leaf;
mod listener;

pub use authority::{Authority, PUBLIC_FILE};
pub use channel::{Channel, Doors, Opened};
pub use listener::LoopbackListener;

use rustls::{ServerConfig, crypto::aws_lc_rs};
use std::{io, sync::Arc};

/// The authority's files, below the sandbox's folder.
pub const FOLDER: &str = "tls";

/// How the listener of a sandbox answers: with a leaf of `authority` that renews itself.
///
/// # Errors
/// The authority cannot sign.
pub fn server_config(authority: Authority) -> io::Result<Arc<ServerConfig>> {
    let leaf = leaf::RenewedLeaf::new(authority)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let mut config = config
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(leaf));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

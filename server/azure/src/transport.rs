//! How the sandbox is reached: over TLS, as Azure is, and trusting its own authority alone.
use crate::AzureError;
use azure_core::http::HttpClient;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The sandbox of this machine.
#[derive(Clone, Debug)]
pub struct Loopback {
    /// Where `https://localhost:PORT` is answered.
    pub address: SocketAddr,
    /// The authority that its certificate is signed by, in PEM.
    pub ca_pem: String,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const READ_TIMEOUT: Duration = Duration::from_secs(60);

impl Loopback {
    /// A client that no server but the sandbox can satisfy: no other certificate is trusted, and
    /// no proxy is asked. Its tokens cannot leave the machine.
    pub(crate) fn client(&self) -> Result<Arc<dyn HttpClient>, AzureError> {
        let invalid = |why: String| AzureError::Invalid {
            field: "sandbox".into(),
            why,
        };
        if !self.address.ip().is_loopback() {
            let why = format!("{} is not a loopback address", self.address);
            return Err(invalid(why));
        }
        let authority = reqwest::Certificate::from_pem(self.ca_pem.as_bytes())
            .map_err(|error| invalid(format!("its certificate cannot be read: {error}")))?;
        let client = reqwest::Client::builder()
            .tls_certs_only([authority])
            .dns_resolver(Arc::new(LoopbackNames(self.address)))
            .no_proxy()
            // A redirect is followed where it is expected, without the token.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build()
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Arc::new(client))
    }
}

/// `localhost` and the names below it, which a registry with a domain name label has, are the
/// sandbox's address: some machines do not know them, or know the address of the other family first.
/// There is no other name.
struct LoopbackNames(SocketAddr);

impl Resolve for LoopbackNames {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str();
        let is_ours = host == "localhost" || host.ends_with(".localhost");
        let found = match is_ours {
            true => Ok(Box::new(std::iter::once(self.0)) as Addrs),
            false => Err(format!("{host} is no name of the sandbox").into()),
        };
        Box::pin(std::future::ready(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loopback_address_is_taken_for_the_sandbox() {
        let loopback = Loopback {
            address: "192.0.2.1:5080".parse().unwrap(),
            ca_pem: String::new(),
        };
        let Err(error) = loopback.client() else {
            panic!("an address of another machine was taken");
        };
        assert!(error.to_string().contains("192.0.2.1:5080"), "{error}");
    }
}

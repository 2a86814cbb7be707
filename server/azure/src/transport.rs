//! The one difference between the sandbox and Azure: where a connection goes.
use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use std::net::SocketAddr;
use std::sync::Arc;

/// Sends what is meant for `https://localhost:PORT` to the same loopback port without TLS, `Host`
/// kept. Any other host is refused: the sandbox's tokens must not leave the machine.
#[derive(Debug)]
pub(crate) struct Loopback {
    inner: Arc<dyn HttpClient>,
    to: SocketAddr,
}

impl Loopback {
    pub(crate) fn new(inner: Arc<dyn HttpClient>, to: SocketAddr) -> Self {
        Self { inner, to }
    }

    fn redirected(&self, request: &Request) -> azure_core::Result<Request> {
        let url = request.url();
        let host = url.host_str().unwrap_or_default();
        let ours = matches!(host, "localhost" | "127.0.0.1" | "[::1]")
            && url.port_or_known_default() == Some(self.to.port());
        if !ours {
            return Err(Error::with_message(
                ErrorKind::Other,
                format!(
                    "the sandbox at {} does not answer for {host}, and nothing of it is sent elsewhere",
                    self.to
                ),
            ));
        }
        let authority = format!("{host}:{}", self.to.port());
        let mut request = request.clone();
        request.insert_header("host", authority);
        let url = request.url_mut();
        url.set_scheme("http")
            .and_then(|()| url.set_ip_host(self.to.ip()))
            .and_then(|()| url.set_port(Some(self.to.port())))
            .map_err(|()| Error::with_message(ErrorKind::Other, "not an address of a server"))?;
        Ok(request)
    }
}

#[async_trait]
impl HttpClient for Loopback {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.inner.execute_request(&self.redirected(request)?).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_core::http::{Method, new_http_client};

    fn redirected(url: &str) -> azure_core::Result<Request> {
        let to = "127.0.0.1:5080".parse().unwrap();
        let request = Request::new(url.parse().unwrap(), Method::Get);
        Loopback::new(new_http_client(None), to).redirected(&request)
    }

    #[test]
    fn the_sandbox_is_reached_without_tls_under_its_own_name() {
        let request = redirected("https://localhost:5080/v2/?a=b").unwrap();
        assert_eq!(request.url().as_str(), "http://127.0.0.1:5080/v2/?a=b");
        let host = request.headers().get_str(&"host".into()).unwrap();
        assert_eq!(host, "localhost:5080");
    }

    #[test]
    fn nothing_meant_for_the_sandbox_leaves_the_machine() {
        for elsewhere in ["https://management.azure.com/", "https://localhost:5081/"] {
            assert!(redirected(elsewhere).is_err(), "{elsewhere}");
        }
    }
}

//! A server on a port of its own with an authority of its own.
use super::{Authority, Doors, channel::Opened, server_config};
use std::{io, net::SocketAddr};
use tokio::net::TcpListener;

/// A free port of loopback behind an authority of its own, for `axum::serve`: servers that stand
/// in for an Azure in tests speak TLS like the real one.
pub struct LoopbackListener {
    listener: TcpListener,
    doors: Doors,
    ca_pem: String,
}

impl LoopbackListener {
    /// # Errors
    /// No port is free, or the system gave no random numbers.
    pub async fn bind() -> io::Result<Self> {
        let authority = Authority::ephemeral()?;
        let ca_pem = authority.pem().to_owned();
        Ok(Self {
            listener: TcpListener::bind("127.0.0.1:0").await?,
            doors: Doors::new(server_config(authority)?),
            ca_pem,
        })
    }

    /// What a client has to trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

impl axum::serve::Listener for LoopbackListener {
    type Io = Opened;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Opened, SocketAddr) {
        loop {
            let accepted = self.listener.accept().await;
            if let Ok((stream, peer)) = accepted
                && let Ok(opened) = self.doors.open(stream).await
            {
                return (opened, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

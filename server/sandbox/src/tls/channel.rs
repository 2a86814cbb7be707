//! One port for two ways of speaking: a connection whose first byte begins a TLS handshake is
//! TLS, any other is plain HTTP.
use rustls::ServerConfig;
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How a request came; an extension of every request that came over the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Tls,
    Plain,
}

impl Channel {
    /// How this request came. One that never saw the network counts as TLS.
    pub fn of(request: &http::request::Parts) -> Self {
        let marked = request.extensions.get::<Self>();
        marked.copied().unwrap_or(Self::Tls)
    }

    /// The scheme of a link that takes the client back the way it came.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Tls => "https",
            Self::Plain => "http",
        }
    }
}

/// Opens connections: shakes hands where the client wants TLS.
#[derive(Clone)]
pub struct Doors(TlsAcceptor);

/// A connection after that.
pub enum Opened {
    Tls(Box<TlsStream<TcpStream>>),
    Plain(TcpStream),
}

/// A client that says nothing, or not enough for a handshake, is not waited for any longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first byte of a TLS record that holds a handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;

impl Doors {
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self(TlsAcceptor::from(config))
    }

    /// # Errors
    /// The client went away, said nothing in time, or the handshake failed.
    pub async fn open(&self, stream: TcpStream) -> io::Result<Opened> {
        let opened = timeout(PATIENCE, async {
            let mut first = [0];
            if stream.peek(&mut first).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if first[0] != HANDSHAKE {
                return Ok(Opened::Plain(stream));
            }
            let stream = self.0.accept(stream).await?;
            Ok(Opened::Tls(Box::new(stream)))
        });
        opened.await.map_err(io::Error::from)?
    }
}

impl Opened {
    /// Whether the client chose HTTP/2 in the handshake (ALPN, RFC 7301).
    pub fn is_http2(&self) -> bool {
        match self {
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
            Self::Plain(_) => false,
        }
    }

    pub fn channel(&self) -> Channel {
        match self {
            Self::Tls(_) => Channel::Tls,
            Self::Plain(_) => Channel::Plain,
        }
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut (dyn Both + Unpin)> {
        match self.get_mut() {
            Self::Tls(stream) => Pin::new(stream.as_mut()),
            Self::Plain(stream) => Pin::new(stream),
        }
    }
}

trait Both: AsyncRead + AsyncWrite {}
impl<T: AsyncRead + AsyncWrite> Both for T {}

impl AsyncRead for Opened {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner().poll_read(context, buffer)
    }
}

impl AsyncWrite for Opened {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tls(stream) => stream.is_write_vectored(),
            Self::Plain(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write_vectored(context, slices)
    }
}

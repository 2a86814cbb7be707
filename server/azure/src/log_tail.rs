//! A run's log while it is written: an append blob, read by ranges.
use crate::wire::{Answer, Call, Wire, refusal};
use crate::{ArmClient, AzureError, RegistryId, Secret};
use azure_core::http::Method;
use bytes::Bytes;
use std::time::Duration;
use url::Url;

/// Bytes asked for at a time.
const RANGE: u64 = 256 << 10;
/// Looks without news before ARM is asked whether the run still goes on.
const LOOKS_BEFORE_ASKING: u32 = 3;

/// How often to look when nothing is new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    first: Duration,
    longest: Duration,
}

impl Pace {
    /// As the Azure CLI does it, out of regard for the storage account's limits.
    pub(crate) const REMOTE: Self = Self {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(15),
    };
    /// Costs nobody anything.
    pub(crate) const LOOPBACK: Self = Self {
        first: Duration::from_millis(150),
        longest: Duration::from_secs(1),
    };
}

/// Some bytes of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPiece {
    /// Bytes of the log before these.
    pub offset: u64,
    /// As written: lines end in CRLF, and a piece may end inside a line or a character.
    pub bytes: Bytes,
    /// The run has ended and this is the last of its log.
    pub complete: bool,
}

/// Follows one log from an offset to its end.
pub struct LogTail {
    arm: ArmClient,
    /// Carries no token: the link is signed.
    wire: Wire,
    registry: RegistryId,
    run_id: String,
    link: Option<Secret>,
    offset: u64,
    pace: Pace,
    looks: u32,
    finished: bool,
    done: bool,
}

/// What one look found.
enum Look {
    Piece(Bytes, bool),
    Nothing,
    /// The link has expired.
    Expired,
}

impl LogTail {
    pub(crate) fn new(
        arm: ArmClient,
        wire: Wire,
        registry: &RegistryId,
        run_id: &str,
        offset: u64,
        pace: Pace,
    ) -> Self {
        Self {
            arm,
            wire,
            registry: registry.clone(),
            run_id: run_id.to_owned(),
            link: None,
            offset,
            pace,
            looks: 0,
            finished: false,
            done: false,
        }
    }

    /// Waits for the next piece; `None` after the last one. Dropping the future loses nothing:
    /// the offset moves only when a piece is handed out.
    pub async fn next(&mut self) -> Result<Option<LogPiece>, AzureError> {
        while !self.done {
            match self.look_with_fresh_link().await? {
                Look::Piece(bytes, complete) if complete || !bytes.is_empty() => {
                    return Ok(Some(self.hand_out(bytes, complete)));
                }
                // The run ended without anybody marking its log as complete: cancelled while
                // queued, or an agent that was lost. What is there now is all there will be.
                _ if self.finished => return Ok(Some(self.hand_out(Bytes::new(), true))),
                _ => self.wait().await?,
            }
        }
        Ok(None)
    }

    /// What is written now, without waiting.
    pub async fn read_now(&mut self) -> Result<LogPiece, AzureError> {
        let offset = self.offset;
        let mut all = Vec::new();
        loop {
            match self.look_with_fresh_link().await? {
                Look::Piece(bytes, complete) => {
                    let more = !bytes.is_empty() && !complete;
                    all.extend_from_slice(&bytes);
                    self.hand_out(bytes, complete);
                    if more {
                        continue;
                    }
                    return Ok(LogPiece {
                        offset,
                        bytes: all.into(),
                        complete,
                    });
                }
                Look::Nothing | Look::Expired => {
                    return Ok(LogPiece {
                        offset,
                        bytes: all.into(),
                        complete: false,
                    });
                }
            }
        }
    }

    fn hand_out(&mut self, bytes: Bytes, complete: bool) -> LogPiece {
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        self.looks = 0;
        self.done = complete;
        LogPiece {
            offset,
            bytes,
            complete,
        }
    }

    async fn wait(&mut self) -> Result<(), AzureError> {
        let doublings = self.looks.saturating_sub(LOOKS_BEFORE_ASKING).min(8);
        let pause = (self.pace.first * 2_u32.pow(doublings)).min(self.pace.longest);
        tokio::time::sleep(pause).await;
        self.looks += 1;
        if self.looks.is_multiple_of(LOOKS_BEFORE_ASKING) {
            let run = self.arm.find_run(&self.registry, &self.run_id).await?;
            // One more look follows, for what was written before the end was seen.
            self.finished = run.is_none_or(|run| run.status.is_finished());
        }
        Ok(())
    }

    /// A link that storage does not take is replaced once; the offset stays.
    async fn look_with_fresh_link(&mut self) -> Result<Look, AzureError> {
        for _ in 0..2 {
            match self.look().await? {
                Look::Expired => self.link = None,
                look => return Ok(look),
            }
        }
        Err(self.refused())
    }

    async fn look(&mut self) -> Result<Look, AzureError> {
        let link = match &self.link {
            Some(link) => link.clone(),
            None => self.arm.get_log_link(&self.registry, &self.run_id).await?,
        };
        let url = Url::parse(link.expose())
            .ok()
            .filter(|url| url.scheme() == "https")
            .ok_or_else(|| {
                AzureError::internal(format!(
                    "the log of run {} has no https address",
                    self.run_id
                ))
            })?;
        self.link = Some(link);
        let range = format!("bytes={}-{}", self.offset, self.offset + RANGE - 1);
        let call = Call::new(Method::Get, url.clone(), self.name())
            .header("x-ms-version", "2022-11-02")
            .header("x-ms-range", range);
        let answer = self.wire.ask(&call).await?;
        match answer.status {
            200 | 206 => Ok(self.piece(answer)),
            401 | 403 => Ok(Look::Expired),
            404 => Ok(Look::Nothing),
            // Nothing beyond the offset yet, or the end: only the properties tell.
            416 => self.look_at_end(url).await,
            _ => Err(refusal(&call.name, &answer)),
        }
    }

    fn piece(&self, answer: Answer) -> Look {
        let completed = answer.header("x-ms-meta-complete").is_some();
        // A server that ignores ranges sends the log from its beginning.
        let skip = if answer.status == 200 { self.offset } else { 0 };
        let from =
            usize::try_from(skip).map_or(answer.body.len(), |skip| skip.min(answer.body.len()));
        let total = answer
            .header("content-range")
            .and_then(|range| range.rsplit('/').next()?.parse::<u64>().ok())
            .unwrap_or(answer.body.len() as u64);
        let bytes = answer.body.slice(from..);
        let complete = completed && self.offset + bytes.len() as u64 >= total;
        Look::Piece(bytes, complete)
    }

    async fn look_at_end(&self, url: Url) -> Result<Look, AzureError> {
        let call = Call::new(Method::Head, url, self.name()).header("x-ms-version", "2022-11-02");
        let answer = self.wire.ask(&call).await?;
        match answer.status {
            200 => {
                let length = answer
                    .header("content-length")
                    .and_then(|text| text.parse().ok());
                let complete = answer.header("x-ms-meta-complete").is_some()
                    && length.is_none_or(|length: u64| length <= self.offset);
                Ok(Look::Piece(Bytes::new(), complete))
            }
            401 | 403 => Ok(Look::Expired),
            404 => Ok(Look::Nothing),
            _ => Err(refusal(&call.name, &answer)),
        }
    }

    fn name(&self) -> String {
        format!("the log of run {}", self.run_id)
    }

    fn refused(&self) -> AzureError {
        AzureError::Unavailable {
            what: format!(
                "the log of run {}: storage refuses a link that was just signed; check the clock \
                 of this machine",
                self.run_id
            ),
        }
    }
}

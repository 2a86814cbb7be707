//! Bytes from an address: `http:`, `https:`, or a folder as `file:`.
use crate::error::causes;
use crate::{Job, PatchError};
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

const ATTEMPTS: u32 = 3;
const CHUNK_BYTES: usize = 64 * 1024;

/// A blocking client with its limits; call it outside of async code.
#[derive(Debug)]
pub(super) struct Fetcher {
    connect_timeout: Duration,
    read_timeout: Duration,
    // Made at the first use: making one inside of an async runtime panics.
    client: OnceLock<Client>,
}

/// Why one attempt failed.
enum Failure {
    Final(PatchError),
    Passing(String),
}

impl Fetcher {
    pub fn new(connect_timeout: Duration, read_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            read_timeout,
            client: OnceLock::new(),
        }
    }

    /// The whole answer, at most `limit_bytes` long. A broken connection, a timeout, 429 and
    /// 5xx are tried again, three times in all.
    pub fn get(&self, url: &str, limit_bytes: u64, job: &Job) -> Result<Vec<u8>, PatchError> {
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                job.say(&format!("{url}: {why}; trying again"));
                pause(Duration::from_millis(400 << attempt), job)?;
            }
            job.check()?;
            match self.attempt(url, limit_bytes, job) {
                Ok(content) => return Ok(content),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(reason)) => why = reason,
            }
        }
        Err(PatchError::Unreachable {
            url: url.to_owned(),
            why,
        })
    }

    fn attempt(&self, url: &str, limit_bytes: u64, job: &Job) -> Result<Vec<u8>, Failure> {
        if let Some(path) = file_path(url) {
            let file = File::open(&path).map_err(|error| file_failure(url, error))?;
            return read_bounded(file, url, limit_bytes, job);
        }
        let response = self
            .client(url)?
            .get(url)
            .send()
            .map_err(|error| passing(&error))?;
        let response = accept(url, response)?;
        if response
            .content_length()
            .is_some_and(|length| length > limit_bytes)
        {
            return Err(Failure::Final(too_large(url, limit_bytes)));
        }
        let announced = response.content_length();
        let content = read_bounded(response, url, limit_bytes, job)?;
        match announced {
            Some(length) if length != content.len() as u64 => Err(Failure::Passing(format!(
                "{} of {length} bytes came",
                content.len()
            ))),
            _ => Ok(content),
        }
    }

    fn client(&self, url: &str) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .user_agent(concat!("drydock/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.connect_timeout)
            // Of a blocking client this is the time for the head, and then for each read.
            .timeout(self.read_timeout)
            .build()
            .map_err(|error| {
                let (what, why) = (format!("HTTP client for {url}"), causes(&error));
                Failure::Final(PatchError::Settings { what, why })
            })?;
        Ok(self.client.get_or_init(|| client))
    }
}

fn accept(url: &str, response: Response) -> Result<Response, Failure> {
    let url = url.to_owned();
    match response.status() {
        StatusCode::OK => Ok(response),
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(Failure::Final(PatchError::NotFound { url }))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(Failure::Passing(format!("it answers {status}")))
        }
        status => {
            let why = format!("it answers {status}");
            Err(Failure::Final(PatchError::Unreachable { url, why }))
        }
    }
}

fn read_bounded(
    mut content: impl Read,
    url: &str,
    limit_bytes: u64,
    job: &Job,
) -> Result<Vec<u8>, Failure> {
    let mut received = Vec::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        job.check().map_err(Failure::Final)?;
        let length = match content.read(&mut chunk) {
            Ok(0) => return Ok(received),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::Passing(causes(&error))),
        };
        if (received.len() + length) as u64 > limit_bytes {
            return Err(Failure::Final(too_large(url, limit_bytes)));
        }
        received
            .write_all(&chunk[..length])
            .expect("a vector takes every byte");
    }
}

fn too_large(url: &str, limit_bytes: u64) -> PatchError {
    PatchError::TooLarge {
        what: url.to_owned(),
        limit_bytes,
    }
}

fn file_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("file:")?;
    Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

fn file_failure(url: &str, error: io::Error) -> Failure {
    let url = url.to_owned();
    Failure::Final(match error.kind() {
        io::ErrorKind::NotFound => PatchError::NotFound { url },
        _ => PatchError::Io {
            what: format!("reading {url}"),
            cause: error,
        },
    })
}

fn passing(error: &reqwest::Error) -> Failure {
    Failure::Passing(causes(error))
}

/// Waits in small steps, so that a cancelled job ends soon.
fn pause(length: Duration, job: &Job) -> Result<(), PatchError> {
    const STEP: Duration = Duration::from_millis(50);
    let mut left = length;
    while !left.is_zero() {
        job.check()?;
        let step = left.min(STEP);
        std::thread::sleep(step);
        left -= step;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::testing::quiet;
    use std::net::TcpListener;

    fn fetcher() -> Fetcher {
        Fetcher::new(Duration::from_secs(2), Duration::from_secs(2))
    }

    /// Answers each connection with the next of `answers`, then closes it.
    fn server(answers: Vec<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        format!("http://{address}/file")
    }

    fn ok(body: &str, length: usize) -> &'static str {
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .leak()
    }

    #[test]
    fn a_busy_or_broken_answer_is_tried_again() {
        let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let url = server(vec![busy, ok("whole", 50), ok("whole", 5)]);
        assert_eq!(
            quiet(|job| fetcher().get(&url, 100, job)).unwrap(),
            b"whole"
        );
    }

    #[test]
    fn an_absent_file_is_not_asked_for_again() {
        let url = server(vec![
            "HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ]);
        let error = quiet(|job| fetcher().get(&url, 100, job)).unwrap_err();
        assert!(matches!(error, PatchError::NotFound { url: named } if named == url));
    }

    #[test]
    fn an_answer_over_the_limit_is_refused() {
        let url = server(vec![ok("0123456789", 10)]);
        let error = quiet(|job| fetcher().get(&url, 9, job)).unwrap_err();
        assert!(
            matches!(error, PatchError::TooLarge { limit_bytes: 9, .. }),
            "{error}"
        );
    }

    #[test]
    fn nobody_there_is_unreachable() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        drop(listener);
        let error = quiet(|job| fetcher().get(&url, 9, job)).unwrap_err();
        assert!(matches!(error, PatchError::Unreachable { .. }), "{error}");
    }

    #[test]
    fn a_cancelled_job_fetches_nothing() {
        let job = Job {
            log: &|_| {},
            cancelled: &|| true,
            now: chrono::DateTime::UNIX_EPOCH,
        };
        let error = fetcher().get("http://127.0.0.1:9/x", 9, &job).unwrap_err();
        assert!(matches!(error, PatchError::Cancelled));
    }
}

//! Verifies the whole trail in the browser, with the function that `drydock audit verify` runs. Its
//! code, SHA-256 and Ed25519 among it, comes when somebody asks for it and never before.
use drydock_domain::audit::Witness;
use leptos::prelude::*;

/// How far a verification has come.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser verifies here")
)]
pub enum Progress {
    Reading {
        lines: u64,
    },
    Done(Proof),
    /// It could not be carried out; why.
    Failed(String),
}

/// What the browser found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// Where the trail breaks, in words.
    pub broken: Option<String>,
    pub entries: u64,
    pub last: i64,
    pub signed_through: Option<i64>,
    /// The entry of the published head that agrees.
    pub witnessed: Option<i64>,
    /// What is not covered, in sentences.
    pub uncovered: Vec<String>,
}

/// What the trail is held against.
#[derive(Clone)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser verifies here")
)]
pub struct Terms {
    /// The only key that may sign, in hexadecimal.
    pub key: String,
    pub witness: Witness,
}

/// Fetches the trail and verifies it as it comes.
#[cfg(target_arch = "wasm32")]
#[lazy]
pub async fn recompute(terms: Terms, progress: RwSignal<Option<Progress>>) {
    let ended = match browser::verify(terms, progress).await {
        Ok(proof) => Progress::Done(proof),
        Err(why) => Progress::Failed(why),
    };
    // The page may have been left meanwhile.
    progress.try_set(Some(ended));
}

#[cfg(not(target_arch = "wasm32"))]
pub async fn recompute(_terms: Terms, _progress: RwSignal<Option<Progress>>) {}

#[cfg(target_arch = "wasm32")]
mod browser {
    use super::{Progress, Proof, Terms};
    use crate::paths;
    use drydock_domain::audit::{Position, Trust, Verification, Verifier, Witness};
    use gloo_net::http::Request;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::ReadableStreamDefaultReader;

    const NOT_READ: &str = "The trail could not be read to its end: the connection broke off. Try \
                            again, or export the file and verify it on a machine that you trust.";

    pub async fn verify(
        terms: Terms,
        progress: RwSignal<Option<Progress>>,
    ) -> Result<Proof, String> {
        let trust = trust(&terms)?;
        let reader = open().await?;
        let mut verifier = Verifier::new(&trust);
        let mut rest = Vec::new();
        let mut lines = 0;
        while let Some(mut chunk) = next_chunk(&reader).await? {
            rest.append(&mut chunk);
            let mut read = 0;
            while let Some(length) = rest[read..].iter().position(|byte| *byte == b'\n') {
                // What is not UTF-8 is no line of a trail, and the replacement makes it none either.
                let line = String::from_utf8_lossy(&rest[read..read + length]);
                if !verifier.read(&line) {
                    return Ok(told(&verifier.finish()));
                }
                read += length + 1;
                lines += 1;
            }
            rest.drain(..read);
            if progress
                .try_set(Some(Progress::Reading { lines }))
                .is_some()
            {
                return Err(NOT_READ.to_owned());
            }
        }
        match rest.is_empty() {
            true => Ok(told(&verifier.finish())),
            false => Err(NOT_READ.to_owned()),
        }
    }

    fn trust(terms: &Terms) -> Result<Trust, String> {
        let key = terms.key.trim().parse().map_err(|_| {
            "The key is not one: paste the 64 hexadecimal digits of audit.pub.".to_owned()
        })?;
        let witness = match &terms.witness {
            Witness::Published { sequence, hash, .. } => Some(Position {
                sequence: *sequence,
                hash: *hash,
            }),
            Witness::Off | Witness::Awaited { .. } | Witness::Unread { .. } => None,
        };
        Ok(Trust {
            keys: vec![key],
            witness,
        })
    }

    async fn open() -> Result<ReadableStreamDefaultReader, String> {
        let answer = Request::get(paths::AUDIT_FILE).send().await;
        let answer = answer.map_err(|_| {
            "The console does not answer. See whether it runs, and try again.".to_owned()
        })?;
        if !answer.ok() {
            return Err(format!(
                "The console answered {} instead of sending the trail. Reload the page, and sign in \
                 again where it asks for it.",
                answer.status()
            ));
        }
        let body = answer.body().ok_or_else(|| NOT_READ.to_owned())?;
        body.get_reader()
            .dyn_into()
            .map_err(|_| NOT_READ.to_owned())
    }

    /// `None` behind the last.
    async fn next_chunk(reader: &ReadableStreamDefaultReader) -> Result<Option<Vec<u8>>, String> {
        let read = JsFuture::from(reader.read()).await;
        let read = read.map_err(|_| NOT_READ.to_owned())?;
        let member = |name| js_sys::Reflect::get(&read, &JsValue::from_str(name));
        let value = member("value").map_err(|_| NOT_READ.to_owned())?;
        let is_done = member("done").is_ok_and(|done| done.is_truthy());
        Ok((!is_done).then(|| js_sys::Uint8Array::new(&value).to_vec()))
    }

    fn told(found: &Verification) -> Proof {
        Proof {
            broken: found.broken.as_ref().map(ToString::to_string),
            entries: found.entries.unsigned_abs(),
            last: found.last.unwrap_or(found.pruned_through),
            signed_through: found.signed_through,
            witnessed: found.witnessed,
            uncovered: found.uncovered(),
        }
    }
}

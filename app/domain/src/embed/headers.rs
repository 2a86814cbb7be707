//! What a frame's document says to the browser around it.
use super::Embed;
use serde::{Deserialize, Serialize};

/// One response header, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameHeader {
    pub name: String,
    pub value: String,
    pub why: String,
}

/// Every header of an embed's document that decides about framing. `nonce` is the script's; where the
/// headers are only told of, say so in its place.
pub fn frame_headers(embed: &Embed, nonce: &str) -> Vec<FrameHeader> {
    let header = |name: &str, value: &str, why: &str| FrameHeader {
        name: name.into(),
        value: value.into(),
        why: why.into(),
    };
    vec![
        header(
            "content-security-policy",
            &content_security_policy(embed, nonce),
            "frame-ancestors names every site that may be above the frame, at any height, by scheme, \
             host and port.",
        ),
        header(
            "x-content-type-options",
            "nosniff",
            "Nothing is taken for a script.",
        ),
        header(
            "referrer-policy",
            "no-referrer",
            "A link out of the frame does not tell where it was.",
        ),
        header(
            "cross-origin-resource-policy",
            "cross-origin",
            "A host that isolates itself (COEP) may load it.",
        ),
        header(
            "cross-origin-embedder-policy",
            "require-corp",
            "The same, from the frame's side.",
        ),
        header(
            "permissions-policy",
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), \
             clipboard-write=(self), fullscreen=(self)",
            "The host's `allow` attribute grants the last two.",
        ),
    ]
}

fn content_security_policy(embed: &Embed, nonce: &str) -> String {
    let ancestors: Vec<&str> = embed.origins.iter().map(|origin| origin.as_str()).collect();
    let ancestors = match ancestors.is_empty() {
        true => "'none'".to_owned(),
        false => ancestors.join(" "),
    };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; \
         require-trusted-types-for 'script'; trusted-types drydock-frame; \
         frame-ancestors {ancestors}; report-uri /embed/{}/reports",
        embed.id
    )
}

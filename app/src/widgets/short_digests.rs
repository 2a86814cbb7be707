use crate::format;
use leptos::prelude::*;

/// A sentence in which each whole digest is shown by its first digits, and is its own tooltip.
#[component]
pub fn ShortDigests(#[prop(into)] text: String) -> impl IntoView {
    let parts = parts(&text)
        .into_iter()
        .map(|(is_digest, part)| match is_digest {
            true => {
                let short = format::short_digest(part).to_owned();
                view! { <code title=part.to_owned()>{short}</code> }.into_any()
            }
            false => view! { <span>{part.to_owned()}</span> }.into_any(),
        });
    parts.collect_view()
}

const PREFIX: &str = "sha256:";
const DIGITS: usize = 64;

/// The text in order, the whole digests in it apart.
fn parts(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(found) = rest[from..].find(PREFIX) {
        let start = from + found;
        let digits = rest[start + PREFIX.len()..].bytes();
        let end = start + PREFIX.len() + digits.take_while(u8::is_ascii_hexdigit).count();
        if end - start != PREFIX.len() + DIGITS {
            from = end;
            continue;
        }
        parts.push((false, &rest[..start]));
        parts.push((true, &rest[start..end]));
        (rest, from) = (&rest[end..], 0);
    }
    parts.push((false, rest));
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn only_whole_digests_are_set_apart() {
        let check = |text: &str, expected: &[(bool, &str)]| assert_eq!(parts(text), expected);
        let digest = format!("sha256:{}", "0a".repeat(32));
        check("plain", &[(false, "plain")]);
        check(&digest, &[(true, &digest)]);
        check(
            &format!("now {digest} is, not {digest}"),
            &[
                (false, "now "),
                (true, &digest),
                (false, " is, not "),
                (true, &digest),
            ],
        );
        check("sha256:0a is short", &[(false, "sha256:0a is short")]);
        let long = format!("{digest}00");
        check(&long, &[(false, &long)]);
        check(
            &format!("sha256:é {digest}"),
            &[(false, "sha256:é "), (true, &digest)],
        );
        check("", &[]);
    }
}

use leptos::prelude::*;

/// A sentence of the domain, in which backquotes stand around what is to be read letter by letter.
#[component]
pub fn MarkedText(#[prop(into)] text: String) -> impl IntoView {
    let parts = parts(&text)
        .into_iter()
        .map(|(is_code, part)| match is_code {
            true => view! { <code>{part}</code> }.into_any(),
            false => view! { <span>{part}</span> }.into_any(),
        });
    parts.collect_view()
}

/// The text between two backquotes is code; a lone one is a backquote.
fn parts(text: &str) -> Vec<(bool, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else {
            break;
        };
        if !before.is_empty() {
            parts.push((false, before.to_owned()));
        }
        parts.push((true, code.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push((false, rest.to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn what_stands_in_backquotes_is_code() {
        let check = |text, expected: &[(bool, &str)]| {
            let found = parts(text);
            let found: Vec<_> = found
                .iter()
                .map(|(code, part)| (*code, part.as_str()))
                .collect();
            assert_eq!(found, expected);
        };
        check("plain", &[(false, "plain")]);
        check(
            "patch 1 of `12`.",
            &[(false, "patch 1 of "), (true, "12"), (false, ".")],
        );
        check("`a``b`", &[(true, "a"), (true, "b")]);
        check("a ` b", &[(false, "a ` b")]);
        check("", &[]);
    }
}

//! JSON whose keys may go without quotes, as Azure's own reader takes it.

/// Sets in quotes each bare identifier that stands where a key stands: after a `{` or a comma and
/// before a colon. Azure's reader is Newtonsoft's, which takes such keys, and azure-cli sends one
/// with every deployment: `{"properties": {…, template:{…}}}`. Everything else stays as it is.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    let mut rest = text;
    // What came last, white space aside.
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest, first);
        let (token, after) = rest.split_at(length);
        let is_key = is_identifier_start(first)
            && matches!(before, Some('{' | ','))
            && after.trim_start().starts_with(':');
        if is_key {
            quoted.push('"');
            quoted.push_str(token);
            quoted.push('"');
        } else {
            quoted.push_str(token);
        }
        if !first.is_whitespace() {
            before = Some(first);
        }
        rest = after;
    }
    quoted
}

/// Bytes of the string, the word or the single character that a text begins with.
fn token_length(text: &str, first: char) -> usize {
    if first == '"' {
        return string_length(text);
    }
    if is_identifier_start(first) {
        let end = text.find(|character| !is_identifier_part(character));
        return end.unwrap_or(text.len());
    }
    first.len_utf8()
}

/// Up to the closing quote, or the whole text where there is none.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_identifier_start(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '_' | '$')
}

fn is_identifier_part(character: char) -> bool {
    is_identifier_start(character) || character.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_key_gets_quotes() {
        for (text, expected) in [
            (r#"{template:{}}"#, r#"{"template":{}}"#),
            (
                r#"{"a": 1, $b_2 : [{c:true}]}"#,
                r#"{"a": 1, "$b_2" : [{"c":true}]}"#,
            ),
            (r#"{"{a:1, b:2": "\", c:"}"#, r#"{"{a:1, b:2": "\", c:"}"#),
            (r#"{"é": 1e5, été:null}"#, r#"{"é": 1e5, "été":null}"#),
            ("{a b:1}", "{a b:1}"),
            ("[true, false]", "[true, false]"),
            (r#"{"open"#, r#"{"open"#),
            ("{a", "{a"),
        ] {
            assert_eq!(quote(text), expected, "{text}");
        }
    }
}

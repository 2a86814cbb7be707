//! Where apt fetches from: `sources.list` and deb822 `.sources` files.
//! <https://manpages.debian.org/sources.list>
use crate::deb822;

/// One `deb` entry with one address and one suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AptSource {
    /// `http://deb.debian.org/debian`, without a slash at the end.
    pub uri: String,
    pub suite: String,
    pub components: Vec<String>,
    /// Empty means every architecture.
    pub architectures: Vec<String>,
    /// Path of a keyring, fingerprints, or a key block; `None` where the entry is silent.
    pub signed_by: Option<String>,
}

/// Reads a file by its name: `.sources` is deb822, anything else one entry a line.
/// Entries for sources, disabled ones, and ones that cannot be read are left out, as apt
/// leaves them out.
pub fn parse(file_name: &str, text: &str) -> Vec<AptSource> {
    if file_name.ends_with(".sources") {
        deb822::parse(text).iter().flat_map(parse_stanza).collect()
    } else {
        text.lines().filter_map(parse_line).collect()
    }
}

fn parse_stanza(stanza: &deb822::Stanza) -> Vec<AptSource> {
    let list = |name: &str| -> Vec<String> {
        let value = stanza.get(name).unwrap_or_default();
        value.split_whitespace().map(str::to_owned).collect()
    };
    let disabled = ["no", "false", "0", "off", "disable", "without"];
    let enabled = stanza
        .get("Enabled")
        .is_none_or(|value| !disabled.contains(&value));
    if !enabled || !list("Types").iter().any(|kind| kind == "deb") {
        return Vec::new();
    }
    let mut sources = Vec::new();
    for uri in list("URIs") {
        for suite in list("Suites") {
            sources.push(AptSource {
                uri: uri.trim_end_matches('/').to_owned(),
                suite,
                components: list("Components"),
                architectures: list("Architectures"),
                signed_by: stanza.get("Signed-By").map(|value| value.trim().to_owned()),
            });
        }
    }
    sources
}

/// `deb [arch=amd64 signed-by=/k.gpg] http://host/path suite main contrib`
fn parse_line(line: &str) -> Option<AptSource> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let rest = line.strip_prefix("deb")?;
    let rest = rest.strip_prefix([' ', '\t'])?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    let mut source = AptSource {
        uri: words.next()?.trim_end_matches('/').to_owned(),
        suite: words.next()?,
        components: words.collect(),
        ..AptSource::default()
    };
    for option in options.split_whitespace() {
        match option.split_once('=') {
            Some(("arch", value)) => {
                source.architectures = value.split(',').map(str::to_owned).collect();
            }
            Some(("signed-by", value)) => source.signed_by = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_entries_with_options_are_read() {
        let text = "# a\ndeb-src http://a.test/debian x main\n\
            deb [arch=amd64,arm64 signed-by=/k.gpg] http://a.test/debian/ bookworm main contrib # c\n\
            deb http://b.test bookworm-updates main\nnonsense\n";
        let sources = parse("sources.list", text);
        assert_eq!(sources.len(), 2);
        assert_eq!(sources[0].uri, "http://a.test/debian");
        assert_eq!(sources[0].suite, "bookworm");
        assert_eq!(sources[0].components, ["main", "contrib"]);
        assert_eq!(sources[0].architectures, ["amd64", "arm64"]);
        assert_eq!(sources[0].signed_by.as_deref(), Some("/k.gpg"));
    }

    #[test]
    fn a_deb822_stanza_is_every_pair_of_address_and_suite() {
        let text = "Types: deb deb-src\nURIs: http://a.test/debian\nSuites: x x-updates\n\
            Components: main\nSigned-By: /k.gpg\n\nEnabled: no\nTypes: deb\nURIs: u\nSuites: s\n";
        let sources = parse("debian.sources", text);
        let suites: Vec<_> = sources.iter().map(|source| source.suite.as_str()).collect();
        assert_eq!(suites, ["x", "x-updates"]);
        assert_eq!(sources[1].signed_by.as_deref(), Some("/k.gpg"));
    }
}

//! The control-file format of Debian: stanzas of `Name: value` fields, values continued on
//! lines that begin with a space. <https://manpages.debian.org/deb822>
use std::fmt;

/// One stanza. Order and spelling of the fields are kept, so that what is read can be
/// written back unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stanza {
    fields: Vec<(String, String)>,
}

impl Stanza {
    /// The value without the blank after the colon; continuation lines keep their leading
    /// blank and are joined by line feeds. Names match whatever their case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Replaces the field where it is, or adds it at the end.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self
            .fields
            .iter_mut()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
        {
            Some((_, old)) => *old = value,
            None => self.fields.push((name.to_owned(), value)),
        }
    }

    pub fn remove(&mut self, name: &str) {
        self.fields
            .retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// Writes the stanza with a line feed after each field and none after the stanza.
impl fmt::Display for Stanza {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, value) in &self.fields {
            if value.is_empty() || value.starts_with('\n') {
                writeln!(f, "{key}:{value}")?;
            } else {
                writeln!(f, "{key}: {value}")?;
            }
        }
        Ok(())
    }
}

/// Splits a file into its stanzas. Comment lines are dropped; a line that is neither a
/// field nor a continuation is passed over, as dpkg's own readers of foreign files do.
pub fn parse(text: &str) -> Vec<Stanza> {
    let mut stanzas = Vec::new();
    let mut current = Stanza::default();
    for line in text.lines() {
        if line.trim().is_empty() {
            if !current.is_empty() {
                stanzas.push(std::mem::take(&mut current));
            }
        } else if line.starts_with('#') {
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = current.fields.last_mut() {
                value.push('\n');
                value.push_str(line.trim_end());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            current
                .fields
                .push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    if !current.is_empty() {
        stanzas.push(current);
    }
    stanzas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_back() {
        let text = "Package: a\nConffiles:\n /etc/a 0123\n /etc/b 4567 obsolete\nVersion: 1\n";
        let stanzas = parse(text);
        assert_eq!(stanzas.len(), 1);
        assert_eq!(
            stanzas[0].get("conffiles"),
            Some("\n /etc/a 0123\n /etc/b 4567 obsolete")
        );
        assert_eq!(stanzas[0].to_string(), text);
    }

    #[test]
    fn blank_lines_part_stanzas_and_comments_are_dropped() {
        let stanzas = parse("\n\nA: 1\n# no\nB:2\n \n\nA: 3");
        assert_eq!(stanzas.len(), 2);
        assert_eq!(stanzas[0].get("b"), Some("2"));
        assert_eq!(stanzas[1].get("A"), Some("3"));
    }

    #[test]
    fn a_field_is_replaced_in_place_or_added() {
        let mut stanza = parse("A: 1\nB: 2\n").remove(0);
        stanza.set("A", "9");
        stanza.set("C", "3");
        stanza.remove("B");
        assert_eq!(stanza.to_string(), "A: 9\nC: 3\n");
    }
}

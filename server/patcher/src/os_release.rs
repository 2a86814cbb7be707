//! `/etc/os-release`: which distribution, which release.
//! <https://www.freedesktop.org/software/systemd/man/os-release.html>

/// The fields that decide which archive an image belongs to; empty where absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OsRelease {
    /// `debian`, `ubuntu`.
    pub id: String,
    /// What it descends from: `["debian"]`.
    pub id_like: Vec<String>,
    /// `12`, `24.04`.
    pub version_id: String,
    /// `bookworm`, `noble`; derived from the version where the file does not say.
    pub codename: String,
    pub pretty_name: String,
}

impl OsRelease {
    /// Reads shell-style assignments; lines that are none are passed over.
    pub fn parse(text: &str) -> Self {
        let mut release = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.trim().split_once('=') else {
                continue;
            };
            let value = unquote(value);
            match key {
                "ID" => release.id = value,
                "ID_LIKE" => {
                    release.id_like = value.split_whitespace().map(str::to_owned).collect()
                }
                "VERSION_ID" => release.version_id = value,
                "VERSION_CODENAME" => release.codename = value,
                "PRETTY_NAME" => release.pretty_name = value,
                _ => {}
            }
        }
        release
    }

    /// Is it Debian, or built from Debian's own packages and formats?
    pub fn is_debian_like(&self) -> bool {
        ["debian", "ubuntu"]
            .iter()
            .any(|known| self.id == *known || self.id_like.iter().any(|like| like == known))
    }
}

fn unquote(value: &str) -> String {
    let value = value.trim();
    let quoted = |mark: char| {
        value
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark))
    };
    quoted('"')
        .or_else(|| quoted('\''))
        .unwrap_or(value)
        .replace('\\', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_taken_off_and_strange_lines_passed_over() {
        let release = OsRelease::parse(
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n# note\nID=debian\nnonsense\n\
             VERSION_ID='12'\nVERSION_CODENAME=bookworm\n",
        );
        assert_eq!(release.pretty_name, "Debian GNU/Linux 12 (bookworm)");
        assert_eq!(
            (release.id.as_str(), release.version_id.as_str()),
            ("debian", "12")
        );
        assert!(release.is_debian_like());
    }

    #[test]
    fn a_descendant_of_debian_says_so_in_id_like() {
        assert!(OsRelease::parse("ID=drydock-toy\nID_LIKE=debian\n").is_debian_like());
        assert!(!OsRelease::parse("ID=alpine\n").is_debian_like());
    }
}

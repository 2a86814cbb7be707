//! dpkg's `path-exclude` and `path-include`, with which slim images leave documentation out.
use crate::PatchError;
use crate::dpkg::glob;
use crate::image::ImageView;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathFilters {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: String,
    include: bool,
}

impl PathFilters {
    /// From `/etc/dpkg/dpkg.cfg.d/*` and `/etc/dpkg/dpkg.cfg`, in dpkg's own order.
    pub fn read(view: &ImageView<'_>) -> Result<Self, PatchError> {
        let mut filters = Self::default();
        let named = |name: &String| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        let files = view.list("etc/dpkg/dpkg.cfg.d").into_iter().filter(named);
        let files = files.map(|name| format!("etc/dpkg/dpkg.cfg.d/{name}"));
        for path in files.chain(["etc/dpkg/dpkg.cfg".to_owned()]) {
            if let Some(text) = view.read_text(&path)? {
                filters.add(&text);
            }
        }
        Ok(filters)
    }

    fn add(&mut self, text: &str) {
        for line in text.lines().map(str::trim) {
            let (name, value) = line.split_once(['=', ' ', '\t']).unwrap_or((line, ""));
            let include = match name.trim_start_matches('-') {
                "path-include" => true,
                "path-exclude" => false,
                _ => continue,
            };
            let pattern = value
                .trim()
                .trim_start_matches('=')
                .trim()
                .trim_matches('"')
                .to_owned();
            self.rules.push(Rule { pattern, include });
        }
    }

    /// Is the path left out when a package is unpacked? The last rule that matches decides;
    /// directories on the way to something that is included stay.
    pub fn excludes(&self, path: &str, is_directory_or_link: bool) -> bool {
        let path = format!("/{path}");
        let last = self
            .rules
            .iter()
            .rev()
            .find(|rule| glob::matches(&rule.pattern, &path));
        if last.is_none_or(|rule| rule.include) {
            return false;
        }
        !(is_directory_or_link
            && self
                .rules
                .iter()
                .any(|rule| rule.include && leads_to(&path, &rule.pattern)))
    }
}

fn leads_to(path: &str, pattern: &str) -> bool {
    let literal = &pattern[..pattern.find(['*', '?', '[', '\\']).unwrap_or(pattern.len())];
    let literal = literal.trim_end_matches('/');
    path.starts_with(literal) || literal.starts_with(&format!("{path}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_decides_and_directories_on_the_way_stay() {
        let mut filters = PathFilters::default();
        filters.add(
            "# slim\nno-debsig\npath-exclude /usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\n\
             path-exclude=/usr/share/man/*\n",
        );
        assert!(filters.excludes("usr/share/doc/a/changelog.gz", false));
        assert!(!filters.excludes("usr/share/doc/a/copyright", false));
        assert!(!filters.excludes("usr/share/doc/a", true));
        assert!(filters.excludes("usr/share/man/man1", true));
        assert!(!filters.excludes("usr/bin/a", false));
    }
}

//! What a key means.
use crate::paths;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The next key says where to.
    Going,
    Go(Place),
    Map,
    Search,
    /// The next row of the page, or the one before.
    Row(i32),
    /// The page above this one.
    Above,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Overview,
    Policy,
    DryRun,
    Schedule,
    Runs,
    Images,
    Audit,
    Settings,
}

impl Place {
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Policy,
        Self::DryRun,
        Self::Schedule,
        Self::Runs,
        Self::Images,
        Self::Audit,
        Self::Settings,
    ];

    pub fn key(self) -> &'static str {
        match self {
            Self::Overview => "o",
            Self::Policy => "p",
            Self::DryRun => "d",
            Self::Schedule => "c",
            Self::Runs => "r",
            Self::Images => "i",
            Self::Audit => "a",
            Self::Settings => "s",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Policy => "Policy",
            Self::DryRun => "Dry run",
            Self::Schedule => "Schedule",
            Self::Runs => "Runs",
            Self::Images => "Images",
            Self::Audit => "Audit",
            Self::Settings => "Settings",
        }
    }

    /// `None` for a registry's page where there is no registry.
    pub fn href(self, registry: Option<&str>) -> Option<String> {
        let page = match self {
            Self::Audit => return Some(paths::AUDIT.to_owned()),
            Self::Overview => paths::overview,
            Self::Policy => paths::policy,
            Self::DryRun => paths::dry_run,
            Self::Schedule => paths::schedule,
            Self::Runs => paths::runs,
            Self::Images => paths::images,
            Self::Settings => paths::settings,
        };
        registry.map(page)
    }
}

/// The command of a single key; `going` says that the key before was `g`.
pub fn read(key: &str, going: bool) -> Option<Command> {
    if going {
        let mut places = Place::ALL.into_iter();
        return places.find(|place| place.key() == key).map(Command::Go);
    }
    match key {
        "g" => Some(Command::Going),
        "?" => Some(Command::Map),
        "/" => Some(Command::Search),
        "j" => Some(Command::Row(1)),
        "k" => Some(Command::Row(-1)),
        "Escape" => Some(Command::Above),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_key_of_its_own_after_g() {
        assert_eq!(read("g", false), Some(Command::Going));
        for place in Place::ALL {
            assert_eq!(read(place.key(), true), Some(Command::Go(place)));
        }
        assert_eq!(read("c", false), None);
        assert_eq!(read("g", true), None);
        assert_eq!(read("j", true), None);
    }

    #[test]
    fn only_the_audit_page_needs_no_registry() {
        for place in Place::ALL {
            assert_eq!(place.href(None).is_some(), place == Place::Audit);
            assert!(place.href(Some("a")).is_some());
        }
    }
}

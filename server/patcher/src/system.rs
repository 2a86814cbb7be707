//! Which operating system an image holds.
use crate::dpkg::end_of_life;
use crate::image::ImageView;
use crate::{OsRelease, PatchError};
use chrono::{DateTime, NaiveDate, Utc};
use drydock_domain::patch_report::OperatingSystem;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    pub release: OsRelease,
    /// `debian`, `ubuntu`.
    pub family: String,
    /// `12.15`, `24.04`.
    pub name: String,
    pub end_of_life: bool,
    pub last_day: Option<NaiveDate>,
}

impl System {
    /// `None` where the image says nothing about its operating system.
    pub fn read(view: &ImageView<'_>, now: DateTime<Utc>) -> Result<Option<Self>, PatchError> {
        let text = match view.read_text("etc/os-release")? {
            Some(text) => text,
            None => match view.read_text("usr/lib/os-release")? {
                Some(text) => text,
                None => {
                    // No file to read: is that because there is none?
                    view.read_record("etc/os-release")?;
                    view.read_record("usr/lib/os-release")?;
                    return Ok(None);
                }
            },
        };
        let release = OsRelease::parse(&text);
        if release.id.is_empty() {
            return Ok(None);
        }
        let point_release = view.read_text("etc/debian_version")?.unwrap_or_default();
        let point_release = point_release.trim();
        // Debian's own file names the point release; a testing release has words there.
        let numeric = point_release.starts_with(|first: char| first.is_ascii_digit());
        let name = if release.id == "debian" && numeric {
            point_release
        } else {
            &release.version_id
        };
        let last_day = end_of_life::last_day(&release.id, &release.version_id, &text);
        Ok(Some(Self {
            family: release.id.clone(),
            name: name.to_owned(),
            end_of_life: end_of_life::is_past(last_day, now),
            last_day,
            release,
        }))
    }

    pub fn to_report(&self) -> OperatingSystem {
        OperatingSystem {
            family: self.family.clone(),
            name: self.name.clone(),
            end_of_life: self.end_of_life,
        }
    }
}

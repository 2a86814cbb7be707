use super::{About, image_purl};
use crate::compliance::ComplianceFile;
use crate::compliance::package_url;
use crate::lineage::{ImageContents, InstalledPackage};

/// One image's packages, and the findings that are about it.
#[derive(Clone, Copy, Debug)]
pub struct Sbom<'a> {
    /// Its rows are those of the image alone.
    pub file: &'a ComplianceFile,
    pub repository: &'a str,
    pub tag: &'a str,
    pub contents: &'a ImageContents,
}

impl Sbom<'_> {
    pub(super) fn about(&self) -> About {
        About::of(self.file)
    }

    /// The image as a package URL.
    pub(super) fn image(&self) -> String {
        let server = &self.file.login_server;
        image_purl(server, self.repository, self.tag, &self.contents.digest)
    }

    /// A Debian package as a package URL, as the scanner writes it.
    pub(super) fn package(&self, package: &InstalledPackage) -> String {
        let os = self.contents.os.as_ref();
        let (family, release) =
            os.map_or(("debian", ""), |os| (os.family.as_str(), os.name.as_str()));
        package_url(
            (family, release),
            &package.name,
            &package.architecture,
            &package.version,
        )
    }
}

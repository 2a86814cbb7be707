/// A Debian package as a package URL, exactly as the scanner writes it. `os` is a family and a release,
/// such as `debian` and `12.15`.
pub fn package_url(os: (&str, &str), package: &str, architecture: &str, version: &str) -> String {
    let (family, release) = os;
    let (epoch, version) = match version.split_once(':') {
        Some((epoch, version)) => (format!("&epoch={epoch}"), version),
        None => (String::new(), version),
    };
    let distribution = match release {
        "" => String::new(),
        release => format!("&distro={}-{}", encoded(family), encoded(release)),
    };
    format!(
        "pkg:deb/{}/{}@{}?arch={}{distribution}{epoch}",
        encoded(family),
        encoded(package),
        encoded(version),
        encoded(architecture)
    )
}

/// Percent-encoded, as a part of a package URL.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

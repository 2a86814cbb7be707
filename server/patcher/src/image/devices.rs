//! Which device nodes a layer may hold.

/// Path, major and minor number of the character devices that base images carry, made by
/// debootstrap, and those of FUSE and TUN, which images that mount or tunnel bring along. The
/// numbers are Linux's:
/// <https://www.kernel.org/doc/html/latest/admin-guide/devices.html>. They count as much as the
/// path: `dev/null` of another number may be the machine's memory.
const STANDARD: [(&str, u32, u32); 10] = [
    ("dev/null", 1, 3),
    ("dev/zero", 1, 5),
    ("dev/full", 1, 7),
    ("dev/random", 1, 8),
    ("dev/urandom", 1, 9),
    ("dev/tty", 5, 0),
    ("dev/console", 5, 1),
    ("dev/ptmx", 5, 2),
    ("dev/fuse", 10, 229),
    ("dev/net/tun", 10, 200),
];

/// Refuses a character device that is none of the standard ones: `dev/null`, `zero`, `full`,
/// `random`, `urandom`, `tty`, `console`, `ptmx`, `fuse`, `net/tun`, by their numbers.
pub fn check_character(path: &str, major: u32, minor: u32) -> Result<(), String> {
    if STANDARD.contains(&(path, major, minor)) {
        return Ok(());
    }
    Err(format!(
        "it is a character device ({major}:{minor}), and none of those that base images carry: \
         build the image without it"
    ))
}

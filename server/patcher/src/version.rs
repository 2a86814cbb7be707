//! The order of Debian versions: `[epoch:]upstream[-revision]`.
//! <https://manpages.debian.org/deb-version>
use std::cmp::Ordering;

/// Which of two versions is newer. Anything compares: a version that breaks the grammar is
/// ordered by the same rules as dpkg's own comparison of its parts.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_epoch, left_upstream, left_revision) = split(left);
    let (right_epoch, right_upstream, right_revision) = split(right);
    compare_digits(left_epoch, right_epoch)
        .then_with(|| compare_part(left_upstream, right_upstream))
        .then_with(|| compare_part(left_revision, right_revision))
}

fn split(version: &str) -> (&str, &str, &str) {
    let version = version.trim();
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch, upstream, revision)
}

/// Runs of non-digits and runs of digits take turns.
fn compare_part(mut left: &str, mut right: &str) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let left_text = take(&mut left, |c| !c.is_ascii_digit());
        let right_text = take(&mut right, |c| !c.is_ascii_digit());
        let left_number = take(&mut left, |c| c.is_ascii_digit());
        let right_number = take(&mut right, |c| c.is_ascii_digit());
        let order = compare_text(left_text, right_text)
            .then_with(|| compare_digits(left_number, right_number));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn take<'a>(rest: &mut &'a str, belongs: impl Fn(char) -> bool) -> &'a str {
    let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    let (run, tail) = rest.split_at(end);
    *rest = tail;
    run
}

fn compare_text(left: &str, right: &str) -> Ordering {
    let length = left.len().max(right.len());
    let weigh = |text: &str| -> Vec<i32> {
        (0..length)
            .map(|at| weight(text.as_bytes().get(at).copied()))
            .collect()
    };
    weigh(left).cmp(&weigh(right))
}

/// A tilde sorts before the end of the part, letters before all other characters.
fn weight(byte: Option<u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(byte),
        Some(byte) => i32::from(byte) + 256,
    }
}

/// Numbers of any length, without parsing them.
fn compare_digits(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, expected: Ordering, right: &str) {
        assert_eq!(compare(left, right), expected, "{left} against {right}");
        assert_eq!(
            compare(right, left),
            expected.reverse(),
            "{right} against {left}"
        );
    }

    #[test]
    fn versions_are_ordered_as_dpkg_orders_them() {
        use Ordering::{Equal, Less};
        check("1.0", Equal, "1.0");
        check("1.0", Equal, "0:1.0");
        check("1.0", Equal, "1.0-0");
        check("1.00", Equal, "1.0");
        check("1.0", Less, "1.0-1");
        check("1.9", Less, "1.10");
        check("9:1", Less, "10:0");
        check("2.0", Less, "1:1.0");
        check("1.0~rc1", Less, "1.0");
        check("1.0~~", Less, "1.0~");
        check("1.0~~a", Less, "1.0~");
        check("1.0", Less, "1.0a");
        check("1.0a", Less, "1.0+");
        check("1.0+b1", Less, "1.0.1");
        check("1.2-3-4", Less, "1.2-3-5");
        check("3.0.20-1~deb12u2", Less, "3.0.22-1~deb12u2");
        check("1.22.1-9+deb12u9", Less, "1.22.1-9+deb12u10");
        check("2.39-0ubuntu8", Less, "2.39-0ubuntu8.12");
        check("5.36.0-7", Less, "5.36.0-7+deb12u4");
        check("20230311", Less, "20230311+deb12u1");
        check(
            "1.99999999999999999999999",
            Less,
            "1.100000000000000000000000",
        );
        check("1-0.1", Less, "1-0.1+b1");
        check("a", Less, "a0.1");
    }
}

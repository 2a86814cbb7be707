//! `x-ms-range` and `Range`: the part of a blob that a reader wants.

/// Bytes `start..end` of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    pub start: u64,
    pub end: u64,
}

/// A range that is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeError {
    /// Not `bytes=FIRST-` or `bytes=FIRST-LAST`.
    Malformed,
    /// Begins at or behind the end: nothing is there yet.
    BeyondTheEnd,
}

impl ByteRange {
    /// Reads a range of a blob of `size` bytes; what reaches over the end is cut there.
    pub fn parse(text: &str, size: u64) -> Result<Self, RangeError> {
        let numbers = text
            .strip_prefix("bytes=")
            .and_then(|range| range.split_once('-'));
        let (first, last) = numbers.ok_or(RangeError::Malformed)?;
        let start = first.parse().map_err(|_| RangeError::Malformed)?;
        let last = match last {
            "" => u64::MAX,
            last => last.parse().map_err(|_| RangeError::Malformed)?,
        };
        if last < start {
            return Err(RangeError::Malformed);
        }
        if start >= size {
            return Err(RangeError::BeyondTheEnd);
        }
        let end = last.saturating_add(1).min(size);
        Ok(Self { start, end })
    }

    pub fn size_bytes(self) -> u64 {
        self.end - self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_at_the_end_and_one_behind_it_is_refused() {
        let range = |start, end| Ok(ByteRange { start, end });
        for (text, expected) in [
            ("bytes=0-33554431", range(0, 100)),
            ("bytes=10-19", range(10, 20)),
            ("bytes=99-", range(99, 100)),
            ("bytes=0-18446744073709551615", range(0, 100)),
            ("bytes=100-", Err(RangeError::BeyondTheEnd)),
            ("bytes=100-200", Err(RangeError::BeyondTheEnd)),
            ("bytes=-5", Err(RangeError::Malformed)),
            ("bytes=5-4", Err(RangeError::Malformed)),
            ("bytes=0-1,4-5", Err(RangeError::Malformed)),
            ("items=0-1", Err(RangeError::Malformed)),
        ] {
            assert_eq!(ByteRange::parse(text, 100), expected, "{text}");
        }
    }
}

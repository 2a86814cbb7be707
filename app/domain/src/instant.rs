//! Instants in sentences, written without the machinery that a browser's bundle would carry.
use chrono::{DateTime, Datelike, Timelike, Utc};
use std::fmt;

/// `2026-11-22 02:30 UTC`.
pub(crate) struct Minute(pub DateTime<Utc>);

impl fmt::Display for Minute {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(at) = self;
        let (year, month, day) = (at.year(), at.month(), at.day());
        let (hour, minute) = (at.hour(), at.minute());
        write!(
            out,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC"
        )
    }
}

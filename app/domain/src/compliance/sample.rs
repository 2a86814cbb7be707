use super::FindingRow;
use sha2::{Digest, Sha256};

/// `n` rows that the seed picks, in the order of the draw: the lowest SHA-256 over the seed and the
/// finding's id. Whoever has the same findings and the seed gets the same sample, with any program.
pub fn sample(rows: Vec<FindingRow>, seed: &str, n: usize) -> Vec<FindingRow> {
    let ticket = |row: &FindingRow| -> [u8; 32] {
        Sha256::new()
            .chain_update(seed)
            .chain_update([0])
            .chain_update(&row.finding.id)
            .finalize()
            .into()
    };
    let mut drawn: Vec<_> = rows.into_iter().map(|row| (ticket(&row), row)).collect();
    drawn.sort_by(|(a, left), (b, right)| {
        (a, left.finding.opened_at).cmp(&(b, right.finding.opened_at))
    });
    drawn.truncate(n);
    drawn.into_iter().map(|(_, row)| row).collect()
}

use super::Term;
use serde::{Deserialize, Serialize};

/// A row of BOD 26-04's table: four answers, and what they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodRow {
    pub kev: bool,
    pub exposed: bool,
    pub automatable: bool,
    /// Technical impact is total, not partial.
    pub total: bool,
    pub term: Term,
    /// Look for what an attacker left, too.
    pub forensic: bool,
}

const fn row(answers: [bool; 4], term: Term, forensic: bool) -> BodRow {
    let [kev, exposed, automatable, total] = answers;
    BodRow {
        kev,
        exposed,
        automatable,
        total,
        term,
        forensic,
    }
}

const Y: bool = true;
const N: bool = false;

/// CISA's Binding Operational Directive 26-04, as CERT/CC publishes its decision table (SSVC, "CISA BOD
/// 26-04 Remediation Timelines" 1.0.0), in that table's order.
pub const BOD_26_04: [BodRow; 16] = [
    row([N, N, N, N], Term::NextUpgrade, N),
    row([Y, N, N, N], Term::Days(14), N),
    row([N, Y, N, N], Term::Days(60), N),
    row([N, N, Y, N], Term::Days(60), N),
    row([N, N, N, Y], Term::NextUpgrade, N),
    row([Y, Y, N, N], Term::Days(14), N),
    row([Y, N, Y, N], Term::Days(14), N),
    row([N, Y, Y, N], Term::Days(14), N),
    row([Y, N, N, Y], Term::Days(14), N),
    row([N, Y, N, Y], Term::Days(14), N),
    row([N, N, Y, Y], Term::Days(60), N),
    row([Y, Y, Y, N], Term::Days(3), N),
    row([Y, Y, N, Y], Term::Days(3), Y),
    row([Y, N, Y, Y], Term::Days(3), Y),
    row([N, Y, Y, Y], Term::Days(3), N),
    row([Y, Y, Y, Y], Term::Days(3), Y),
];

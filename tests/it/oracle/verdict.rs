//! The oracle's verdict and amounts (D§9.2, D§9.3, `contract.md` E).

use super::facts::Project;
use super::fraction::{Fraction, share_out};
use super::judge::{Oracle, Piece, Says};

use Says::{Apart, Fail, Pass, Unknown};

/// What the oracle expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) verdict: &'static str,
    pub(super) scope: Option<&'static str>,
    /// Payable by recipient, in its order.
    pub(super) payable: Vec<i128>,
    /// Result by rule.
    pub(super) rules: Vec<(&'static str, Says)>,
}

fn is_open(says: Says) -> bool {
    says == Fail || says == Unknown
}

/// What due diligence says of a line, and whether hardware waits for it.
type Unit = (usize, Says, bool);

/// What every rule says.
fn rules(
    oracle: &Oracle<'_>,
    screens: &[(usize, Says)],
    diligence: &[Unit],
) -> Vec<(&'static str, Says)> {
    let low = is_open(oracle.coverage());
    let doubt = |says: Says| if low && says != Apart { Unknown } else { says };
    let lines =
        diligence.iter().map(|(_, says, waits)| if *waits { Fail } else { *says });
    vec![
        ("R01", doubt(oracle.progress())),
        ("R02", oracle.usage()),
        ("R03", oracle.reports()),
        ("R04", oracle.certified()),
        ("R05", oracle.review()),
        ("R06", screens.iter().map(|(_, says)| *says).max().unwrap_or(Apart)),
        ("R07", lines.max().unwrap_or(Apart)),
        ("R08", doubt(oracle.ceiling())),
        ("R13", oracle.indirect()),
        ("R14", if oracle.contradicts() { Fail } else { Pass }),
        ("R15", oracle.in_time()),
        ("R17", oracle.signatures()),
        ("R22", oracle.oversight()),
        ("R23", oracle.coverage()),
    ]
}

/// What the gate should say of a project.
pub(super) fn expected(p: &Project, oracle: &Oracle<'_>) -> Expected {
    let screens = oracle.screens();
    let diligence = oracle.diligence();
    let rules = rules(oracle, &screens, &diligence);
    let says = |id: &str| rules.iter().find(|(rule, _)| *rule == id).unwrap().1;
    let nothing = |verdict| Expected {
        verdict,
        scope: None,
        payable: vec![0; p.who.len()],
        rules: rules.clone(),
    };
    if p.foreign.is_some() {
        // What other rules make of money in another currency is not their business.
        let rules = vec![("R14", says("R14"))];
        let verdict = if says("R14") == Fail { "INVALID" } else { "" };
        return Expected { rules, ..nothing(verdict) };
    }
    if says("R14") == Fail {
        return nothing("INVALID");
    }
    let whole = ["R02", "R03", "R04", "R13", "R15", "R17"].map(says);
    if whole.contains(&Fail) {
        return nothing("HOLD");
    }
    if whole.contains(&Unknown) {
        return nothing("INDETERMINATE");
    }
    let dropped = |number: usize| -> Says {
        let screen = screens.iter().filter(|(line, _)| *line == number).map(|(_, s)| *s);
        let unit =
            diligence.iter().filter(|(line, ..)| *line == number).map(|(_, s, _)| *s);
        screen.chain(unit).max().unwrap_or(Pass)
    };
    let mitigation = diligence.iter().any(|(.., waits)| *waits);
    let gates: Vec<Says> = ["R01", "R05", "R08", "R22"]
        .map(says)
        .into_iter()
        .chain(mitigation.then_some(Fail))
        .filter(|says| is_open(*says))
        .collect();
    let only_ceiling = gates.as_slice() == [Fail] && says("R08") == Fail;
    let released = release(oracle, &dropped, &gates, only_ceiling);
    let pieces: Vec<(&Piece, i128)> = oracle.pieces().iter().zip(released).collect();
    let short: Vec<&(&Piece, i128)> =
        pieces.iter().filter(|(piece, paid)| *paid < piece.amount).collect();
    if short.is_empty() {
        let payable = (0..p.who.len()).map(|who| oracle.request(who)).collect();
        return Expected { scope: Some("full"), payable, ..nothing("RELEASE") };
    }
    if !pieces.iter().any(|(piece, paid)| piece.class != "support" && *paid > 0) {
        let fact = |piece: &Piece| {
            dropped(piece.line) == Fail
                || (oracle.is_gated(piece) && gates.contains(&Fail))
        };
        let hold = short.iter().all(|(piece, _)| fact(piece));
        return nothing(if hold { "HOLD" } else { "INDETERMINATE" });
    }
    let by_gate = short
        .iter()
        .any(|(piece, _)| oracle.is_gated(piece) && !is_open(dropped(piece.line)));
    let some = pieces.iter().any(|(piece, paid)| oracle.is_gated(piece) && *paid > 0);
    let scope = match (by_gate, some) {
        (true, true) => "up_to_ceiling",
        (true, false) => "software_only",
        _ => "excluding_lines",
    };
    let payable = (0..p.who.len()).map(|who| pay(p, oracle, &pieces, who)).collect();
    Expected { scope: Some(scope), payable, ..nothing("PARTIAL") }
}

/// What is released of each piece.
fn release(
    oracle: &Oracle<'_>,
    dropped: &dyn Fn(usize) -> Says,
    gates: &[Says],
    only_ceiling: bool,
) -> Vec<i128> {
    let pieces = oracle.pieces();
    let stays = |piece: &Piece| !is_open(dropped(piece.line));
    let mut paid: Vec<i128> = pieces
        .iter()
        .map(|piece| {
            let held = !gates.is_empty() && oracle.is_gated(piece);
            if stays(piece) && !held { piece.amount } else { 0 }
        })
        .collect();
    if !only_ceiling {
        return paid;
    }
    let (cap, heavy, whole) = oracle.ceiling_numbers();
    let (mut open, mut open_heavy) = (0, 0);
    for piece in pieces.iter().filter(|piece| stays(piece) && !oracle.is_gated(piece)) {
        let class = piece.class;
        open += if class == "support" { 0 } else { piece.amount };
        let is_heavy = ["hardware", "mixed", "unclassified"].contains(&class);
        open_heavy += if is_heavy { piece.amount } else { 0 };
    }
    // The most hardware x with (H + x) / (D + x) at most the ceiling.
    let share = Fraction::bps(cap);
    let left = share
        .times(Fraction::whole(whole + open))
        .minus(Fraction::whole(heavy + open_heavy));
    let room = left.over(Fraction::whole(1).minus(share)).floor().max(0);
    let mut gated: Vec<usize> = (0..pieces.len())
        .filter(|n| stays(&pieces[*n]) && oracle.is_gated(&pieces[*n]))
        .collect();
    gated.sort_by_key(|n| (-pieces[*n].amount, pieces[*n].line, *n));
    let weights: Vec<i128> = gated.iter().map(|n| pieces[*n].amount).collect();
    let parts =
        if room >= weights.iter().sum() { weights } else { share_out(room, &weights) };
    for (number, part) in gated.into_iter().zip(parts) {
        paid[number] = part;
    }
    paid
}

/// What one recipient is paid of a partial release.
fn pay(p: &Project, oracle: &Oracle<'_>, pieces: &[(&Piece, i128)], who: usize) -> i128 {
    let own: Vec<&(&Piece, i128)> =
        pieces.iter().filter(|(piece, _)| p.lines[piece.line].who == who).collect();
    if own.iter().all(|(piece, paid)| *paid == piece.amount) {
        return oracle.request(who);
    }
    let sum = |support: bool, released: bool| -> i128 {
        let of = own.iter().filter(|(piece, _)| (piece.class == "support") == support);
        of.map(|(piece, paid)| if released { *paid } else { piece.amount }).sum()
    };
    let direct = sum(false, true);
    let support = match sum(false, false) {
        0 => sum(true, true),
        all => Fraction::new(sum(true, true) * direct, all).round(),
    };
    let base = direct + support;
    let planned: i128 = own.iter().map(|(piece, _)| piece.amount).sum();
    let residue = p.gross[who][p.k - 1] - planned;
    base + Fraction::new(base * 7, 100).round().min(residue)
}

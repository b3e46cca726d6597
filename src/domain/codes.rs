//! Code lists of others: transaction types, countries, currencies, and our own.

/// One code list: its name and its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeList {
    /// The name as people know it.
    pub name: &'static str,
    /// The codes that are legal.
    pub codes: &'static [&'static str],
}

/// IATI transaction types in words, at the index of their number less one.
pub const TRANSACTION_KINDS: CodeList = CodeList {
    name: "transaction kind",
    codes: &[
        "incoming_funds",
        "outgoing_commitment",
        "disbursement",
        "expenditure",
        "interest_payment",
        "loan_repayment",
        "reimbursement",
        "purchase_of_equity",
        "sale_of_equity",
        "credit_guarantee",
        "incoming_commitment",
        "outgoing_pledge",
        "incoming_pledge",
    ],
};

/// Returns the transaction kind in words for a word, a 2.0x number or a 1.0x letter.
///
/// ```
/// use ssrfund::domain::codes::transaction_kind;
/// assert_eq!(transaction_kind("3"), Some("disbursement"));
/// assert_eq!(transaction_kind("D"), Some("disbursement"));
/// assert_eq!(transaction_kind("expenditure"), Some("expenditure"));
/// assert_eq!(transaction_kind("14"), None);
/// ```
#[must_use]
pub fn transaction_kind(text: &str) -> Option<&'static str> {
    let letter = match text {
        "IF" => "incoming_funds",
        "C" => "outgoing_commitment",
        "D" => "disbursement",
        "E" => "expenditure",
        "IR" => "interest_payment",
        "LR" => "loan_repayment",
        "R" => "reimbursement",
        "QP" => "purchase_of_equity",
        "QS" => "sale_of_equity",
        "CG" => "credit_guarantee",
        other => other,
    };
    if let Ok(number) = letter.parse::<usize>() {
        return TRANSACTION_KINDS.codes.get(number.checked_sub(1)?).copied();
    }
    TRANSACTION_KINDS.codes.iter().find(|code| **code == letter).copied()
}

/// Returns the ISO 3166 alpha-3 code of a country given as alpha-3 or alpha-2.
#[must_use]
pub fn country_alpha3(text: &str) -> Option<&'static str> {
    let upper = text.to_ascii_uppercase();
    // Kosovo has a code of general use but none of the standard; the Netherlands Antilles
    // have one that was withdrawn. Both stand in the published code list of IATI.
    match upper.as_str() {
        "XK" | "XKX" => return Some("XKX"),
        "AN" | "ANT" => return Some("ANT"),
        _ => {}
    }
    let country = match upper.len() {
        2 => rust_iso3166::from_alpha2(&upper),
        3 => rust_iso3166::from_alpha3(&upper),
        _ => None,
    };
    country.map(|found| found.alpha3)
}

/// Whether a text is an ISO 4217 currency code, historic ones of the euro's members
/// included.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    const HISTORIC: [&str; 14] = [
        "ATS", "BEF", "DEM", "ESP", "FIM", "FRF", "GRD", "IEP", "ITL", "LUF", "NLG",
        "PTE", "HRK", "ZWL",
    ];
    // Those that stand in most rows, before a search of the whole list.
    matches!(text, "USD" | "EUR" | "GBP")
        || iso_currency::Currency::from_code(text).is_some()
        || HISTORIC.contains(&text)
}

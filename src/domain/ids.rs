//! Identifiers: text as it stands, with one exception for project ids.

/// Returns a project id as it is kept: trimmed; digits only and shorter than eight are
/// padded with zeros to eight, because the Gateway's exports lose them (`contract.md` F3).
///
/// ```
/// use ssrfund::domain::ids::project_id;
/// assert_eq!(project_id(" 66682 "), "00066682");
/// assert_eq!(project_id("PBF/SLE/A-1"), "PBF/SLE/A-1");
/// ```
#[must_use]
pub fn project_id(text: &str) -> String {
    let trimmed = text.trim();
    if was_padded(trimmed) { format!("{trimmed:0>8}") } else { trimmed.to_owned() }
}

/// Whether [`project_id`] adds zeros to this text.
#[must_use]
pub fn was_padded(text: &str) -> bool {
    !text.is_empty() && text.len() < 8 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Why a text cannot be an id: it is empty, has control characters, or characters that
/// cannot be seen.
#[must_use]
pub fn id_fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("the id is empty");
    }
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return None;
    }
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.contains(hidden).then_some("the id has characters that cannot be seen")
}

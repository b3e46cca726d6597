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

/// Why a text cannot be an id: it is empty, has characters that cannot be seen, or
/// letters that cannot be told from those of another alphabet.
///
/// ```
/// use ssrfund::domain::ids::id_fault;
/// assert_eq!(id_fault("PBF/SLE/A-1"), None);
/// assert_eq!(id_fault("Проект-1"), None);
/// assert!(id_fault("PBF/SLE/\u{410}-1").unwrap().contains("other alphabets"));
/// ```
#[must_use]
pub fn id_fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("the id is empty");
    }
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return None;
    }
    if text.contains(crate::error::is_hidden) {
        return Some("the id has characters that cannot be seen");
    }
    is_lookalike(text)
        .then_some("the id has letters of other alphabets that look like A to Z")
}

/// Whether an id looks as if it were written with the letters A to Z and is not: every
/// letter is one of those or the image of one. An id of another alphabet has some letter
/// that shows it.
fn is_lookalike(text: &str) -> bool {
    const IMAGES: &str = "\
        АВЕЅІЈКМНОРСТУХавеѕіјкмнорстухһԁԛԜԝҮүӀ\
        ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυχικ\
        ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔᏃ";
    let is_image = |c: char| IMAGES.contains(c) || matches!(c, '\u{ff01}'..='\u{ff5e}');
    text.contains(is_image)
        && text.chars().filter(|c| c.is_alphabetic()).all(|c| c.is_ascii() || is_image(c))
}

//! The blanks that an operator writes for order's sake are not part of the mail.
//!
//! As in `FreeMarker`: on a line that holds tags and comments and nothing else, the indentation
//! and the line's end vanish; so do blanks between two pieces that print nothing by nature
//! (`[#assign]`, `[#setting]`, comments).

use super::scan::{Kind, Piece};

/// Takes the blanks out of `pieces` that their order on the lines makes superfluous.
pub(super) fn strip(pieces: &mut [Piece]) {
    let cuts: Vec<_> = (0..pieces.len()).map(|index| cut(pieces, index)).collect();
    for (piece, (front, back)) in pieces.iter_mut().zip(cuts) {
        let Kind::Text(text) = &mut piece.kind else { continue };
        let end = text.len().saturating_sub(back);
        let lines = text.get(..front).unwrap_or_default().matches('\n').count();
        piece.at.line = piece.at.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        *text = text.get(front..end.max(front)).unwrap_or_default().to_owned();
    }
}

/// How many bytes to take off the front and the back of a piece of text.
fn cut(pieces: &[Piece], index: usize) -> (usize, usize) {
    let Some((piece, text)) = text(pieces, index) else { return (0, 0) };
    if is_sandwiched(pieces, index) {
        return (text.len(), 0);
    }
    (front(pieces, index, piece, text), back(pieces, index, piece, text))
}

fn text(pieces: &[Piece], index: usize) -> Option<(&Piece, &str)> {
    let piece = pieces.get(index)?;
    match &piece.kind {
        Kind::Text(text) => Some((piece, text)),
        _ => None,
    }
}

/// Blank text whose neighbours print nothing, the ends of the template counting as such.
fn is_sandwiched(pieces: &[Piece], index: usize) -> bool {
    let Some((_, text)) = text(pieces, index) else { return false };
    let before = index.checked_sub(1).and_then(|index| pieces.get(index));
    let after = pieces.get(index + 1);
    is_blank(text)
        && (before.is_some() || after.is_some())
        && before.is_none_or(is_silent)
        && after.is_none_or(is_silent)
}

fn is_silent(piece: &Piece) -> bool {
    match &piece.kind {
        Kind::Comment => true,
        Kind::Open(tag) => matches!(tag.name.as_str(), "assign" | "setting" | "ftl"),
        _ => false,
    }
}

/// The end of a line that holds nothing but tags before this text.
fn front(pieces: &[Piece], index: usize, piece: &Piece, text: &str) -> usize {
    let Some(newline) = text.find('\n') else { return 0 };
    let line_end = text.get(..=newline).unwrap_or_default();
    let before = pieces.get(..index).unwrap_or_default();
    let mut tags = false;
    for (position, other) in before.iter().enumerate().rev() {
        if other.end != piece.at.line {
            break;
        }
        match &other.kind {
            Kind::Print(_) => return 0,
            Kind::Text(_) if is_sandwiched(pieces, position) => {}
            Kind::Text(text) => {
                let line = text.rsplit('\n').next().unwrap_or_default();
                if !is_blank(line) || (!text.contains('\n') && other.at.column != 1) {
                    return 0;
                }
            }
            Kind::Open(_) | Kind::Close(_) | Kind::Comment => tags = true,
        }
        if other.at.line != piece.at.line {
            break;
        }
    }
    if tags && is_blank(line_end) { line_end.len() } else { 0 }
}

/// The indentation of a line that holds nothing but tags after this text.
fn back(pieces: &[Piece], index: usize, piece: &Piece, text: &str) -> usize {
    if !text.contains('\n') && piece.at.column != 1 {
        return 0;
    }
    let line = text.rsplit('\n').next().unwrap_or_default();
    let mut tags = false;
    for (position, other) in pieces.iter().enumerate().skip(index + 1) {
        if other.at.line != piece.end {
            break;
        }
        match &other.kind {
            Kind::Print(_) => return 0,
            Kind::Text(_) if is_sandwiched(pieces, position) => {}
            Kind::Text(text) => {
                let line = text.split('\n').next().unwrap_or_default();
                if !is_blank(line) || !text.contains('\n') {
                    return 0;
                }
            }
            Kind::Open(_) | Kind::Close(_) | Kind::Comment => tags = true,
        }
        if other.end != piece.end {
            break;
        }
    }
    if tags && is_blank(line) { line.len() } else { 0 }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

//! Places in lists as opaque text: a letter that names the list, and the bytes of the place.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_domain::id::EventId;
use uuid::Uuid;

/// In the log of events.
const LOG: u8 = b'p';
/// In the deliveries to a webhook.
const DELIVERIES: u8 = b'd';

/// Behind a position of the log.
pub(crate) fn write_position(position: i64) -> String {
    write(LOG, &position.to_be_bytes())
}

/// The position; never one before the log.
pub(crate) fn read_position(text: &str) -> Option<i64> {
    read(LOG, text).map(i64::from_be_bytes).filter(|position| *position >= 0)
}

/// Behind an event.
pub(crate) fn write_event(id: EventId) -> String {
    write(DELIVERIES, id.uuid().as_bytes())
}

/// The event.
pub(crate) fn read_event(text: &str) -> Option<EventId> {
    read(DELIVERIES, text).map(|bytes| EventId::from_uuid(Uuid::from_bytes(bytes)))
}

fn write(letter: u8, place: &[u8]) -> String {
    let mut bytes = vec![letter];
    bytes.extend_from_slice(place);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read<const N: usize>(letter: u8, text: &str) -> Option<[u8; N]> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (first, place) = bytes.split_first()?;
    place.try_into().ok().filter(|_| *first == letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_both_ways_and_fits_its_list_alone() {
        for position in [0, 7, i64::MAX] {
            assert_eq!(read_position(&write_position(position)), Some(position));
        }
        let event = EventId::from_uuid(Uuid::from_u128(9));
        assert_eq!(read_event(&write_event(event)), Some(event));
        let foreign = write_event(event);
        for text in ["", "%%", "cA", foreign.as_str(), &write_position(-1)] {
            assert_eq!(read_position(text), None, "{text}");
        }
        assert_eq!(read_event(&write_position(1)), None);
    }
}

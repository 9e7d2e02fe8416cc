//! JSON Patch within bounds. An operation may copy what the one before it made, and put a thing
//! inside itself: a hundred bytes of them could fill the memory, or make a document so deep that
//! to walk it ends the process.

use json_patch::{Patch, PatchOperation};
use serde_json::Value;

/// The most operations of one patch.
const MOST_OPERATIONS: usize = 1_000;
/// The deepest document: as deep as one that can be read from text.
const DEEPEST: usize = 127;
/// The most bytes, more or less, that copies may add.
const MOST_COPIED: usize = 2 * 1024 * 1024;

/// Applies the operations one after the other; `None` when one fails or goes too far.
pub(super) fn apply(document: &mut Value, patch: &Patch) -> Option<()> {
    if patch.0.len() > MOST_OPERATIONS {
        return None;
    }
    let mut copied = 0;
    for operation in &patch.0 {
        let placed = match operation {
            PatchOperation::Add(add) => depth(&add.value),
            PatchOperation::Replace(replace) => depth(&replace.value),
            PatchOperation::Move(moved) => depth(document.pointer(moved.from.as_str())?),
            PatchOperation::Copy(copy) => {
                let source = document.pointer(copy.from.as_str())?;
                copied += weight(source);
                depth(source)
            }
            PatchOperation::Remove(_) | PatchOperation::Test(_) => 0,
        };
        let above = operation.path().as_str().matches('/').count();
        if copied > MOST_COPIED || above + placed > DEEPEST {
            return None;
        }
        json_patch::patch(document, std::slice::from_ref(operation)).ok()?;
    }
    Some(())
}

/// How many objects and arrays stand inside each other.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// How many bytes a value has, more or less.
fn weight(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Array(elements) => elements.iter().map(weight).sum(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| name.len() + weight(value)).sum()
            }
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(operations: Vec<Value>) -> Option<Value> {
        let mut document = json!({"user": {"data": {"text": "x".repeat(1_000)}}});
        let patch = serde_json::from_value(Value::Array(operations)).unwrap();
        apply(&mut document, &patch).map(|()| document)
    }

    #[test]
    fn a_thing_may_be_copied_and_moved() {
        let copy = json!({"op": "copy", "from": "/user/data", "path": "/user/more"});
        let moved = json!({"op": "move", "from": "/user/more", "path": "/user/data/inner"});
        let document = patched(vec![copy, moved]).unwrap();
        assert!(document["user"]["data"]["inner"]["text"].is_string());
        assert!(document["user"].get("more").is_none());
    }

    #[test]
    fn copies_of_copies_have_an_end() {
        let double = |place: usize| json!({"op": "copy", "from": "/user", "path": format!("/user/data/{place}")});
        assert!(patched((0..4).map(double).collect()).is_some());
        assert!(patched((0..40).map(double).collect()).is_none());
    }

    #[test]
    fn a_document_grows_no_deeper_than_one_that_can_be_read() {
        let deeper = |level: usize| {
            let path = format!("/user/data{}", "/in".repeat(level));
            json!({"op": "add", "path": path, "value": {}})
        };
        assert!(patched((1..124).map(deeper).collect()).is_some());
        let deepest = patched((1..125).map(deeper).collect()).unwrap();
        assert!(serde_json::from_str::<Value>(&deepest.to_string()).is_ok());
        assert!(patched((1..126).map(deeper).collect()).is_none());
        assert!(patched(vec![deeper(1); MOST_OPERATIONS + 1]).is_none());
    }
}

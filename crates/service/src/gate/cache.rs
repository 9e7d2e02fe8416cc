//! What stops whom, as read of late. A gate is asked far more often than it changes.

use std::sync::Arc;

use docket_domain::id::UserId;
use docket_store::gate::Gate;

use crate::marks::Mark;

/// More users than this in memory and the cache starts afresh: some 50 MB.
const MOST_USERS: usize = 250_000;

/// What stops whom, as read of late, with the marks of before.
#[derive(Debug, Default)]
pub struct GateCache(papaya::HashMap<UserId, Entry>);

#[derive(Debug, Clone)]
struct Entry {
    mark: Mark,
    gate: Arc<Gate>,
}

impl GateCache {
    /// What stops a user, if that was read when their mark stood as it does.
    pub(crate) fn get(&self, user: UserId, mark: Mark) -> Option<Arc<Gate>> {
        let users = self.0.pin();
        let entry = users.get(&user)?;
        (entry.mark == mark).then(|| Arc::clone(&entry.gate))
    }

    /// Keeps what was read after the mark was.
    pub(crate) fn put(&self, mark: Mark, gate: Gate) -> Arc<Gate> {
        let gate = Arc::new(gate);
        let users = self.0.pin();
        if users.len() >= MOST_USERS {
            users.clear();
        }
        users.insert(gate.user_id, Entry { mark, gate: Arc::clone(&gate) });
        gate
    }
}

#[cfg(test)]
mod tests {
    use docket_domain::id::TenantId;
    use docket_domain::time::Expiry;
    use uuid::Uuid;

    use super::*;
    use crate::marks::{Marks, Touch};

    #[test]
    fn a_read_that_a_commit_overtook_is_not_used() {
        let (cache, marks) = (GateCache::default(), Marks::default());
        let user_id = UserId::from_uuid(Uuid::from_u128(1));
        let gate = Gate {
            user_id,
            tenant_id: TenantId::from_uuid(Uuid::nil()),
            active: true,
            expiry: Expiry::Never,
            blocks: Vec::new(),
        };
        let mark = marks.of(user_id);
        cache.put(mark, gate.clone());
        assert!(cache.get(user_id, marks.of(user_id)).is_some());
        marks.forget(&[Touch::User(user_id)]);
        cache.put(mark, gate);
        assert!(cache.get(user_id, marks.of(user_id)).is_none());
    }
}

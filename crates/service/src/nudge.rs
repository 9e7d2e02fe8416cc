//! Word within this process that there is work. It may be lost: whoever waits for it also looks from
//! time to time, and work of other nodes comes without a word.

use tokio::sync::Notify;

/// Wakes those who wait for work.
#[derive(Debug, Default)]
pub struct Nudge {
    mails: Notify,
    providers: Notify,
}

impl Nudge {
    /// There are mails to send. Said after the commit.
    pub fn mails(&self) {
        self.mails.notify_one();
    }

    /// Waits until somebody says so.
    pub async fn of_mails(&self) {
        self.mails.notified().await;
    }

    /// A provider is to be asked now. Said after the commit.
    pub fn providers(&self) {
        self.providers.notify_one();
    }

    /// Waits until somebody says so.
    pub async fn of_providers(&self) {
        self.providers.notified().await;
    }
}

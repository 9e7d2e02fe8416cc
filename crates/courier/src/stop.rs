//! How the tasks of the courier learn that the server ends.

use tokio::sync::watch;

/// Heard by everybody who holds one.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Says it.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// A signal that was not given yet.
#[must_use]
pub(crate) fn signal() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// From now on everybody knows.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it was said.
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it was said, or until nobody is left who could say it.
    pub(crate) async fn asked(&mut self) {
        drop(self.0.wait_for(|asked| *asked).await);
    }
}

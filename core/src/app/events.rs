//! What the core tells the shell, pulled one by one: events and requests. A late shell loses the oldest, never the newest: an
//! event says that something changed, and what it is now can always be asked.

use kapok_protocol::api::identity::AccountView;
use kapok_protocol::ids::EnterpriseId;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The phone's keys or database are gone; certificates must be installed again.
    EnrolAgain,
    /// Somebody has logged in.
    LoggedIn(AccountView),
    /// The login is over, by the user or by the platform.
    LoggedOut,
    /// The open face check has moved; ask for the login's view.
    HandoffChanged,
    /// The list of enterprises has changed.
    EnterprisesChanged,
    /// Another enterprise is the current one, or none is.
    EnterpriseSelected(Option<EnterpriseId>),
    /// Agents or invites of the current enterprise have changed.
    AgentsChanged,
    /// The PIN was set, or the guard knows more of it; ask for its state.
    VaultChanged,
    /// A certificate was installed; ask for the list.
    CertificatesChanged,
}

/// Something that only the shell can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShellRequest {
    /// Open the WeChat mini program at a path that holds the handoff's id and nothing else.
    OpenMiniProgram {
        /// `pages/face?h=<handoff_id>`.
        path: String,
        /// Two digits to show meanwhile; the mini program shows the same.
        match_code: String,
    },
    /// Share a link (分享到微信).
    Share {
        /// The link.
        link: String,
        /// A line to go with it.
        text: String,
    },
}

const CAPACITY: usize = 256;

/// A bounded queue with one or more pullers.
pub(crate) struct Queue<T> {
    items: Mutex<VecDeque<T>>,
    notify: Notify,
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Self {
            items: Mutex::new(VecDeque::new()),
            notify: Notify::new(),
        }
    }

    pub(crate) fn push(&self, item: T) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        if items.len() >= CAPACITY {
            items.pop_front();
        }
        items.push_back(item);
        drop(items);
        self.notify.notify_one();
    }

    /// Waits for the next item. Dropping the future loses nothing.
    pub(crate) async fn next(&self) -> T {
        loop {
            let waiting = self.notify.notified();
            if let Some(item) = self.take() {
                return item;
            }
            waiting.await;
        }
    }

    fn take(&self) -> Option<T> {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let item = items.pop_front();
        let more = !items.is_empty();
        drop(items);
        if more {
            // One stored wake-up stands for many pushes: pass it on to another puller.
            self.notify.notify_one();
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn items_come_in_order_and_the_oldest_are_lost_first() {
        let queue = Queue::new();
        for n in 0..CAPACITY + 2 {
            queue.push(n);
        }
        assert_eq!((queue.next().await, queue.next().await), (2, 3));
    }

    #[tokio::test]
    async fn a_waiting_puller_is_woken() {
        let queue = std::sync::Arc::new(Queue::new());
        let pullers = [0, 1].map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.next().await })
        });
        tokio::task::yield_now().await;
        queue.push(1);
        queue.push(2);
        let mut got = Vec::new();
        for puller in pullers {
            got.push(puller.await.unwrap());
        }
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    }
}

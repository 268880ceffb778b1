//! How often a connection is looked at, and how long things may take: one set of times, so that tests on
//! real sockets can run the same rules faster.

use std::time::Duration;

/// The times of a connection. With those of [`Pace::default`] a server that falls silent is red after
/// 15 + 5 + 2 * (0.5 + 3) = 27 s at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Longest time between a good reply and the next ping; jitter shortens it.
    pub ping_every: Duration,
    /// Time limit of a ping.
    pub ping_limit: Duration,
    /// Time limit of a ping after one has failed.
    pub suspect_limit: Duration,
    /// Pause between a failed ping and the next one.
    pub suspect_pause: Duration,
    /// Pause between a panic of the provider and the ping that may clear it: long enough to be seen.
    pub panic_pause: Duration,
    /// Shortest wait before an attempt to connect again.
    pub shortest_wait: Duration,
    /// Longest wait before an attempt to connect again.
    pub longest_wait: Duration,
    /// After sleep or a change of the network all connections are looked at within this time, not in
    /// the same moment.
    pub wake_spread: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            ping_every: Duration::from_secs(15),
            ping_limit: Duration::from_secs(5),
            suspect_limit: Duration::from_secs(3),
            suspect_pause: Duration::from_millis(500),
            panic_pause: Duration::from_secs(2),
            shortest_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            wake_spread: Duration::from_secs(2),
        }
    }
}

impl Pace {
    /// The same rules, so many times as fast.
    pub fn faster(self, times: u32) -> Self {
        let times = times.max(1);
        Self {
            ping_every: self.ping_every / times,
            ping_limit: self.ping_limit / times,
            suspect_limit: self.suspect_limit / times,
            suspect_pause: self.suspect_pause / times,
            panic_pause: self.panic_pause / times,
            shortest_wait: self.shortest_wait / times,
            longest_wait: self.longest_wait / times,
            wake_spread: self.wake_spread / times,
        }
    }
}

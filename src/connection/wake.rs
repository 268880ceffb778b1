//! Notices that the machine slept. While it sleeps the wall clock goes on and the monotonic clock
//! stands still, so a tick at which the wall clock has gained is the first one after a sleep.

use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::Instant;

/// How often to look. One timer for all connections; it bounds how late a sleep is noticed.
const TICK: Duration = Duration::from_secs(5);

/// How much the wall clock must gain in one tick. A clock set by hand looks the same, and then one
/// ping too many does no harm.
const GAIN: Duration = Duration::from_secs(10);

/// Counts `wakes` up whenever the machine slept; ends when nobody listens.
pub(super) async fn watch(wakes: watch::Sender<u64>) {
    watch_with(wakes, SystemTime::now).await;
}

/// The same with a wall clock of the caller's.
async fn watch_with(wakes: watch::Sender<u64>, wall_clock: impl Fn() -> SystemTime) {
    let (mut wall, mut mono) = (wall_clock(), Instant::now());
    while !wakes.is_closed() {
        tokio::time::sleep(TICK).await;
        let (wall_now, mono_now) = (wall_clock(), Instant::now());
        if slept(wall_now.duration_since(wall).unwrap_or_default(), mono_now - mono) {
            wakes.send_modify(|count| *count += 1);
        }
        (wall, mono) = (wall_now, mono_now);
    }
}

fn slept(wall: Duration, mono: Duration) -> bool {
    wall.saturating_sub(mono) >= GAIN
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wall_clock_that_gains_is_a_sleep_and_a_late_tick_alone_is_none() {
        let seconds_asleep = Arc::new(AtomicU64::new(0));
        let asleep = Arc::clone(&seconds_asleep);
        let start = Instant::now();
        let (wakes, mut woke) = watch::channel(0);
        let clock = move || {
            let gone = start.elapsed() + Duration::from_secs(asleep.load(Ordering::SeqCst));
            SystemTime::UNIX_EPOCH + gone
        };
        let watcher = tokio::spawn(watch_with(wakes, clock));
        tokio::time::advance(Duration::from_secs(3)).await;
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(*woke.borrow_and_update(), 0);
        seconds_asleep.store(3_600, Ordering::SeqCst);
        tokio::time::timeout(TICK * 2, woke.changed()).await.unwrap().unwrap();
        assert_eq!(*woke.borrow(), 1);
        drop(woke);
        watcher.await.unwrap();
    }

    #[test]
    fn a_clock_that_goes_backwards_is_no_sleep() {
        assert!(!slept(Duration::ZERO, TICK));
        assert!(slept(TICK + GAIN, TICK));
    }
}

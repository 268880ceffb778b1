//! Notices that the machine slept, or that its network is another one. While it sleeps the wall clock
//! goes on and the monotonic clock stands still, so a tick at which the wall clock has gained is the first
//! one after a sleep. When the network changes (another Wi-Fi, a VPN, a cable), packets to the outside
//! leave from another address of this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::Instant;

/// How often to look. One timer for all connections; it bounds how late a sleep is noticed.
const TICK: Duration = Duration::from_secs(5);

/// How much the wall clock must gain in one tick. A clock set by hand looks the same, and then one
/// ping too many does no harm.
const GAIN: Duration = Duration::from_secs(10);

/// The addresses that packets to the outside leave from, by family.
type Outward = [Option<IpAddr>; 2];

/// Counts `wakes` up whenever the machine slept or its network changed; ends when nobody listens.
pub(super) async fn watch(wakes: watch::Sender<u64>) {
    watch_with(wakes, SystemTime::now, outward).await;
}

/// The same with a wall clock and a network of the caller's.
async fn watch_with(wakes: watch::Sender<u64>, wall_clock: impl Fn() -> SystemTime, network: impl Fn() -> Outward) {
    let (mut wall, mut mono, mut from) = (wall_clock(), Instant::now(), network());
    while !wakes.is_closed() {
        tokio::time::sleep(TICK).await;
        let (wall_now, mono_now, from_now) = (wall_clock(), Instant::now(), network());
        if slept(wall_now.duration_since(wall).unwrap_or_default(), mono_now - mono) || from_now != from {
            wakes.send_modify(|count| *count += 1);
        }
        (wall, mono, from) = (wall_now, mono_now, from_now);
    }
}

/// Asks the kernel for the way to addresses that are for documentation only. Connecting a UDP socket
/// sends nothing.
fn outward() -> Outward {
    let from = |own: IpAddr, to: SocketAddr| {
        let socket = UdpSocket::bind((own, 0)).ok()?;
        socket.connect(to).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    };
    [
        from(Ipv4Addr::UNSPECIFIED.into(), (Ipv4Addr::new(192, 0, 2, 1), 9).into()),
        from(Ipv6Addr::UNSPECIFIED.into(), (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into()),
    ]
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
    async fn a_sleep_and_another_network_are_noticed_and_a_late_tick_alone_is_not() {
        let seconds_asleep = Arc::new(AtomicU64::new(0));
        let asleep = Arc::clone(&seconds_asleep);
        let start = Instant::now();
        let (wakes, mut woke) = watch::channel(0);
        let clock = move || {
            let gone = start.elapsed() + Duration::from_secs(asleep.load(Ordering::SeqCst));
            SystemTime::UNIX_EPOCH + gone
        };
        let network = Arc::new(AtomicU64::new(1));
        let wifi = Arc::clone(&network);
        let address = move || [Some(Ipv4Addr::new(10, 0, 0, wifi.load(Ordering::SeqCst) as u8).into()), None];
        let watcher = tokio::spawn(watch_with(wakes, clock, address));
        tokio::time::advance(Duration::from_secs(3)).await;
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(*woke.borrow_and_update(), 0);
        seconds_asleep.store(3_600, Ordering::SeqCst);
        tokio::time::timeout(TICK * 2, woke.changed()).await.unwrap().unwrap();
        assert_eq!(*woke.borrow_and_update(), 1);
        network.store(2, Ordering::SeqCst);
        tokio::time::timeout(TICK * 2, woke.changed()).await.unwrap().unwrap();
        assert_eq!(*woke.borrow_and_update(), 2, "another network");
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(*woke.borrow(), 2);
        drop(woke);
        watcher.await.unwrap();
    }

    #[test]
    fn a_clock_that_goes_backwards_is_no_sleep() {
        assert!(!slept(Duration::ZERO, TICK));
        assert!(slept(TICK + GAIN, TICK));
    }
}

//! Compares the records of two collections.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::buckets::{Differing, Table, power};
use super::join::join;
use super::opening::Opener;
use super::options::{ContentOptions, Depth};
use super::reading::{Reading, Tick, broken, metered};
use super::shape::{Shaper, Which, hash};
use super::spool::Spool;
use crate::jobs::model::comparison::{Contents, Difference};
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::filter::Filter;

/// The entries of one side, and the sums of their buckets.
type Kept = (Spool, Table);

/// Bytes that a partition is to have, both sides, about; and the most partitions.
const PARTITION: u64 = 8 << 20;
const MOST: u64 = 512;

/// Compares the records of two collections, and tells `each` of every record that differs.
///
/// # Errors
/// A side that cannot be read, a temporary file that cannot be written, what `each` says, or that the job was cancelled.
pub async fn contents(
    a: &Side,
    b: &Side,
    options: &ContentOptions,
    control: &Control,
    meter: &mut Meter,
    each: &mut (dyn FnMut(&Difference) -> Result<(), JobError> + Send),
) -> Result<Contents, JobError> {
    let sides = Sides { a, b, options, control };
    let totals = sides.totals().await;
    let total = totals[0].zip(totals[1]).map(|(a, b)| a + b);
    meter.phase("reading both sides", "records", total);
    let power = power(total.map(|both| both / 2));
    let (of_a, of_b, fields_unseen) = sides.digest(power, totals, meter).await?;
    let mut contents = Contents {
        records_a: of_a.records(),
        records_b: of_b.records(),
        extra_allowed: options.allow_extra,
        compared: options.depth.name(),
        filter: options.filter_a.as_ref().or(options.filter_b.as_ref()).map(ToString::to_string),
        fields: options.fields.clone(),
        fields_unseen,
        tolerances: options.tolerances.declared.clone(),
        ..Contents::default()
    };
    let differing = of_a.differing(&of_b);
    contents.equal = of_a.records() - differing.records;
    if differing.is_empty() {
        return Ok(contents);
    }
    meter.phase("reading what differs", "records", Some(of_a.records() + of_b.records()));
    let read = [Some(of_a.records()), Some(of_b.records())];
    let ((spool_a, again_a), (spool_b, again_b)) = sides.spool(differing.clone(), power, read, meter).await?;
    for (side, before, again) in [(a, &of_a, &again_a), (b, &of_b, &again_b)] {
        if before.records() != again.records() || before.differing(again).meets(&differing) {
            contents.moved.push(side.name());
        }
    }
    meter.phase("comparing record by record", "differences", None);
    let (found, waiting) = mpsc::channel(256);
    let tolerances = options.tolerances.clone();
    let joining = tokio::task::spawn_blocking(move || join(spool_a, spool_b, &tolerances, &found));
    let opened = Opener::new(a, b, options, control).run(waiting, &mut contents, meter, each).await;
    let joined = joining.await.map_err(broken)?;
    opened?;
    let tally = joined?;
    contents.equal += tally.equal;
    contents.equal_by_tolerance = tally.by_tolerance;
    contents.repeated = tally.repeated;
    Ok(contents)
}

struct Sides<'a> {
    a: &'a Side,
    b: &'a Side,
    options: &'a ContentOptions,
    control: &'a Control,
}

impl Sides<'_> {
    /// How many records there are to read of each side, where it tells; an estimate does for a bar.
    async fn totals(&self) -> [Option<u64>; 2] {
        let (of_a, of_b) = (&self.options.filter_a, &self.options.filter_b);
        let (a, b) = tokio::join!(count(self.a, of_a.as_ref()), count(self.b, of_b.as_ref()));
        [a, b]
    }

    fn reading(&self, which: Which, ticks: &mpsc::UnboundedSender<Tick>) -> Reading {
        let (side, filter) = match which {
            Which::A => (self.a, &self.options.filter_a),
            Which::B => (self.b, &self.options.filter_b),
        };
        Reading {
            side: side.clone(),
            filter: filter.clone(),
            with_vectors: self.options.depth == Depth::All,
            shaper: Shaper::new(which, self.options),
            control: self.control.clone(),
            ticks: ticks.clone(),
        }
    }

    /// Reads both sides into tables of sums; tells which of the wanted fields no record had.
    async fn digest(
        &self,
        power: u32,
        totals: [Option<u64>; 2],
        meter: &mut Meter,
    ) -> Result<(Table, Table, Vec<String>), JobError> {
        let (ticks, counted) = mpsc::unbounded_channel();
        let (of_a, of_b) = (self.reading(Which::A, &ticks), self.reading(Which::B, &ticks));
        let wanted = [of_a.shaper.wanted(), of_b.shaper.wanted()];
        let one = |reading: Reading| {
            reading.fold(Table::new(power), |table, shaper, shaped| {
                let (digest, bytes) = shaper.digest(&shaped.record);
                table.add(hash(&shaped.record.id), digest, bytes);
                Ok(())
            })
        };
        let both = async { tokio::try_join!(one(of_a), one(of_b)) };
        drop(ticks);
        let (a, b) = metered(both, counted, totals, self.control, meter).await?;
        let [of_a, of_b] = wanted.map(|wanted| wanted.map_or_else(Vec::new, |wanted| wanted.unseen()));
        Ok((a, b, of_a.into_iter().filter(|name| of_b.contains(name)).collect()))
    }

    /// Reads both sides again and keeps the entries of the buckets that differ; with the sums of those.
    async fn spool(
        &self,
        differing: Differing,
        power: u32,
        totals: [Option<u64>; 2],
        meter: &mut Meter,
    ) -> Result<(Kept, Kept), JobError> {
        let (ticks, counted) = mpsc::unbounded_channel();
        let partitions = usize::try_from((differing.bytes / PARTITION).clamp(1, MOST)).unwrap_or(1);
        let differing = Arc::new(differing);
        let one = |which| {
            let differing = Arc::clone(&differing);
            let start = (Spool::new(partitions), Table::new(power));
            self.reading(which, &ticks).fold(start, move |(spool, table), shaper, shaped| {
                let hash = hash(&shaped.record.id);
                if !differing.has(hash) {
                    table.add(hash, 0, 0);
                    return Ok(());
                }
                let (digest, bytes) = shaper.digest(&shaped.record);
                table.add(hash, digest, bytes);
                spool.push(&shaper.entry(shaped))
            })
        };
        let both = async { tokio::try_join!(one(Which::A), one(Which::B)) };
        metered(both, counted, totals, self.control, meter).await
    }
}

async fn count(side: &Side, filter: Option<&Filter>) -> Option<u64> {
    let counted = side.ask("the count", side.provider.count(&side.collection, filter)).await;
    counted.ok().map(|count| count.value)
}

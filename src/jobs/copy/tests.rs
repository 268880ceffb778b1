#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::testing::memory::Memory;
use super::*;
use crate::jobs::model::copied::{Copied, Standing, Verdict};
use crate::jobs::model::noted::{SOURCE_ID, untag};
use crate::jobs::model::plan::{IdPolicy, Plan, Weight, Wishes};
use crate::jobs::{Control, JobError, Meter};
use crate::provider::model::{Metric, Record, RecordId, VectorKind, VectorSpec, Vectors};
use crate::provider::{Lock, ProviderError, Support};

mod told;

fn field() -> VectorSpec {
    VectorSpec {
        name: String::new(),
        kind: VectorKind::Dense,
        dimension: Some(2),
        metric: Some(Metric::Dot),
        index: None,
        embedder: None,
    }
}

fn record(n: u64) -> Record {
    #[allow(clippy::cast_precision_loss)]
    let vectors = Vectors::unnamed(vec![n as f32, 0.5]);
    let payload = json!({ "n": n, "title": format!("record {n}") }).as_object().cloned().unwrap();
    Record { id: n.into(), vectors: Some(vectors), payload, text: None }
}

/// A source with so many records.
fn filled(count: u64) -> Memory {
    let memory = Memory::new(Some(vec![field()]));
    memory.records.lock().unwrap().extend((0..count).map(|n| (n.into(), record(n))));
    memory
}

/// Two databases and a directory for the state.
struct World {
    source: Arc<Memory>,
    target: Arc<Memory>,
    state: tempfile::TempDir,
    control: Control,
}

impl World {
    fn new(source: Memory, target: Memory) -> Self {
        let state = tempfile::tempdir().unwrap();
        Self { source: Arc::new(source), target: Arc::new(target), state, control: Control::default() }
    }

    async fn plan(&self, wishes: Wishes) -> Result<Plan, CopyError> {
        let words = Words { from: "here".to_owned(), to: "there".to_owned() };
        let (source, target) = (self.source.side("here"), self.target.side("there"));
        plan(&source, &target, words, wishes, &Control::default(), &mut Meter::silent()).await
    }

    async fn run(&self, folder: &Folder, plan: &Plan) -> Result<Copied, CopyError> {
        let (source, target) = (self.source.side("here"), self.target.side("there"));
        run(folder, plan, &source, &target, &self.control, &mut Meter::silent()).await
    }

    async fn copy(&self, wishes: Wishes) -> Result<Copied, CopyError> {
        let plan = self.plan(wishes).await?;
        self.run(&Folder::create(self.state.path(), &plan)?, &plan).await
    }
}

/// A copy of 100 records that was ended in its fourth write; it may go on.
async fn stopped() -> (World, Folder, Plan) {
    let mut target = Memory::new(None);
    let control = Control::default();
    let stop = control.clone();
    target.on_write = Some(Box::new(move |number, _| {
        if number == 4 {
            stop.cancel();
        }
    }));
    let mut world = World::new(filled(100), target);
    world.control = control;
    let plan = world.plan(small()).await.unwrap();
    let folder = Folder::create(world.state.path(), &plan).unwrap();
    assert!(world.run(&folder, &plan).await.unwrap_err().is_cancelled());
    world.control = Control::default();
    (world, folder, plan)
}

fn standing(copied: &Copied, name: &str) -> Standing {
    copied.checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("{name}: {copied:#?}")).standing
}

fn small() -> Wishes {
    Wishes { batch: Some(10), ..Wishes::default() }
}

#[tokio::test]
async fn a_plan_writes_nothing_and_a_copy_is_verified() {
    let world = World::new(filled(105), Memory::new(None));
    let plan = world.plan(small()).await.unwrap();
    assert_eq!((plan.records, plan.ids.policy), (105, IdPolicy::Kept));
    assert_eq!(world.target.writes.load(Ordering::SeqCst), 0, "the plan wrote something");
    let copied = world.copy(small()).await.unwrap();
    assert_eq!(copied.verdict, Verdict::Verified, "{copied:#?}");
    assert_eq!((copied.counts.written, copied.batches), (105, 11));
    assert_eq!(*world.source.records.lock().unwrap(), *world.target.records.lock().unwrap());
}

#[tokio::test]
async fn a_plan_says_no_where_the_collection_could_not_be_made() {
    let refused = ProviderError::Unsupported { product: "memory", reason: "it makes nothing new".to_owned() };
    let never = |vectors| Memory { not_new: Some(refused.clone()), ..Memory::new(vectors) };
    let world = World::new(filled(20), never(None));
    let error = world.plan(small()).await.unwrap_err();
    assert_eq!(error, CopyError::Job(JobError::Provider { label: "there".to_owned(), source: refused.clone() }));
    let words = Words { from: "here".to_owned(), to: "there".to_owned() };
    let (source, target) = (world.source.side("here"), world.target.side("there"));
    let (names, control) = (["a", "b"].map(str::to_owned), Control::default());
    let all = several::plans([&source, &target], &words, &names, &small(), &control, &mut Meter::silent()).await;
    let text = all.unwrap_err().to_string();
    assert!(text.contains("a: there: memory cannot do this") && text.contains("b: there: memory"), "{text}");
    assert_eq!(world.target.writes.load(Ordering::SeqCst), 0, "a plan wrote something");
    assert!(Folder::list(world.state.path()).unwrap().is_empty());
    // What is there is not made.
    World::new(filled(20), never(Some(vec![field()]))).plan(small()).await.unwrap();
}

#[tokio::test]
async fn a_filter_that_selects_nothing_is_told_whatever_the_target_makes() {
    let source = Memory::new(Some(vec![VectorSpec { dimension: None, ..field() }]));
    let refused = ProviderError::BadRequest { cause: "no dimension".to_owned(), mend: String::new() };
    let world = World::new(source, Memory { not_new: Some(refused), ..Memory::new(None) });
    let none = Wishes { filter: Some("n > 5".to_owned()), filter_here: true, ..small() };
    assert!(matches!(world.copy(none).await.unwrap_err(), CopyError::NothingSelected { .. }));
    assert!(matches!(world.plan(small()).await.unwrap_err(), CopyError::Job(_)));
}

#[tokio::test]
async fn a_record_that_is_refused_is_found_by_halving_and_told_with_its_reason() {
    let mut target = Memory::new(None);
    target.refuses = |record| [7_u64, 8, 42].iter().any(|n| record.id == (*n).into());
    let world = World::new(filled(60), target);
    let copied = world.copy(small()).await.unwrap();
    assert_eq!((copied.verdict, copied.counts.written, copied.counts.rejected), (Verdict::NotVerified, 57, 3));
    assert_eq!(world.target.records.lock().unwrap().len(), 57);
    let lines = std::fs::read_to_string(std::path::Path::new(&copied.folder).join("rejects.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines.iter().map(|line| line["id"].as_str().unwrap()).collect::<Vec<_>>(),
        ["integer:7", "integer:8", "integer:42"]
    );
    assert!(lines[0]["reason"].as_str().unwrap().contains("not that one") && lines[0]["record"]["payload"]["n"] == 7);
    assert_eq!(standing(&copied, "content"), Standing::Holds, "what is there is right");
}

#[tokio::test]
async fn a_target_that_refuses_everything_stops_the_copy_early() {
    let mut target = Memory::new(None);
    target.refuses = |_| true;
    let world = World::new(filled(1_000), target);
    let error = world.copy(small()).await.unwrap_err();
    assert!(matches!(&error, CopyError::Rejects { count: 51, .. }), "{error}");
    assert!(world.target.writes.load(Ordering::SeqCst) < 150, "all thousand were tried");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_away_is_asked_again_and_one_that_refuses_the_key_is_not() {
    let world = World::new(filled(30), Memory::new(None));
    let away = || ProviderError::Interrupted { address: "x".to_owned(), cause: "reset".to_owned() };
    world.target.errors.lock().unwrap().extend([away(), away(), away()]);
    let copied = world.copy(small()).await.unwrap();
    assert_eq!(copied.verdict, Verdict::Verified);

    let world = World::new(filled(30), Memory::new(None));
    let refused = ProviderError::Unauthorized { address: "x".to_owned(), cause: "expired".to_owned() };
    world.target.errors.lock().unwrap().extend([refused.clone(), refused.clone()]);
    let error = world.copy(small()).await.unwrap_err();
    assert_eq!(error, CopyError::Job(JobError::Provider { label: "there".to_owned(), source: refused }));
    assert_eq!(world.target.errors.lock().unwrap().len(), 1, "the key was tried once");
}

#[tokio::test]
async fn a_copy_that_was_ended_goes_on_behind_what_is_certain() {
    let (world, folder, _) = stopped().await;
    let id = folder.id.clone();
    drop(folder);
    let state = &Folder::list(world.state.path()).unwrap()[0];
    assert_eq!((state.listed, state.done, state.verdict), (Some(100), 40, None), "the batch under way was finished");

    let (folder, plan) = Folder::open(world.state.path(), &id).unwrap();
    let copied = world.run(&folder, &plan).await.unwrap();
    assert_eq!((copied.verdict, copied.resumed, copied.counts.written), (Verdict::Verified, 1, 100));
    assert_eq!(copied.resent, 0);
    assert_eq!(world.target.upserted.load(Ordering::SeqCst), 100, "nothing was sent twice");
    assert_eq!(Folder::list(world.state.path()).unwrap()[0].verdict, Some(Verdict::Verified));
}

#[tokio::test]
async fn a_batch_that_broke_off_is_sent_again_and_counted() {
    let world = World::new(filled(100), Memory::new(None));
    let refused = ProviderError::Unauthorized { address: "x".to_owned(), cause: "expired".to_owned() };
    world.target.errors.lock().unwrap().push_back(refused);
    let plan = world.plan(small()).await.unwrap();
    let folder = Folder::create(world.state.path(), &plan).unwrap();
    world.run(&folder, &plan).await.unwrap_err();
    // It is not known whether the batch arrived: it was sent, and is sent once more.
    let copied = world.run(&folder, &plan).await.unwrap();
    assert_eq!((copied.verdict, copied.resumed, copied.resent), (Verdict::Verified, 1, 10));
    assert_eq!(world.target.upserted.load(Ordering::SeqCst), 110);
    assert!(report::text(&copied).contains("resumed once, 10 records were sent a second time"));
    let one = Copied { resent: 1, ..copied };
    assert!(report::text(&one).contains("resumed once, 1 record was sent a second time"));
}

#[tokio::test]
async fn a_writer_at_the_source_is_told() {
    let mut source = filled(100);
    source.on_get = Some(Box::new(|number, records| {
        if number == 8 {
            // One that is copied already is changed, one that is not is deleted, one is new.
            records.get_mut(&3_u64.into()).unwrap().payload.insert("n".to_owned(), json!(-1));
            records.remove(&99_u64.into());
            records.insert(1_000_u64.into(), record(1_000));
        }
    }));
    let copied = World::new(source, Memory::new(None)).copy(small()).await.unwrap();
    assert_eq!((copied.verdict, copied.source_changed), (Verdict::NotVerified, true));
    let says = &copied.checks.iter().find(|check| check.name == "source").unwrap().says;
    assert!(says.contains("1 record changed, 1 deleted, 1 added"), "{says}");
    assert_eq!(standing(&copied, "content"), Standing::Holds, "a change of the source is no fault of the copy");
}

#[tokio::test]
async fn a_target_that_loses_or_changes_a_record_is_found_out() {
    type Harm = fn(&mut std::collections::BTreeMap<RecordId, Record>);
    let harms: [(&str, &str, Harm); 4] = [
        ("ids", "missing at the target", |records| drop(records.remove(&5_u64.into()))),
        ("ids", "", |records| drop(records.insert(500_u64.into(), record(500)))),
        ("content", "\"title\" is another", |records| {
            records.get_mut(&5_u64.into()).unwrap().payload.insert("title".to_owned(), json!("x"));
        }),
        ("content", "the vector \"\" is another", |records| {
            let bit = f32::from_bits(5.0_f32.to_bits() ^ 1);
            records.get_mut(&5_u64.into()).unwrap().vectors = Some(Vectors::unnamed(vec![bit, 0.5]));
        }),
    ];
    for (check, what, harm) in harms {
        let mut target = Memory::new(None);
        target.on_write = Some(Box::new(move |number, records| {
            if number == 3 {
                harm(records)
            }
        }));
        let copied = World::new(filled(50), target).copy(small()).await.unwrap();
        assert_eq!((copied.verdict, standing(&copied, check)), (Verdict::NotVerified, Standing::Fails), "{copied:#?}");
        assert!(!copied.source_changed);
        let told = copied.differences.first().map(|difference| difference.what.as_str()).unwrap_or_default();
        assert!(told.contains(what), "{told}");
    }
}

#[tokio::test]
async fn records_that_are_there_already_are_never_overwritten() {
    let target = filled(3);
    let world = World::new(filled(20), target);
    assert!(matches!(world.copy(small()).await.unwrap_err(), CopyError::NotEmpty { records: 3, .. }));
    let into = Wishes { into_existing: true, ..small() };
    assert!(matches!(world.copy(into.clone()).await.unwrap_err(), CopyError::Collisions { count: 3, .. }));
    assert_eq!(world.target.writes.load(Ordering::SeqCst), 0);

    let target = Memory::new(Some(vec![field()]));
    target.records.lock().unwrap().insert(777_u64.into(), record(777));
    let world = World::new(filled(20), target);
    let copied = world.copy(into).await.unwrap();
    assert_eq!((copied.verdict, world.target.records.lock().unwrap().len()), (Verdict::Verified, 21));
}

#[tokio::test]
async fn ids_that_the_target_cannot_have_become_uuids_and_come_back() {
    let mut target = Memory::new(None);
    target.can.integer_ids = Support::No("texts only");
    target.can.uuid_ids = Support::No("texts only");
    target.can.nested_payload = Support::No("no objects");
    let source = filled(0);
    let mut awkward = record(5);
    awkward.payload.insert("deep".to_owned(), json!({ "a": [null, 1.0] }));
    source.records.lock().unwrap().extend([(5_u64.into(), awkward), (u64::MAX.into(), record(u64::MAX))]);
    source.records.lock().unwrap().get_mut(&u64::MAX.into()).unwrap().id = u64::MAX.into();
    let world = World::new(source, target);
    let copied = world.copy(small()).await.unwrap();
    assert_eq!(copied.verdict, Verdict::Verified, "{copied:#?}");
    assert!(world.target.records.lock().unwrap().keys().all(|id| matches!(id, RecordId::Text(_))));

    let back = World {
        source: Arc::clone(&world.target),
        target: Arc::new(Memory::new(None)),
        ..World::new(filled(0), filled(0))
    };
    let copied = back.copy(Wishes { restore: true, ..small() }).await.unwrap();
    assert_eq!(copied.verdict, Verdict::Verified, "{copied:#?}");
    let (first, last) = (world.source.records.lock().unwrap(), back.target.records.lock().unwrap());
    assert_eq!(*first, *last);
}

#[tokio::test]
async fn the_map_of_ids_names_every_record() {
    let mut target = Memory::new(None);
    target.can.integer_ids = Support::No("texts only");
    let world = World::new(filled(25), target);
    let plan = world.plan(small()).await.unwrap();
    let folder = Folder::create(world.state.path(), &plan).unwrap();
    world.run(&folder, &plan).await.unwrap();
    let path = world.state.path().join("map.jsonl");
    assert_eq!(export_ids(&folder, &plan, &path).unwrap(), 25);
    let there = world.target.records.lock().unwrap();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let to = untag(line["to"].as_str().unwrap()).unwrap();
        assert_eq!(there[&to].payload[SOURCE_ID], line["from"]);
    }
}

#[tokio::test]
async fn records_that_have_no_place_count_among_the_rejects_and_the_plan_tells_of_them() {
    let wishes = Wishes { rename: vec![("title".to_owned(), "n".to_owned())], ..small() };
    let world = World::new(filled(1_000), Memory::new(None));
    let plan = world.plan(wishes.clone()).await.unwrap();
    let told = plan.changes.iter().find(|change| change.weight == Weight::Refused).unwrap();
    assert!(told.sampled == Some(100) && told.why.contains("a field \"n\" already"), "{told:?}");
    let error = world.copy(wishes.clone()).await.unwrap_err();
    assert!(matches!(&error, CopyError::Rejects { count: 51, .. }), "{error}");
    let world = World::new(filled(1_000), Memory::new(None));
    let error = world.copy(Wishes { max_rejects: Some(15), ..wishes }).await.unwrap_err();
    assert!(matches!(&error, CopyError::Rejects { count: 16, last, .. } if !last.ends_with('.')), "{error}");
    assert_eq!(world.target.upserted.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_few_that_have_no_place_do_not_stop_what_is_accepted() {
    let source = filled(100);
    for n in 0..60_u64 {
        source.records.lock().unwrap().get_mut(&n.into()).unwrap().payload.insert("x".to_owned(), json!(1));
    }
    let wishes = Wishes { batch: Some(100), rename: vec![("x".to_owned(), "n".to_owned())], ..Wishes::default() };
    let copied = World::new(source, Memory::new(None)).copy(wishes).await.unwrap();
    assert_eq!((copied.counts.rejected, copied.counts.written), (60, 40));
}

#[tokio::test]
async fn a_copy_that_is_refused_before_its_first_write_leaves_nothing_behind() {
    let source = filled(20);
    source.records.lock().unwrap().clear();
    let world = World::new(source, Memory::new(None));
    let none = Wishes { filter: Some("id <= 5000".to_owned()), filter_here: true, ..small() };
    let plan = world.plan(none.clone()).await.unwrap();
    assert!(plan.changes[0].why.contains("selects no record"), "{:?}", plan.changes);
    let error = world.copy(none).await.unwrap_err();
    assert!(matches!(&error, CopyError::NothingSelected { .. }), "{error}");
    let target = filled(3);
    let into = Wishes { into_existing: true, ..small() };
    let collides = World::new(filled(20), target);
    collides.copy(into).await.unwrap_err();
    for world in [&world, &collides] {
        assert_eq!(world.target.writes.load(Ordering::SeqCst), 0);
        assert!(Folder::list(world.state.path()).unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_somebody_can_mend_before_the_first_write_leaves_a_copy_to_go_on_with() {
    let (address, cause) = (|| "x".to_owned(), || "no".to_owned());
    for error in [
        ProviderError::Unauthorized { address: address(), cause: cause() },
        ProviderError::Certificate { address: address(), cause: cause() },
        ProviderError::WrongProtocol { address: address(), expected: "that", cause: cause(), mend: String::new() },
        ProviderError::ReadOnly { what: cause(), lock: Lock::Run },
    ] {
        let world = World::new(filled(20), Memory::new(None));
        *world.target.not_made.lock().unwrap() = Some(error.clone());
        let stopped = world.copy(small()).await.unwrap_err();
        assert_eq!(stopped, CopyError::Job(JobError::Provider { label: "there".to_owned(), source: error }));
        let copies = Folder::list(world.state.path()).unwrap();
        assert_eq!(copies.len(), 1, "nothing to go on with: {stopped}");
        let (folder, plan) = Folder::open(world.state.path(), &copies[0].id).unwrap();
        assert_eq!(world.run(&folder, &plan).await.unwrap().verdict, Verdict::Verified);
    }
    let world = World::new(filled(20), Memory::new(None));
    *world.target.not_made.lock().unwrap() = Some(ProviderError::BadRequest { cause: cause(), mend: String::new() });
    world.copy(small()).await.unwrap_err();
    assert!(Folder::list(world.state.path()).unwrap().is_empty(), "it would be refused again");
}

#[tokio::test]
async fn a_rate_that_was_lifted_limits_no_batch_any_more() {
    let world = World::new(filled(105), Memory::new(None));
    world.control.limit(None);
    let copied = world.copy(Wishes { rate: Some(1), ..Wishes::default() }).await.unwrap();
    assert_eq!((copied.verdict, copied.batches), (Verdict::Verified, 1));
}

#[tokio::test]
async fn a_folder_that_cannot_be_removed_does_not_hide_why_the_copy_stopped() {
    let state = tempfile::tempdir().unwrap();
    let (copies, mut target) = (state.path().join("copies"), filled(3));
    // Gone before the copy removes it, which fails then.
    target.on_get = Some(Box::new(move |_, _| drop(std::fs::remove_dir_all(&copies))));
    let world = World { state, ..World::new(filled(20), target) };
    let stopped = world.copy(Wishes { into_existing: true, ..small() }).await.unwrap_err();
    assert!(matches!(stopped, CopyError::Collisions { count: 3, .. }), "{stopped}");
}

#[tokio::test]
async fn a_verified_copy_is_told_as_it_was_and_not_proved_again() {
    let world = World::new(filled(30), Memory::new(None));
    let plan = world.plan(small()).await.unwrap();
    let folder = Folder::create(world.state.path(), &plan).unwrap();
    let copied = world.run(&folder, &plan).await.unwrap();
    world.target.records.lock().unwrap().clear();
    assert_eq!(world.run(&folder, &plan).await.unwrap(), copied);
    assert_eq!(Folder::list(world.state.path()).unwrap()[0].verdict, Some(Verdict::Verified));
}

//! What plans and the list of copies tell: that it is what happens.

use super::*;

#[tokio::test]
async fn a_copy_whose_collection_is_gone_says_so_and_can_be_forgotten() {
    let (world, folder, plan) = stopped().await;
    let made = world.target.vectors.lock().unwrap().take();
    let gone = world.run(&folder, &plan).await.unwrap_err();
    assert!(matches!(&gone, CopyError::Gone { label, .. } if label == "there"), "{gone}");
    assert!(!folder.can_go_on(&gone) && gone.to_string().contains(&format!("copy --forget {}", folder.id)), "{gone}");
    let listed = |world: &World| Folder::list(world.state.path()).unwrap().remove(0).fault;
    assert!(listed(&world).unwrap().contains("any more"));
    // It is there again after all, and the copy went on.
    *world.target.vectors.lock().unwrap() = made;
    world.run(&folder, &plan).await.unwrap();
    assert!(!folder.path().join("damaged.txt").exists() && listed(&world).is_none());
}

#[tokio::test]
async fn a_copy_whose_source_went_before_its_first_record_leaves_nothing_behind() {
    let world = World::new(filled(20), Memory::new(None));
    let plan = world.plan(small()).await.unwrap();
    let folder = Folder::create(world.state.path(), &plan).unwrap();
    world.source.vectors.lock().unwrap().take();
    let error = world.run(&folder, &plan).await.unwrap_err();
    assert!(matches!(error, CopyError::Job(JobError::Provider { .. })), "{error}");
    assert!(Folder::list(world.state.path()).unwrap().is_empty());
}

#[tokio::test]
async fn what_was_damaged_is_not_listed_so_once_the_copy_went_on_behind_it() {
    let mut target = Memory::new(None);
    let controls = [Control::default(), Control::default()];
    let stops = controls.clone();
    target.on_write = Some(Box::new(move |number, _| {
        for (at, control) in [4, 7].iter().zip(&stops) {
            if number == *at {
                control.cancel();
            }
        }
    }));
    let mut world = World::new(filled(100), target);
    let plan = world.plan(small()).await.unwrap();
    let folder = Folder::create(world.state.path(), &plan).unwrap();
    let fault = |world: &World| Folder::list(world.state.path()).unwrap().remove(0).fault;
    let [first, second] = controls;
    world.control = first;
    assert!(world.run(&folder, &plan).await.unwrap_err().is_cancelled());
    let path = folder.ids().display().to_string();
    folder.note_damage(&CopyError::Damaged { path, cause: "line 70 is no id".to_owned() });
    assert!(fault(&world).unwrap().contains("line 70"));
    world.control = second;
    assert!(world.run(&folder, &plan).await.unwrap_err().is_cancelled());
    assert_eq!(fault(&world), None);
}

#[tokio::test]
async fn the_plan_tells_how_long_it_takes_at_the_wished_rate() {
    let world = World::new(filled(100), Memory::new(None));
    let plan = world.plan(Wishes { rate: Some(20), ..small() }).await.unwrap();
    let text = report::plan(&plan);
    assert!(text.contains("; at 20 a second at most, all takes 5.0 s or more"), "{text}");
    assert!(!report::plan(&world.plan(small()).await.unwrap()).contains("a second at most"));
}

#[tokio::test]
async fn payloads_are_measured_as_they_are_sent() {
    let source = filled(3);
    for (n, value) in [(0_u64, json!(vec![0; 6_000])), (1, json!("x".repeat(41_000)))] {
        let mut records = source.records.lock().unwrap();
        records.get_mut(&n.into()).unwrap().payload.insert("x".to_owned(), value);
    }
    let mut target = Memory::new(None);
    target.can.large_payloads = Support::No("it has a limit");
    let plan = World::new(source, target).plan(small()).await.unwrap();
    let told = plan.changes.iter().find(|change| change.what == "payloads of 40 KB and more").unwrap();
    assert_eq!(told.sampled, Some(1));
    assert!(told.why.contains("may be refused"), "{}", told.why);
}

#[tokio::test]
async fn a_negative_zero_that_the_target_does_not_keep_is_told_and_overlooked() {
    for (kept, told) in [(Support::Yes, None), (Support::No("its JSON has none"), Some(1))] {
        let mut target = Memory::new(None);
        target.can.negative_zeros = kept;
        let source = filled(3);
        let zero = json!({ "a": [-0.0], "b": 0.0 }).as_object().cloned().unwrap();
        source.records.lock().unwrap().get_mut(&RecordId::from(1_u64)).unwrap().payload = zero;
        let plan = World::new(source, target).plan(small()).await.unwrap();
        let row = plan.changes.iter().find(|change| change.what == "-0.0 in payloads");
        assert_eq!(row.map(|change| change.sampled), told.map(Some), "{:?}", plan.changes);
        assert!(row.is_none_or(|change| change.why.contains("which the proof overlooks")));
    }
}

//! Questions: each gets exactly one answer, whatever happens.

use std::time::Duration;

use vector_inspector::connection::Shared;
use vector_inspector::connection::handle::INBOX;
use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::{Answer, Command, ConnectionEventKind, Epoch, Question, RequestId};
use vector_inspector::provider::ProviderError;

use crate::bench::{Bench, REQUEST, answers};
use crate::scripted::{Act, Scripted};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_connection_tells_who_answered_and_answers_questions() {
    let mut bench = Bench::start(&Scripted::new());
    let event = loop {
        let event = bench.next().await;
        if matches!(event.kind, ConnectionEventKind::Connected { .. }) {
            break event;
        }
    };
    assert_eq!(event.epoch, Epoch(1));
    let ConnectionEventKind::Connected { server, capabilities } = event.kind else { unreachable!() };
    assert_eq!(server.product, "scripted");
    assert_eq!(capabilities.max_batch, Some(1_000));
    let id = bench.ask(None);
    assert_eq!(bench.answer(id).await.1, Ok(Answer::Collections(Vec::new())));
    assert_eq!(bench.until_idle().await.error, None);
}

#[tokio::test(start_paused = true)]
async fn the_word_while_requests_run_is_what_the_oldest_is() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::After(SECOND));
    bench.ask(None);
    bench.ask(None);
    let both = HealthState::Active { what: "list of collections".to_owned(), running: 2 };
    bench.until(|health| health.state == both).await;
    bench.until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn a_question_during_the_first_connect_waits_for_it() {
    let server = Scripted::new();
    server.on_connect(Act::After(3 * SECOND));
    let mut bench = Bench::start(&server);
    let id = bench.ask(None);
    let (epoch, result, took) = bench.answer(id).await;
    assert!(result.is_ok());
    assert_eq!(epoch, Epoch(1));
    assert!(took >= 3 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_question_that_waits_for_the_first_connect_keeps_its_deadline_and_can_be_cancelled() {
    let server = Scripted::new();
    server.on_connect(Act::After(10 * SECOND));
    let mut bench = Bench::start(&server);
    let (late, unwanted) = (bench.ask(Some(SECOND)), bench.ask(None));
    bench.send(Command::Cancel(unwanted));
    assert_eq!(bench.answer(unwanted).await.1, Err(ProviderError::Cancelled));
    assert!(matches!(bench.answer(late).await.1, Err(ProviderError::TimedOut { after: SECOND, .. })));
    assert_eq!(server.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_first_connect_that_fails_answers_what_waits_with_the_cause_and_later_questions_at_once() {
    let server = Scripted::new();
    server.on_connect(Act::refuse());
    let mut bench = Bench::start(&server);
    let waiting = bench.ask(None);
    assert!(matches!(bench.answer(waiting).await.1, Err(ProviderError::Refused { .. })));
    let later = bench.ask(None);
    let (_, result, took) = bench.answer(later).await;
    assert_eq!((result, took), (Err(ProviderError::NotConnected), Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_question_is_answered_at_once_and_let_go_of() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    let id = bench.ask(None);
    bench.server_until(|server| server.running() == 1).await;
    bench.send(Command::Cancel(id));
    let (_, result, took) = bench.answer(id).await;
    assert_eq!(result, Err(ProviderError::Cancelled));
    assert!(took < SECOND, "{took:?}");
    bench.server_until(|server| server.running() == 0).await;
    bench.send(Command::Cancel(id));
    assert_eq!(answers(&bench.pass(2 * REQUEST).await), 0, "one answer and no more");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_finds_a_question_that_is_still_in_the_inbox() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    let id = bench.ask(None);
    bench.send(Command::Cancel(id));
    assert_eq!(bench.answer(id).await.1, Err(ProviderError::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_a_question_and_one_overdue_question_is_no_dead_server() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    let (own, default) = (bench.ask(Some(2 * SECOND)), bench.ask(None));
    let (_, result, took) = bench.answer(own).await;
    let what = "list of collections".to_owned();
    assert_eq!(result, Err(ProviderError::TimedOut { what: what.clone(), after: 2 * SECOND }));
    assert!(took >= 2 * SECOND && took < 2 * SECOND + SECOND / 10, "{took:?}");
    let (_, result, _) = bench.answer(default).await;
    assert_eq!(result, Err(ProviderError::TimedOut { what, after: REQUEST }));
    bench.until_idle().await;
    assert_eq!(bench.server.connects_at().len(), 1, "the connection was kept");
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_provider_is_an_answer_a_red_glyph_and_then_well_again() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Panic);
    let id = bench.ask(None);
    let (_, result, _) = bench.answer(id).await;
    assert_eq!(result, Err(ProviderError::Panicked { cause: "scripted panic".to_owned() }));
    let health = bench.until_failed().await;
    assert!(health.error.unwrap().contains("scripted panic"));
    bench.server.on_ask(Act::Answer);
    bench.until_idle().await;
    let id = bench.ask(None);
    assert!(bench.answer(id).await.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_full_inbox_gives_the_question_back() {
    let mut bench = Bench::idle().await;
    for _ in 0..INBOX {
        bench.ask(None);
    }
    let command = Command::Ask { id: RequestId(999), question: Question::Collections, deadline: None };
    let refused = bench.handle.try_send(command.clone()).unwrap_err();
    assert_eq!((&refused.command, &refused.error), (&command, &ProviderError::Busy));
    let event = refused.into_event().unwrap();
    assert_eq!(event.epoch, Epoch(1));
    assert!(matches!(event.kind, ConnectionEventKind::Answer { id: RequestId(999), result: Err(_), .. }));
    let said = bench.pass(SECOND).await;
    assert_eq!(answers(&said), INBOX, "each that was taken is answered once");
}

#[tokio::test(start_paused = true)]
async fn a_hanging_server_takes_no_more_questions_than_the_bounds_and_cancel_still_works() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    let mut taken = 0;
    let question = || Command::Ask { id: RequestId(0), question: Question::Collections, deadline: None };
    while bench.handle.try_send(question()).is_ok() {
        taken += 1;
        assert!(taken < 1_000, "no bound");
        if taken % 8 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    assert_eq!(bench.server.running(), 16);
    bench.send(Command::Cancel(RequestId(0)));
    assert_eq!(bench.answer(RequestId(0)).await.1, Err(ProviderError::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn a_slow_search_delays_neither_ping_nor_cancel() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    let id = bench.ask(Some(60 * SECOND));
    let before = bench.server.pings_at().len();
    bench.pass(40 * SECOND).await;
    assert!(bench.server.pings_at().len() >= before + 2, "{:?}", bench.server.pings_at());
    bench.send(Command::Cancel(id));
    assert!(bench.answer(id).await.2 <= 41 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_reads_no_events_delays_neither_cancel_nor_close() {
    let server = Scripted::new();
    let mut bench = Bench::start_with(&server, 7, Shared::alone(), 1);
    bench.until_idle().await;
    server.on_ask(Act::Hang);
    let ids: Vec<_> = (0..8).map(|_| bench.ask(None)).collect();
    bench.server_until(|server| server.running() == 8).await;
    bench.send(Command::Cancel(ids[0]));
    bench.send(Command::Cancel(ids[1]));
    bench.send(Command::Cancel(ids[2]));
    bench.server_until(|server| server.running() == 5).await;
    bench.send(Command::Close);
    bench.server_until(|server| server.running() == 0 && server.open() == 0).await;
    for id in ids {
        assert_eq!(bench.answer(id).await.1, Err(ProviderError::Cancelled));
    }
}

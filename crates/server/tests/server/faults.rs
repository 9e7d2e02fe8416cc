//! The binary is killed at random moments under load, again and again. What it had acknowledged is
//! still there, what was vetoed never is, and whatever follows from a change follows.
//!
//! `DOCKET_FAULT_ROUNDS` says how often it is killed, `DOCKET_FAULT_SEED` repeats the choices of an
//! earlier run; when requests and kills meet is never quite the same.

mod check;
mod load;
mod scene;

use docket_testkit::Engine;

use crate::faults::load::Chance;
use crate::faults::scene::Scene;
use crate::support::Server;

/// How often the server is killed when nobody says otherwise.
const ROUNDS: u64 = 3;
/// Those who write, half of them where webhooks must agree.
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_was_acknowledged_outlives_every_kill_on_sqlite() {
    outlive(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_was_acknowledged_outlives_every_kill_on_postgresql() {
    outlive(Engine::Postgres).await;
}

#[expect(clippy::disallowed_methods, reason = "how long to go on is told to the test alone")]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

#[expect(clippy::print_stdout, reason = "how a run can be repeated, and what was seen in it")]
async fn outlive(engine: Engine) {
    let rounds = number("DOCKET_FAULT_ROUNDS").unwrap_or(ROUNDS);
    let seed = number("DOCKET_FAULT_SEED").unwrap_or_else(load::any_number);
    println!("{engine:?}: {rounds} rounds, DOCKET_FAULT_SEED={seed}");
    let mut chance = Chance::new(seed);
    let scene = Scene::set(engine, seed).await;
    let (mut known, mut last) = (Vec::new(), 0);
    for round in 0..rounds {
        let server = scene.start();
        check::acknowledged(&scene.callers(&server), &known[last..]);
        last = known.len();
        known.extend(load::until_killed(&scene, server, round, &mut chance));
    }
    let server = scene.start();
    check::acknowledged(&scene.callers(&server), &known);
    let figures = check::everything_followed(&scene).await;
    println!("{engine:?}: {} actions acknowledged, {figures}", known.len());
    Server::stop(server);
}

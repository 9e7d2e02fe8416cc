//! Those who write while the server is killed, and what they know afterwards.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use docket_domain::time::Clock;
use docket_service::context::SystemClock;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::faults::WRITERS;
use crate::faults::scene::{Scene, Side};
use crate::support::{Answer, Server};

const HOUR: i64 = 3_600_000;

/// Chance that can be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below another, any of them alike likely as far as it matters here.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A number that is another one each time.
pub(crate) fn any_number() -> u64 {
    RandomState::new().build_hasher().finish()
}

pub(crate) fn now() -> i64 {
    SystemClock.now().millis()
}

/// How an action stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) comment: String,
    /// Nothing when it was cancelled: then it ended at an instant that the server chose.
    pub(crate) expiry: Option<i64>,
}

/// What a writer knows of an action.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) side: usize,
    pub(crate) id: String,
    /// What was acknowledged last.
    pub(crate) sure: State,
    /// What was asked for when the server died.
    pub(crate) maybe: Option<State>,
}

/// Writes until the server is killed at some moment; the answer is what is known then.
pub(crate) fn until_killed(
    scene: &Scene,
    server: Server,
    round: u64,
    chance: &mut Chance,
) -> Vec<Known> {
    let callers = scene.callers(&server);
    let (tell, acknowledged) = channel();
    let writers = (0..WRITERS).map(|writer| {
        let side = writer % callers.len();
        let chance = Chance::new(chance.below(u64::MAX));
        let name = format!("{round}/{writer}");
        let caller = callers[side].clone();
        Writer { scene, side, caller, name, chance, tell: tell.clone(), known: Vec::new() }
    });
    let writers: Vec<_> = writers.collect();
    drop(tell);
    std::thread::scope(|scope| {
        let writing: Vec<_> =
            writers.into_iter().map(|writer| scope.spawn(|| writer.write())).collect();
        for _ in 0..10 + chance.below(150) {
            acknowledged.recv().unwrap();
        }
        // Not always just behind an answer.
        std::thread::sleep(Duration::from_micros(chance.below(20_000)));
        drop(server);
        writing.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

struct Writer<'s> {
    scene: &'s Scene,
    side: usize,
    caller: Caller,
    name: String,
    chance: Chance,
    tell: Sender<()>,
    known: Vec<Known>,
}

impl Writer<'_> {
    fn write(mut self) -> Vec<Known> {
        for number in 0.. {
            let is_vetoed = self.side().asks && self.chance.below(4) == 0;
            let word = if is_vetoed { "veto" } else { "agree" };
            let comment = format!("{word} {}/{number}", self.name);
            let later = now() + HOUR;
            // What ends soon is left alone, so that it ends once.
            let open: Vec<usize> = (0..self.known.len())
                .filter(|place| {
                    self.known[*place].sure.expiry.is_some_and(|at| at > now() + HOUR / 2)
                })
                .collect();
            let choice = if open.is_empty() { 0 } else { self.chance.below(5) };
            let expiry = match self.chance.below(3) {
                0 => now() + 300 + i64::try_from(self.chance.below(1_200)).unwrap(),
                _ => later,
            };
            let went_on = if choice < 3 {
                self.take(State { comment, expiry: Some(expiry) })
            } else {
                let open_count = u64::try_from(open.len()).unwrap();
                let place = open[usize::try_from(self.chance.below(open_count)).unwrap()];
                let expiry = (choice == 3).then_some(expiry);
                self.change(place, State { comment, expiry }, is_vetoed)
            };
            if !went_on {
                return self.known;
            }
        }
        self.known
    }

    fn side(&self) -> &Side {
        &self.scene.sides[self.side]
    }

    /// Takes an action; whether the server is still there.
    fn take(&mut self, state: State) -> bool {
        let place = self.chance.below(u64::try_from(self.side().users.len()).unwrap());
        let user = self.side().users[usize::try_from(place).unwrap()].clone();
        let body = json!({"broadcast": true, "action": {"actioneeUserId": user,
            "actionerUserId": user, "userActionId": self.scene.definition,
            "comment": state.comment, "expiry": state.expiry}});
        let Some(answer) = self.caller.try_ask("POST", "/api/user/action", Some(&body)) else {
            return false;
        };
        if self.is_done(&answer, &state) {
            let id = answer.json()["action"]["id"].as_str().unwrap().to_owned();
            self.known.push(Known { side: self.side, id, sure: state, maybe: None });
        }
        true
    }

    /// Modifies an action, or cancels it; whether the server is still there.
    fn change(&mut self, place: usize, state: State, is_vetoed: bool) -> bool {
        let method = if state.expiry.is_some() { "PUT" } else { "DELETE" };
        let mut action = json!({"actionerUserId": self.side().users[0], "comment": state.comment});
        if let Some(expiry) = state.expiry {
            action["expiry"] = Value::from(expiry);
        }
        let path = format!("/api/user/action/{}", self.known[place].id);
        let body = json!({"broadcast": true, "action": action});
        let Some(answer) = self.caller.try_ask(method, &path, Some(&body)) else {
            if !is_vetoed {
                self.known[place].maybe = Some(state);
            }
            return false;
        };
        if self.is_done(&answer, &state) {
            self.known[place].sure = state;
        }
        true
    }

    /// Whether the server has done it; if it has not, it is because of a veto.
    fn is_done(&self, answer: &Answer, state: &State) -> bool {
        let is_vetoed = state.comment.starts_with("veto");
        match answer.status {
            200 => assert!(!is_vetoed, "done against a veto: {state:?}"),
            // On a slow machine the webhook's time may be up.
            504 => assert!(self.side().asks, "{answer:?}"),
            _ => panic!("{answer:?}"),
        }
        // Nobody listens any more when the kill is near.
        let _ = self.tell.send(());
        answer.status == 200
    }
}

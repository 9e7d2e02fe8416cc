//! Reading a log whose positions are drawn before they are committed (`native.md` §6): what is
//! behind a missing position waits until it is certain that nothing will take that position.
//!
//! A transaction has a number before it draws a position. So a position that is missing although a
//! later one is there belongs to a transaction that had begun when this was noticed; when all
//! transactions of that moment have ended and it is still missing, it was given up.

use crate::time::Instant;

/// How long a missing position is waited for at most, in milliseconds: longer than a transaction
/// may last. Only somebody else's endless transaction in the same database cluster takes so long.
pub const LONGEST_WAIT: i64 = 90_000;

/// How far the log can be read without leaving anything out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    stable: i64,
    gap: Option<Gap>,
}

/// Positions that are missing, from this one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    from: i64,
    noticed_at: Instant,
    /// No transaction with this number or a larger one had begun after this was noticed.
    next: Option<i64>,
}

/// Which transactions were under way before a look at the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Every transaction with a smaller number had ended.
    pub oldest: i64,
    /// No transaction with this number or a larger one had begun.
    pub next: i64,
}

impl Running {
    /// Nobody asked: nothing is given up.
    pub const UNKNOWN: Self = Self { oldest: 0, next: i64::MAX };
}

impl Tail {
    /// A reader that has read the log up to a position.
    #[must_use]
    pub const fn at(position: i64) -> Self {
        Self { stable: position, gap: None }
    }

    /// Up to where nothing is missing that could still come.
    #[must_use]
    pub const fn stable(&self) -> i64 {
        self.stable
    }

    /// Whether a position is waited for.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.gap.is_some()
    }

    /// Takes in a look at the log: `running` as it was before the look, and the positions behind
    /// the stable one, in their order. The answer is how many of them are stable now.
    pub fn see(
        &mut self,
        running: Running,
        positions: impl IntoIterator<Item = i64>,
        now: Instant,
    ) -> usize {
        let mut taken = 0;
        for position in positions {
            if position != self.stable.saturating_add(1) && !self.was_given_up(running, now) {
                return taken;
            }
            self.gap = None;
            self.stable = position;
            taken += 1;
        }
        taken
    }

    /// Whether what is missing behind the stable position will never come.
    fn was_given_up(&mut self, running: Running, now: Instant) -> bool {
        let from = self.stable.saturating_add(1);
        let gap = self.gap.filter(|gap| gap.from == from);
        let Some(gap) = gap else {
            self.gap = Some(Gap { from, noticed_at: now, next: None });
            return false;
        };
        // A transaction may have begun after `running` was asked and before the look that noticed
        // the gap, so it is the next asking that bounds it.
        let Some(next) = gap.next else {
            self.gap = Some(Gap { next: Some(running.next), ..gap });
            return false;
        };
        running.oldest >= next || now.millis_since(gap.noticed_at) > LONGEST_WAIT
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Instant = Instant::from_millis(1_000);

    fn running(oldest: i64, next: i64) -> Running {
        Running { oldest, next }
    }

    #[test]
    fn what_follows_without_a_gap_is_stable() {
        let mut tail = Tail::at(3);
        assert_eq!(tail.see(running(1, 1), [4, 5, 6], NOW), 3);
        assert_eq!((tail.stable(), tail.is_waiting()), (6, false));
    }

    #[test]
    fn a_late_position_is_waited_for() {
        let mut tail = Tail::at(0);
        assert_eq!(tail.see(running(5, 9), [1, 3], NOW), 1);
        assert_eq!(tail.see(running(5, 9), [3], NOW), 0);
        assert_eq!(tail.see(running(8, 20), [3], NOW), 0);
        assert_eq!(tail.see(running(8, 20), [2, 3], NOW), 2);
        assert_eq!((tail.stable(), tail.is_waiting()), (3, false));
    }

    #[test]
    fn a_position_that_was_given_up_is_left_out() {
        let mut tail = Tail::at(0);
        assert_eq!(tail.see(running(5, 9), [2, 3], NOW), 0);
        assert_eq!(tail.see(running(5, 10), [2, 3], NOW), 0);
        assert_eq!(tail.see(running(9, 12), [2, 3], NOW), 0);
        assert_eq!(tail.see(running(10, 12), [2, 3], NOW), 2);
    }

    #[test]
    fn nobody_waits_forever() {
        let mut tail = Tail::at(0);
        tail.see(running(5, 9), [2], NOW);
        tail.see(running(5, 9), [2], NOW);
        assert_eq!(tail.see(running(5, 9), [2], NOW.plus_millis(LONGEST_WAIT)), 0);
        assert_eq!(tail.see(running(5, 9), [2], NOW.plus_millis(LONGEST_WAIT + 1)), 1);
    }

    /// A transaction of the model: its position, and whether it ends well.
    #[derive(Debug, Clone, Copy)]
    struct Writer {
        position: i64,
        commits: bool,
        open: bool,
    }

    proptest! {
        /// Writers begin, draw positions and end in any order while the reader looks: whatever was
        /// committed is read, once and in order.
        #[test]
        fn nothing_is_left_out(steps in prop::collection::vec((0_u8..4, any::<prop::sample::Index>(), any::<bool>()), 1..200)) {
            let mut writers: Vec<Writer> = Vec::new();
            let (mut tail, mut read) = (Tail::at(0), Vec::new());
            let mut asked = running(0, 0);
            let look = |tail: &mut Tail, asked, writers: &[Writer], read: &mut Vec<i64>| {
                let there: Vec<i64> = writers.iter()
                    .filter(|w| !w.open && w.commits && w.position > tail.stable())
                    .map(|w| w.position).collect();
                // Nobody asks who does not wait.
                let asked = if tail.is_waiting() { asked } else { Running::UNKNOWN };
                let taken = tail.see(asked, there.iter().copied(), NOW);
                read.extend(there.iter().take(taken));
            };
            // A writer's number is its place among all; its position follows at once.
            let ask = |writers: &[Writer]| {
                let next = i64::try_from(writers.len()).unwrap();
                let oldest = writers.iter().position(|w| w.open);
                running(oldest.map_or(next, |place| i64::try_from(place).unwrap()), next)
            };
            for (step, which, commits) in steps {
                match step {
                    0 => writers.push(Writer {
                        position: i64::try_from(writers.len()).unwrap() + 1, commits, open: true,
                    }),
                    1 if !writers.is_empty() => {
                        let place = which.index(writers.len());
                        writers[place].open = false;
                    }
                    2 => asked = ask(&writers),
                    _ => look(&mut tail, asked, &writers, &mut read),
                }
                if step == 3 {
                    // The next look asks anew before it.
                    asked = ask(&writers);
                }
            }
            for writer in &mut writers {
                writer.open = false;
            }
            for _ in 0..4 * writers.len() + 4 {
                let asked = ask(&writers);
                look(&mut tail, asked, &writers, &mut read);
            }
            let committed: Vec<i64> =
                writers.iter().filter(|w| w.commits).map(|w| w.position).collect();
            prop_assert_eq!(read, committed);
        }
    }
}

//! What happened in the demo over the last months: who joined, who was acted on, what became of it.
//!
//! The story is drawn by lot, but from the same lots each time: only its end, today, moves.

use super::people::{MODERATORS, PEOPLE};
use super::rules::Kind;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Incidents beside the one that the demo's examples are about.
const INCIDENTS: u64 = 240;
/// How far back actions go.
const MONTHS: i64 = 91 * DAY;

/// The person whom the examples are about: banned, and not for the first time.
pub(super) const BANNED: &str = "max.mustermann";
/// And the one who may come in.
pub(super) const WELCOME: &str = "greta.vogel";

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// How long ago, in milliseconds.
    pub(super) ago: i64,
    /// What.
    pub(super) what: What,
}

/// What can happen. People are told by their place in [`PEOPLE`], incidents by their number.
#[derive(Debug, Clone)]
pub(super) enum What {
    Join { person: usize },
    Take { incident: usize, person: usize, by: usize, kind: Kind, occasion: u64, ends: Option<i64> },
    Modify { incident: usize, by: usize, ends: i64, comment: &'static str },
    Cancel { incident: usize, by: usize, comment: &'static str },
    Comment { person: usize, by: usize, text: &'static str },
}

const EXTENDED: [&str; 3] = [
    "Went on by private message, so it takes longer.",
    "A second member reported the same.",
    "Extended after the talk with the team.",
];
const SHORTENED: [&str; 2] =
    ["Apologised in public. Shortened.", "Sent the money back, so half of it is enough."];
const LIFTED: [&str; 3] = [
    "A mistake of ours: it was a quotation.",
    "Came to an agreement with the buyer.",
    "Talked it over. Welcome back.",
];
const NOTES: [&str; 5] = [
    "Knows a lot about vintage radios. Ask before acting on a harsh tone.",
    "Writes under time pressure at the end of the month; usually apologises.",
    "Verified seller since last year.",
    "Asked us to remember the new address in case of questions.",
    "Helps moderate the Saturday chat on occasion.",
];

/// Everything that happened, oldest first.
pub(super) fn tell() -> Vec<Step> {
    let mut lots = Lots(0x000d_0c6e_7000);
    let mut steps = Vec::new();
    // People come first: the moderators half a year ago, the others in the three months after.
    for person in 0..PEOPLE.len() {
        let later = if person < MODERATORS { 0 } else { lots.within(85 * DAY) };
        steps.push(Step { ago: 185 * DAY - later, what: What::Join { person } });
    }
    let mut banned_until = vec![i64::MIN; PEOPLE.len()];
    for (number, incident) in (0..INCIDENTS).zip(0..) {
        // Spread evenly, but not to the hour.
        let share = i64::try_from(number * 1_000 / INCIDENTS).unwrap_or_default();
        let ago = MONTHS - MONTHS * share / 1_000 + lots.within(20 * HOUR);
        let ago = ago.max(2 * HOUR);
        steps.extend(lots.incident(incident, ago, &mut banned_until));
        if number % 4 == 0 {
            let (person, by) = (lots.member(), lots.moderator());
            let text = lots.pick(&NOTES);
            steps.push(Step { ago: ago - HOUR, what: What::Comment { person, by, text } });
        }
    }
    steps.extend(examples(usize::try_from(INCIDENTS).unwrap_or_default()));
    steps.sort_by_key(|step| -step.ago);
    steps
}

/// A ban that is over, one that was modified and still holds.
fn examples(first: usize) -> Vec<Step> {
    let named = |name| PEOPLE.iter().position(|person| person.0 == name).unwrap_or_default();
    let person = named(BANNED);
    let take = |incident, occasion, ends| What::Take {
        incident,
        person,
        by: 3,
        kind: Kind::Ban,
        occasion,
        ends: Some(ends),
    };
    vec![
        Step { ago: 40 * DAY, what: take(first, 1, 33 * DAY) },
        Step { ago: 3 * DAY, what: take(first + 1, 0, -2 * DAY) },
        Step {
            ago: DAY,
            what: What::Modify {
                incident: first + 1,
                by: 0,
                ends: -6 * DAY,
                comment: "Went on under another name. A week in all.",
            },
        },
    ]
}

/// Draws lots: the same ones each time.
struct Lots(u64);

impl Lots {
    /// `SplitMix64`: well mixed, and four lines.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `most`.
    fn up_to(&mut self, most: u32) -> i64 {
        i64::try_from(self.next() % (u64::from(most) + 1)).unwrap_or_default()
    }

    /// From 0 to just below `millis`.
    fn within(&mut self, millis: i64) -> i64 {
        let end = millis.unsigned_abs().max(1);
        i64::try_from(self.next() % end).unwrap_or_default()
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(1).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        let at = self.below(from.len());
        from.get(at).copied().unwrap_or_default()
    }

    fn moderator(&mut self) -> usize {
        self.below(MODERATORS)
    }

    /// Somebody who is not a moderator; some are met more often than others.
    fn member(&mut self) -> usize {
        let members = PEOPLE.len() - MODERATORS;
        let (one, other) = (self.below(members), self.below(members));
        MODERATORS + one.max(other)
    }

    fn kind(&mut self) -> Kind {
        match self.up_to(99) {
            0..=14 => Kind::Ban,
            15..=34 => Kind::Mute,
            35..=44 => Kind::NoSelling,
            45..=69 => Kind::Warning,
            70..=84 => Kind::Removal,
            _ => Kind::Award,
        }
    }

    /// One incident and what became of it.
    fn incident(&mut self, incident: usize, ago: i64, banned_until: &mut [i64]) -> Vec<Step> {
        let (person, by) = (self.member(), self.moderator());
        let mut kind = self.kind();
        let kept_out =
            PEOPLE.get(person).is_some_and(|person| [BANNED, WELCOME].contains(&person.0));
        let banned = banned_until.get(person).is_some_and(|until| -ago < *until);
        // Whoever is banned already cannot do anything to be banned for again.
        if kind == Kind::Ban && (kept_out || banned) {
            kind = Kind::Award;
        }
        let occasion = self.next();
        if !kind.is_temporal() {
            let what = What::Take { incident, person, by, kind, occasion, ends: None };
            return vec![Step { ago, what }];
        }
        let lasts = match self.up_to(9) {
            0..=2 => DAY,
            3..=5 => 3 * DAY,
            6..=7 => 7 * DAY,
            8 => 30 * DAY,
            _ => 120 * DAY,
        };
        let mut ends = ago - lasts;
        let what = What::Take { incident, person, by, kind, occasion, ends: Some(ends) };
        let mut steps = vec![Step { ago, what }];
        // A third of the way on somebody may look at it again; later nobody does.
        let changed = ago - lasts / 3;
        if changed > HOUR {
            let by = self.moderator();
            match self.up_to(9) {
                0..=1 => {
                    ends -= 2 * DAY;
                    let comment = self.pick(&EXTENDED);
                    let what = What::Modify { incident, by, ends, comment };
                    steps.push(Step { ago: changed, what });
                }
                2 => {
                    ends = changed - lasts / 6;
                    let comment = self.pick(&SHORTENED);
                    let what = What::Modify { incident, by, ends, comment };
                    steps.push(Step { ago: changed, what });
                }
                3..=4 => {
                    ends = changed;
                    let comment = self.pick(&LIFTED);
                    steps.push(Step { ago: changed, what: What::Cancel { incident, by, comment } });
                }
                _ => {}
            }
        }
        if kind == Kind::Ban
            && let Some(until) = banned_until.get_mut(person)
        {
            *until = -ends;
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_has_everything_in_it_and_in_order() {
        let steps = tell();
        assert!(steps.is_sorted_by_key(|step| -step.ago));
        assert!(steps.iter().all(|step| step.ago > 0), "nothing happens in the future");
        let count = |is: fn(&Step) -> bool| steps.iter().filter(|step| is(step)).count();
        let took = |step: &Step, over: fn(i64) -> bool| matches!(step.what, What::Take { ends: Some(ends), .. } if over(ends));
        assert_eq!(count(|step| matches!(step.what, What::Join { .. })), PEOPLE.len());
        assert!(count(|step| matches!(step.what, What::Take { .. })) > 200);
        assert!(count(|step| matches!(step.what, What::Modify { .. })) > 10);
        assert!(count(|step| matches!(step.what, What::Cancel { .. })) > 10);
        assert!(count(|step| matches!(step.what, What::Comment { .. })) > 40);
        assert!(steps.iter().any(|step| took(step, |ends| ends < 0)), "some are active");
        assert!(steps.iter().any(|step| took(step, |ends| ends > 0)), "some are over");
    }

    #[test]
    fn nobody_is_acted_on_before_joining() {
        let mut joined = vec![false; PEOPLE.len()];
        for step in tell() {
            match step.what {
                What::Join { person } => joined[person] = true,
                What::Take { person, by, .. } | What::Comment { person, by, .. } => {
                    assert!(joined[person] && joined[by]);
                }
                What::Modify { .. } | What::Cancel { .. } => {}
            }
        }
    }
}

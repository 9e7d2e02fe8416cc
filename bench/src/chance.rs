//! Numbers that look random and are the same in every run, so that two runs ask the same questions.

/// `SplitMix64`.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers that belong to a topic and a number within it.
    pub(crate) fn of(topic: u64, number: u64) -> Self {
        let mut chance = Self(topic.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        chance.next();
        Self(chance.next() ^ number.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// One of some things.
    pub(crate) fn one_of<T: Copy + Default>(&mut self, things: &[T]) -> T {
        let count = u64::try_from(things.len()).unwrap_or(0);
        let at = usize::try_from(self.below(count)).unwrap_or(0);
        things.get(at).copied().unwrap_or_default()
    }

    /// The ten bytes that tell ids of one millisecond apart.
    pub(crate) fn ten(&mut self) -> [u8; 10] {
        let mut ten = [0; 10];
        let bytes = self.next().to_be_bytes().into_iter().chain(self.next().to_be_bytes());
        for (place, byte) in ten.iter_mut().zip(bytes) {
            *place = byte;
        }
        ten
    }
}

//! Latencies in buckets that are fine where they are short: within 2 % of the truth.

use std::time::Duration;

/// Buckets for each doubling, as a power of two.
const FINE: u32 = 5;
const BUCKETS: usize = 64 << FINE;

/// How often each latency occurred.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub(crate) fn record(&mut self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get_mut(bucket(nanos)) {
            *count += 1;
            self.total += 1;
        }
    }

    /// Adds the counts of another.
    pub(crate) fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// How many were counted.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The latency, in milliseconds, that this many of a thousand do not exceed.
    pub(crate) fn millis(&self, of_thousand: u64) -> f64 {
        let wanted = (self.total * of_thousand).div_ceil(1_000);
        let mut seen = 0;
        for (place, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && *count > 0 {
                return Duration::from_nanos(upper_end(place)).as_secs_f64() * 1_000.0;
            }
        }
        0.0
    }
}

/// Numbers below `2^FINE` have a bucket each; above, every doubling has `2^FINE` of them.
fn bucket(nanos: u64) -> usize {
    let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(FINE + 1);
    let within = nanos >> shift;
    usize::try_from((u64::from(shift) << FINE) + within).unwrap_or(BUCKETS - 1).min(BUCKETS - 1)
}

fn upper_end(place: usize) -> u64 {
    let place = u64::try_from(place).unwrap_or(0);
    let shift = (place >> FINE).saturating_sub(1);
    let within = place - (shift << FINE);
    (within + 1).checked_shl(u32::try_from(shift).unwrap_or(63)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_close_to_the_truth() {
        let mut histogram = Histogram::default();
        for micros in 1..=1_000 {
            histogram.record(Duration::from_micros(micros));
        }
        let (half, most) = (histogram.millis(500), histogram.millis(990));
        assert!((0.495..0.52).contains(&half), "{half}");
        assert!((0.985..1.03).contains(&most), "{most}");
        assert_eq!(histogram.total(), 1_000);
    }

    #[test]
    fn buckets_follow_each_other() {
        for nanos in [0, 1, 31, 32, 33, 63, 64, 65, 1_000, 123_456_789] {
            assert!(upper_end(bucket(nanos)) > nanos, "{nanos}");
            assert!(bucket(nanos) <= bucket(nanos + 1), "{nanos}");
        }
    }
}

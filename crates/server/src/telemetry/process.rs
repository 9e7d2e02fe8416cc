//! What the process itself uses, by the names that Prometheus' own clients give it.

use std::fs;

use docket_domain::time::Instant;

/// Says what each metric means.
pub(crate) fn describe() {
    metrics::describe_gauge!("docket_build_info", "1, with the version as a label.");
    metrics::describe_gauge!("process_start_time_seconds", "When the process started.");
    metrics::describe_gauge!("process_resident_memory_bytes", "Memory in use.");
    metrics::describe_gauge!("process_cpu_seconds_total", "Processor time used so far.");
    metrics::describe_gauge!("process_open_fds", "Files and connections that are open.");
}

/// Records what never changes.
pub(crate) fn started(at: Instant) {
    metrics::gauge!("docket_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let seconds = u32::try_from(at.millis() / 1_000).unwrap_or(u32::MAX);
    metrics::gauge!("process_start_time_seconds").set(f64::from(seconds));
}

/// Records what is used right now, as far as the system tells.
pub(crate) fn measure() {
    if let Some(kilobytes) = resident_kilobytes() {
        metrics::gauge!("process_resident_memory_bytes").set(f64::from(kilobytes) * 1024.0);
    }
    if let Some(ticks) = processor_ticks() {
        // The kernel tells user programs hundredths of a second, whatever it counts in itself.
        metrics::gauge!("process_cpu_seconds_total").set(f64::from(ticks) / 100.0);
    }
    let open = fs::read_dir("/proc/self/fd").map(Iterator::count);
    if let Some(open) = open.ok().and_then(|open| u32::try_from(open).ok()) {
        metrics::gauge!("process_open_fds").set(f64::from(open));
    }
}

fn resident_kilobytes() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// User and system time, the 14th and 15th field; the second is a name that may hold blanks.
fn processor_ticks() -> Option<u32> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind_name) = stat.rsplit_once(") ")?;
    let mut fields = behind_name.split(' ').skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    user.checked_add(system)
}

//! What Linux knows of a process: its processor time and its memory.

use std::fs;

use anyhow::Context;

/// Ticks of the clock in which `/proc` counts; the same on every Linux that this is run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process, alone or with its children.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Process {
    Alone(u32),
    /// The `PostgreSQL` server: each connection is a child.
    WithChildren(u32),
}

impl Process {
    /// This process.
    pub(crate) fn own() -> Self {
        Self::Alone(std::process::id())
    }

    /// Seconds of processor time used so far, in user mode and in the kernel.
    pub(crate) fn cpu(self) -> anyhow::Result<f64> {
        Ok(match self {
            Self::Alone(pid) => times(pid)?.own,
            Self::WithChildren(pid) => {
                let parent = times(pid)?;
                // A child may end while it is looked at; its time is then the parent's.
                parent.own
                    + parent.ended_children
                    + children(pid)?
                        .into_iter()
                        .filter_map(|c| Some(times(c).ok()?.own))
                        .sum::<f64>()
            }
        })
    }

    /// Megabytes of memory in use: all of it, and what is not pages of files.
    pub(crate) fn memory(self) -> anyhow::Result<Memory> {
        let (Self::Alone(pid) | Self::WithChildren(pid)) = self;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let find = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            kibibytes.map(|kibibytes: f64| kibibytes * 1_024.0 / 1e6).context("no such line")
        };
        Ok(Memory { resident: find("VmRSS:")?, private: find("RssAnon:")? })
    }
}

/// Memory of a process, in megabytes.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) private: f64,
}

struct Times {
    own: f64,
    ended_children: f64,
}

fn times(pid: u32) -> anyhow::Result<Times> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold anything.
    let (_, rest) = stat.rsplit_once(')').context("an unknown form of /proc/…/stat")?;
    let ticks = |place: usize| -> anyhow::Result<f64> {
        let field = rest.split_whitespace().nth(place).context("a short /proc/…/stat")?;
        Ok(field.parse::<f64>()? / TICKS_PER_SECOND)
    };
    Ok(Times { own: ticks(11)? + ticks(12)?, ended_children: ticks(13)? + ticks(14)? })
}

fn children(pid: u32) -> anyhow::Result<Vec<u32>> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    Ok(text.split_whitespace().filter_map(|child| child.parse().ok()).collect())
}

//! The paths that are measured, and what each is to reach.

use crate::engine::Engine;
use crate::question::BATCH;

/// A measured path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    BareGate,
    Gate,
    Batch,
    BareList,
    List,
    RawTake64,
    Take64,
    RawTake256,
    Take256,
    SmallPage,
    Page,
    FewPages,
    BareCall,
    Delivery,
    Soon,
    SmallTodos,
    Todos,
    FewTodos,
    LastTodos,
    TodosOfLarge,
    Todo,
    Summary,
    SummaryOfLarge,
    Silence,
    Push,
    SmallRequests,
    Requests,
    FewRequests,
    RawApprove,
    Approve,
    QuietGate,
    Ends,
    GateAtEnds,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// Nothing: others are compared with it.
    Yardstick,
    /// At least this part of the rate of another path.
    PartOf(Line, f64),
    /// At most this much processor time for an answer, in microseconds.
    Micros(f64),
    /// The same, the database's included.
    MicrosInAll(f64),
    /// At most so many microseconds, and at most this many times the processor time of another path,
    /// the database's included.
    MicrosAndTimesOf(f64, Line, f64),
    /// At most this many times the processor time of another path, the database's included.
    TimesOf(Line, f64),
    /// At most this many times the processor time of another path, the database's left out.
    OwnTimesOf(Line, f64),
    /// At least so many in a second.
    Rate(f64),
    /// At most this many times the latency of another path that 99 of 100 do not exceed.
    SlowerThan(Line, f64),
}

impl Line {
    /// Its name in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BareGate => "bare route, bytes of the gate",
            Self::Gate => "gate, one user",
            Self::Batch => "gate, batch of 100 (each answer)",
            Self::BareList => "bare route, bytes of the list",
            Self::List => "list of a user's 5 actions",
            Self::RawTake64 => "raw rows of a take, 64 clients",
            Self::Take64 => "take an action, 64 clients",
            Self::RawTake256 => "raw rows of a take, 256 clients",
            Self::Take256 => "take an action, 256 clients",
            Self::SmallPage => "page of 50 actions, small table",
            Self::Page => "page of 50 actions, large table",
            Self::FewPages => "page of 50 actions, large, few pages",
            Self::BareCall => "bare client, bytes of a delivery",
            Self::Delivery => "delivery to a webhook, signed",
            Self::Soon => "commit to webhook, 500 writes/s",
            Self::SmallTodos => "to-do list, 10 of 100, small table",
            Self::Todos => "to-do list, 10 of 100, large table",
            Self::FewTodos => "to-do list, large table, few users",
            Self::LastTodos => "to-do list, the last 10 of 100",
            Self::TodosOfLarge => "to-do list, 10 of 10000",
            Self::Todo => "to-do by its id",
            Self::Summary => "to-do summary of 100",
            Self::SummaryOfLarge => "to-do summary of 10000",
            Self::Silence => "silence a to-do",
            Self::Push => "push to-dos, batch of 100 (each)",
            Self::SmallRequests => "requests, 10 of 100, small table",
            Self::Requests => "requests, 10 of 100, large table",
            Self::FewRequests => "requests, large table, few users",
            Self::RawApprove => "raw rows, approve a request",
            Self::Approve => "approve a request",
            Self::QuietGate => "gate, 1000/s, nothing ends",
            Self::Ends => "ends of one second",
            Self::GateAtEnds => "gate, 1000/s, while they end",
        }
    }

    /// Answers in each answer.
    pub(crate) const fn answers(self) -> usize {
        match self {
            Self::Batch | Self::Push => BATCH,
            _ => 1,
        }
    }

    pub(super) const fn target(self, engine: Engine) -> Target {
        let (gate, batch, list, delivery) = match engine {
            Engine::Sqlite => (0.5, 5.0, 0.4, 3.0),
            Engine::Postgres => (0.3, 10.0, 0.25, 4.0),
        };
        let (todos, summary) = match engine {
            Engine::Sqlite => (60.0, 40.0),
            Engine::Postgres => (80.0, 60.0),
        };
        match self {
            Self::Gate => Target::PartOf(Self::BareGate, gate),
            Self::Batch => Target::Micros(batch),
            Self::List => Target::PartOf(Self::BareList, list),
            Self::Take64 => Target::PartOf(Self::RawTake64, 0.6),
            Self::Take256 => Target::PartOf(Self::RawTake256, 0.6),
            Self::Page | Self::FewPages => Target::TimesOf(Self::SmallPage, 1.3),
            Self::Delivery => Target::OwnTimesOf(Self::BareCall, delivery),
            Self::Todos => Target::MicrosAndTimesOf(todos, Self::SmallTodos, 1.3),
            Self::Summary => Target::Micros(summary),
            Self::SummaryOfLarge => Target::MicrosInAll(2_000.0),
            Self::FewTodos => Target::TimesOf(Self::SmallTodos, 1.3),
            Self::Requests | Self::FewRequests => Target::TimesOf(Self::SmallRequests, 1.3),
            Self::Approve => Target::PartOf(Self::RawApprove, 0.5),
            Self::Ends => Target::Rate(4_000.0),
            Self::GateAtEnds => Target::SlowerThan(Self::QuietGate, 2.0),
            _ => Target::Yardstick,
        }
    }
}

//! What is asked from users: to-dos, how urgent they are, what can be done about them, and who knows
//! of them (`waldur.md` §4 to §6, `native.md` §4 and §5).

pub mod asked;
pub mod corrective;
pub mod due;
pub mod execution;
pub mod filter;
pub mod need;
pub mod order;
pub mod provider;
pub mod resource;
pub mod schedule;
pub mod silence;
pub mod urgency;

pub use asked::{Matter, Surroundings, Tally, Thing, Todo};
pub use corrective::{Category, CorrectiveAction, Severity};
pub use execution::Execution;
pub use filter::{TodoFilter, TodoSort};
pub use need::Need;
pub use order::{Offering, Order, OrderDetails, OrderKind, OrderState};
pub use provider::{Provider, ProviderDetails};
pub use resource::{Resource, ResourceDetails, ResourceState};
pub use schedule::Schedule;
pub use silence::Silence;
pub use urgency::Urgency;

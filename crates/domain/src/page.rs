//! Which part of a list, and in which order.

/// A part of a list by offset, as the emulated surfaces ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// How many rows to pass over.
    pub start: i64,
    /// How many rows at most.
    pub size: i64,
    /// In which order; empty means the list's own.
    pub order: Vec<Order>,
}

/// One step of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The field, by its public name; one of those that the list offers.
    pub field: &'static str,
    /// Whether the largest come first.
    pub descending: bool,
}

/// A part of a list with the number of rows in the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: i64,
}

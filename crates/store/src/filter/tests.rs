//! What text a list becomes in each dialect.

use uuid::Uuid;

use super::*;

#[test]
fn fragments_get_numbered_places_in_each_dialect() {
    let ids = [Uuid::nil()];
    let select = Select::new("SELECT a FROM t")
        .and("a = {}", 1_i64)
        .and("(b = {} OR c = {})", "x")
        .and_each("(d, e) < ({}, {})", [2_i64.into(), 3_i64.into()])
        .and_fixed("f IS NULL")
        .and_some("g = {}", None::<i64>)
        .and_any_of("h", ids.as_slice())
        .and_matches("i", Some("J"))
        .and_matches("k", None)
        .order("a, b")
        .limit(10);
    let (text, values) = select.rows_text(Dialect::Postgres);
    assert_eq!(
        text,
        "SELECT a FROM t WHERE (a = $1) AND ((b = $2 OR c = $2)) AND ((d, e) < ($3, $4)) \
         AND (f IS NULL) AND (h = ANY($5)) \
         AND (lower(i COLLATE \"default\") LIKE $6 ESCAPE '\\') ORDER BY a, b LIMIT $7 OFFSET $8"
    );
    assert_eq!(values.len(), 8);
    let (text, values) = select.count_text(Dialect::Sqlite);
    assert_eq!(
        text,
        "SELECT count(*) FROM (SELECT a FROM t WHERE (a = ?1) AND ((b = ?2 OR c = ?2)) \
         AND ((d, e) < (?3, ?4)) AND (f IS NULL) \
         AND (h IN (SELECT value FROM rarray(?5))) \
         AND (lower(i) LIKE ?6 ESCAPE '\\')) AS counted"
    );
    assert_eq!(values.len(), 6);
}

#[test]
fn a_caller_orders_by_columns_of_ours_only() {
    const COLUMNS: &[(&str, &str)] = &[("name", "name_key"), ("insertInstant", "created_at")];
    let text = |order: Vec<Order>| {
        let paging = Paging { start: 50, size: 25, order };
        let select = Select::new("SELECT a FROM t").paged(&paging, COLUMNS, "name_key", "id");
        select.rows_text(Dialect::Postgres).0
    };
    let page = "LIMIT $1 OFFSET $2";
    assert_eq!(text(vec![]), format!("SELECT a FROM t ORDER BY name_key, id {page}"));
    assert_eq!(
        text(vec![
            Order { field: "insertInstant", descending: true },
            Order { field: "name", descending: false },
            Order { field: "unheard", descending: false },
        ]),
        format!("SELECT a FROM t ORDER BY created_at DESC, name_key, id {page}")
    );
}

#[test]
fn a_count_may_stop_and_an_order_may_have_steps() {
    let select = Select::new("SELECT a, b FROM t")
        .and("a = {}", 1_i64)
        .order("b DESC")
        .order("a")
        .counted_at_most("SELECT 1 FROM t", 10);
    let (text, values) = select.count_text(Dialect::Postgres);
    let counted = "SELECT count(*) FROM (SELECT 1 FROM t WHERE (a = $1) LIMIT $2) AS counted";
    assert_eq!((text.as_str(), values.len()), (counted, 2));
    let (text, _) = select.rows_text(Dialect::Sqlite);
    assert_eq!(text, "SELECT a, b FROM t WHERE (a = ?1) ORDER BY b DESC, a");
}

#[test]
fn a_list_may_be_read_from_more_than_a_table() {
    let select = Select::new("SELECT q.a FROM")
        .counted_by("SELECT count(*) FROM")
        .and("q.b = {}", 1_i64)
        .from_dialects(
            "(SELECT a, b FROM t WHERE c = {} UNION ALL SELECT a, b FROM u WHERE d = {}) AS q",
            "v AS q",
            [2_i64.into(), 3_i64.into()],
        );
    let (text, values) = select.rows_text(Dialect::Postgres);
    let source = "(SELECT a, b FROM t WHERE c = $2 UNION ALL SELECT a, b FROM u WHERE d = $3) AS q";
    assert_eq!(text, format!("SELECT q.a FROM {source} WHERE (q.b = $1)"));
    assert_eq!(values.len(), 3);
    let (text, _) = select.count_text(Dialect::Postgres);
    assert_eq!(text, format!("SELECT count(*) FROM {source} WHERE (q.b = $1)"));
    let (text, _) = select.rows_text(Dialect::Sqlite);
    assert_eq!(text, "SELECT q.a FROM v AS q WHERE (q.b = ?1)");
}

#[test]
fn a_criterion_becomes_a_pattern() {
    assert_eq!(pattern("Ban"), "%ban%");
    assert_eq!(pattern("Ban*"), "ban%");
    assert_eq!(pattern(r"50%_\"), r"%50\%\_\\%");
    assert_eq!(pattern("ÄÖÜ*É"), "äöü%é");
}

#[test]
fn what_is_the_same_in_some_columns_is_one_row() {
    let select = Select::new("SELECT a, count(*) FROM")
        .from_dialects("(SELECT a, b < {} AS c FROM t) AS t", "t", [1_i64.into()])
        .and("c = {}", true)
        .grouped_by("a");
    let (text, values) = select.rows_text(Dialect::Postgres);
    let source = "(SELECT a, b < $1 AS c FROM t) AS t";
    assert_eq!(text, format!("SELECT a, count(*) FROM {source} WHERE (c = $2) GROUP BY a"));
    assert_eq!(values.len(), 2);
}

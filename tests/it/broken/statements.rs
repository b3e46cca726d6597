//! SQL that is no reading (case 127): what is told of each, to the letter.

use ssrfund::engine::Engine;
use ssrfund::engine::session::Limits;
use ssrfund::engine::statements::{LONGEST, split};
use ssrfund::engine::{Profile, Space};

const WRITES: &str = "SQL is read-only here: SELECT, EXPLAIN, SHOW and DESCRIBE";

/// A session with one table `x` of a text `a` and a number `b`.
fn engine() -> Engine {
    let engine = Engine::new(Profile::Ask, Limits::default()).unwrap();
    engine.view(Space::Public, "x", "SELECT 'one' AS a, CAST(2 AS BIGINT) AS b").unwrap();
    engine
}

fn refused(engine: &Engine, sql: &str) -> String {
    match engine.run(sql, &Vec::new()) {
        Ok(_) => panic!("`{sql}` was run"),
        Err(error) => {
            assert_eq!(error.kind().exit_code(), 2, "{sql}");
            error.to_string()
        }
    }
}

#[test]
fn what_would_change_or_set_something_is_not_run() {
    let engine = engine();
    for sql in [
        "COPY x TO 'y.csv'",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE TABLE t AS SELECT 1",
        "SET datafusion.execution.target_partitions = 4",
        "INSERT INTO x VALUES (1)",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "DELETE FROM x",
        "TRUNCATE x",
        "ALTER TABLE x ADD c INT",
        "BEGIN",
        "DROP TABLE x",
        "/* SELECT */ DROP TABLE x -- SELECT",
    ] {
        let words = sql.trim_start_matches("/* SELECT */ ");
        let column = sql.len() - words.len() + 1;
        let word = words.split(' ').next().unwrap();
        let expected =
            format!("SQL line 1, column {column}: `{word}` is not run; {WRITES}");
        assert_eq!(refused(&engine, sql), expected);
    }
    assert_eq!(
        refused(&engine, "EXPLAIN ANALYZE INSERT INTO x VALUES ('a', 1)"),
        format!("SQL line 1, column 1: DML not supported: Insert Into; {WRITES}")
    );
}

#[test]
fn what_is_no_statement_is_told_with_its_place() {
    let engine = engine();
    for (sql, expected) in [
        (
            "selec 1",
            "SQL line 1, column 1: `selec` begins no statement; did you mean `SELECT`?",
        ),
        (
            "SELECT 1 FRM x",
            "SQL line 1, column 14: `x` is not understood here; is `FRM` meant to be \
             `FROM`?",
        ),
        (
            "SELECT *\nFROM x\n  WHER b = 1",
            "SQL line 3, column 8: `b` is not understood here; is `WHER` meant to be \
             `WHERE`?",
        ),
        (
            "SELECT 1 +",
            "SQL line 1, column 11: the statement ends where an expression is needed; \
             complete it",
        ),
        (
            "SELECT (1",
            "SQL line 1, column 10: the statement ends where `)` is needed; complete it",
        ),
        (
            "SELECT * FROM '/etc/passwd'",
            "SQL: there is no table `/etc/passwd`; `SHOW TABLES` lists what there is",
        ),
        (
            "SELECT nofunc(a) FROM x",
            "SQL line 1, column 8: there is no function `nofunc`; `SHOW FUNCTIONS` lists \
             what there is",
        ),
        (
            "SELECT \"A\" FROM x",
            "SQL line 1, column 8: there is no column `A`; the columns are a, b",
        ),
        (
            "SELECT sum(a) FROM x",
            "SQL line 1, column 8: `sum` cannot take text; convert it first: `CAST(a AS \
             DECIMAL(18, 2))`",
        ),
        (
            "SELECT a, COUNT(*) FROM x",
            "SQL line 1, column 8: `a` is neither grouped nor summed; name it in GROUP BY, \
             or put it into SUM, MIN or COUNT",
        ),
        ("SELECT CAST(a AS INT) FROM x", "SQL: `one` cannot be read as a whole number"),
    ] {
        assert_eq!(refused(&engine, sql), expected);
    }
}

#[test]
fn texts_beyond_the_bounds_never_reach_the_parser() {
    let told = |sql: &str| split(sql).unwrap_err().to_string();
    assert_eq!(
        told(&" ".repeat(10 << 20)),
        format!("the SQL text has 10485760 bytes; at most {LONGEST} are taken")
    );
    assert_eq!(
        told(&format!("SELECT {}", vec!["1"; 20_000].join("+"))),
        "the statement at line 1 has more than 1000 operators; use IN, VALUES or a join in \
         place of a long chain"
    );
    assert_eq!(told("SELECT\n'a\0b'"), "a NUL character in line 2 of the SQL");
    assert_eq!(
        told("SELECT 1;\nSELECT 'abc"),
        "SQL line 2, column 8: unterminated string literal; close it"
    );
    assert_eq!(split(" -- nothing\n;;").unwrap(), []);
}

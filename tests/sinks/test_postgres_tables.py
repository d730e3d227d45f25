"""Tables as declared, and names that PostgreSQL takes as they are."""

from dataclasses import replace

import pytest

from schemas.arrow import TABLES
from schemas.sql import postgres_ddl
from tests.sinks.conftest import POSTGRES
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, make_run, result, whole_run, write
from transforms.sinks.connection import connect
from transforms.sinks.contract import State
from transforms.sinks.postgres_tables import Names

KINDS = POSTGRES


def _columns(target, table):
    query = (
        "SELECT attname::text, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum"
    )
    return read(target, query, [table])


def test_the_view_has_all_columns_as_they_are_told_to_people(store, target):
    store.prepare(make_run())
    with connect(target) as connection:
        connection.execute(postgres_ddl("results").replace("CREATE TABLE", "CREATE TEMP TABLE"))
        query = "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'pg_temp.results'::regclass AND attnum > 0"
        told = connection.execute(query + " ORDER BY attnum").fetchall()
    view = _columns(target, Names(target.schema).sql("{current_results}").as_string(None))
    assert [(name, kind) for name, kind, _ in view] == [("run_id", "text"), ("inventory", "text"), *told, ("source_uri", "text")]
    assert all(comment for _, _, comment in view)


@pytest.mark.parametrize("table", [table for table in TABLES if table != "results"])
def test_a_table_holds_what_is_declared(store, target, table):
    store.prepare(make_run())
    stored = _columns(target, Names(target.schema).sql(f"{{{table}}}").as_string(None))
    assert [(name, comment) for name, _, comment in stored[1:]] == [(column.name, column.description) for column in TABLES[table]]


def test_the_longest_schema_name_works(target):
    target = replace(target, schema="ü" * 31 + "x")
    store = target.open()
    assert whole_run(store, make_run(), results=[result("A", 0)], dead_letters=[dead_letter(5)], chunks=[chunk(2)]).state == State.PUBLISHED
    store.close()


def test_two_schemas_of_a_database_know_nothing_of_each_other(target):
    stores = [replace(target, schema=f"beside {number}").open() for number in range(2)]
    assert [store.prepare(make_run()) for store in stores] == [True, True]
    stores[0].close()
    assert [[run.state for run in store.runs()] for store in stores] == [[State.ABANDONED], [State.RUNNING]]
    for store in stores:
        store.close()


def test_the_view_reads_the_published_run_alone(store, target):
    for number in range(3):
        whole_run(store, make_run(f"run-{number}"), results=[result("A", 0)], chunks=[chunk(1)])
    [*lines] = read(target, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT sum(kg_co2e) FROM {current_results}")
    scans = [line for (line,) in lines if "Scan on results_" in line]
    assert len(scans) == 3
    assert [scan for scan in scans if "never executed" not in scan and "results_3" not in scan] == []


def test_a_combination_of_labels_stands_once_a_run(store, target):
    run = make_run()
    store.prepare(run)
    for _ in range(2):
        write(store, run, results=[result("A", 0), result("B", 10)], chunks=[chunk(2)])
    store.audit(run.key)
    store.publish(run.key)
    assert read(target, "SELECT count(*) FROM {labels}") == [(1,)]

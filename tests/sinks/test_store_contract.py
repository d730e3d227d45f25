"""What every store must hold to, tried on each that is here. See reader.py for what a query may say."""

import threading

from tests.sinks.conftest import ON_ALL
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, digest, make_run, metrics, result, rows, whole_run, write
from transforms.sinks.contract import State

KINDS = ON_ALL


def test_a_run_is_hidden_until_it_is_published(store, target):
    run = make_run()
    assert store.prepare(run)
    assert write(store, run, results=[result("A", 0), result("B", 10)], chunks=[chunk(2)], batch_metrics=[metrics(2)]) == 7
    assert store.audit(run.key).state == State.AUDITING
    assert read(target, "SELECT count(*) FROM {results}") == [(0,)]
    report = store.publish(run.key)
    assert (report.state, report.read, report.results, report.dead_letters, report.duplicates) == (State.PUBLISHED, 2, 2, 0, 0)
    assert read(target, "SELECT run_id, inventory, record_id, kg_co2e FROM {current_results} ORDER BY record_id") == [
        ("first", "acme-2026", "A", 100.0),
        ("first", "acme-2026", "B", 100.0),
    ]


def test_readers_see_every_column_as_it_was_written(store, target):
    own_lists = {"factor_ids": ["gwp:ch4", "record:pcf"], "factor_values": [28.0, 2.0], "factor_units": ["kg", "t"]}
    listed = result("B", 10, factor_use=None, **own_lists, factor_kg_co2e=[60.0, 40.0], factor_cvs=[0.1, 0.2], source_id=1, warnings=[])
    whole_run(store, make_run(), results=[result("A", 0), listed], chunks=[chunk(2)])
    query = (
        "SELECT record_id, tier, method, warnings, factor_ids, factor_values, factor_units, factor_kg_co2e, factor_cvs, source_uri, "
        "input_sha256, avoided_kg_co2e FROM {current_results} ORDER BY record_id"
    )
    shared_ids = ["cpi:US", "eeio:1@US/2022/epa#with_margins"]
    a = ("A", 3, "tier_3_spend_based", ["W_SPEND_BASED"], shared_ids, [292.6, 0.5], ["index", "usd"], [0.0, 100.0], [0.0, 0.3])
    b = ("B", 3, "tier_3_spend_based", [], ["gwp:ch4", "record:pcf"], [28.0, 2.0], ["kg", "t"], [60.0, 40.0], [0.1, 0.2])
    assert read(target, query) == [(*a, "file:///b.csv", digest("A"), None), (*b, "file:///a.csv", digest("B"), None)]


def test_rows_that_come_twice_are_one(store, target):
    run = make_run()
    store.prepare(run)
    tables = {"results": [result("A", 0), result("B", 10)], "dead_letters": [dead_letter(20), dead_letter(30)], "chunks": [chunk(4)]}
    tables["inputs"] = [{"source_id": 0, "first_position": 0, "last_position": 10, "block": b"zstd"}]
    write(store, run, **tables)
    # In other company: a store may know the same bytes again.
    write(store, run, **{table: values[::-1] for table, values in tables.items()})
    report = store.audit(run.key)
    assert (report.state, report.read, report.results, report.dead_letters, report.duplicates) == (State.AUDITING, 4, 2, 2, 0)
    assert report.repeats_removed == 4
    store.publish(run.key)
    for table, number in {"results": 2, "dead_letters": 2, "chunks": 1, "inputs": 1, "factors": 2, "factor_uses": 1}.items():
        assert read(target, f"SELECT count(*) FROM {{{table}}}") == [(number,)], table


def test_dead_letters_of_a_run_that_was_stopped_have_their_run_and_come_once(store, target):
    run = make_run()
    store.prepare(run)
    letters = [dead_letter(5), dead_letter(6)]
    for delivered in (letters, letters[::-1]):
        write(store, run, dead_letters=delivered)
    store.fail(run.key, "stopped by Ctrl-C")
    assert read(target, "SELECT run_id, source_position FROM {dead_letters} ORDER BY 2") == [("first", 5), ("first", 6)]
    assert store.summary("first").dead_letters_by_code == (("E_RANGE", 2),)


def test_a_line_that_the_supplier_sent_twice_is_a_duplicate(store, target):
    again = result("A", 5, source_id=1)
    report = whole_run(store, make_run(), results=[result("A", 0), again, result("B", 10)], chunks=[chunk(3)])
    assert (report.state, report.results, report.duplicates, report.dead_letters) == (State.PUBLISHED, 2, 1, 0)
    # a.csv, source 1, comes before b.csv.
    kept = "SELECT record_id, source_id, source_position, kept_source_id, kept_source_position FROM {duplicates}"
    assert read(target, kept) == [("A", 0, 0, 1, 5)]
    assert read(target, "SELECT source_uri FROM {current_results} WHERE record_id = 'A'") == [("file:///a.csv",)]


def test_a_second_record_under_one_id_is_a_dead_letter(store, target):
    other = result("A", 20, input_sha256=digest("other"), category=2)
    report = whole_run(store, make_run(max_dead_letter_share=0.5), results=[result("A", 0), other, result("A", 30)], chunks=[chunk(3)])
    assert (report.state, report.results, report.duplicates, report.dead_letters) == (State.PUBLISHED, 1, 1, 1)
    query = "SELECT stage, record_id, category, code, field, value, source_position, message FROM {dead_letters}"
    [(*facts, message)] = read(target, query)
    assert facts == ["audit", "A", 2, "E_DUPLICATE", "record_id", "A", 20]
    assert "position 0 of file:///b.csv" in message


def test_a_dead_letter_takes_no_part_in_duplicates(store):
    refused = dead_letter(10, record_id="A")
    report = whole_run(store, make_run(), results=[result("A", 20)], dead_letters=[refused], chunks=[chunk(2)])
    assert (report.state, report.results, report.duplicates, report.dead_letters) == (State.PUBLISHED, 1, 0, 1)


def test_a_lost_row_fails_the_run_and_leaves_the_former_in_place(store, target):
    whole_run(store, make_run("good"), results=[result("A", 0)], chunks=[chunk(1)])
    report = whole_run(store, make_run("bad"), results=[result("A", 0)], dead_letters=[dead_letter(9)], chunks=[chunk(3)])
    assert report.state == State.FAILED
    assert "3 records were read" in report.reason
    assert read(target, "SELECT run_id FROM {current_results}") == [("good",)]
    assert read(target, "SELECT run_id FROM {results}") == [("good",)]
    assert read(target, "SELECT run_id, source_position FROM {dead_letters}") == [("bad", 9)]
    assert store.summary("bad").totals is None


def test_too_many_dead_letters_fail_the_run(store):
    run = make_run(max_dead_letter_share=0.4)
    report = whole_run(store, run, results=[result("A", 0)], dead_letters=[dead_letter(9)], chunks=[chunk(2)])
    assert report.state == State.FAILED
    assert "50.0%" in report.reason and "max_dead_letter_share is 0.4" in report.reason


def test_results_without_their_factors_fail_the_run(store):
    report = whole_run(store, make_run(), results=[result("A", 0, factor_use=8)], chunks=[chunk(1)])
    assert report.state == State.FAILED


def test_an_empty_run_publishes_nothing(store, target):
    whole_run(store, make_run("full"), results=[result("A", 0)], chunks=[chunk(1)])
    assert whole_run(store, make_run("void"), chunks=[chunk(0, skipped=4)]).state == State.EMPTY
    assert read(target, "SELECT run_id FROM {current_results}") == [("full",)]
    assert store.summary("void").audit.skipped == 4


def test_a_late_writer_writes_nothing(store):
    run = make_run()
    store.prepare(run)
    late = store.writer(run.key)
    write(store, run, results=[result("A", 0)], chunks=[chunk(1)])
    store.audit(run.key)
    late.write("dead_letters", rows("dead_letters", dead_letter(5)))
    assert late.flush() == 0
    late.close()
    assert store.publish(run.key).dead_letters == 0


def test_the_audit_waits_for_a_buffer_in_flight(store, target):
    run = make_run()
    store.prepare(run)
    writer = store.writer(run.key)
    writer.write("results", rows("results", *(result(f"R-{place}", place) for place in range(3_000))))
    writing = threading.Thread(target=writer.flush)
    writing.start()
    report = store.audit(run.key)
    writing.join()
    writer.close()
    # Either the whole buffer came before the seal, or none of it.
    assert report.results in (0, 3_000)
    assert len(read(target, "SELECT state FROM {runs} WHERE results = %s", [report.results])) == 1


def test_text_is_stored_as_it_is(store, target):
    odd = "tab\t, null \\N, new\nline, quote \", 'x', ÄÖ 漢字 \U0001f600"
    whole_run(store, make_run(), results=[result(odd, 0, supplier_name=odd, warnings=[odd])], chunks=[chunk(1)])
    assert read(target, "SELECT record_id, supplier_name, warnings FROM {current_results}") == [(odd, odd, [odd])]


def test_a_raw_line_may_hold_the_character_nul(store, target):
    whole_run(store, make_run(max_dead_letter_share=1.0), dead_letters=[dead_letter(0, raw="a\0b")], chunks=[chunk(1)])
    assert read(target, "SELECT raw FROM {dead_letters}") == [("a\\u0000b",)]


def test_the_summary_counts_dead_letters_by_code(store):
    letters = [dead_letter(1), dead_letter(2, code="E_TYPE"), dead_letter(3, code="E_TYPE")]
    run = make_run()
    store.prepare(run)
    write(store, run, results=[result("A", 0)], dead_letters=letters, chunks=[chunk(4)])
    assert store.summary("first").audit.results == 0
    store.fail(run.key, "stopped by Ctrl-C")
    summary = store.summary("first")
    assert summary.dead_letters_by_code == (("E_TYPE", 2), ("E_RANGE", 1))
    assert (summary.audit.state, summary.audit.reason) == (State.FAILED, "stopped by Ctrl-C")
    assert summary.totals is None

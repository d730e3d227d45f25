"""What every store must hold to, tried on each that is here."""

import threading

import pytest

from schemas.faults import UserFault
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, digest, make_run, metrics, result, rows, whole_run, write
from transforms.sinks.contract import State, open_store

ODD_NAMES = ["it's; DROP TABLE runs --", '"quoted" %s {braces} \\', "ü" * 500, "-1", " x"]


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
    tables = {"results": [result("A", 0), result("B", 10)], "dead_letters": [dead_letter(20)], "chunks": [chunk(3)]}
    tables["inputs"] = [{"source_id": 0, "first_position": 0, "last_position": 10, "block": b"zstd"}]
    write(store, run, **tables)
    write(store, run, **tables)
    report = store.audit(run.key)
    assert (report.state, report.read, report.results, report.dead_letters, report.duplicates) == (State.AUDITING, 3, 2, 1, 0)
    assert report.repeats_removed == 3
    store.publish(run.key)
    for table, number in {"results": 2, "dead_letters": 1, "chunks": 1, "inputs": 1, "factors": 2, "factor_uses": 1, "labels": 1}.items():
        assert read(target, f"SELECT count(*) FROM {{{table}}}") == [(number,)], table


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


def test_a_replaced_launch_writes_nothing(store):
    old, new = make_run(), make_run()
    store.prepare(old)
    late = store.writer(old.key)
    store.fail(old.key, "stopped")
    assert store.prepare(new)
    late.write("dead_letters", rows("dead_letters", dead_letter(5)))
    assert late.flush() == 0
    late.close()
    with pytest.raises(UserFault, match="started anew"):
        store.audit(old.key)
    assert write(store, new, results=[result("A", 0)], chunks=[chunk(1)]) == 5
    assert store.audit(new.key).results == 1


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


def test_every_verb_may_be_said_again(store):
    run = make_run()
    assert store.prepare(run)
    assert store.prepare(run)
    write(store, run, results=[result("A", 0), result("A", 5)], chunks=[chunk(2)])
    audited = store.audit(run.key)
    assert store.audit(run.key) == audited
    assert not store.prepare(run)
    published = store.publish(run.key)
    assert store.publish(run.key) == published == store.audit(run.key)
    assert not store.prepare(run)
    store.fail(run.key, "too late")
    assert store.audit(run.key).state == State.PUBLISHED


def test_a_published_run_is_not_calculated_again(store):
    whole_run(store, make_run(), results=[result("A", 0)], chunks=[chunk(1)])
    with pytest.raises(UserFault, match=r"was published already.*give another --run_id"):
        store.prepare(make_run())


def test_other_inputs_or_options_need_another_run_id(store):
    run = make_run()
    store.prepare(run)
    store.fail(run.key, "stopped")
    with pytest.raises(UserFault, match=r"with other options \(rf\); give another --run_id"):
        store.prepare(make_run(fingerprint={"inputs": ["b", "a"], "options": {"rf": "without_rf"}}))
    with pytest.raises(UserFault, match="with other inputs; give"):
        store.prepare(make_run(fingerprint={"inputs": ["c"], "options": {"rf": "with_rf"}}))


def test_a_run_that_goes_on_is_not_started_again(store, target, monkeypatch):
    monkeypatch.setattr("transforms.sinks.postgres_registry._FADE_SECONDS", 0.2)
    store.prepare(make_run())
    other = open_store(target)
    with pytest.raises(UserFault, match="goes on since"):
        other.prepare(make_run())
    assert [run.state for run in other.runs()] == [State.RUNNING]
    other.close()


def test_a_run_without_a_sign_of_life_is_abandoned_and_can_be_replaced(store, target):
    killed = open_store(target)
    run = make_run()
    killed.prepare(run)
    write(store, run, results=[result("A", 0)], chunks=[chunk(1)])
    killed.close()
    [listed] = store.runs()
    assert (listed.state, listed.reason) == (State.ABANDONED, "the process ended without finishing")
    assert store.summary("first").audit.state == State.ABANDONED
    report = whole_run(store, make_run(), results=[result("A", 0), result("B", 5)], chunks=[chunk(2)])
    assert (report.state, report.results) == (State.PUBLISHED, 2)
    assert len(store.runs()) == 1


def test_a_run_replaces_the_former_and_can_be_taken_back(store, target):
    whole_run(store, make_run("old"), results=[result("A", 0)], chunks=[chunk(1)])
    whole_run(store, make_run("new"), results=[result("A", 0, kg_co2e=7.0)], chunks=[chunk(1)])
    whole_run(store, make_run("beside", inventory="other"), results=[result("A", 0)], chunks=[chunk(1)])
    current = "SELECT inventory, run_id, kg_co2e FROM {current_results} ORDER BY 1"
    assert read(target, current) == [("acme-2026", "new", 7.0), ("other", "beside", 100.0)]
    store.publish_again("old")
    store.publish_again("old")
    assert read(target, current) == [("acme-2026", "old", 100.0), ("other", "beside", 100.0)]
    states = {run.run_id: run.state for run in store.runs()}
    assert states == {"old": State.PUBLISHED, "new": State.SUPERSEDED, "beside": State.PUBLISHED}


def test_only_a_run_that_was_published_can_be_published_again(store):
    with pytest.raises(UserFault, match="there is no run 'first'"):
        store.publish_again("first")
    whole_run(store, make_run(), results=[result("A", 0)], chunks=[chunk(2)])
    with pytest.raises(UserFault, match="is failed and was never published"):
        store.publish_again("first")
    with pytest.raises(UserFault, match="there is no run 'none'"):
        store.publish_again("none")


def test_former_runs_beyond_keep_runs_are_removed(store, target):
    for number in range(4):
        whole_run(store, make_run(f"run-{number}", keep_runs=1), results=[result("A", 0)], dead_letters=[dead_letter(9)], chunks=[chunk(2)])
    assert [run.run_id for run in store.runs()] == ["run-3", "run-2"]
    assert read(target, "SELECT DISTINCT run_id FROM {dead_letters} ORDER BY 1") == [("run-2",), ("run-3",)]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_names(store, target, name):
    whole_run(store, make_run("plain"), results=[result("A", 0)], chunks=[chunk(1)])
    whole_run(store, make_run(name, inventory=name), results=[result("A", 0)], chunks=[chunk(1)])
    assert read(target, "SELECT inventory FROM {current_results} WHERE run_id = %s", [name]) == [(name,)]
    assert {run.run_id for run in store.runs()} == {"plain", name}
    assert store.summary(name).inventory == name


def test_text_is_stored_as_it_is(store, target):
    odd = "tab\t, null \\N, new\nline, quote \", 'x', ÄÖ 漢字 \U0001f600"
    whole_run(store, make_run(), results=[result(odd, 0, supplier_name=odd, warnings=[odd])], chunks=[chunk(1)])
    assert read(target, "SELECT record_id, supplier_name, warnings FROM {current_results}") == [(odd, odd, [odd])]


def test_a_raw_line_may_hold_the_character_nul(store, target):
    whole_run(store, make_run(max_dead_letter_share=1.0), dead_letters=[dead_letter(0, raw="a\0b")], chunks=[chunk(1)])
    assert read(target, "SELECT raw FROM {dead_letters}") == [("a\\u0000b",)]


def test_two_first_runs_may_begin_at_once(target):
    stores = [open_store(target) for _ in range(4)]
    outcomes: list = []
    gate = threading.Barrier(4)

    def begin(number: int) -> None:
        gate.wait()
        try:
            outcomes.append(stores[number].prepare(make_run(f"run-{number}")))
        except BaseException as fault:
            outcomes.append(fault)

    threads = [threading.Thread(target=begin, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 4
    assert len(stores[0].runs()) == 4
    for opened in stores:
        opened.close()


def test_of_two_commands_with_one_run_id_one_begins(target, monkeypatch):
    monkeypatch.setattr("transforms.sinks.postgres_registry._FADE_SECONDS", 0.2)
    stores = [open_store(target) for _ in range(2)]
    outcomes: list = []
    gate = threading.Barrier(2)

    def begin(number: int) -> None:
        gate.wait()
        try:
            outcomes.append(stores[number].prepare(make_run()))
        except UserFault as fault:
            outcomes.append(str(fault))

    threads = [threading.Thread(target=begin, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes))[0] == "True"
    assert "goes on since" in sorted(map(str, outcomes))[1]
    for opened in stores:
        opened.close()


def test_a_store_that_was_never_used_has_no_runs(store):
    assert store.runs() == []
    with pytest.raises(UserFault, match="there is no run 'first'"):
        store.summary("first")
    store.fail(make_run().key, "nothing to fail")


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

"""scope3 run, from files to published results in a real PostgreSQL."""

import fcntl
import gzip
import io
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.pipelines.command import SCOPE3, scope3
from tests.records import make_record, make_spend
from transforms.factors.read import DEFAULT_SETS, manifest_of

_EUR = {"spend_currency": "EUR", "spend_year": 2024, "activity_year": 2024}


def _records(count):
    """Returns valid records of both categories with unique ids."""
    kinds = [
        lambda place: make_spend(spend_amount=place + 0.5, naics_code=("331110", "541110", "516210")[place % 3], **_EUR),
        lambda place: make_record(quantity=place + 1, supplier_name=f"Größe {place % 7}"),
        lambda place: make_record(2, supplier_pcf_total_kg_co2e=place, useful_life_years=4),
        lambda place: make_record(
            quantity=None,
            quantity_unit=None,
            supplier_pcf=None,
            pcf_boundary=None,
            supplier_s12_allocated_kg_co2e=place,
            hybrid_components=[{"kind": "other", "amount": place, "unit": "kg_co2e"}],
        ),
    ]
    return [{**kinds[place % 4](place), "record_id": f"R-{place:06}"} for place in range(count)]


def _write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def _run(tmp_path, store, *arguments, **keywords):
    return scope3("run", *store.options, "--quiet", *arguments, cwd=tmp_path, **keywords)


def test_every_record_has_one_end_and_the_neighbours_of_bad_lines_have_results(tmp_path, store):
    records = _records(3_000)
    bad = [
        make_record(region=None),
        make_record(quantity="many"),
        make_record(region="XX"),
        make_record(quantity=-1),
        make_record(spend_amount=1, spend_usd=2),
        make_record(quantity_unit="ton"),
        make_record(supplier_pcf=None),
        make_spend(naics_code="331110", spend_currency="XTS"),
    ]
    lines = [json.dumps(record) for record in records]
    for place, record in enumerate(bad):
        lines.insert(100 * place + 50, json.dumps({**record, "record_id": f"B-{place}"}))
    lines.insert(1_111, '{"record_id": "broken')
    # One line twice, and one id with two contents.
    lines += [lines[7], json.dumps({**records[9], "supplier_name": "another"}), ""]
    (tmp_path / "records.jsonl").write_text("\n".join(lines) + "\n")
    done = _run(tmp_path, store, "--input", "records.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    found = dict(store.rows("SELECT code, count(*) FROM dead_letters GROUP BY code"))
    assert found == {
        "E_MALFORMED": 1, "E_REQUIRED": 1, "E_TYPE": 1, "E_ENUM": 1, "E_RANGE": 1, "E_INCONSISTENT": 1,
        "E_UNIT": 1, "E_NO_TIER": 1, "E_NO_FACTOR": 1, "E_DUPLICATE": 1,
    }  # fmt: skip
    assert store.rows("SELECT read, results, dead_letters, duplicates, state FROM runs") == [(3_011, 3_000, 10, 1, "published")]
    assert store.rows("SELECT count(DISTINCT record_id) FROM current_results") == [(3_000,)]
    # Which sets it used, by digest and in order; which rows of them stands in `factors`.
    [(stored,)] = store.rows("SELECT fingerprint FROM runs")
    used = (json.loads(stored) if isinstance(stored, str) else stored)["factors"]
    assert used == [{"set": name, "sha256": manifest_of(name)["sha256"]} for name in DEFAULT_SETS]
    assert store.rows("SELECT count(*) > 0 FROM factors WHERE source_version = 'epa-1.3'") == [(True,)]
    [(raw, position)] = store.rows("SELECT raw, source_position FROM dead_letters WHERE code = 'E_MALFORMED'")
    data = (tmp_path / "records.jsonl").read_bytes()
    assert raw == '{"record_id": "broken' == data[position:].split(b"\n")[0].decode()
    assert store.rows("SELECT count(*) FROM dead_letters WHERE message = '' OR (raw IS NULL AND code <> 'E_DUPLICATE')") == [(0,)]
    for code, number in found.items():
        assert f"{code:<16}{number:>10,}" in done.stdout
    # The sum of the batches is the sum of the results and of what was refused there.
    assert store.rows("SELECT sum(results), sum(records_in) - sum(results) - sum(dead_letters) FROM batch_metrics") == [(3_002, 0)]
    # Again: the same totals, and both runs are listed.
    digest = store.digest()
    assert _run(tmp_path, store, "--input", "records.jsonl").returncode == 0
    assert store.digest() == digest
    listed = scope3("runs", *store.options, cwd=tmp_path).stdout
    assert listed.count("published") == listed.count("superseded") == 1


def test_results_are_the_same_bytes_however_the_input_is_cut(tmp_path, store):
    records = _records(1_200)
    _write(tmp_path / "all.jsonl", records)
    ways = {
        "one file": ["--input", "all.jsonl"],
        "small batches of single blocks": ["--input", "all.jsonl", "--batch_size=7", "--block_size=1"],
        "three files, shuffled": ["--input", "c.jsonl.gz", "a.jsonl", "b.parquet"],
    }
    _write(tmp_path / "a.jsonl", records[1::2])
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(one) + "\n" for one in reversed(records[::4])).encode()))
    pq.write_table(pa.Table.from_pylist(records[2::4]), tmp_path / "b.parquet")
    digests = {}
    for way, arguments in ways.items():
        done = _run(tmp_path, store, *arguments)
        assert done.returncode == 0, done.stderr
        digests[way] = store.digest()
    assert digests["one file"][0] == 1_200
    assert len(set(digests.values())) == 1, digests


def test_csv_and_json_lines_of_the_same_records_give_the_same(tmp_path, store):
    records = [
        {name: value for name, value in record.items() if name != "hybrid_components"}
        for record in _records(400)
        if "hybrid_components" not in record
    ]
    _write(tmp_path / "all.jsonl", records)
    names = sorted({name for record in records for name in record})
    rows = [",".join('"' + str(record.get(name, "")).replace('"', '""') + '"' for name in names) for record in records]
    (tmp_path / "all.csv").write_text("\r\n".join([",".join(names), *rows]))
    assert _run(tmp_path, store, "--input", "all.jsonl").returncode == 0
    digest = store.digest()
    assert _run(tmp_path, store, "--input", "all.csv").returncode == 0
    assert store.digest() == digest


@pytest.mark.parametrize("count", [1, 3])
def test_few_records_are_enough(tmp_path, store, count):
    _write(tmp_path / "few.jsonl", _records(count))
    assert _run(tmp_path, store, "--input", "few.jsonl").returncode == 0
    assert store.digest()[0] == count


def test_an_input_without_records_leaves_what_is_published(tmp_path, store):
    _write(tmp_path / "few.jsonl", _records(3))
    (tmp_path / "header.csv").write_text("record_id,category,region,activity_year,product_name\n")
    assert _run(tmp_path, store, "--input", "few.jsonl").returncode == 0
    done = _run(tmp_path, store, "--input", "header.csv")
    assert done.returncode == 0
    assert "holds no records" in done.stdout
    assert store.digest()[0] == 3


def test_a_run_with_too_many_dead_letters_fails_and_stays_hidden(tmp_path, store):
    _write(tmp_path / "bad.jsonl", [make_record(region="XX", record_id=str(place)) for place in range(3)] + [make_record()])
    done = _run(tmp_path, store, "--input", "bad.jsonl")
    assert done.returncode == 3
    assert "Not published: 3 of 4 records are dead letters" in done.stdout
    assert store.digest()[0] == 0
    # Its dead letters can be read, its results can't.
    assert store.rows("SELECT count(*) FROM dead_letters") == [(3,)]
    assert store.rows("SELECT count(*) FROM results") == [(0,)]
    assert "failed" in scope3("runs", *store.options, cwd=tmp_path).stdout


def test_an_inventory_can_be_pointed_back(tmp_path, store):
    _write(tmp_path / "few.jsonl", _records(3))
    _write(tmp_path / "more.jsonl", _records(5))
    assert _run(tmp_path, store, "--input", "few.jsonl", "--run_id=first").returncode == 0
    assert _run(tmp_path, store, "--input", "more.jsonl", "--run_id=second").returncode == 0
    assert store.digest()[0] == 5
    assert scope3("publish", "first", *store.options, cwd=tmp_path).returncode == 0
    assert store.digest()[0] == 3
    done = scope3("publish", "third", *store.options, cwd=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("scope3: ")
    # The same id with other input is refused before anything is read, and tried again it would be refused again.
    done = _run(tmp_path, store, "--input", "few.jsonl", "--run_id=second")
    assert done.returncode == 2 and "other inputs" in done.stderr
    done = _run(tmp_path, store, "--input", "more.jsonl", "--run_id=second")
    assert done.returncode == 2 and "was published already" in done.stderr


def test_the_factors_of_a_run_are_in_the_store(tmp_path, store):
    _write(tmp_path / "few.jsonl", _records(40))
    assert _run(tmp_path, store, "--input", "few.jsonl").returncode == 0
    query = "SELECT count(*) FROM (SELECT DISTINCT unnest(factor_ids) AS id FROM current_results) used LEFT JOIN factors ON factor_id = id "
    assert store.rows(query + "WHERE factor_id IS NULL AND id NOT LIKE 'record:%%'") == [(0,)]
    # kg = amount * EUR rate of 2024 * index 2022 / index 2024 * factor, recomputed from the row alone.
    [(kg, ids, values)] = store.rows("SELECT kg_co2e, factor_ids, factor_values FROM current_results WHERE record_id = 'R-000000'")
    by_name = {name.split("@")[0] + name.split("@")[1][:8]: value for name, value in zip(ids, values, strict=True)}
    assert kg == pytest.approx(
        0.5
        * by_name["fx:EURGLOBAL/2"]
        * by_name["price_index:cpiUS/2022/"]
        / by_name["price_index:cpiUS/2024/"]
        * by_name["eeio:331110US/2022/"]
    )


def _started(tmp_path, store, *arguments):
    command = [str(SCOPE3), "run", *store.options, *arguments]
    return subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _wait_for_rows(store, process):
    """Waits until the run has committed results."""
    deadline = time.monotonic() + 60
    with store.connection() as connection:
        while time.monotonic() < deadline and process.poll() is None:
            found = connection.execute("SELECT to_regclass('results_1')").fetchone()
            if found != (None,) and connection.execute("SELECT count(*) FROM results_1").fetchone() != (0,):
                return
            time.sleep(0.02)
    raise AssertionError(f"no rows were written: {process.communicate()}")


@pytest.fixture(scope="module")
def long_input(tmp_path_factory):
    """Returns a file that takes some seconds."""
    folder = tmp_path_factory.mktemp("long")
    line = json.dumps(make_record(record_id="@"))
    (folder / "long.jsonl").write_text("".join(line.replace("@", f"R-{place}") + "\n" for place in range(150_000)))
    return folder / "long.jsonl"


def test_a_killed_run_is_hidden_and_the_same_command_again_publishes_all(tmp_path, store, long_input):
    process = _started(tmp_path, store, "--input", long_input, "--run_id=night", "--quiet")
    _wait_for_rows(store, process)
    process.kill()
    process.communicate()
    assert store.digest()[0] == 0
    assert "abandoned" in scope3("runs", *store.options, cwd=tmp_path).stdout
    done = _run(tmp_path, store, "--input", long_input, "--run_id=night")
    assert done.returncode == 0, done.stderr
    # 150,000 records of 1,000 kg at 1.85 kg.
    assert store.rows("SELECT count(*), sum(kg_co2e) FROM current_results") == [(150_000, 150_000 * 1850.0)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_publishes_nothing_and_leaves_no_process(tmp_path, store, long_input, number):
    process = _started(tmp_path, store, "--input", long_input)
    _wait_for_rows(store, process)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.strip().splitlines()[-1] == "scope3: interrupted; nothing was published"
    assert "Traceback" not in told
    assert store.digest()[0] == 0
    assert store.rows("SELECT state, reason FROM runs") == [("failed", "interrupted")]
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


def test_a_run_that_is_stopped_when_it_was_published_already_says_so(tmp_path, store):
    _write(tmp_path / "few.jsonl", _records(3))
    code = """
import os, signal, sys, time
from pipelines.cli import main
from transforms.sinks.postgres import PostgresStore
publish = PostgresStore.publish
def publish_and_be_stopped(store, key):
    report = publish(store, key)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(2)
    return report
PostgresStore.publish = publish_and_be_stopped
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", code, "run", *store.options, "--input", "few.jsonl", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 130, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "scope3: interrupted; the run was published before that"
    assert store.rows("SELECT state FROM runs") == [("published",)]


def test_a_run_loads_only_what_it_needs(tmp_path, store):
    _write(tmp_path / "few.jsonl", _records(3))
    code = (
        "import sys; from pipelines.cli import main; status = main(sys.argv[1:]); "
        "print(status, sorted({'duckdb', 'google.cloud.bigquery', 'google.cloud.storage', 'openpyxl', 'polars'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "run", *store.options, "--input", "few.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_plain_lines_of_progress_go_to_standard_error_only(tmp_path, store):
    _write(tmp_path / "few.jsonl", _records(3))
    done = scope3("run", *store.options, "--input", "few.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_shows_a_bar_that_goes_away(tmp_path, store, long_input):
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(tmp_path)
        os.execv(SCOPE3, [str(SCOPE3), "run", *store.options, "--input", str(long_input)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    shown = b""
    # Linux tells the end of a terminal by an error.
    with suppress(OSError):
        while part := os.read(terminal, 65_536):
            shown += part
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    bars = [line for line in shown.decode().split("\r") if " % |" in line]
    assert any("records" in line and "/s" in line for line in bars)
    assert max(map(len, bars)) <= 100
    assert "% |" not in shown.decode().split("Run main-")[1]


def test_faults_of_a_user_are_sentences(tmp_path, store):
    _write(tmp_path / "few.jsonl", _records(3))
    (tmp_path / "list.json").write_text("[{}]")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 10_000)[:50])
    (tmp_path / "twice.csv").write_text("record_id,Record ID\n1,2\n")
    (tmp_path / "map.toml").write_text("[column]\nrecord_id = 'id'\n")
    for arguments, status, told in [
        (["--input", "nowhere*.csv"], 1, "matches no file"),
        (["--input", "list.json"], 1, "JSON list"),
        (["--input", "cut.jsonl.gz"], 1, "damaged or cut off"),
        (["--input", "twice.csv"], 1, "one name"),
        (["--input", "few.jsonl", "--mapping", "map.toml"], 1, "columns"),
        (["--input", "few.jsonl", "--factors", "none.csv"], 1, "neither a file nor a shipped set"),
        (["--input", "few.jsonl", "--inventry=x"], 2, "did you mean --inventory?"),
        (["--input", "few.jsonl", "--num_workrs=2"], 2, "did you mean --num_workers?"),
        (["--input", "few.jsonl", "--block_size=0"], 2, "whole number from 1"),
        (["--input", "few.jsonl", "--max_connections=3"], 2, "whole number from 4"),
        (["--input", "few.jsonl", "--block_size=2000"], 2, "batch"),
        ([], 2, "--input"),
    ]:
        done = _run(tmp_path, store, *arguments)
        assert (done.returncode, done.stdout) == (status, ""), (arguments, done)
        assert done.stderr.startswith("scope3: ") and told in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("name", "kept"), [("b.jsonl.gz", 0.5), ("b.parquet", 0.9)])
def test_a_damaged_file_among_good_ones_fails_the_run_by_name_and_nothing_is_published(tmp_path, store, name, kept):
    _write(tmp_path / "a.jsonl", _records(300))
    assert _run(tmp_path, store, "--input", "a.jsonl").returncode == 0
    before = store.digest()
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_records(600)[1::4]), file)
    whole = (
        file.getvalue() if name.endswith("parquet") else gzip.compress("".join(json.dumps(one) + "\n" for one in _records(600)).encode())
    )
    (tmp_path / name).write_bytes(whole[: int(len(whole) * kept)])
    done = _run(tmp_path, store, "--input", "a.jsonl", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert name in done.stderr and "damaged" in done.stderr and len(done.stderr.splitlines()) == 1
    assert store.digest() == before


def test_a_password_is_seen_nowhere(tmp_path):
    url = "postgresql://somebody:s3cr%40t@127.0.0.1:1/nowhere"
    _write(tmp_path / "few.jsonl", _records(1))
    process = subprocess.Popen(
        [str(SCOPE3), "run", "--input", "few.jsonl", f"--output={url}"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    seen = ""
    while process.poll() is None:
        try:
            seen = " ".join(psutil.Process(process.pid).cmdline()) or seen
        except psutil.Error:
            break
        time.sleep(0.2)
    output = "".join(process.communicate())
    assert process.returncode == 1
    assert "cannot connect" in output
    assert "s3cr" not in seen + output and os.path.exists(tmp_path)


def test_a_run_gets_by_with_four_connections(tmp_path, store):
    _write(tmp_path / "records.jsonl", _records(25_000))
    done = _run(tmp_path, store, "--input", "records.jsonl", "--max_connections=4")
    assert (done.returncode, done.stderr) == (0, "")
    assert store.rows("SELECT state, results FROM runs") == [("published", 25_000)]

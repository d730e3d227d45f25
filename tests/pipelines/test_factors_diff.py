"""scope3 factors diff tells what differs between two sets, and which records it moves."""

import csv
import json

import pytest

from pipelines.cli import main
from schemas.factor import FACTOR
from tests.records import make_factor, make_record

_HEADER = [column.name for column in FACTOR]


def _write(path, rows):
    licence = {"licence": "own", "retrieved_on": "2026-01-01", "source_sha256": "0" * 64}
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([_HEADER, *([{**row, **licence}.get(name) for name in _HEADER] for row in rows)])


def _part(key, value, **changes):
    return make_factor("product", key, "cradle_to_gate", value, "kg", **changes)


def _bought(record_id, key, quantity):
    return make_record(record_id=record_id, product_category=key, quantity=quantity, supplier_pcf=None, pcf_boundary=None)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two editions of a set, and purchases: one that moves, one that does not, one that gains and one that loses its result."""
    monkeypatch.chdir(tmp_path)
    _write(
        "a.csv", [_part("steel", 2.0, source_version="a"), _part("wood", 0.5, source_version="a"), _part("lead", 7.0, source_version="a")]
    )
    _write(
        "b.csv", [_part("steel", 2.5, source_version="b"), _part("wood", 0.5, source_version="b"), _part("zinc", 3.0, source_version="b")]
    )
    records = [
        _bought("S", "steel", 100),
        _bought("W", "wood", 100),
        _bought("L", "lead", 10),
        _bought("Z", "zinc", 100),
        make_record(region="nowhere"),
    ]
    (tmp_path / "bought.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return tmp_path


def _printed(capsys, *arguments):
    assert main(["factors", "diff", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_rows_are_added_removed_and_changed_by_how_much(folder, capsys):
    lines = _printed(capsys, "a.csv", "b.csv")
    assert lines[0].split()[:3] == ["A", "a.csv", "3"]
    assert lines[3] == "added 1, removed 1, changed 1, the same 1"
    assert "  product:steel cradle_to_gate GB 2025                      2 per kg -> 2.5 per kg  times 1.25" in lines
    assert lines[lines.index("added") + 1].split()[0] == "product:zinc"
    assert lines[lines.index("removed") + 1].split()[0] == "product:lead"


def test_the_records_that_move_are_told_with_their_amounts(folder, capsys):
    lines = _printed(capsys, "a.csv", "b.csv", "--input", "bought.jsonl")
    assert "Of 4 valid records 1 move, 1 gain a result and 1 lose theirs, and 1 are refused whatever the factors" in lines
    # 200 + 50 + 70 kg with A; 250 + 50 + 300 kg with B.
    assert "1                    4           3             0.320             0.600     1.875" in lines
    moves = [line.split() for line in lines[lines.index("largest moves, kg CO2e") + 1 :]]
    assert [(move[0], move[3], move[5]) for move in moves] == [("Z", "none", "300"), ("L", "70", "none"), ("S", "200", "250")]


def test_a_line_that_came_twice_counts_once_as_in_a_run(folder, capsys):
    twice, other = _bought("S", "steel", 100), _bought("W", "steel", 7)
    with (folder / "bought.jsonl").open("a") as file:
        file.writelines(json.dumps(record) + "\n" for record in (twice, other))
    lines = _printed(capsys, "a.csv", "b.csv", "--input", "bought.jsonl")
    told = "1 lose theirs, and 2 are refused whatever the factors; 1 came twice"
    assert f"Of 4 valid records 1 move, 1 gain a result and {told}" in lines
    assert "1                    4           3             0.320             0.600     1.875" in lines
    assert [line.split()[0] for line in lines if line].count("S") == 1


def test_the_other_sets_of_a_run_stay_what_they_are(folder, capsys):
    # In front of both stands a set that has the price of steel already.
    _write("first.csv", [_part("steel", 9.0, source_version="mine")])
    lines = _printed(capsys, "a.csv", "b.csv", "--input", "bought.jsonl", "--factors", "first.csv", "a.csv", "default")
    assert any(line.startswith("Of 4 valid records 0 move, 1 gain") for line in lines)


def test_long_lists_end_with_what_shows_the_rest(capsys):
    lines = _printed(capsys, "desnz-2024", "desnz-2025", "--limit", "2")
    assert "  and 187 more; see them with --limit 189" in lines


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("default", "epa-1.3"), 2, "two single ones are compared"),
        (("epa-1.2", "epa-13"), 1, "did you mean epa-1.3?"),
        (("epa-1.2",), 2, "B"),
        (("epa-1.2", "epa-1.3", "--input", "none.csv"), 1, "none.csv"),
    ],
)
def test_faults_say_what_to_do(folder, capsys, arguments, status, words):
    assert main(["factors", "diff", *arguments]) == status
    assert words in capsys.readouterr().err

"""Lists and maps in the cells of a CSV file mean what they mean in JSON lines."""

import csv
import io
import json

import pytest

from schemas.config import Config
from tests.records import make_record
from transforms.reading import cells
from transforms.reading.mapping import NO_MAPPING
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

_PRODUCTS = [
    make_record(11, record_id=f"P-{place}", units_sold=place + 1, ghg_content_kg={"hfc_152a": 0.1 * (place + 1), "SF6": 1e-3})
    for place in range(40)
]
_CURVES = [make_record(11, record_id=f"C-{place}", server_kwh=1, survival_curve=[1, 0.5, place / 40]) for place in range(40)]
_OTHERS = [make_record(record_id=f"O-{place}") for place in range(20)]


def _judged(path, content):
    path.write_bytes(content)
    return list(judged_chunks(Source(0, str(path), len(content)), NO_MAPPING, Config()))


def _csv(records):
    names = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    for record in records:
        writer.writerow({name: json.dumps(value) if isinstance(value, (list, dict)) else value for name, value in record.items()})
    return text.getvalue().encode()


def _rows(chunks):
    return sorted((row for chunk in chunks for taken in chunk.taken for row in taken.fields.to_pylist()), key=lambda row: row["record_id"])


def _letters(chunks):
    return [(row["record_id"], row["code"], row["field"]) for chunk in chunks for row in chunk.dead_letters.to_pylist()]


def test_a_table_gives_the_records_of_json_lines(tmp_path):
    records = [*_PRODUCTS, *_OTHERS, *_CURVES]
    lines = "\n".join(map(json.dumps, records)).encode()
    as_table, as_lines = _judged(tmp_path / "a.csv", _csv(records)), _judged(tmp_path / "a.jsonl", lines)
    assert not _letters(as_table) and not _letters(as_lines)
    without_nulls = [
        [{name: value for name, value in row.items() if value is not None} for row in _rows(one)] for one in (as_table, as_lines)
    ]
    assert without_nulls[0] == without_nulls[1]
    assert len(without_nulls[0]) == len(records)


@pytest.mark.parametrize(
    "cell", ['{"hfc_152a": 0.1', '{"sf6": 1}, "server_kwh": {"sf6": 2}', '{"sf6": 1}\n{"sf6": 2}', "5", '{"sf6": 1, "sf6": 2}']
)
def test_a_cell_that_is_no_list_or_map_costs_its_own_record(tmp_path, cell):
    bad = {**_PRODUCTS[0], "record_id": "BAD"}
    content = _csv([*_PRODUCTS, bad]).decode()
    written = _csv([{"ghg_content_kg": cell}]).decode().split("\n", 1)[1].rstrip("\r\n")
    good = _csv([{"ghg_content_kg": json.dumps(bad["ghg_content_kg"])}]).decode().split("\n", 1)[1].rstrip("\r\n")
    head, _, tail = content.rpartition(good)
    chunks = _judged(tmp_path / "a.csv", (head + written + tail).encode())
    assert len(_rows(chunks)) == len(_PRODUCTS)
    [(record_id, _, field)] = _letters(chunks)
    assert record_id == "BAD" and field == "ghg_content_kg"


def test_cells_are_not_judged_one_by_one(tmp_path, monkeypatch):
    asked = []
    from schemas import columnar

    scalar = columnar.judge_record
    monkeypatch.setattr(columnar, "judge_record", lambda *given: asked.append(given) or scalar(*given))
    _judged(tmp_path / "a.csv", _csv([*_PRODUCTS, *_OTHERS]))
    assert not asked
    monkeypatch.setattr(cells, "_NESTED", frozenset())
    _judged(tmp_path / "a.csv", _csv([*_PRODUCTS, *_OTHERS]))
    assert asked

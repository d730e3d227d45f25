"""Reading in a process of its own gives what reading in this one gives."""

import multiprocessing

import pytest

from schemas.config import Config
from schemas.faults import UserFault
from transforms.reading.mapping import NO_MAPPING
from transforms.reading.readings import Reader
from transforms.sinks.contract import Source

_READER = Reader(NO_MAPPING, Config(), 100, 8, {})


def _source(path):
    return Source(3, str(path), path.stat().st_size)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "records.jsonl"
    line = '{"record_id":"R-%d","category":1,"region":"%s","activity_year":2025,"product_name":"steel","quantity":1,"quantity_unit":"kg"}\n'
    # Every hundredth is refused; more than one chunk.
    path.write_text("".join(line % (number, "XX" if number % 100 == 0 else "GB") for number in range(9_000)))
    return path


def test_the_readings_are_the_same(file):
    here, apart = list(_READER.read([_source(file)])), list(_READER.read_apart([_source(file)]))
    assert len(here) > 1
    assert [one.blocks for one in apart] == [one.blocks for one in here]
    assert [one._replace(blocks=[], rows=[]) for one in apart] == [one._replace(blocks=[], rows=[]) for one in here]
    for one, other in zip(here, apart, strict=True):
        assert [(table, rows.to_pylist()) for table, rows in one.rows] == [(table, rows.to_pylist()) for table, rows in other.rows]
    assert sum(one.dead_letters for one in apart) == 90
    assert sum(one.bytes_read for one in apart) == file.stat().st_size


def test_a_fault_of_the_file_comes_through_as_it_is(tmp_path):
    path = tmp_path / "twice.csv"
    path.write_text("record_id,Record ID\n1,2\n")
    with pytest.raises(UserFault, match="one name"):
        list(_READER.read_apart([_source(path)]))


def test_a_fault_of_ours_comes_through_with_its_traceback(file):
    broken = _READER._replace(block_size=0)
    with pytest.raises(RuntimeError, match=r"Traceback(.|\n)*ValueError"):
        list(broken.read_apart([_source(file)]))


def test_the_process_ends_with_its_reader(file):
    readings = _READER.read_apart([_source(file)])
    next(readings)
    readings.close()
    assert [process for process in multiprocessing.active_children() if process.name == "scope3-read"] == []

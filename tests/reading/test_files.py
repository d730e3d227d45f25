"""Files: which a pattern means, and their bytes without compression."""

import bz2
import gzip
import struct
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

from schemas.faults import UserFault
from transforms.counters import PROGRESS
from transforms.reading.files import decompressed, find_sources, format_of, opened, short_names
from transforms.sinks.contract import Source

LINES = b"".join(b'{"record_id":"R-%d"}\n' % place for place in range(50_000))
PACKERS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    # With a checksum, as its command line packs.
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def read(path: Path) -> bytes:
    source = Source(0, str(path), path.stat().st_size)
    with opened(source) as handle:
        stream = decompressed(source, handle)
        return b"".join(iter(lambda: stream.read(10_000), b""))


def test_files_are_named_once_and_in_the_order_of_their_names(tmp_path, monkeypatch):
    for name in ("b.csv", "a.csv", "c[1].csv"):
        (tmp_path / name).write_bytes(b"x\n")
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.chdir(tmp_path)
    whole = [str(tmp_path / name) for name in ("a.csv", "b.csv", "c[1].csv")]
    for patterns in (["*.csv"], ["c[1].csv", "./b.csv", "a.csv"], [f"{tmp_path}/?.csv", "b.csv", "c[1].csv"]):
        found = find_sources(patterns)
        assert [source.source_uri for source in found] == whole
        assert [source.source_id for source in found] == [0, 1, 2]
        assert {source.size_bytes for source in found} == {2}


@pytest.mark.parametrize(
    ("name", "word"),
    [("none.csv", "matches no file"), ("", "matches no file"), ("folder", "is a folder"), ("a.ods", "no known format")],
)
def test_a_pattern_that_means_no_readable_file_is_refused(tmp_path, monkeypatch, name, word):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.ods").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserFault, match=word):
        find_sources([name])


def test_a_parquet_file_that_is_packed_as_a_whole_is_refused():
    with pytest.raises(UserFault, match="unpack it"):
        format_of("a.parquet.gz")


@pytest.mark.parametrize("ending", PACKERS)
def test_a_packed_file_gives_what_was_packed(tmp_path, ending):
    path = tmp_path / f"a.jsonl{ending}"
    # Two files one behind the other are one stream, as `cat a.gz b.gz` makes it.
    path.write_bytes(PACKERS[ending](LINES[:400_000]) + PACKERS[ending](LINES[400_000:]))
    assert read(path) == LINES


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("missing", [1, 1_000])
def test_a_packed_file_that_was_cut_off_is_told_by_name(tmp_path, ending, missing):
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(PACKERS[ending](LINES)[:-missing])
    with pytest.raises(UserFault, match=rf"a\.jsonl\{ending}.*damaged or cut off"):
        read(path)


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("place", [0, 0.5])
def test_damage_in_any_part_of_a_packed_file_is_told_and_loses_nothing_silently(tmp_path, ending, part, place):
    parts = [PACKERS[ending](LINES[begin : begin + 100_000]) for begin in (0, 100_000, 200_000)]
    damaged = bytearray(parts[part])
    damaged[int(len(damaged) * place)] ^= 0xFF
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(b"".join([*parts[:part], bytes(damaged), *parts[part + 1 :]]))
    with pytest.raises(UserFault, match=rf"a\.jsonl\{ending}.*damaged or cut off"):
        read(path)


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("behind", [b"x", b"R-1,1\n", b"BZh9", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\0\0x"])
def test_what_stands_behind_packed_text_and_is_none_is_damage(tmp_path, ending, behind):
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(PACKERS[ending](LINES) + behind)
    with pytest.raises(UserFault, match=rf"a\.jsonl\{ending}.*damaged or cut off"):
        read(path)


@pytest.mark.parametrize("ending", PACKERS)
def test_parts_without_content_change_nothing(tmp_path, ending):
    path, nothing = tmp_path / f"a.jsonl{ending}", PACKERS[ending](b"")
    path.write_bytes(b"".join([nothing, PACKERS[ending](LINES), nothing, nothing, PACKERS[ending](LINES), nothing]))
    assert read(path) == LINES * 2


def test_frames_that_parallel_packers_put_between_are_passed_over(tmp_path):
    path = tmp_path / "a.jsonl.zst"
    frame = b"\x50\x2a\x4d\x18" + struct.pack("<I", 5) + b"other"
    path.write_bytes(frame + PACKERS[".zst"](LINES) + frame + PACKERS[".zst"](LINES) + frame)
    assert read(path) == LINES * 2


@pytest.mark.parametrize("ending", PACKERS)
def test_no_more_is_unpacked_than_is_asked_for(tmp_path, ending):
    mib = 1 << 20
    path = tmp_path / f"a.csv{ending}"
    path.write_bytes(PACKERS[ending](bytes(64 * mib)))
    source = Source(0, str(path), 1)
    with opened(source) as handle:
        before, arrow = pa.total_allocated_bytes(), []
        tracemalloc.start()
        try:
            stream, size = decompressed(source, handle), 0
            while data := stream.read(10_000):
                size += len(data)
                if size % mib < 10_000:
                    arrow.append(pa.total_allocated_bytes() - before)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert size == 64 * mib
    # What an unpacker holds is its own; its blocks are 900 kB at most.
    assert peak + max(arrow) < 4 * mib


@pytest.mark.parametrize("ending", [*PACKERS, ""])
def test_packing_is_told_by_content_and_not_by_name(tmp_path, ending):
    path = tmp_path / f"a.jsonl{ending}"
    for content in (LINES, *(pack(LINES) for pack in PACKERS.values())):
        path.write_bytes(content)
        assert read(path) == LINES


@pytest.mark.parametrize("ending", PACKERS)
def test_what_is_neither_text_nor_packed_as_its_name_says_is_told_by_name(tmp_path, ending):
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(b"\0" + PACKERS[ending](LINES)[1:])
    with pytest.raises(UserFault, match=rf"a\.jsonl\{ending}.*damaged"):
        read(path)


def test_what_is_read_of_a_file_counts_as_progress(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(LINES))
    PROGRESS.begin(path.stat().st_size)
    read(path)
    assert PROGRESS.bytes_read == path.stat().st_size


def test_a_file_that_is_gone_is_told_by_name(tmp_path):
    with pytest.raises(UserFault, match=r"gone\.csv can't be read"), opened(Source(0, str(tmp_path / "gone.csv"), 1)):
        pass


def test_short_names_tell_files_of_one_name_apart():
    uris = ["/in/2025/a.csv", "/in/2024/a.csv", "/in/2024/b.csv", "gs://bucket/b.csv"]
    names = short_names([Source(place, uri, 1) for place, uri in enumerate(uris)])
    assert names == {0: "2025/a.csv", 1: "2024/a.csv", 2: "2024/b.csv", 3: "bucket/b.csv"}
    assert short_names([Source(7, "/in/2025/a.csv", 1)]) == {7: "a.csv"}

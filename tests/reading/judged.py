"""Reads a file as a run does, and tells of each record what became of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from schemas.config import Config
from transforms.reading.mapping import NO_MAPPING, Mapping, parse_mapping
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source


class Seen(NamedTuple):
    """What became of the records of a file.

    Attributes:
        records: fields of the good ones by position, those without a value left out.
        dead: rows of dead letters by position.
        skipped: how many rows were no records.
    """

    records: dict[int, dict[str, Any]]
    dead: dict[int, dict[str, Any]]
    skipped: int

    def values(self, field: str) -> list[Any]:
        """Returns a field of the good records, in the order of the file."""
        return [self.records[position].get(field) for position in sorted(self.records)]

    def faults(self) -> list[tuple[str, str | None]]:
        """Returns code and field of the dead letters, in the order of the file."""
        return [(self.dead[position]["code"], self.dead[position]["field"]) for position in sorted(self.dead)]


def see(path: Path, content: bytes, mapping: dict[str, Any] | Mapping = NO_MAPPING) -> Seen:
    """Writes a file and reads it.

    Raises:
        UserFault: the file is refused.
        AssertionError: a record has no end, or two.
    """
    path.write_bytes(content)
    found = mapping if isinstance(mapping, Mapping) else parse_mapping(mapping, path.parent)
    return see_all([Source(0, str(path), len(content))], found)


def see_all(sources: Iterable[Source], mapping: Mapping) -> Seen:
    """Reads parts of one file; raises what `see` does."""
    records: dict[int, dict[str, Any]] = {}
    dead: dict[int, dict[str, Any]] = {}
    counted = skipped = 0
    for chunk in (chunk for source in sources for chunk in judged_chunks(source, mapping, Config())):
        counted += chunk.records
        skipped += chunk.skipped
        for taken in chunk.taken:
            for position, row in zip(taken.positions.tolist(), taken.fields.to_pylist(), strict=True):
                assert position not in records
                records[position] = {name: value for name, value in row.items() if value is not None}
        for letter in chunk.dead_letters.to_pylist():
            assert letter["source_position"] not in dead
            dead[letter["source_position"]] = letter
    assert not records.keys() & dead.keys()
    assert len(records) + len(dead) == counted
    return Seen(records, dead, skipped)

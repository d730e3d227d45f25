"""The factors of one run: all rows of its sets in order of precedence, found by family and key."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.config import Config
from schemas.factor import FACTOR_SCHEMA
from transforms.factors.read import DEFAULT_SETS, FactorSet, check_rows, read_factor_file, shipped_set, shipped_sets
from transforms.factors.row import FactorRow

# A row alone costs as much as a dozen together.
_ROWS_AT_ONCE = 64

_PRECEDENCE = pa.field("precedence", pa.int32(), nullable=False)


class FactorTable:
    """Immutable. Rows of earlier sets go before those of later ones where both would do.

    Attributes:
        sha256: digest of the list of sets, hexadecimal.
        sets: name and digest of each set, in order of precedence.
    """

    def __init__(self, table: pa.Table, sets: Sequence[tuple[str, str]]) -> None:
        self._table = table.combine_chunks()
        self.sets = tuple(sets)
        self.sha256 = hashlib.sha256("\n".join(digest for _, digest in sets).encode()).hexdigest()
        self._found: dict[tuple[str, str], tuple[FactorRow, ...]] = {}
        self._blocks: dict[int, list[FactorRow]] = {}

    @classmethod
    def load(cls, names_or_paths: Sequence[str], config: Config) -> "FactorTable":
        """Returns the factors of `--factors`: `default`, names of shipped sets, and files, in order of precedence.

        Raises:
            UserFault: a file that is not there, or a row that can't be used.
        """
        sets: list[FactorSet] = []
        for name in names_or_paths:
            if name == "default":
                sets += [shipped_set(one) for one in DEFAULT_SETS]
            elif name in shipped_sets():
                sets.append(shipped_set(name))
            else:
                sets.append(read_factor_file(name))
        return cls._join(sets, config)

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]], config: Config) -> "FactorTable":
        """Returns the factors given as rows in the layout of the specification; particulars of their licence may be missing.

        Raises:
            UserFault: a row that can't be used.
        """
        return cls._join([FactorSet.of("rows", check_rows("factors", rows, need_licence=False))], config)

    @classmethod
    def _join(cls, sets: Sequence[FactorSet], config: Config) -> "FactorTable":
        tables: list[pa.Table] = []
        for place, one in enumerate(sets):
            rows = one.rows
            for earlier in tables:
                # The same row in two sets is one row: that of the earlier set.
                rows = rows.filter(pc.invert(pc.is_in(rows.column("factor_id"), earlier.column("factor_id").combine_chunks())))
            if not config.allow_unverified:
                rows = rows.filter(rows.column("verified"))
            tables.append(rows.append_column(_PRECEDENCE, pa.array([place] * rows.num_rows, pa.int32())))
        empty = FACTOR_SCHEMA.append(_PRECEDENCE).empty_table()
        return cls(pa.concat_tables([empty, *tables]), [(one.name, one.sha256) for one in sets])

    def to_bytes(self) -> bytes:
        """Returns the table as it travels to workers."""
        names, digests = zip(*self.sets, strict=True) if self.sets else ((), ())
        table = self._table.replace_schema_metadata({"names": "\n".join(names), "digests": "\n".join(digests)})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            writer.write_table(table)
        return sink.getvalue().to_pybytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "FactorTable":
        """Returns what `to_bytes` packed."""
        table = pa.ipc.open_stream(packed).read_all()
        names, digests = (table.schema.metadata[key].decode().split("\n") for key in (b"names", b"digests"))
        return cls(table, [pair for pair in zip(names, digests, strict=True) if pair[1]])

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[int]]:
        index: dict[tuple[str, str], list[int]] = defaultdict(list)
        families, keys = self._table.column("family").to_pylist(), self._table.column("key").to_pylist()
        for place, pair in enumerate(zip(families, keys, strict=True)):
            index[pair].append(place)
        return dict(index)

    def has(self, family: str, key: str) -> bool:
        """Says whether `find` finds a row."""
        return (family, key) in self._index

    def family_keys(self) -> Iterable[tuple[str, str]]:
        """Returns family and key of all rows, each pair once."""
        return self._index.keys()

    def find(self, family: str, key: str) -> tuple[FactorRow, ...]:
        """Returns the rows of a family with exactly this key, in order of precedence."""
        found = self._found.get((family, key))
        if found is None:
            found = self._found[family, key] = tuple(self._row(place) for place in self._index.get((family, key), ()))
        return found

    def _row(self, place: int) -> FactorRow:
        block, row = divmod(place, _ROWS_AT_ONCE)
        rows = self._blocks.get(block)
        if rows is None:
            table = self._table.slice(block * _ROWS_AT_ONCE, _ROWS_AT_ONCE)
            rows = self._blocks[block] = [FactorRow.from_mapping(values) for values in table.to_pylist()]
        return rows[row]

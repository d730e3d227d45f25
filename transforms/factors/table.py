"""The factors of one run: all rows of its sets in order of precedence, found by family and key."""

import bisect
import hashlib
import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.config import Config
from schemas.factor import FACTOR_SCHEMA
from schemas.faults import UserFault
from schemas.units import multiplier
from transforms.factors.check import check_rows
from transforms.factors.doubts import doubts_of
from transforms.factors.own_file import read_factor_file
from transforms.factors.read import DEFAULT_SETS, FactorSet, shipped_set, shipped_sets
from transforms.factors.row import FactorRow

_PRECEDENCE = pa.field("precedence", pa.int32(), nullable=False)
# A figure per tonne is that per kilogram.
_SAME = 1e-9
_MOST_FAULTS = 200

_ORDER = [("family", "ascending"), ("key", "ascending")]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def read_sets(names_or_paths: Sequence[str]) -> list[FactorSet]:
    """Returns sets by name or file; `default` stands for several.

    Raises:
        UserFault: a file that is not there, or a row that can't be used.
    """
    sets: list[FactorSet] = []
    for name in names_or_paths:
        if name == "default":
            sets += [shipped_set(one) for one in DEFAULT_SETS]
        else:
            sets.append(shipped_set(name) if name in shipped_sets() else read_factor_file(name))
    return sets


def _refuse_changed(name: str, earlier: pa.Table, other_name: str, again: pa.Table) -> None:
    """Refuses rows that have the id of an earlier one and another figure."""
    if not again.num_rows:
        return
    columns = ["factor_id", "value", "unit", "basis", "price_year"]
    same = earlier.filter(pc.is_in(earlier["factor_id"], again["factor_id"].combine_chunks())).select(columns).to_pylist()
    known = {row["factor_id"]: row for row in same}
    faults = [
        f"{row['factor_id']} is {_shown(known[row['factor_id']])} in {name}, and {_shown(row)} in {other_name}"
        for row in again.select(columns).to_pylist()
        if not _same_figure(known[row["factor_id"]], row)
    ]
    if faults:
        more = [f"and {len(faults) - _MOST_FAULTS:,} more"] if len(faults) > _MOST_FAULTS else []
        told = "--factors gives one factor_id two figures; a figure that changed is another edition, with a source_version of its own:"
        raise UserFault("\n  ".join([told, *faults[:_MOST_FAULTS], *more]))


def _same_figure(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    scale = multiplier(row["unit"], other["unit"]) if row["unit"] != other["unit"] else 1.0
    same = scale is not None and math.isclose(row["value"], other["value"] * scale, rel_tol=_SAME)
    return same and all(row[name] == other[name] for name in ("basis", "price_year"))


def _shown(row: Mapping[str, Any]) -> str:
    of_prices = f" of {row['price_year']}" if row["price_year"] is not None else ""
    return f"{row['value']:.9g} per {row['unit']}{of_prices}{f' ({basis})' if (basis := row['basis']) else ''}"


class FactorTable:
    """Immutable. Rows of earlier sets go before those of later ones where both would do.

    Rows lie in order of family and key, so a key is found by halving, and only rows that are asked for become objects:
    a set of a million rows costs a process what its columns cost.

    Attributes:
        sha256: digest of the list of sets, hexadecimal.
        sets: name and digest of each set, in order of precedence.
        doubts: what the user is to be told of sets of their own; empty where none was read here.
    """

    def __init__(self, table: pa.Table, sets: Sequence[tuple[str, str]], doubts: Sequence[str] = ()) -> None:
        self._table = table.combine_chunks()
        self.sets, self.doubts = tuple(sets), tuple(doubts)
        self.sha256 = hashlib.sha256("\n".join(digest for _, digest in sets).encode()).hexdigest()
        self._columns = {name: _whole(column) for name, column in zip(table.column_names, self._table.columns, strict=True)}
        self._found: dict[tuple[str, str], tuple[FactorRow, ...]] = {}
        self._found_in: dict[tuple[str, str], dict[str, list[FactorRow]]] = {}

    @classmethod
    def load(cls, names_or_paths: Sequence[str], config: Config) -> "FactorTable":
        """Returns the factors of `--factors`: `default`, names of shipped sets, and files, in order of precedence.

        Raises:
            UserFault: a file that is not there, a row that can't be used, or one factor_id with two values.
        """
        sets = read_sets(names_or_paths)
        own = [one for one in sets if one.name not in shipped_sets()]
        doubts = [doubt for one in own for doubt in doubts_of(one, [other for other in sets if other is not one])]
        return cls.join(sets, config, doubts)

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]], config: Config) -> "FactorTable":
        """Returns the factors given as rows in the layout of the specification; particulars of their licence may be missing.

        Raises:
            UserFault: a row that can't be used.
        """
        return cls.join([FactorSet.of("rows", check_rows("factors", rows, need_licence=False))], config)

    @classmethod
    def join(cls, sets: Sequence[FactorSet], config: Config, doubts: Sequence[str] = ()) -> "FactorTable":
        """Returns the factors of sets, in order of precedence.

        Raises:
            UserFault: two sets give one factor_id different values.
        """
        tables: list[pa.Table] = []
        for place, one in enumerate(sets):
            rows = one.rows
            for earlier, before in zip(tables, sets, strict=False):
                # The same row in two sets is one row.
                again = pc.is_in(rows.column("factor_id"), earlier.column("factor_id").combine_chunks())
                _refuse_changed(before.name, earlier, one.name, rows.filter(again))
                rows = rows.filter(pc.invert(again))
            if not config.allow_unverified:
                rows = rows.filter(rows.column("verified"))
            tables.append(rows.append_column(_PRECEDENCE, pa.repeat(pa.scalar(place, pa.int32()), rows.num_rows)))
        empty = FACTOR_SCHEMA.append(_PRECEDENCE).empty_table()
        # Rows of one key stay in order of precedence.
        return cls(pa.concat_tables([empty, *tables]).sort_by(_ORDER), [(one.name, one.sha256) for one in sets], doubts)

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
    def _ranges(self) -> dict[str, range]:
        """Returns the places of the rows of each family."""
        counted = {one["values"]: one["counts"] for one in self._columns["family"].value_counts().to_pylist()}
        ends = dict(zip(sorted(counted), itertools.accumulate(counted[family] for family in sorted(counted)), strict=True))
        return {family: range(end - counted[family], end) for family, end in ends.items()}

    def families(self) -> Sequence[str]:
        """Returns the families that there are rows of, sorted."""
        return list(self._ranges)

    def keys_of(self, family: str) -> Sequence[str]:
        """Returns the keys that a family has rows of, sorted."""
        places = self._ranges.get(family, range(0))
        keys: list[str] = self._columns["key"].slice(places.start, len(places)).unique().to_pylist()
        return keys

    def has(self, family: str, key: str) -> bool:
        """Says whether `find` finds a row."""
        return bool(self.find(family, key))

    def find(self, family: str, key: str) -> tuple[FactorRow, ...]:
        """Returns the rows of a family with exactly this key, in order of precedence."""
        found = self._found.get((family, key))
        if found is None:
            found = tuple(map(self._row, self._places(family, key)))
            # Records may name any number of keys that are not there.
            if found:
                self._found[family, key] = found
        return found

    def find_in(self, family: str, key: str, region: str) -> Sequence[FactorRow]:
        """Returns the rows of `find` that are of a region: electricity alone has thousands, of all countries and years."""
        by_region = self._found_in.get((family, key))
        if by_region is None:
            by_region = defaultdict(list)
            for row in self.find(family, key):
                by_region[row.region].append(row)
            if by_region:
                self._found_in[family, key] = by_region
        return by_region.get(region, ())

    def _places(self, family: str, key: str) -> range:
        places, keys = self._ranges.get(family, range(0)), self._columns["key"]
        first = bisect.bisect_left(places, key, key=lambda place: keys[place].as_py())
        last = first
        while last < len(places) and keys[places[last]].as_py() == key:
            last += 1
        return places[first:last]

    def _row(self, place: int) -> FactorRow:
        return FactorRow.from_mapping({name: column[place].as_py() for name, column in self._columns.items()})

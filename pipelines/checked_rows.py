"""What a check keeps of each record: a slim row in a database of its own, which goes to disk where it gets large.

Ids are settled and totals are made from these rows in the end, as the audit of a run does.
"""

from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from transforms.sinks.verdict import DUPLICATE_MESSAGE

# How a spend-based factor was found, the best first.
SIX_DIGITS, OTHER_EDITION, COARSER, OTHER_METHOD, NONE = "6 digits", "other edition", "coarser", "other method", "no factor"
LEVELS = (SIX_DIGITS, OTHER_EDITION, COARSER, OTHER_METHOD, NONE)

_SPEND_BASED = "tier_3_spend_based"
_FALLBACK = r"W_KEY_FALLBACK from=\S+ to=(?P<used>\S+)"
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "100MB", "preserve_insertion_order": False, "threads": 1}
_ROWS_AT_ONCE = 20_000

_SCHEMA = pa.schema(
    {
        "source_id": pa.int32(),
        "source_position": pa.int64(),
        "record_id": pa.string(),
        "input_sha256": pa.binary(32),
        "category": pa.int16(),
        "method": pa.string(),
        "kg_co2e": pa.float64(),
        "supplier": pa.string(),
        "currency": pa.string(),
        "amount": pa.float64(),
        "level": pa.string(),
        "warnings": pa.list_(pa.string()),
    }
)

# Of the results of one record_id the first stays; the same content is a line that came twice, another is a second record.
_RANKED = """
CREATE TABLE ranked AS
SELECT source_id, source_position, record_id, input_sha256, row_number() OVER w AS rank,
    first_value(source_id) OVER w AS kept_source_id, first_value(source_position) OVER w AS kept_position,
    first_value(input_sha256) OVER w AS kept_sha256
FROM checked SEMI JOIN (SELECT record_id FROM checked WHERE method IS NOT NULL GROUP BY record_id HAVING count(*) > 1) USING (record_id)
WHERE method IS NOT NULL
WINDOW w AS (PARTITION BY record_id ORDER BY source_id, source_position)"""


class CheckedRows:
    """The rows of one check. A context manager: the database goes with it.

    Args:
        folder: an empty one, for what does not fit into memory.
    """

    def __init__(self, folder: str) -> None:
        self._connection = duckdb.connect(f"{folder}/checked.duckdb", config=_SETTINGS)
        self._connection.register("nothing", _SCHEMA.empty_table())
        self._connection.execute("CREATE TABLE checked AS FROM nothing")
        self._waiting: list[pa.RecordBatch] = []

    def __enter__(self) -> "CheckedRows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def add(self, category: int, batch: pa.RecordBatch, results: pa.RecordBatch) -> None:
        """Notes the records of a batch.

        Args:
            category: of all of them.
            batch: n records, as calculated.
            results: of those that have one.
        """
        place = pc.index_in(batch.column("source_position"), value_set=results.column("source_position"))
        method = results.column("method").take(place)
        warnings = results.column("warnings").take(place)
        columns = {
            "category": pa.array([category] * batch.num_rows, pa.int16()),
            "method": method,
            "kg_co2e": results.column("kg_co2e").take(place),
            "supplier": pc.coalesce(_texts(batch, "supplier_name"), _texts(batch, "supplier_id")),
            "currency": pc.fill_null(_texts(batch, "spend_currency"), "USD"),
            "amount": pc.abs(batch.column("spend_amount"))
            if "spend_amount" in batch.schema.names
            else pa.nulls(batch.num_rows, pa.float64()),
            "level": _level(_texts(batch, "naics_code"), method, warnings),
            "warnings": warnings,
        }
        arrays = [columns[name] if name in columns else batch.column(name) for name in _SCHEMA.names]
        self._waiting.append(
            pa.RecordBatch.from_arrays([array.cast(kind) for array, kind in zip(arrays, _SCHEMA.types, strict=True)], schema=_SCHEMA)
        )
        if sum(one.num_rows for one in self._waiting) >= _ROWS_AT_ONCE:
            self._store()

    def _store(self) -> None:
        if self._waiting:
            self._connection.register("waiting", pa.Table.from_batches(self._waiting))
            self._connection.execute(
                "INSERT INTO checked SELECT * REPLACE (list_transform(warnings, lambda text: split_part(text, ' ', 1)) AS warnings) FROM waiting"
            )
            self._connection.unregister("waiting")
            self._waiting = []

    def settle(self) -> tuple[int, list[tuple[int, int, str, int, int]]]:
        """Takes out rows whose record_id another has, as the audit of a run does. To be called once, behind the last `add`.

        Returns:
            The number of lines that came twice, and of each record that claims the id of another: source_id, position,
            record_id, and source_id and position of the one that is kept.
        """
        self._store()
        self._connection.execute(_RANKED)
        claimed = self.rows(
            "SELECT source_id, source_position, record_id, kept_source_id, kept_position FROM ranked "
            "WHERE rank > 1 AND input_sha256 <> kept_sha256 ORDER BY 1, 2"
        )
        [(twice,)] = self.rows("SELECT count(*) FROM ranked WHERE rank > 1 AND input_sha256 = kept_sha256")
        self._connection.execute(
            "DELETE FROM checked USING ranked r WHERE rank > 1 AND (checked.source_id, checked.source_position) = (r.source_id, r.source_position)"
        )
        return twice, claimed

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Returns the answer of a query on the table `checked`."""
        return self._connection.execute(query).fetchall()


def claim_message(record_id: str, kept_position: int, kept_uri: str) -> str:
    """Returns what is told of a record that claims the id of another."""
    return DUPLICATE_MESSAGE.format(record_id, kept_position, kept_uri)


def _texts(batch: pa.RecordBatch, name: str) -> pa.Array:
    return batch.column(name) if name in batch.schema.names else pa.nulls(batch.num_rows, pa.string())


def _level(naics_code: pa.Array, method: pa.Array, warnings: pa.Array) -> pa.Array:
    """Returns how the factor of each record was found, string[n]."""
    joined = pc.binary_join(warnings, "\n")
    other = pc.struct_field(pc.extract_regex(joined, _FALLBACK), "used")
    # An alias may have several targets, all of one length.
    used = pc.coalesce(pc.replace_substring_regex(other, ",.*", ""), naics_code)
    six = pc.equal(pc.utf8_length(used), 6)
    by_code = pc.if_else(pc.fill_null(six, False), pc.if_else(other.is_valid(), OTHER_EDITION, SIX_DIGITS), COARSER)
    found = pc.if_else(pc.equal(method, _SPEND_BASED), by_code, OTHER_METHOD)
    return pc.fill_null(found, NONE)

"""What a check keeps of each record. Totals are made from these rows in the end, as the audit of a run does."""

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.settled_rows import SettledRows

# How a spend-based factor was found, the best first.
SIX_DIGITS, OTHER_EDITION, COARSER, OTHER_METHOD, NONE = "6 digits", "other edition", "coarser", "other method", "no factor"
LEVELS = (SIX_DIGITS, OTHER_EDITION, COARSER, OTHER_METHOD, NONE)

_SPEND_BASED = "tier_3_spend_based"
_FALLBACK = r"W_KEY_FALLBACK from=\S+ to=(?P<used>\S+)"

_COLUMNS = {
    "category": pa.int16(),
    "method": pa.string(),
    "kg_co2e": pa.float64(),
    "supplier": pa.string(),
    "currency": pa.string(),
    "amount": pa.float64(),
    "level": pa.string(),
    "warnings": pa.list_(pa.string()),
}


class CheckedRows(SettledRows):
    """The rows of one check: kg_co2e, method and warnings of a record that has a result, and its spend.

    Args:
        folder: an empty one, for what does not fit into memory.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(folder, _COLUMNS, "method IS NOT NULL")

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
            "warnings": _codes(warnings),
        }
        self.keep(batch, columns)


def _texts(batch: pa.RecordBatch, name: str) -> pa.Array:
    return batch.column(name) if name in batch.schema.names else pa.nulls(batch.num_rows, pa.string())


def _codes(warnings: pa.Array) -> pa.Array:
    """Returns the first word of each warning, list<string>[n]."""
    counts = pc.fill_null(pc.list_value_length(warnings), 0)
    ends = pc.cumulative_sum(counts)
    words = pc.replace_substring_regex(pc.list_flatten(warnings), " .*", "")
    return pa.ListArray.from_arrays(pa.concat_arrays([pa.array([0], pa.int32()), ends]), words)


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

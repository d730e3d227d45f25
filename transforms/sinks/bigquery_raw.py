"""The records of the audit's dead letters, from the blocks of canonical JSON in `inputs`.

All other dead letters carry the line as it came. These were good records until another was found under their id, and
results do not hold what they were made from.
"""

import json
from itertools import accumulate
from typing import Any

from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_tables import Names
from transforms.sinks.storable import MOST_RAW, records_in

# A request may hold 10 MB, the values of its statement as JSON in ASCII.
_MOST_BYTES = 4 << 20

_BLOCKS = """
WITH wanted AS (
    SELECT source_id, source_position FROM {sealed_later} WHERE input_sha256 <> kept_sha256
    ORDER BY source_id, source_position LIMIT {most}
)
SELECT i.source_id, ARRAY_AGG(w.source_position), i.block
FROM wanted w JOIN {sealed_inputs} i
    ON i.source_id = w.source_id AND w.source_position BETWEEN i.first_position AND i.last_position
GROUP BY i.source_id, i.block"""


def records_of(jobs: Jobs, own: Names) -> list[dict[str, Any]]:
    """Returns the first records that the audit refuses: source_id, source_position and canonical JSON as raw."""
    found: dict[tuple[int, int], str] = {}
    for source_id, positions, block in jobs.rows(own.sql(_BLOCKS, most=str(MOST_RAW))):
        found |= {(source_id, position): record for position, record in records_in(block, set(positions)).items()}
    rows = [{"source_id": source_id, "source_position": position, "raw": record} for (source_id, position), record in sorted(found.items())]
    return as_many_as_fit(rows)


def as_many_as_fit(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the first of these rows, as many as a statement may hold."""
    sizes = accumulate(len(json.dumps(row)) for row in rows)
    return [row for row, size in zip(rows, sizes, strict=True) if size <= _MOST_BYTES]

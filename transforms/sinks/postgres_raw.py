"""Gives the audit's dead letters their record, from the blocks of canonical JSON in `inputs`.

All other dead letters carry the line as it came. These were good records until another was found under their id, and
results do not hold what they were made from.
"""

from typing import TYPE_CHECKING

from transforms.sinks.postgres_tables import Connection, Names
from transforms.sinks.storable import MOST_RAW, records_in

if TYPE_CHECKING:
    from typing_extensions import LiteralString

_BLOCKS: "LiteralString" = """
WITH wanted AS MATERIALIZED (
    SELECT source_id, source_position FROM {own_dead_letters} WHERE stage = 'audit' AND raw IS NULL
    ORDER BY source_id, source_position LIMIT %s
)
SELECT i.source_id, positions, block
FROM {own_inputs} i CROSS JOIN LATERAL (
    SELECT array_agg(source_position) AS positions FROM wanted w
    WHERE w.source_id = i.source_id AND w.source_position BETWEEN i.first_position AND i.last_position
) found
WHERE positions IS NOT NULL"""

_FILL: "LiteralString" = """
UPDATE {own_dead_letters} d SET raw = found.raw
FROM unnest(%s::integer[], %s::bigint[], %s::text[]) AS found (source_id, source_position, raw)
WHERE d.stage = 'audit' AND d.source_id = found.source_id AND d.source_position = found.source_position"""


def fill_raw(connection: Connection, own: Names) -> None:
    """Fills `raw` of the first dead letters of the audit; null stays where no block holds the record. In a transaction."""
    found: dict[tuple[int, int], str] = {}
    # Of the server's side: no more than a few blocks are here at once.
    with connection.cursor("blocks") as cursor:
        cursor.itersize = 20
        for source_id, positions, block in cursor.execute(own.sql(_BLOCKS), [MOST_RAW]):
            found |= {(source_id, position): record for position, record in records_in(block, set(positions)).items()}
    if found:
        places = list(found)
        connection.execute(own.sql(_FILL), [[place[0] for place in places], [place[1] for place in places], list(found.values())])

"""Which rows of a run are the same row when they come twice, for all stores."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# Columns by table, as SQL. The block is part of it: a batch that is delivered again may hold other records between the same
# two. `batch_metrics` have none: a batch that is delivered again took its time again. Of results the record_id is looked at
# first. A store adds tables of its own.
IDENTITY: "dict[str, LiteralString]" = {
    "dead_letters": "source_id, source_position",
    "chunks": "source_id, position",
    "inputs": "source_id, first_position, last_position, block",
    "factors": "factor_id",
    "factor_uses": "factor_use",
}

"""Batches of records that share a category: the blocks of the reader, put together.

A record is never an element of its own on the way: `GroupIntoBatches` costs the same for an
element of one record as for one of 250.
"""

from collections.abc import Iterable

import apache_beam as beam
import pyarrow as pa

# A key is category * SHARD_SPAN + shard: a typed int, stable when a bundle is delivered again.
SHARD_SPAN = 1_000


def category_of(key: int) -> int:
    """Returns the category, 1 to 15, of the key of a block."""
    return key // SHARD_SPAN


def join_blocks(blocks: Iterable[bytes]) -> pa.RecordBatch:
    """Returns the records of some blocks of one category as one batch.

    Args:
        blocks: Arrow IPC streams. A column that is null in a whole block may be absent from it.

    Returns:
        One RecordBatch with the columns of all blocks, null where a block lacked one.
    """
    tables = [pa.ipc.open_stream(block).read_all() for block in blocks]
    table = pa.concat_tables(tables, promote_options="default") if len(tables) > 1 else tables[0]
    return table.combine_chunks().to_batches()[0]


class BatchRecords(beam.PTransform):
    """Groups blocks into batches of at most `batch_size` records of one category.

    In:  PCollection[tuple[int, bytes]], key of category and shard, and a block of 1 to
         `block_size` records as an Arrow IPC stream.
    Out: PCollection[tuple[int, Iterable[bytes]]], the same keys, each with the blocks of one batch.
         No dead letters.
    """

    def __init__(self, batch_size: int = 1_000, block_size: int = 250) -> None:
        super().__init__()
        if not 1 <= block_size <= batch_size:
            raise ValueError(f"a block holds 1 record at least and a batch at most: {block_size=}, {batch_size=}")
        self._blocks_per_batch = batch_size // block_size

    def expand(self, blocks: beam.PCollection) -> beam.PCollection:
        """Orders the step."""
        return blocks | "GroupIntoBatches" >> beam.GroupIntoBatches(self._blocks_per_batch)

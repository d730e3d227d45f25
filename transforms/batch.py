"""Batches of records that share a category: the blocks of the reader, put together.

A record is never an element of its own on the way: `GroupIntoBatches` costs the same for an
element of one record as for one of 250.
"""

import apache_beam as beam


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

"""The step that reads: files in, blocks of good records out, and beside them what the store notes of the reading."""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.config import Config
from transforms.batch import SHARD_SPAN
from transforms.counters import NAMESPACE, PROGRESS, RECORDS_READ
from transforms.reading.ahead import ahead
from transforms.reading.mapping import Mapping
from transforms.reading.readings import WORTH_A_PROCESS_BYTES, Reader
from transforms.sinks.contract import Source
from transforms.step import Step

BLOCKS, STORE = "blocks", "store"


class _ReadFile(Step):
    """Reads files. In: a file, or several small ones. Out: key and block; tagged `store`, rows of the store's tables."""

    def __init__(self, reader: Reader, apart: bool) -> None:
        super().__init__()
        self._reader, self._apart = reader, apart
        self._records = Metrics.counter(NAMESPACE, RECORDS_READ)

    def process(self, sources: tuple[Source, ...]) -> Iterator[Any]:
        self.check_version()
        PROGRESS.phase = "calculating"
        apart = self._apart and sum(source.size_bytes for source in sources) >= WORTH_A_PROCESS_BYTES
        for reading in ahead(self._reader.read_apart(sources) if apart else self._reader.read(sources)):
            for block in reading.blocks:
                yield block.category * SHARD_SPAN + block.shard, block.stream
            for element in reading.rows:
                yield TaggedOutput(STORE, element)
            self._records.inc(reading.records)
            PROGRESS.records_read += reading.records
            PROGRESS.dead_letters += reading.dead_letters


class ReadSupplierRecords(beam.PTransform):
    """Reads files of records, judges each record, and puts the good ones into blocks.

    In:  PCollection[tuple[Source, ...]], a file, or several small ones that are read as one.
    Out: `blocks`, PCollection[tuple[int, bytes]]: key of category and shard, and at most `block_size` records of the
         category as an Arrow IPC stream; `store`, PCollection[tuple[str, RecordBatch]]: rows of `chunks` (what was read),
         `inputs` (the records in canonical form) and `dead_letters` (malformed or invalid).

    Args:
        mapping: what the files' columns mean.
        config: options that decide what is valid.
        block_size: records of a block at most.
        shards: keys of each category.
        names: what `transforms.reading.files.short_names` gives; without it, two files of one name in two folders
            give the same ids where the mapping makes them of the position.
        apart: large files get a process of their own; for runners that work in one process.
    """

    def __init__(
        self,
        mapping: Mapping,
        config: Config,
        block_size: int = 250,
        shards: int = 1,
        names: dict[int, str] | None = None,
        apart: bool = False,
    ) -> None:
        super().__init__()
        if block_size < 1 or not 1 <= shards < SHARD_SPAN:
            raise ValueError(
                f"a block holds 1 record at least, and a category has 1 to {SHARD_SPAN - 1:,} shards: {block_size=}, {shards=}"
            )
        self._reader, self._apart = Reader(mapping, config, block_size, shards, names or {}), apart

    def expand(self, sources: beam.PCollection) -> Any:
        """Orders the step."""
        reader = beam.ParDo(_ReadFile(self._reader, self._apart))
        outputs = sources | "ReadFile" >> reader.with_outputs(STORE, main=BLOCKS)
        # GroupIntoBatches wants to know that these are pairs.
        outputs[BLOCKS].element_type = beam.typehints.Tuple[int, bytes]
        return outputs

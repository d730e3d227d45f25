"""The step that reads: files in, blocks of good records out, and beside them what the store notes of the reading."""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput

from schemas.config import Config
from transforms.counters import NAMESPACE, PROGRESS, RECORDS_READ
from transforms.keys import SHARD_SPAN, Keys
from transforms.reading.ahead import ahead
from transforms.reading.mapping import Mapping
from transforms.reading.readings import WORTH_A_PROCESS_BYTES, Reader, Reading
from transforms.sinks.contract import WHOLE, Source
from transforms.step import Step

BLOCKS, STORE = "blocks", "store"

_ONE_SHARD = Keys(1)

# Chunks that are read while the runner takes what came of a bundle, about as many as a bundle has.
_AHEAD = 32

# Inputs whose reading goes on in another bundle, by job, input and number of the next chunk. Of all DoFns of the process: the
# next bundle may be another one's.
_begun: dict[tuple[str, tuple[Source, ...], int], Iterator[Reading]] = {}


class _ReadFile(Step):
    """Reads files. In: a file, or several small ones. Out: key and block; tagged `store`, rows of the store's tables."""

    def __init__(self, reader: Reader, keys: Keys, apart: bool) -> None:
        super().__init__()
        self._reader, self._keys, self._apart = reader, keys, apart
        self._records = Metrics.counter(NAMESPACE, RECORDS_READ)

    def process(self, sources: tuple[Source, ...]) -> Iterator[Any]:
        self.check_version()
        PROGRESS.phase = "calculating"
        apart = self._apart and sum(source.size_bytes for source in sources) >= WORTH_A_PROCESS_BYTES
        for reading in ahead(self._reader.read_apart(sources) if apart else self._reader.read(sources)):
            yield from self._outputs(reading)

    def _outputs(self, reading: Reading) -> Iterator[Any]:
        for block in reading.blocks:
            yield self._keys.of(block.category, block.shard), block.stream
        for element in reading.rows:
            yield TaggedOutput(STORE, element)
        self._records.inc(reading.records)
        PROGRESS.records_read += reading.records
        PROGRESS.dead_letters += reading.dead_letters


class _Tracker(OffsetRestrictionTracker):
    """Which chunks of an input a bundle gives. Only the reader itself splits: all before a chunk is read to get there."""

    def try_split(self, fraction_of_remainder: float) -> Any:
        return super().try_split(fraction_of_remainder) if fraction_of_remainder == 0 else None


class _Chunks(beam.RestrictionProvider):
    """The chunks of an input, by number."""

    def initial_restriction(self, element: tuple[Source, ...]) -> OffsetRange:
        return OffsetRange(*WHOLE)

    def create_tracker(self, restriction: OffsetRange) -> _Tracker:
        return _Tracker(restriction)

    def restriction_size(self, element: tuple[Source, ...], restriction: OffsetRange) -> int:
        return sum(source.size_bytes for source in element)


_CHUNKS = beam.DoFn.RestrictionParam(_Chunks())


class _ReadFileInBundles(_ReadFile):
    """As _ReadFile; what a bundle has no room for comes in the next one."""

    def __init__(self, reader: Reader, keys: Keys, bundle_bytes: int) -> None:
        super().__init__(reader, keys, apart=False)
        self._bundle_bytes, self._job = bundle_bytes, uuid.uuid4().hex
        self._given_bytes = 0

    def start_bundle(self) -> None:
        self._given_bytes = 0

    def process(self, sources: tuple[Source, ...], chunks: Any = _CHUNKS) -> Iterator[Any]:
        self.check_version()
        number = chunks.current_restriction().start
        readings = _begun.pop((self._job, sources, number), None)
        while self._given_bytes < self._bundle_bytes:
            if readings is None:
                readings = itertools.islice(ahead(self._reader.read(sources), _AHEAD), number, None)
            reading = next(readings, None)
            chunks.try_claim(WHOLE[1] if reading is None else number)
            if reading is None:
                return
            number += 1
            self._given_bytes += sum(len(block.stream) for block in reading.blocks)
            yield from self._outputs(reading)
        if readings is not None:
            _begun[self._job, sources, number] = readings
        chunks.defer_remainder()


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
        keys: of each category and shard.
        names: what `transforms.reading.files.short_names` gives; without it, two files of one name in two folders
            give the same ids where the mapping makes them of the position.
        apart: large files get a process of their own; for runners that work in one process.
        bundle_bytes: of blocks in a bundle, about; None for all that is assigned to a reader. For runners that keep what
            comes of a bundle in memory until its end.
    """

    def __init__(
        self,
        mapping: Mapping,
        config: Config,
        block_size: int = 250,
        keys: Keys = _ONE_SHARD,
        names: dict[int, str] | None = None,
        apart: bool = False,
        bundle_bytes: int | None = None,
    ) -> None:
        super().__init__()
        if block_size < 1 or not 1 <= keys.shards < SHARD_SPAN:
            raise ValueError(
                f"a block holds 1 record at least, and a category has 1 to {SHARD_SPAN - 1:,} shards: {block_size=}, {keys.shards=}"
            )
        reader = Reader(mapping, config, block_size, keys.shards, names or {})
        self._read = _ReadFile(reader, keys, apart) if bundle_bytes is None else _ReadFileInBundles(reader, keys, bundle_bytes)

    def expand(self, sources: beam.PCollection) -> Any:
        """Orders the step."""
        outputs = sources | "ReadFile" >> beam.ParDo(self._read).with_outputs(STORE, main=BLOCKS)
        # GroupIntoBatches wants to know that these are pairs.
        outputs[BLOCKS].element_type = beam.typehints.Tuple[int, bytes]
        return outputs

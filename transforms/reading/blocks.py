"""Makes blocks of good records, with their digests, and the rows that say how they were read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import zstandard

from schemas.arrow import table_rows
from transforms.calculation.provenance import canonical_json, input_sha256
from transforms.reading.records import JudgedChunk, Taken
from transforms.reading.shards import shard_of

# A row of `inputs` holds this many records at most: enough for the compression to work, few enough to find one quickly.
_RECORDS_PER_INPUT = 1_000


@dataclass(frozen=True)
class Block:
    """Records of one category.

    Attributes:
        category: 1 to 15.
        shard: 0 to below the number of shards; follows from the block's coordinates alone.
        stream: source_id int32, source_position int64, input_sha256 binary(32) and the fields, as an Arrow IPC stream.
    """

    category: int
    shard: int
    stream: bytes


class BlockMaker:
    """Makes blocks of judged chunks. Made where it is used: its options do not pickle."""

    def __init__(self, block_size: int, shards: int) -> None:
        self._block_size, self._shards = block_size, shards
        self._options = pa.ipc.IpcWriteOptions(use_threads=False)
        self._compressor = zstandard.ZstdCompressor(level=1)

    def make(self, chunk: JudgedChunk) -> tuple[list[Block], list[tuple[str, pa.RecordBatch]]]:
        """Returns the blocks of a chunk, and rows of the tables `chunks`, `inputs` and `dead_letters`."""
        blocks: list[Block] = []
        rows: list[tuple[str, pa.RecordBatch]] = [("chunks", _chunk_row(chunk))]
        inputs: list[tuple[int, int, int, bytes]] = []
        for taken in chunk.taken:
            canonical = canonical_json(taken.category, taken.fields)
            blocks += self._blocks(taken, chunk.source_id, input_sha256(canonical))
            inputs += self._inputs(taken, chunk.source_id, canonical)
        if inputs:
            rows.append(("inputs", table_rows("inputs", zip(*inputs, strict=True))))
        if chunk.dead_letters.num_rows:
            rows.append(("dead_letters", chunk.dead_letters))
        return blocks, rows

    def _blocks(self, taken: Taken, source_id: int, sha256: pa.Array) -> Iterator[Block]:
        places = [pa.array(np.full(len(taken.positions), source_id, np.int32)), pa.array(taken.positions), sha256]
        names = ["source_id", "source_position", "input_sha256", *taken.fields.schema.names]
        records = pa.RecordBatch.from_arrays([*places, *taken.fields.columns], names=names)
        for begin in range(0, records.num_rows, self._block_size):
            shard = shard_of(source_id, int(taken.positions[begin]), self._shards)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, records.schema, options=self._options) as writer:
                writer.write_batch(records.slice(begin, self._block_size))
            yield Block(taken.category, shard, sink.getvalue().to_pybytes())

    def _inputs(self, taken: Taken, source_id: int, canonical: pa.Array) -> Iterator[tuple[int, int, int, bytes]]:
        positions = pa.array(taken.positions).cast(pa.string())
        lines = pc.binary_join_element_wise(positions, "\t", canonical, "\n", "")
        offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
        text = memoryview(lines.buffers()[2])
        for begin in range(0, len(lines), _RECORDS_PER_INPUT):
            end = min(begin + _RECORDS_PER_INPUT, len(lines))
            packed = self._compressor.compress(text[offsets[begin] : offsets[end]])
            yield source_id, int(taken.positions[begin]), int(taken.positions[end - 1]), packed


def _chunk_row(chunk: JudgedChunk) -> pa.RecordBatch:
    row = (chunk.source_id, chunk.position, chunk.length, chunk.records, chunk.skipped)
    return table_rows("chunks", [[value] for value in row])


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

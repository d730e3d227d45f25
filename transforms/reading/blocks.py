"""Makes blocks of good records, with their digests, and the rows that say how they were read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import zstandard

from schemas.arrow import table_rows
from transforms.calculation.provenance import canonical_json, input_sha256
from transforms.reading.parsed import Positions
from transforms.reading.records import JudgedChunk, Taken
from transforms.reading.shards import shard_of

SourceIds = npt.NDArray[np.int32]

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
        rows: list[tuple[str, pa.RecordBatch]] = [("chunks", _chunk_rows(chunk))]
        inputs: list[tuple[int, int, int, bytes]] = []
        for taken in chunk.taken:
            source_ids, positions = chunk.places.in_files(taken.positions)
            canonical = canonical_json(taken.category, taken.fields)
            blocks += self._blocks(taken, source_ids, positions, input_sha256(canonical))
            inputs += self._inputs(source_ids, positions, canonical)
        if inputs:
            rows.append(("inputs", table_rows("inputs", zip(*inputs, strict=True))))
        if chunk.dead_letters.num_rows:
            rows.append(("dead_letters", chunk.dead_letters))
        return blocks, rows

    def _blocks(self, taken: Taken, source_ids: SourceIds, positions: Positions, sha256: pa.Array) -> Iterator[Block]:
        names = ["source_id", "source_position", "input_sha256", *taken.fields.schema.names]
        records = pa.RecordBatch.from_arrays([pa.array(source_ids), pa.array(positions), sha256, *taken.fields.columns], names=names)
        for begin in range(0, records.num_rows, self._block_size):
            shard = shard_of(int(source_ids[begin]), int(positions[begin]), self._shards)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, records.schema, options=self._options) as writer:
                writer.write_batch(records.slice(begin, self._block_size))
            yield Block(taken.category, shard, sink.getvalue().to_pybytes())

    def _inputs(self, source_ids: SourceIds, positions: Positions, canonical: pa.Array) -> Iterator[tuple[int, int, int, bytes]]:
        lines = pc.binary_join_element_wise(pa.array(positions).cast(pa.string()), "\t", canonical, "\n", "")
        offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
        text = memoryview(lines.buffers()[2])
        # A row is of one file.
        borders = [0, *(np.flatnonzero(np.diff(source_ids)) + 1).tolist(), len(lines)]
        for first, last in pairwise(borders):
            for begin in range(first, last, _RECORDS_PER_INPUT):
                end = min(begin + _RECORDS_PER_INPUT, last)
                packed = self._compressor.compress(text[offsets[begin] : offsets[end]])
                yield int(source_ids[begin]), int(positions[begin]), int(positions[end - 1]), packed


def _chunk_rows(chunk: JudgedChunk) -> pa.RecordBatch:
    pieces = chunk.places.pieces
    coordinates = [[piece.source_id for piece in pieces], [piece.position for piece in pieces], [piece.length for piece in pieces]]
    return table_rows("chunks", [*coordinates, chunk.records_of.tolist(), chunk.skipped_of.tolist()])


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

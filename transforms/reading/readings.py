"""One file as blocks and rows for the store, made in this process or in one of its own.

What a run does with a file is half reading, half calculation, and Python lets only one thread of a process work on
objects at a time. On one machine the reading of a large file therefore gets a process of its own.
"""

import multiprocessing
import signal
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NamedTuple

import pyarrow as pa

from schemas.config import Config
from schemas.faults import UserFault
from transforms.counters import PROGRESS
from transforms.reading.blocks import Block, BlockMaker
from transforms.reading.mapping import Mapping
from transforms.reading.small_files import judged_together
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

# Starting a process takes a second; so does the reading of this much.
WORTH_A_PROCESS_BYTES = 20 << 20


class Reading(NamedTuple):
    """What came of a chunk of a file.

    Attributes:
        blocks: of its good records.
        rows: for the store's tables, by name.
        records, dead_letters: how many.
        bytes_read: of the file as it is stored, since the last chunk.
    """

    blocks: list[Block]
    rows: list[tuple[str, pa.RecordBatch]]
    records: int
    dead_letters: int
    bytes_read: int


class Reader(NamedTuple):
    """How files are read; travels to where they are.

    Attributes:
        mapping: what their columns mean.
        config: options that decide what is valid.
        block_size: records of a block at most.
        shards: number of keys of a category.
        names: short names of files by source_id.
    """

    mapping: Mapping
    config: Config
    block_size: int
    shards: int
    names: dict[int, str]

    def read(self, sources: Sequence[Source]) -> Iterator[Reading]:
        """Yields the chunks of a file, or of several small ones as one, read in this process.

        Raises:
            UserFault: a file as a whole can't be read.
        """
        maker, before = BlockMaker(self.block_size, self.shards), PROGRESS.bytes_read
        if len(sources) > 1:
            chunks = judged_together(sources, self.mapping, self.config, self.names)
        else:
            chunks = judged_chunks(sources[0], self.mapping, self.config, self.names.get(sources[0].source_id))
        for chunk in chunks:
            blocks, rows = maker.make(chunk)
            now = PROGRESS.bytes_read
            yield Reading(blocks, rows, chunk.records, chunk.dead_letters.num_rows, now - before)
            before = now

    def read_apart(self, sources: Sequence[Source]) -> Iterator[Reading]:
        """Yields the chunks of files, read in a process of its own, which ends with this generator or with us.

        Raises:
            UserFault: as read.
            RuntimeError: the process failed otherwise; with its traceback.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_send_readings, args=(theirs, self, sources), name="scope3-read", daemon=True)
        process.start()
        theirs.close()
        try:
            while True:
                try:
                    sent = ours.recv()
                except EOFError:
                    process.join()
                    raise RuntimeError(f"the process that reads {sources[0].source_uri} ended with {process.exitcode}") from None
                if sent is None:
                    return
                if isinstance(sent, UserFault):
                    raise sent
                if isinstance(sent, str):
                    raise RuntimeError(sent)
                PROGRESS.bytes_read += sent.bytes_read
                yield sent
        finally:
            ours.close()
            process.terminate()
            process.join()


def _send_readings(pipe: "Connection[object, object]", reader: Reader, sources: Sequence[Source]) -> None:
    """Sends the chunks of files, and None at their end or the fault that ended them."""
    # Ctrl-C is for the whole job; we end when nobody listens any more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_memory_pool(pa.system_memory_pool())
    end: object = None
    # Nobody listens any more.
    with suppress(BrokenPipeError):
        try:
            for reading in reader.read(sources):
                pipe.send(reading)
        except UserFault as fault:
            end = fault
        except BrokenPipeError:
            raise
        except Exception:
            end = traceback.format_exc()
        pipe.send(end)

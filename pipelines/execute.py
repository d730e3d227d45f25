"""Runs the pipeline to its end, and turns what stops it into a sentence."""

import gc
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from pipelines.progress import shown_progress
from pipelines.scope3 import Job, build
from schemas.faults import UserFault
from transforms.counters import PROGRESS
from transforms.sinks.contract import Run, Store

OBJECTS_BETWEEN_COLLECTIONS = 50_000

_LONGEST_REASON = 300

# A fault of a step comes back from a runner as text only.
_STEP = " [while running '"
_FAULT = re.compile(rf"schemas\.faults\.(?:UserFault|UsageFault): (.*?)(?:{re.escape(_STEP)}[^\n]*)?$", re.MULTILINE)


def execute(job: Job, arguments: Sequence[str], store: Store, quiet: bool, page: str | None) -> None:
    """Runs the pipeline to its end; a run that does not get there is marked as failed.

    Args:
        job: what is to be done.
        arguments: for Beam.
        store: where it is marked.
        quiet: no progress.
        page: where a cluster shows the progress, None for a run in this process.

    Raises:
        UserFault: what a step told.
    """
    # What has been imported stays; to look through it again and again for garbage costs a tenth of the calculation.
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    pipeline = beam.Pipeline(runner=FnApiRunner() if job.local else None, options=PipelineOptions(list(arguments)))
    build(pipeline, job)
    PROGRESS.begin(sum(source.size_bytes for source in job.run.sources))
    fault: UserFault | None = None
    result = None
    try:
        with shown_progress(quiet or page is not None):
            result = pipeline.run()
            # Beam's job server takes the interrupt for itself.
            catch_interrupts()
            if page is not None and not quiet:
                print(f"The job runs; its progress is shown at {page}", file=sys.stderr)
            result.wait_until_finish()
    except BaseException as error:
        # An interrupt that meets a step comes back from Beam as a RuntimeError.
        if _interrupted:
            if result is not None and not job.local:
                with suppress(Exception):
                    result.cancel()
            _fail(store, job.run, "interrupted")
            raise KeyboardInterrupt("nothing was published") from None
        # The fault itself, with the name of its step behind it, or a text with the fault somewhere in it.
        told = [str(error).split(_STEP)[0]] if isinstance(error, UserFault) else _FAULT.findall(str(error))
        if told:
            fault = UserFault(told[-1])
        last_words = (str(error).strip().splitlines() or [""])[-1]
        _fail(store, job.run, told[-1] if told else f"{type(error).__name__}: {last_words[:_LONGEST_REASON]}")
        if not told:
            raise
    # Raised outside the handler: a sentence needs no history.
    if fault is not None:
        raise fault


def catch_interrupts() -> None:
    """Lets Ctrl-C and SIGTERM end the run in order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _fail(store: Store, run: Run, reason: str) -> None:
    try:
        store.fail(run.key, reason)
    except UserFault:
        # The store is what failed; the run shows as abandoned there.
        return


_interrupted: list[int] = []


def _interrupt(number: int, frame: object) -> None:
    _interrupted.append(number)
    raise KeyboardInterrupt

"""Runs the pipeline to its end, and turns what stops it into a sentence."""

import gc
import platform
import re
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import PipelineResult

from pipelines.progress import shown_progress
from pipelines.scope3 import Job, build
from schemas.faults import UsageFault, UserFault
from schemas.version import ENGINE_VERSION
from transforms.check_workers import FAULT
from transforms.counters import PROGRESS
from transforms.sinks.contract import Run, RunKey, State, Store

OBJECTS_BETWEEN_COLLECTIONS = 50_000

_LONGEST_REASON = 300

# A fault of a step comes back from a runner as text only.
_STEP = " [while running '"
_FAULT = re.compile(rf"(?:schemas\.faults\.(?:UserFault|(UsageFault))|{FAULT}): (.*?)(?:{re.escape(_STEP)}[^\n]*)?$", re.MULTILINE)


# Signs of what went wrong in a runner's own words, and what to do about it.
_ON_CLUSTER = {
    "Waited 3 minutes": "workers could not begin: see what they print; they need this package, its version, and the Python and Beam of "
    f"this machine (scope3-calculator {ENGINE_VERSION}, Python {platform.python_version()}, Beam {beam.__version__})",
    "UNAVAILABLE: io exception": "a TaskManager found no workers at --environment_config; start them beside each one with: scope3 workers",
    "Direct buffer memory": "TaskManagers need more direct memory: set taskmanager.memory.task.off-heap.size to 256m or more",
}


class Elsewhere(Protocol):
    """A job on a cluster."""

    @property
    def page(self) -> str | None:
        """Returns where a person sees it."""

    def cancel(self, key: RunKey) -> None:
        """Ends the job of a run, if it goes on.

        Raises:
            UserFault: it can't be ended.
        """


def execute(job: Job, arguments: Sequence[str], store: Store, quiet: bool, elsewhere: Elsewhere | None = None) -> None:
    """Runs the pipeline to its end; a run that does not get there is marked as failed.

    Args:
        job: what is to be done.
        arguments: for Beam.
        store: where it is marked.
        quiet: no progress.
        elsewhere: the cluster's part in it, None for a run in this process.

    Raises:
        UserFault: what a step told, or the cluster; UsageFault where the step told so.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the job has ended on the cluster too.
    """
    page = None if elsewhere is None else elsewhere.page
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
            # Beam's job server has taken Ctrl-C for itself.
            catch_interrupts()
            if page is not None and not quiet:
                print(f"The job runs; its progress is shown at {page}", file=sys.stderr)
            result.wait_until_finish()
    except BaseException as error:
        # An interrupt that meets a step comes back from Beam as a RuntimeError.
        fault = _told(error, page)
        told = "interrupted" if _interrupted else fault and str(fault)
        last_words = (str(error).strip().splitlines() or [""])[-1]
        unended = _end(elsewhere, job.run.key, result)
        outcome = _fail(store, job.run, told or f"{type(error).__name__}: {last_words[:_LONGEST_REASON]}")
        if _interrupted:
            raise KeyboardInterrupt("; ".join([outcome, *unended])) from None
        if fault is None:
            raise
        fault = type(fault)("; ".join([str(fault), *unended]))
    # Raised outside the handler: a sentence needs no history.
    if fault is not None:
        raise fault


def _end(elsewhere: Elsewhere | None, key: RunKey, result: PipelineResult | None) -> list[str]:
    """Ends what still goes on elsewhere; returns what could not be ended, as sentences."""
    if elsewhere is None:
        return []
    try:
        elsewhere.cancel(key)
    except UserFault as fault:
        return [str(fault)]
    finally:
        if result is not None:
            # For what Beam has opened here; the job itself has ended.
            with suppress(Exception):
                result.cancel()
    return []


def _told(error: BaseException, page: str | None) -> UserFault | None:
    """Returns what a user can do about an error, None for a fault of our own."""
    text = str(error)
    # The fault itself, with the name of its step behind it, or a text with the fault somewhere in it.
    if isinstance(error, UserFault):
        return type(error)(text.split(_STEP)[0])
    for is_usage, told in reversed(_FAULT.findall(text)):
        return UsageFault(told) if is_usage else UserFault(told)
    if isinstance(error, grpc.RpcError):
        return UserFault(
            "Beam's job server, a Java program that hands the job to the cluster, ended before the job did; start the run again"
        )
    failed = re.match(r"Pipeline \S+ failed in state (\w+): (.*)", text)
    if page is None or failed is None or "Traceback (most recent call last)" in text:
        return None
    known = next((remedy for sign, remedy in _ON_CLUSTER.items() if sign in text), f"see {page}")
    cause = failed[2][:_LONGEST_REASON].strip() or "no reason given"
    return UserFault(f"the job ended in state {failed[1]} on the cluster ({cause}); {known}")


def catch_interrupts() -> None:
    """Lets Ctrl-C and SIGTERM end the run in order."""
    threading.excepthook = _forget_when_interrupted
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _fail(store: Store, run: Run, reason: str) -> str:
    """Marks a run that goes on as failed; returns what readers see of it, as its publication may have come before."""
    try:
        store.fail(run.key, reason)
        states = {one.run_id: one.state for one in store.runs()}
    except UserFault:
        # The store is what failed; the run shows as abandoned there.
        return "the store does not answer, so scope3 runs must tell whether the run was published"
    shown = states.get(run.run_id) in (State.PUBLISHED, State.SUPERSEDED)
    return "the run was published before that" if shown else "nothing was published"


_interrupted: list[int] = []


def _forget_when_interrupted(told: threading.ExceptHookArgs) -> None:
    # Beam's threads listen to a job server that the same Ctrl-C has ended.
    if not _interrupted:
        threading.__excepthook__(told)


def _interrupt(number: int, frame: object) -> None:
    _interrupted.append(number)
    raise KeyboardInterrupt

"""scope3 run: the main job."""

import gc
import hashlib
import os
import re
import secrets
import signal
from collections.abc import Sequence
from datetime import datetime, timezone

import pyarrow as pa

from pipelines.endpoints import Endpoint, open_endpoint
from pipelines.looking import look_lines
from pipelines.options import RunOptions, parse_run, print_help
from pipelines.progress import shown_progress
from pipelines.quiet import leave_out_cloud_libraries, silence_libraries
from pipelines.report import lines_of
from schemas.faults import UserFault
from schemas.version import ENGINE_VERSION
from transforms.calculation.provenance import config_sha256
from transforms.counters import PROGRESS
from transforms.factors.table import FactorTable
from transforms.reading.files import find_sources, is_local
from transforms.reading.mapping import NO_MAPPING, Mapping, load_mapping
from transforms.sinks.contract import Run, Source, State, Store, Target

_DONE, _AUDIT_FAILED = 0, 3
_LONGEST_REASON = 300
_OBJECTS_BETWEEN_COLLECTIONS = 50_000

# A fault of a step comes back from a runner as text only.
_STEP = " [while running '"
_FAULT = re.compile(rf"schemas\.faults\.(?:UserFault|UsageFault): (.*?)(?:{re.escape(_STEP)}[^\n]*)?$", re.MULTILINE)


def run(arguments: Sequence[str]) -> int:
    """Runs the job and prints what came of it.

    Raises:
        UserFault: anything that the user can mend.
    """
    if {"-h", "--help"} & set(arguments):
        print_help()
        return _DONE
    silence_libraries()
    options = parse_run(arguments)
    if options.local and all(map(is_local, options.inputs)):
        leave_out_cloud_libraries()
    # Arrow's own allocators keep what they once had: 50 MB more at the peak.
    pa.set_memory_pool(pa.system_memory_pool())
    mapping = NO_MAPPING if options.mapping is None else load_mapping(options.mapping)
    sources = find_sources(options.inputs)
    factors = FactorTable.load(options.factors, options.config)
    described = _describe(options, mapping, sources, factors.sha256)
    packed_factors = factors.to_bytes()
    del factors
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with open_endpoint(options.endpoint) as target:
        store = target.open()
        try:
            _execute(options, mapping, packed_factors, target, store, described)
            summary = store.summary(described.run_id)
        finally:
            store.close()
    for line in lines_of(summary):
        print(line)
    print()
    for line in _where(options.endpoint):
        print(line)
    return _AUDIT_FAILED if summary.audit.state is State.FAILED else _DONE


def _describe(options: RunOptions, mapping: Mapping, sources: Sequence[Source], factors_sha256: str) -> Run:
    """Returns what the store notes about the run."""
    config_hash = config_sha256(options.config)
    inputs = hashlib.sha256("\n".join(f"{one.source_uri}\t{one.size_bytes}" for one in sources).encode()).hexdigest()
    return Run(
        run_id=options.run_id or f"{options.inventory}-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        inventory=options.inventory,
        fingerprint={
            "inputs": inputs,
            "mapping": hashlib.sha256(repr(mapping).encode()).hexdigest(),
            "options": options.config.model_dump(mode="json"),
            "factors": factors_sha256,
            "engine_version": ENGINE_VERSION,
        },
        sources=tuple(sources),
        config=options.config.model_dump(mode="json"),
        config_sha256=config_hash,
        factors_sha256=factors_sha256,
        engine_version=ENGINE_VERSION,
        max_dead_letter_share=options.config.max_dead_letter_share,
        keep_runs=options.keep_runs,
    )


def _execute(options: RunOptions, mapping: Mapping, packed_factors: bytes, target: Target, store: Store, described: Run) -> None:
    """Runs the pipeline to its end; a run that does not get there is marked as failed.

    Raises:
        UserFault: what a step told.
    """
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    from pipelines.scope3 import Job, build

    job = Job(target, described, mapping, options.config, packed_factors, options.batch_size, options.block_size, options.local)
    # What has been imported stays; to look through it again and again for garbage costs a tenth of the calculation.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    pipeline = beam.Pipeline(runner=FnApiRunner() if options.local else None, options=PipelineOptions(list(options.beam_arguments)))
    build(pipeline, job)
    PROGRESS.begin(sum(source.size_bytes for source in described.sources))
    fault: UserFault | None = None
    try:
        with shown_progress(options.quiet):
            pipeline.run().wait_until_finish()
    except BaseException as error:
        # An interrupt that meets a step comes back from Beam as a RuntimeError.
        if _interrupted:
            _fail(store, described, "interrupted")
            raise KeyboardInterrupt("nothing was published") from None
        # The fault itself, with the name of its step behind it, or a text with the fault somewhere in it.
        told = [str(error).split(_STEP)[0]] if isinstance(error, UserFault) else _FAULT.findall(str(error))
        if told:
            fault = UserFault(told[-1])
        last_words = (str(error).strip().splitlines() or [""])[-1]
        _fail(store, described, told[-1] if told else f"{type(error).__name__}: {last_words[:_LONGEST_REASON]}")
        if not told:
            raise
    # Raised outside the handler: a sentence needs no history.
    if fault is not None:
        raise fault


def _fail(store: Store, described: Run, reason: str) -> None:
    try:
        store.fail(described.key, reason)
    except UserFault:
        # The store is what failed; the run shows as abandoned there.
        return


_interrupted: list[int] = []


def _interrupt(number: int, frame: object) -> None:
    _interrupted.append(number)
    raise KeyboardInterrupt


def _where(endpoint: Endpoint) -> list[str]:
    command = "./run_local.sh" if os.environ.get("SCOPE3_FRONT_DOOR") else "scope3"
    return [f"The data are in {endpoint}. Look at them with", *(f"  {line}" for line in look_lines(endpoint, command))]

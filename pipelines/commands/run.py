"""scope3 run: the main job."""

import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.config_options import load_factors
from pipelines.elsewhere import check_password, check_store
from pipelines.endpoints import Endpoint, open_endpoint
from pipelines.looking import look_lines, store_options
from pipelines.options import RunOptions, parse_run, print_help
from pipelines.quiet import leave_out_cloud_libraries, silence_libraries
from pipelines.report import lines_of
from schemas.version import ENGINE_VERSION
from transforms.calculation.provenance import config_sha256
from transforms.factors.table import FactorTable
from transforms.reading.inputs import find_inputs, is_of_cloud
from transforms.reading.mapping import NO_MAPPING, Mapping, load_mapping
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.contract import Run, Source, State, Target
from transforms.sinks.password_secret import needs_cloud

if TYPE_CHECKING:
    from pipelines.flink import FlinkJob
    from pipelines.scope3 import Job

_DONE, _AUDIT_FAILED = 0, 3


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
    files = [*options.inputs, *options.factors, *filter(None, [options.mapping])]
    in_cloud = isinstance(options.endpoint.target, BigQueryTarget) or needs_cloud(options.endpoint.password_secret)
    if options.local and not any(map(is_of_cloud, files)) and not in_cloud:
        leave_out_cloud_libraries()
    # Arrow's own allocators keep what they once had: 50 MB more at the peak.
    pa.set_memory_pool(pa.system_memory_pool())
    return _submit(options) if options.dataflow else _run_to_its_end(options)


def _run_to_its_end(options: RunOptions) -> int:
    """Runs the job here or on a cluster, waits for it, and prints what came of it."""
    make_job = _read(options)
    # Imported here: Beam takes seconds, and all faults above are told without it.
    from pipelines.execute import catch_interrupts, execute

    flink = _checked_for_flink(options) if options.flink else None
    catch_interrupts()
    with open_endpoint(options.endpoint) as target:
        store = target.open()
        try:
            job = make_job(target)
            if flink is not None:
                job = replace(job, flink_slots=flink.parallelism)
            with nullcontext(options.beam_arguments) if flink is None else flink.arguments(job.run.key) as arguments:
                execute(job, arguments, store, options.quiet, flink)
            summary = store.summary(job.run.run_id)
        finally:
            store.close()
    for line in lines_of(summary):
        print(line)
    print()
    for line in _where(options.endpoint):
        print(line)
    return _AUDIT_FAILED if summary.audit.state is State.FAILED else _DONE


def _submit(options: RunOptions) -> int:
    """Sends the job to Dataflow and prints where it can be watched; the store is for the job alone."""
    from pipelines.dataflow import check_dataflow, submit

    arguments = check_dataflow(options)
    assert options.endpoint.target is not None
    job = _read(options)(options.endpoint.target)
    submitted = submit(job, arguments)
    if submitted.described_in is not None:
        print(f"Run {job.run.run_id} is described in {submitted.described_in}, from where the launcher of the template starts it.")
    else:
        print(f"Run {job.run.run_id} is submitted to Dataflow as job {submitted.job_id}, project {submitted.project}, {submitted.region}.")
        print(f"It goes on without this command; its page is {submitted.page}")
    print("When its audit has passed it is published. What came of it:")
    print(f"  {_command()} runs {store_options(options.endpoint)}")
    return _DONE


def _read(options: RunOptions) -> "Callable[[Target], Job]":
    """Reads what the job is made from; returns what makes it for a store."""
    mapping = NO_MAPPING if options.mapping is None else load_mapping(options.mapping)
    sources = find_inputs(options.inputs)
    factors = load_factors(options.factors, options.config)
    described = _describe(options, mapping, sources, factors)
    packed_factors = factors.to_bytes()
    # Imported here: Beam takes seconds, and all faults above are told without it.
    from pipelines.scope3 import Job

    return lambda target: Job(
        target,
        described,
        mapping,
        options.config,
        packed_factors,
        options.batch_size,
        options.block_size,
        options.local,
    )


def _checked_for_flink(options: RunOptions) -> "FlinkJob":
    from pipelines.flink import check_flink

    flink = check_flink(options.beam_arguments)
    if flink.warning is not None and not options.quiet:
        print(f"scope3: {flink.warning}", file=sys.stderr)
    if flink.is_remote:
        check_store(options.endpoint, "TaskManagers of the cluster")
    if not flink.serves_workers:
        check_password(options.endpoint, options.inputs, "the workers beside TaskManagers")
    return flink


def _describe(options: RunOptions, mapping: Mapping, sources: Sequence[Source], factors: FactorTable) -> Run:
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
            "factors": [{"set": name, "sha256": sha256} for name, sha256 in factors.sets],
            "engine_version": ENGINE_VERSION,
        },
        sources=tuple(sources),
        config=options.config.model_dump(mode="json"),
        config_sha256=config_hash,
        factors_sha256=factors.sha256,
        engine_version=ENGINE_VERSION,
        max_dead_letter_share=options.config.max_dead_letter_share,
        keep_runs=options.keep_runs,
    )


def _where(endpoint: Endpoint) -> list[str]:
    return [f"The data are in {endpoint}. Look at them with", *(f"  {line}" for line in look_lines(endpoint, _command()))]


def _command() -> str:
    return "./run_local.sh" if os.environ.get("SCOPE3_FRONT_DOOR") else "scope3"

"""The options of `scope3 run`: ours first, then those of Beam and its runners."""

import argparse
import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipelines.arguments import Parser, refuse_unknown
from pipelines.config_options import add_config_options, add_factors_option, config_of
from pipelines.endpoints import Endpoint
from pipelines.store_options import add_store_options, endpoint_of
from schemas.config import Config
from schemas.faults import UsageFault
from transforms.sinks.connection import FEWEST_CONNECTIONS
from transforms.sinks.contract import check_name

# FnApiRunner in this process, whatever it is called; the plain DirectRunner dies on GroupIntoBatches (apache/beam issue 28716).
LOCAL_RUNNERS = ("local", "DirectRunner", "FnApiRunner", "PrismRunner", "SwitchingDirectRunner", "BundleBasedDirectRunner")

_FLINK, _DATAFLOW = "FlinkRunner", "DataflowRunner"

# The last two take a job as Flink's job server does; no test runs on them.
_RUNNERS_ELSEWHERE = (_FLINK, _DATAFLOW, "PortableRunner", "SparkRunner")

# Options that the job server of Flink understands and Beam's Python does not know.
_OF_JOB_SERVER = {
    "execution_mode_for_batch": "PIPELINED or BATCH: whether a stage waits until the one before it has ended (default: PIPELINED)",
    "object_reuse": "true: objects are not copied between steps of a task",
    "faster_copy": "true: fewer copies between steps of a task",
    "disable_metrics": "true: no metrics of Beam in Flink",
}

_DESCRIPTION = "Reads records, calculates them in batches, writes results and dead letters to a store, counts there that nothing was lost, and publishes."


@dataclass(frozen=True)
class RunOptions:
    """What `scope3 run` was asked to do."""

    inputs: tuple[str, ...]
    mapping: str | None
    endpoint: Endpoint
    inventory: str
    run_id: str | None
    keep_runs: int | None
    factors: tuple[str, ...]
    config: Config
    batch_size: int
    block_size: int
    quiet: bool
    local: bool
    flink: bool
    dataflow: bool
    beam_arguments: tuple[str, ...]


def add_input_options(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Adds `--input` and `--mapping`."""
    group = parser.add_argument_group("input")
    group.add_argument(
        "--input",
        nargs="+",
        action="extend",
        required=required,
        metavar="PATTERN",
        help="files or patterns, local or of any file system that Beam knows: .csv or .jsonl, plain, .gz, .bz2 or .zst, .parquet, or .xlsx; or a "
        "table or query: postgresql://USER@HOST/DATABASE?table=SCHEMA.TABLE, bigquery://PROJECT/DATASET/TABLE?key=COLUMN, "
        "or ...?query=SELECT ...&key=COLUMN; key= names the columns that tell rows apart (default in PostgreSQL: the primary key), "
        "&password_secret= the secret of a password",
    )
    group.add_argument("--mapping", metavar="FILE", help="TOML file that says which of your columns is which field")


def run_parser() -> Parser:
    """Returns the parser of our own options."""
    parser = Parser(prog="scope3 run", description=_DESCRIPTION, usage="scope3 run --input PATTERN... [options] [Beam options]")
    add_input_options(parser)
    add_store_options(parser)
    run = parser.add_argument_group("run")
    run.add_argument(
        "--inventory", metavar="NAME", default="main", help="what the run is a version of, for example acme-2026 (default: main)"
    )
    run.add_argument("--run_id", metavar="ID", help="name of the run (default: a new one)")
    run.add_argument("--keep_runs", metavar="N", type=count(0), help="former runs of the inventory that stay in the store (default: all)")
    run.add_argument(
        "--max_connections",
        metavar="N",
        type=count(FEWEST_CONNECTIONS),
        help="connections to PostgreSQL that the run holds at the same time at most; its workers take turns "
        "(default: as many as the server gives; each process of a worker needs one)",
    )
    run.add_argument("--quiet", action="store_true", help="no progress")
    add_factors_option(parser, "default")
    add_config_options(parser)
    batches = parser.add_argument_group("batches")
    batches.add_argument("--batch_size", metavar="N", type=count(1), default=1_000, help="records of a batch at most (default: 1000)")
    batches.add_argument(
        "--block_size",
        metavar="N",
        type=count(1),
        default=250,
        help="records that travel together to a batch; at most a batch (default: 250)",
    )
    return parser


def parse_run(arguments: Sequence[str]) -> RunOptions:
    """Parses the options of `scope3 run`.

    Raises:
        UsageFault: an unknown option, or a value that can't be used.
    """
    parser = run_parser()
    found, rest = parser.parse_known_args(arguments)
    runner, rest = _take_runner(rest)
    if rest or runner is not None:
        _check_beam_arguments(rest, parser.option_names())
    if found.block_size > found.batch_size:
        raise UsageFault(f"--block_size {found.block_size} is more than --batch_size {found.batch_size}; a batch is made of whole blocks")
    check_name("inventory", found.inventory)
    if found.run_id is not None:
        check_name("run_id", found.run_id)
    local = runner is None or runner in LOCAL_RUNNERS
    return RunOptions(
        inputs=tuple(found.input),
        mapping=found.mapping,
        endpoint=endpoint_of(found, found.max_connections),
        inventory=found.inventory,
        run_id=found.run_id,
        keep_runs=found.keep_runs,
        factors=tuple(found.factors or ["default"]),
        config=config_of(found),
        batch_size=found.batch_size,
        block_size=found.block_size,
        quiet=found.quiet,
        local=local,
        flink=runner == _FLINK,
        dataflow=runner == _DATAFLOW,
        beam_arguments=tuple(rest if local else [f"--runner={runner}", *rest]),
    )


def print_help() -> None:
    """Prints our options, then Beam's."""
    parser = run_parser()
    add_beam_options(parser)
    parser.print_help()


def _take_runner(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Returns the runner in Beam's spelling, None where none is named, and the other arguments."""
    parser = Parser(prog="scope3 run", add_help=False)
    parser.add_argument("--runner")
    found, rest = parser.parse_known_args(arguments)
    return None if found.runner is None else _spelled_as_beam_does(found.runner), rest


def _spelled_as_beam_does(runner: str) -> str:
    """Returns the name of a runner; Beam takes it in any letters, with its module or without, and without the word Runner.

    Raises:
        UsageFault: no runner that a run can use.
    """
    names = {name.lower().removesuffix("runner"): name for name in (*LOCAL_RUNNERS, *_RUNNERS_ELSEWHERE)}
    word = runner.strip().rpartition(".")[2].lower().removesuffix("runner")
    if word in names:
        return names[word]
    near = difflib.get_close_matches(word, names, 1)
    hint = f"did you mean {names[near[0]]}?" if near else f"leave it out to run on this machine, or give {_FLINK} or {_DATAFLOW}"
    raise UsageFault(f"--runner {runner!r} is no runner for this job; {hint}")


def _check_beam_arguments(arguments: Sequence[str], ours: Sequence[str]) -> None:
    parser = Parser(prog="scope3 run", add_help=False)
    add_beam_options(parser)
    _, unknown = parser.parse_known_args(arguments)
    refuse_unknown(unknown, [*ours, *parser.option_names()], "scope3 run")


def add_beam_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of Beam and its runners."""
    # Imported here: it takes seconds, and most runs name no option of Beam's.
    from apache_beam.options import pipeline_options

    classes = [one for one in pipeline_options.PipelineOptions.__subclasses__() if one.__module__ == pipeline_options.__name__]
    for one in classes:
        if one is not pipeline_options.TestOptions:
            one._add_argparse_args(parser.add_argument_group(f"Beam: {one.__name__}"))  # type: ignore[arg-type]
    group = parser.add_argument_group("Beam: job server of Flink")
    for name, told in _OF_JOB_SERVER.items():
        group.add_argument(f"--{name}", help=told)


def count(lowest: int) -> Callable[[str], int]:
    """Returns what reads a whole number from a lowest one to 1,000,000."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = lowest - 1
        if not lowest <= number <= 1_000_000:
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {lowest} to 1,000,000")
        return number

    return parse

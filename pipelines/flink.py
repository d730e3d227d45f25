"""A job on Flink: what Beam is told, checked against the cluster before anything is submitted.

Beam itself tells of a wrong option late, by a stack trace of Java, or not at all: a job with too few slots just waits.
"""

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from apache_beam.options.pipeline_options import FlinkRunnerOptions, JobServerOptions, PipelineOptions, PortableOptions
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES

from pipelines.arguments import Parser
from pipelines.flink_cluster import Cluster, cancel_jobs, look_at, url_of
from pipelines.flink_job_server import check_java, find_jar
from pipelines.workers import served_workers
from schemas.faults import UsageFault, UserFault
from schemas.version import ENGINE_VERSION
from transforms.sinks.contract import RunKey

_TIMEOUT_SECONDS = 10
_LONGEST_NAME, _LAUNCH_DIGITS = 60, 8

# It lives for one job: the better compiler costs more than it gains.
_QUICK_JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

# In a batch job the cluster alone says it; Beam's options for it are not heeded. The death of one TaskManager costs two
# attempts: the first new one may still get its slots.
_NO_RESTARTS = (
    "the cluster has no restart-strategy, so the job ends at the first fault of a machine; to let it go on write into the cluster's "
    "configuration: restart-strategy.type: fixed-delay, restart-strategy.fixed-delay.attempts: 5"
)

# A TaskManager sends a worker 100 messages before it asks whether they are taken. With Beam's 1 MB a message they do not
# fit into the direct memory that Flink's default configuration leaves.
_MESSAGE_BYTES = 100_000

_ENVIRONMENTS = (
    "LOOPBACK (workers on this machine, started by this command), or EXTERNAL with --environment_config=HOST:PORT "
    "(workers that `scope3 workers` serves beside each TaskManager)"
)


@dataclass(frozen=True)
class FlinkJob:
    """A job that may be submitted.

    Attributes:
        master: the cluster, None where Flink runs inside the job server.
        is_remote: whether some of its workers are on other machines.
        serves_workers: whether this command starts the workers, on this machine.
        parallelism: how many tasks of a step go on side by side.
        warning: what may go wrong.
    """

    master: str | None
    is_remote: bool
    serves_workers: bool
    parallelism: int
    warning: str | None
    _arguments: tuple[str, ...]
    _job_name: str | None

    @property
    def page(self) -> str | None:
        """Returns where a person sees the job."""
        return None if self.master is None else f"{url_of(self.master)}/#/overview"

    def name(self, key: RunKey) -> str:
        """Returns the name of the job that makes a run: on this cluster that of no other job."""
        name = self._job_name or re.sub(r"[^A-Za-z0-9_.-]", "-", key.run_id)[:_LONGEST_NAME]
        return f"{name}-{key.launch[:_LAUNCH_DIGITS]}"

    def cancel(self, key: RunKey) -> None:
        """Ends the job on the cluster, if it goes on there. Beam's own cancel ends only the job server's part in it.

        Raises:
            UserFault: it can't be ended.
        """
        if self.master is not None:
            cancel_jobs(self.master, self.name(key))

    @contextmanager
    def arguments(self, key: RunKey) -> Iterator[list[str]]:
        """Gives the arguments for Beam; workers on this machine are served while the block runs."""
        with served_workers(quiet=True) if self.serves_workers else nullcontext() as pool:
            # Of an option that comes twice the last counts.
            external = ["--environment_type=EXTERNAL", f"--environment_config={pool}"] if pool else []
            yield [*self._arguments, f"--job_name={self.name(key)}", *external]


def check_flink(arguments: Sequence[str]) -> FlinkJob:
    """Looks at the options of Beam and the cluster, gets the job server, and adds what was left out.

    Raises:
        UsageFault: options that can't work, or not with this cluster.
        UserFault: the cluster, Java or the job server is not there, or has too few slots.
    """
    options = PipelineOptions(list(arguments))
    master = options.view_as(FlinkRunnerOptions).flink_master.strip()
    is_inside = master in MAGIC_HOST_NAMES
    environment = _check_environment(options, is_inside)
    cluster = None if is_inside else look_at(master)
    # Nothing is known yet of TaskManagers that the cluster will get for this job.
    is_remote = cluster is not None and not (cluster.hosts and all(map(_is_here, set(cluster.hosts))))
    if cluster is not None:
        _check_slots(options, cluster, master)
    if environment == "LOOPBACK" and is_remote:
        raise UsageFault(
            f"--environment_type=LOOPBACK is for a cluster on this machine, and TaskManagers of {master} run elsewhere; serve workers "
            "beside each with `scope3 workers`, and give --environment_type=EXTERNAL --environment_config=HOST:PORT"
        )
    if environment == "EXTERNAL" and not is_remote:
        _check_pool(options)
    parallelism, processes = _parallelism(options, cluster), _processes(options, arguments, cluster)
    # The job server knows nothing of the cluster's configuration: of a job that says no parallelism it would make 1.
    added = [f"--parallelism={parallelism}", f"--sdk_worker_parallelism={processes}"]
    added.append(f"--experiments=data_buffer_size_limit={_MESSAGE_BYTES}")
    endpoint = options.view_as(PortableOptions).job_endpoint
    if endpoint:
        _check_job_endpoint(endpoint)
    else:
        if not options.view_as(FlinkRunnerOptions).flink_submit_uber_jar:
            check_java(options)
        added.append(f"--flink_job_server_jar={find_jar(options, _version(arguments, cluster))}")
        if not options.view_as(JobServerOptions).job_server_jvm_properties:
            added += [f"--job_server_jvm_properties={one}" for one in _QUICK_JAVA]
    return FlinkJob(
        master=None if cluster is None else master,
        is_remote=is_remote,
        serves_workers=environment == "LOOPBACK",
        parallelism=parallelism,
        warning=None if cluster is None or cluster.has_restarts else _NO_RESTARTS,
        _arguments=(*arguments, *added),
        _job_name=_given(arguments, "--job_name"),
    )


def _check_environment(options: PipelineOptions, is_inside: bool) -> str:
    """Returns the kind of workers."""
    portable = options.view_as(PortableOptions)
    kind = (portable.environment_type or ("LOOPBACK" if is_inside else "")).upper()
    if not kind:
        raise UsageFault(
            f"--environment_type is missing: Beam would start Docker containers, which lack this package; give {_ENVIRONMENTS}"
        )
    if kind not in ("LOOPBACK", "EXTERNAL", "DOCKER", "PROCESS"):
        raise UsageFault(f"--environment_type {kind} is none that Beam knows; give {_ENVIRONMENTS}")
    address = portable.environment_config or portable.lookup_environment_option("external_service_address")
    if kind == "EXTERNAL" and not re.fullmatch(r".+:\d+", str(address or "")):
        raise UsageFault(
            "--environment_type=EXTERNAL needs --environment_config=HOST:PORT: where each TaskManager finds its workers, "
            "for example localhost:50000, where `scope3 workers` serves them"
        )
    if kind == "DOCKER" and not (portable.environment_config or portable.lookup_environment_option("docker_container_image")):
        raise UsageFault(
            f"--environment_type=DOCKER needs --environment_config=IMAGE with scope3-calculator {ENGINE_VERSION}; or give {_ENVIRONMENTS}"
        )
    return kind


def _check_slots(options: PipelineOptions, cluster: Cluster, master: str) -> None:
    wanted = _parallelism(options, cluster)
    if cluster.free_slots >= wanted or cluster.grows:
        return
    if cluster.slots >= wanted:
        remedy = f"wait for its other jobs, add TaskManagers, or give --parallelism={cluster.free_slots} or less"
        if not cluster.free_slots:
            remedy = "wait for its other jobs, or add TaskManagers"
    else:
        remedy = "add TaskManagers" + (f", or give --parallelism={cluster.free_slots} or less" if cluster.free_slots else "")
    raise UserFault(
        f"the cluster at {master} has {cluster.free_slots} of its {cluster.slots} slots free, and the job needs {wanted}; it would wait "
        f"without a word: {remedy}"
    )


def _parallelism(options: PipelineOptions, cluster: Cluster | None) -> int:
    given = options.view_as(FlinkRunnerOptions).parallelism
    return given if given > 0 else 1 if cluster is None else cluster.default_parallelism


def _processes(options: PipelineOptions, arguments: Sequence[str], cluster: Cluster | None) -> int:
    """Returns the number of processes for each TaskManager: one a slot, as Python works in one thread of a process at a time."""
    given = _given(arguments, "--sdk_worker_parallelism")
    if given is not None and given.isdigit() and int(given) > 0:
        return int(given)
    return min(_parallelism(options, cluster), cluster.slots_each if cluster is not None else _parallelism(options, cluster))


def _version(arguments: Sequence[str], cluster: Cluster | None) -> str:
    """Returns the version of Flink."""
    given = _given(arguments, "--flink_version")
    if cluster is None:
        return given or str(FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS[-1])
    if given not in (None, cluster.version):
        raise UsageFault(
            f"--flink_version is {given}, and the cluster has Flink {cluster.version}; give {cluster.version}, or leave it out"
        )
    return cluster.version


def _given(arguments: Sequence[str], name: str) -> str | None:
    parser = Parser(add_help=False)
    parser.add_argument(name, dest="value")
    found: str | None = parser.parse_known_args(arguments)[0].value
    return found


def _check_pool(options: PipelineOptions) -> None:
    """Looks whether workers are served, where that can be seen from here."""
    portable = options.view_as(PortableOptions)
    address = str(portable.environment_config or portable.lookup_environment_option("external_service_address"))
    told = _try(address)
    if told is not None:
        port = address.rpartition(":")[2]
        raise UserFault(f"nobody serves workers at --environment_config={address} ({told}); start them with: scope3 workers --port={port}")


def _check_job_endpoint(endpoint: str) -> None:
    """Looks whether a job server listens."""
    told = _try(endpoint)
    if told is not None:
        raise UserFault(
            f"no job server answers at --job_endpoint={endpoint} ({told}); start Beam's, or leave the option out and it is started for this job"
        )


def _try(address: str) -> str | None:
    """Returns why nobody can be reached at HOST:PORT, None if somebody can."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _TIMEOUT_SECONDS).close()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None


def _is_here(host: str) -> bool:
    """Says whether a host is this machine."""
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host.strip("[]"), None)}
    except OSError:
        return False
    for address in addresses:
        with socket.socket(socket.AF_INET6 if ":" in str(address) else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, 0))
            except OSError:
                return False
    return True

"""A job on Flink: what Beam is told, checked against the cluster before anything is submitted.

Beam itself tells of a wrong option late, by a stack trace of Java, or not at all: a job with too few slots just waits.
"""

import json
import re
import shutil
import socket
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apache_beam.options.pipeline_options import FlinkRunnerOptions, JobServerOptions, PipelineOptions, PortableOptions
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES, FlinkJarJobServer

from pipelines.arguments import Parser
from pipelines.workers import served_workers
from schemas.faults import UsageFault, UserFault
from schemas.version import ENGINE_VERSION

_TIMEOUT_SECONDS = 10
_OLDEST_JAVA = 11

_QUICK_JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

# The death of one TaskManager costs two attempts: the first new one may still get its slots.
_RETRIES, _RETRY_DELAY_MS = 5, 1_000

# A TaskManager sends a worker 100 messages before it asks whether they are taken. With Beam's 1 MB a message they do not
# fit into the direct memory that Flink's default configuration leaves.
_MESSAGE_BYTES = 100_000

_ENVIRONMENTS = (
    "LOOPBACK (workers on this machine, started by this command), or EXTERNAL with --environment_config=HOST:PORT "
    "(workers that `scope3 workers` serves beside each TaskManager)"
)


@dataclass(frozen=True)
class _Cluster:
    """A cluster as its REST interface describes it.

    Attributes:
        version: of Flink, for example 1.19.
        free_slots, slots: of all TaskManagers.
        grows: it gets TaskManagers when a job needs them.
        default_parallelism: of a job that says none.
        has_restarts: its configuration says what happens after a fault.
        hosts: of the TaskManagers.
        slots_each: of the largest TaskManager.
    """

    version: str
    free_slots: int
    slots: int
    grows: bool
    default_parallelism: int
    has_restarts: bool
    hosts: tuple[str, ...]
    slots_each: int


@dataclass(frozen=True)
class FlinkJob:
    """A job that may be submitted.

    Attributes:
        workers: processes that work for it at most.
        is_remote: whether some of them are on other machines.
        page: where a person sees it, None where Flink runs inside the job server.
        serves_workers: whether this command starts the workers, on this machine.
    """

    workers: int
    is_remote: bool
    page: str | None
    _arguments: tuple[str, ...]
    serves_workers: bool

    @contextmanager
    def arguments(self) -> Iterator[list[str]]:
        """Gives the arguments for Beam; workers of this machine are served while the block runs."""
        with served_workers() if self.serves_workers else nullcontext() as pool:
            external = ["--environment_type=EXTERNAL", f"--environment_config={pool}"] if pool else []
            # Of an option that comes twice the last counts.
            yield [*self._arguments, *external]


def check_flink(arguments: Sequence[str]) -> FlinkJob:
    """Looks at the options of Beam and the cluster, gets the job server, and adds what was left out.

    Raises:
        UsageFault: options that can't work, or not with this cluster.
        UserFault: the cluster, Java or the job server is not there, or has too few slots.
    """
    options = PipelineOptions(list(arguments))
    master = options.view_as(FlinkRunnerOptions).flink_master.strip()
    environment = _check_environment(options, is_inside=master in MAGIC_HOST_NAMES)
    cluster = None if master in MAGIC_HOST_NAMES else _look_at(master)
    added: list[str] = []
    if cluster is not None:
        _check_cluster(options, cluster, master)
        added += _restarts(options, cluster)
    if not options.view_as(PortableOptions).job_endpoint:
        added += _job_server(options, arguments, cluster)
    is_remote = cluster is not None and not all(map(_is_here, cluster.hosts))
    if environment == "LOOPBACK" and is_remote:
        raise UsageFault(
            f"--environment_type=LOOPBACK is for a cluster on this machine, and TaskManagers of {master} run elsewhere; serve workers "
            "beside each with `scope3 workers`, and give --environment_type=EXTERNAL --environment_config=HOST:PORT"
        )
    if environment == "EXTERNAL" and not is_remote:
        _check_pool(options)
    processes = _processes(options, arguments, cluster)
    added += [f"--sdk_worker_parallelism={processes}", f"--experiments=data_buffer_size_limit={_MESSAGE_BYTES}"]
    managers = 1 if cluster is None else max(len(cluster.hosts), 1)
    parallelism = _parallelism(options, cluster)
    page = None if cluster is None else f"{_url(master)}/#/overview"
    return FlinkJob(min(managers * processes, parallelism), is_remote, page, (*arguments, *added), environment == "LOOPBACK")


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


def _url(master: str) -> str:
    return master.rstrip("/") if re.match(r"https?://", master) else f"http://{master.rstrip('/')}"


def _look_at(master: str) -> _Cluster:
    """Asks the cluster what it is."""
    overview, managers = _get(master, "/overview"), _get(master, "/taskmanagers")["taskmanagers"]
    settings = {one["key"]: one["value"] for one in _get(master, "/jobmanager/config")}
    restarts = settings.get("restart-strategy.type", settings.get("restart-strategy", "none"))
    return _Cluster(
        version=".".join(overview["flink-version"].split(".")[:2]),
        free_slots=overview["slots-available"],
        slots=overview["slots-total"],
        grows=any(name in settings for name in ("kubernetes.cluster-id", "yarn.application.id")),
        default_parallelism=int(settings.get("parallelism.default", 1)),
        has_restarts=restarts not in ("none", "off", "disable"),
        hosts=tuple(sorted({re.sub(r".*@|:\d+/.*", "", one["path"]) for one in managers})),
        slots_each=max([one["slotsNumber"] for one in managers], default=1),
    )


def _get(master: str, path: str) -> Any:
    # Without a proxy: job server and workers go straight to the cluster too.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(_url(master) + path, timeout=_TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        told = getattr(reason, "strerror", None) or (f"{type(error).__name__}: {reason}" if isinstance(error, ValueError) else reason)
    raise UserFault(
        f"no Flink cluster answers at --flink_master={master} ({told}); give HOST:PORT of its REST interface, where its web page is, "
        "and check that it runs and can be reached from here"
    )


def _check_cluster(options: PipelineOptions, cluster: _Cluster, master: str) -> None:
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


def _parallelism(options: PipelineOptions, cluster: _Cluster | None) -> int:
    given = options.view_as(FlinkRunnerOptions).parallelism
    return given if given > 0 else 1 if cluster is None else cluster.default_parallelism


def _restarts(options: PipelineOptions, cluster: _Cluster) -> list[str]:
    """Returns options that let a job survive the death of a TaskManager; Flink's own default is to give up."""
    if cluster.has_restarts or options.get_all_options().get("number_of_execution_retries", -1) not in (None, -1):
        return []
    return [f"--number_of_execution_retries={_RETRIES}", f"--execution_retry_delay={_RETRY_DELAY_MS}"]


def _processes(options: PipelineOptions, arguments: Sequence[str], cluster: _Cluster | None) -> int:
    """Returns the number of processes for each TaskManager: one a slot, as Python works in one thread of a process at a time."""
    given = _given(arguments, "--sdk_worker_parallelism")
    if given is not None and given.isdigit() and int(given) > 0:
        return int(given)
    return min(_parallelism(options, cluster), cluster.slots_each if cluster is not None else _parallelism(options, cluster))


def _job_server(options: PipelineOptions, arguments: Sequence[str], cluster: _Cluster | None) -> list[str]:
    """Returns the options that name the job server, after Java and the jar have been looked at."""
    flink, server = options.view_as(FlinkRunnerOptions), options.view_as(JobServerOptions)
    if not flink.flink_submit_uber_jar:
        _check_java(server.job_server_java_launcher)
    version = _given(arguments, "--flink_version") or (cluster.version if cluster is not None else flink.flink_version)
    if cluster is not None and version != cluster.version:
        raise UsageFault(
            f"--flink_version is {version}, and the cluster has Flink {cluster.version}; give {cluster.version}, or leave it out"
        )
    jar = flink.flink_job_server_jar
    if jar is None:
        if version not in FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS:
            known = ", ".join(FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS)
            raise UsageFault(
                f"the cluster has Flink {version}, and this Beam has job servers for {known}; use a cluster of one of these, "
                "or give with --flink_job_server_jar a job server that fits"
            )
        jar = _download(version, server.jar_cache_dir)
    elif "://" not in jar and not Path(jar).is_file():
        raise UsageFault(f"--flink_job_server_jar: there is no file {jar}; correct the path, or leave it out and Beam's own is downloaded")
    elif "://" not in jar:
        made_for = _version_of(jar)
        if made_for != version:
            raise UsageFault(
                f"--flink_job_server_jar {jar} is for Flink {made_for}, and the cluster has {version}; give the one for {version}"
            )
    known_version = [f"--flink_version={version}"] if version in FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS else []
    # It lives for one job: the better compiler costs more than it gains.
    quick = [] if server.job_server_jvm_properties else [f"--job_server_jvm_properties={one}" for one in _QUICK_JAVA]
    return [*known_version, f"--flink_job_server_jar={jar}", *quick]


def _given(arguments: Sequence[str], name: str) -> str | None:
    parser = Parser(add_help=False)
    parser.add_argument(name, dest="value")
    found: str | None = parser.parse_known_args(arguments)[0].value
    return found


def _check_java(launcher: str) -> None:
    remedy = "install one, for example with apt-get install openjdk-17-jre-headless, or name it with --job_server_java_launcher"
    if shutil.which(launcher) is None:
        raise UserFault(f"a job on Flink is submitted with Java {_OLDEST_JAVA} or newer, and there is no program {launcher!r}; {remedy}")
    told = subprocess.run([launcher, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        first = (told.strip().splitlines() or ["nothing"])[0]
        raise UserFault(f"a job on Flink is submitted with Java {_OLDEST_JAVA} or newer, and {launcher} -version says: {first}; {remedy}")


def _download(version: str, cache: str | None) -> str:
    """Returns the path of Beam's own job server, downloaded once."""
    url = FlinkJarJobServer.path_to_beam_jar(f":runners:flink:{version}:job-server:shadowJar")
    try:
        jar: str = FlinkJarJobServer.local_jar(url, cache)
        return jar
    except Exception as error:
        # Beam tells of a failed download by whatever its clients raise.
        told = (str(error).strip().splitlines() or [type(error).__name__])[-1]
    raise UserFault(
        f"Beam's job server for Flink {version} can't be downloaded from {url} ({told}); get the file on a machine that can, or build "
        "one, and give its path with --flink_job_server_jar"
    )


def _version_of(jar: str) -> str:
    """Returns the version of Flink inside a job server."""
    try:
        with zipfile.ZipFile(jar) as packed:
            text = packed.read(".flink-runtime.version.properties").decode()
    except (KeyError, OSError, zipfile.BadZipFile):
        raise UsageFault(f"--flink_job_server_jar {jar} is no job server of Beam for Flink; correct the path") from None
    found = re.search(r"^project\.version=(\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else "of no known version"


def _check_pool(options: PipelineOptions) -> None:
    """Looks whether workers are served, where that can be seen from here."""
    portable = options.view_as(PortableOptions)
    address = str(portable.environment_config or portable.lookup_environment_option("external_service_address"))
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _TIMEOUT_SECONDS).close()
        return
    except OSError as error:
        told = error.strerror or str(error)
    raise UserFault(f"nobody serves workers at --environment_config={address} ({told}); start them with: scope3 workers --port={port}")


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

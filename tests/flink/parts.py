"""What a Flink cluster is made of, got once: Flink's libraries from PyPI and a job server built with Maven."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

FLINK_VERSION = "1.19.3"

_PROJECT = Path(__file__).parents[2]
_POM = Path(__file__).with_name("pom.xml")
_OLDEST_JAVA = 17
_LIBRARIES = re.compile(r".*/deps/lib/((?:flink-dist|log4j)[^/]*\.jar)")


@dataclass(frozen=True)
class Parts:
    """Files of the cache.

    Attributes:
        libraries: Flink's own jars.
        job_server: the jar that `--flink_job_server_jar` takes.
    """

    libraries: tuple[Path, ...]
    job_server: Path


def what_is_missing() -> str | None:
    """Returns what a cluster needs and this machine lacks, None if it lacks nothing."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            return f"a Flink cluster needs Java {_OLDEST_JAVA} and Maven, and there is no {program} on the PATH"
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        return f"a Flink cluster needs Java {_OLDEST_JAVA}, and java -version says {told.strip().splitlines()[:1]}"
    return None


def get_parts() -> Parts:
    """Returns the parts, got now where the cache lacks them: some 20 seconds and 300 MB.

    The cache is $SCOPE3_FLINK_CACHE, else .scope3/flink in the project.
    """
    cache = Path(os.environ.get("SCOPE3_FLINK_CACHE") or _PROJECT / ".scope3/flink")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        libraries = _libraries(cache / f"flink-{FLINK_VERSION}")
        return Parts(libraries, _job_server(cache / "flink-job-server-1.19.jar"))


def _libraries(folder: Path) -> tuple[Path, ...]:
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            package = f"apache-flink-libraries=={FLINK_VERSION}"
            _run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary=:all:", "-d", scratch, package)
            (archive,) = Path(scratch).glob("apache*flink*libraries*.tar.gz")
            taken = Path(scratch, "taken")
            taken.mkdir()
            with tarfile.open(archive) as packed:
                for member in packed:
                    name = _LIBRARIES.fullmatch(member.name)
                    if name:
                        with packed.extractfile(member) as jar, (taken / name[1]).open("wb") as copy:
                            shutil.copyfileobj(jar, copy)
            taken.rename(folder)
    return tuple(sorted(folder.glob("*.jar")))


def _job_server(jar: Path) -> Path:
    if not jar.exists() or jar.stat().st_mtime < _POM.stat().st_mtime:
        with tempfile.TemporaryDirectory(dir=jar.parent) as scratch:
            shutil.copy(_POM, scratch)
            _run("mvn", "-q", "-B", "-f", scratch, "package")
            Path(scratch, "target/flink-job-server.jar").rename(jar)
    return jar


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-3000:]}"

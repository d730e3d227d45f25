"""Beam's job server for Flink: a Java program that takes the job from us and hands it to the cluster. Beam starts it."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from apache_beam.options.pipeline_options import FlinkRunnerOptions, JobServerOptions, PipelineOptions
from apache_beam.runners.portability.flink_runner import FlinkJarJobServer

from schemas.faults import UsageFault, UserFault

_OLDEST_JAVA = 11


def check_java(options: PipelineOptions) -> None:
    """Refuses a machine without Java.

    Raises:
        UserFault: there is none, or an old one.
    """
    launcher = options.view_as(JobServerOptions).job_server_java_launcher
    remedy = "install one, for example with apt-get install openjdk-17-jre-headless, or name it with --job_server_java_launcher"
    if shutil.which(launcher) is None:
        raise UserFault(f"a job on Flink is submitted with Java {_OLDEST_JAVA} or newer, and there is no program {launcher!r}; {remedy}")
    told = subprocess.run([launcher, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        first = (told.strip().splitlines() or ["nothing"])[0]
        raise UserFault(f"a job on Flink is submitted with Java {_OLDEST_JAVA} or newer, and {launcher} -version says: {first}; {remedy}")


def find_jar(options: PipelineOptions, version: str) -> str:
    """Returns the job server's jar for a version of Flink: the one that was named, else Beam's own, downloaded once.

    Raises:
        UsageFault: there is none for this version, or the named one is for another.
        UserFault: it can't be downloaded.
    """
    jar: str | None = options.view_as(FlinkRunnerOptions).flink_job_server_jar
    if jar is None:
        if version not in FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS:
            known = ", ".join(FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS)
            raise UsageFault(
                f"the cluster has Flink {version}, and this Beam has job servers for {known}; use a cluster of one of these, "
                "or give with --flink_job_server_jar a job server that fits"
            )
        return _download(FlinkJarJobServer.path_to_beam_jar(f":runners:flink:{version}:job-server:shadowJar"), options, version)
    if "://" in jar:
        return _download(jar, options, version)
    if not Path(jar).is_file():
        raise UsageFault(f"--flink_job_server_jar: there is no file {jar}; correct the path, or leave it out and Beam's own is downloaded")
    made_for = _version_of(jar)
    if made_for != version:
        raise UsageFault(f"--flink_job_server_jar {jar} is for Flink {made_for}, and the cluster has {version}; give the one for {version}")
    return jar


def _download(url: str, options: PipelineOptions, version: str) -> str:
    try:
        jar: str = FlinkJarJobServer.local_jar(url, options.view_as(JobServerOptions).jar_cache_dir)
        return jar
    except Exception as error:
        # Beam tells of a failed download by whatever its clients raise, with the address again and that of a mirror.
        told = re.sub(r"^Unable to fetch \S+ \S+ \S+ \S+ at \S+: |\. Also failed .*", "", (str(error).strip().splitlines() or ["?"])[-1])
    raise UserFault(
        f"the job server for Flink {version} can't be downloaded from {url} ({told}); get the file on a machine that can, or build "
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

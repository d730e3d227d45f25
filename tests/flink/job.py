"""Input of the tests on Flink, and the command that works on it there."""

import json
import subprocess
from pathlib import Path

from tests.flink.cluster import Cluster
from tests.pipelines.command import SCOPE3, scope3
from tests.records import make_record, make_spend

FILES = 3


class Inputs:
    """Files of records of several categories; some are refused, one comes twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def few(self) -> str:
        """Returns a pattern: 1,501 records in three files."""
        return self._written("few", 1_500)

    def many(self) -> str:
        """Returns a pattern: enough that something can happen while they are calculated."""
        return self._written("many", 30_000)

    def _written(self, name: str, count: int) -> str:
        folder = self._folder / name
        if not folder.exists():
            folder.mkdir()
            lines = [json.dumps({**_record(place), "record_id": f"R-{place:06}"}) + "\n" for place in range(count)]
            for file in range(FILES):
                (folder / f"{file}.jsonl").write_text("".join([*lines[file::FILES], *(lines[:1] if file == 1 else [])]))
        return str(folder / "*.jsonl")


def _record(place: int) -> dict:
    if place % 500 == 3:
        return make_record(region="XX")
    if place % 500 == 5:
        return make_spend(naics_code="331110", spend_currency="XTS")
    if place % 3 == 0:
        naics_code = ("331110", "541110", "516210")[place % 3]
        return make_spend(spend_amount=place + 0.5, naics_code=naics_code, spend_currency="EUR", spend_year=2024, activity_year=2024)
    if place % 3 == 1:
        return make_record(quantity=place + 1, supplier_name=f"Größe {place % 7}")
    return make_record(2, supplier_pcf_total_kg_co2e=place, useful_life_years=4)


class Jobs:
    """Starts `scope3 run` on a cluster."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster, self._folder = cluster, folder

    def options(self, environment: str = "LOOPBACK", **given: object) -> list[str]:
        """Returns the options that name the cluster; `given` ones replace them, None leaves one out."""
        words = {
            "runner": "FlinkRunner",
            "flink_master": self._cluster.master,
            "flink_job_server_jar": self._cluster.parts.job_server,
            "environment_type": environment,
            "environment_config": self._cluster.pool if environment == "EXTERNAL" else None,
            **given,
        }
        return [f"--{name}={value}" for name, value in words.items() if value is not None]

    def run(self, *arguments: object, **given: object) -> subprocess.CompletedProcess:
        """Returns the finished command."""
        return scope3("run", "--quiet", *self.options(**given), *arguments, cwd=self._folder, timeout=280)

    def start(self, *arguments: object, **given: object) -> subprocess.Popen:
        """Returns the command that has just begun."""
        command = [str(SCOPE3), "run", "--quiet", *self.options(**given), *map(str, arguments)]
        return subprocess.Popen(command, cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

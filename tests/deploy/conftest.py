"""A store as it is after two nights: one run was published, one failed its audit."""

from dataclasses import dataclass

import pytest

from tests.deploy.files import PROJECT
from tests.pipelines.command import scope3
from tests.pipelines.stores import Store

EXAMPLE = ["--input", PROJECT / "examples/federal_contracts.csv", "--mapping", PROJECT / "examples/federal_contracts.toml"]


@dataclass(frozen=True)
class Nights:
    """The store, and the names of its runs."""

    store: Store
    published: str
    failed: str


@pytest.fixture(scope="session")
def nights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nights")
    # As Kubernetes names the Job of a night, and as the DAG does.
    found = Nights(Store(folder / "store", "scope3"), "scope3-nightly-29401530", "scope3-nightly-20260102-013000")
    with found.store.connection():
        # Credit notes are refused by default: 66 of 1,000 records, more than this share.
        for name, options, status in ((found.published, ["--credit_notes=net"], 0), (found.failed, ["--max_dead_letter_share=0.01"], 3)):
            done = scope3("run", *EXAMPLE, *options, "--inventory=acme-2026", f"--run_id={name}", *found.store.options, cwd=folder)
            assert done.returncode == status, done.stderr
        yield found

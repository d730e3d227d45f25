"""scope3 run on a real Flink cluster gives what it gives on one machine."""

import subprocess
import sys

import pytest

from tests.flink.comparison import counts, local_run
from tests.flink.readme import options_of
from tests.pipelines.every_column import COUNTS, FILLED, write_factors, write_records


@pytest.fixture(scope="module")
def factors(tmp_path_factory):
    return ["--factors", *write_factors(tmp_path_factory.mktemp("factors"))]


@pytest.fixture(scope="module")
def local(factors, server_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("local")
    return local_run(write_records(folder / "input"), server_folder, folder, *factors)


@pytest.mark.parametrize(
    ("environment", "shuffled", "options"),
    [
        ("LOOPBACK", False, options_of("LOOPBACK")),
        ("LOOPBACK", True, {"parallelism": 1, "batch_size": 1_000, "block_size": 1}),
        ("EXTERNAL", True, {"parallelism": 2, "batch_size": 7, "block_size": 1}),
        ("EXTERNAL", False, {"flink_version": "1.19", "batch_size": 1, "block_size": 1}),
    ],
)
def test_the_results_are_the_same_bytes(jobs, store, factors, local, tmp_path, environment, shuffled, options):
    pattern = write_records(tmp_path / "input", files=3, shuffled=shuffled)
    done = jobs.run(*store.options, "--input", pattern, *factors, environment=environment, **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert (counts(store), store.digest()) == local
    assert local[0] == COUNTS
    assert all(store.rows(FILLED)[0])


def test_all_workers_read_parts_of_files_and_what_a_bundle_has_no_room_for_comes_in_the_next_one(
    cluster, jobs, store, inputs, server_folder, tmp_path
):
    local = local_run(inputs.many(), server_folder, tmp_path)
    command = [sys.executable, "-m", "tests.flink.small_bundles", "run", "--quiet", *jobs.options(parallelism=2), *store.options]
    subprocess.run([*command, "--input", inputs.many()], check=True, timeout=280)
    assert (counts(store), store.digest()) == local
    read, calculated = cluster.taken_in("WriteReadings"), cluster.taken_in("CalculateEmissions")
    assert len(read) == len(calculated) == 2
    assert sum(read) > 10 and max(read) - min(read) <= 1
    # Of each of two categories there is one key.
    assert min(calculated) > 0


@pytest.mark.parametrize(
    ("version", "told"), [("none", "lack this package; install scope3-calculator"), ("0.0.9", "have scope3-calculator 0.0.9, and")]
)
def test_workers_that_do_not_fit_are_told_before_anything_is_written(cluster, jobs, store, inputs, version, told):
    pool = cluster.start_pool([sys.executable, "-m", "tests.flink.other_workers", version])
    done = jobs.run(*store.options, "--input", inputs.few(), environment="EXTERNAL", environment_config=pool)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("scope3: the workers on ") and told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert store.rows(f"SELECT to_regnamespace({store.schema!r})") == [(None,)]

"""scope3 run on a real Flink cluster gives what it gives on one machine."""

import sys

import pytest

from tests.flink.comparison import counts, local_run


@pytest.fixture(scope="module")
def local(inputs, server_folder, tmp_path_factory):
    return local_run(inputs.few(), server_folder, tmp_path_factory.mktemp("local"))


@pytest.mark.parametrize(
    ("environment", "options"),
    [
        ("LOOPBACK", {}),
        ("LOOPBACK", {"parallelism": 2}),
        ("EXTERNAL", {"parallelism": 2, "batch_size": 7, "block_size": 1}),
        ("EXTERNAL", {"flink_version": "1.19"}),
    ],
)
def test_the_results_are_the_same_bytes(jobs, store, inputs, local, environment, options):
    done = jobs.run(*store.options, "--input", inputs.few(), environment=environment, **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert (counts(store), store.digest()) == local
    # 1,500 records, and one of them twice; three in 500 of each kind are bad.
    assert local[0] == [("published", 1_501, 1_494, 6, 1)]


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

"""scope3 run on a real Flink cluster gives what it gives on one machine."""

import pytest

from tests.pipelines.command import scope3


@pytest.fixture(scope="module")
def local(inputs, server_folder, tmp_path_factory):
    """Returns counts and digest of the run on this machine."""
    from tests.pipelines.stores import Store

    store = Store(server_folder, "local")
    done = scope3("run", "--quiet", *store.options, "--input", inputs.few(), cwd=tmp_path_factory.mktemp("local"))
    assert done.returncode == 0, done.stderr
    return counts(store), store.digest()


def counts(store):
    """Returns what the audit counted."""
    return store.rows("SELECT state, read, results, dead_letters, duplicates FROM runs")


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

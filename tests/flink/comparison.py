"""What a run on Flink is compared with: the same run on this machine."""

from tests.pipelines.command import scope3
from tests.pipelines.stores import Store


def local_run(pattern, server_folder, folder, *arguments):
    """Returns counts and digest of the run on this machine."""
    store = Store(server_folder, f"local_{folder.name}")
    done = scope3("run", "--quiet", *store.options, "--input", pattern, *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return counts(store), store.digest()


def counts(store):
    """Returns what the audit counted."""
    return store.rows("SELECT state, read, results, dead_letters, duplicates FROM runs")

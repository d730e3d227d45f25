"""The same results to the last byte, in all columns, however the input is cut. On Flink: tests/flink/test_run_on_flink.py."""

from tests.pipelines.command import scope3
from tests.pipelines.every_column import COUNT, COUNTS, FILLED, write_factors, write_records

_WAYS = [(1_000, 250, False), (1, 1, False), (7, 1, False), (1_000, 1, True), (500, 250, True)]


def test_batches_blocks_files_and_their_order_change_no_byte(store, tmp_path):
    inputs = {False: write_records(tmp_path / "one"), True: write_records(tmp_path / "shuffled", files=3, shuffled=True)}
    factors = write_factors(tmp_path)
    digests = {}
    for batch_size, block_size, shuffled in _WAYS:
        cut = ["--input", inputs[shuffled], f"--batch_size={batch_size}", f"--block_size={block_size}"]
        done = scope3("run", "--quiet", *store.options, *cut, "--factors", *factors, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        digests[batch_size, block_size, shuffled] = store.digest()
    assert len(set(digests.values())) == 1, digests
    # All that a result may hold was held by some.
    assert store.digest()[0] == COUNT - 1
    assert all(store.rows(FILLED)[0])
    query = "SELECT state, read, results, dead_letters, duplicates FROM runs ORDER BY run_no DESC LIMIT 1"
    assert store.rows(query) == COUNTS

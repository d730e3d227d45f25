"""The Parquet store in buckets that speak the protocols of S3 and Cloud Storage: the parts of the contract in which a bucket is no folder."""

import pytest

from schemas.faults import UsageFault, UserFault
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, make_run, result, whole_run
from tests.sinks.test_store_contract import (
    test_a_late_writer_writes_nothing,  # noqa: F401
    test_a_lost_row_fails_the_run_and_leaves_the_former_in_place,  # noqa: F401
    test_readers_see_every_column_as_it_was_written,  # noqa: F401
)
from tests.sinks.test_store_runs import (
    test_a_run_without_a_sign_of_life_is_abandoned_and_can_be_replaced,  # noqa: F401
    test_of_two_commands_with_one_run_id_one_begins,  # noqa: F401
)
from transforms.sinks.parquet_target import ParquetTarget

KINDS = ("s3", "gs")


def test_a_bucket_that_is_not_there_is_told(target):
    other = ParquetTarget(target.url.replace("bucket/", "nowhere/"))
    with pytest.raises(UserFault, match=r"nowhere/\w+ can't be reached or used .*create the bucket, or correct its name in --output"):
        other.open().prepare(make_run())


def test_a_run_in_a_bucket_leaves_nothing_behind_and_goes_when_it_is_too_many(store, target):
    for name in ("first", "second"):
        run = make_run(name, keep_runs=0)
        whole_run(store, run, results=[result("A", 0), result("B", 5, category=4)], dead_letters=[dead_letter(9)], chunks=[chunk(3)])
    assert read(target, "SELECT run_id, category, count(*) FROM {current_results} GROUP BY 1, 2 ORDER BY 2") == [
        ("second", 1, 1),
        ("second", 4, 1),
    ]
    store.close()
    names = target.tree().names("")
    assert not [name for name in names if name.startswith("runs/first")]
    # Neither what writers left nor locks.
    assert [name for name in names if "/_" in f"/{name}"] == ["runs/second/_manifest.json"]


def test_a_folder_of_a_bucket_has_the_very_name_that_was_given(target):
    bucket, settings = target.url.rsplit("/", 1)[0], target.url.partition("?")[2]
    odd = ParquetTarget(f"{bucket}/acme#1 & 100% Öl/%20?{settings}")
    opened = odd.open()
    opened.prepare(make_run())
    opened.close()
    assert odd.tree().root == "bucket/acme#1 & 100% Öl/%20"
    assert "acme#1 & 100% Öl/%20/scope3.json" in ParquetTarget(f"{bucket}?{settings}").tree().names("")
    assert odd.place == f"{bucket}/acme#1 & 100% Öl/%20"


def test_a_setting_that_is_unknown_is_a_fault_of_the_command(target):
    with pytest.raises(UsageFault, match=r"--output \S+ can't be used as it is written \(.*'colour'\); correct what stands behind the \?"):
        ParquetTarget(f"{target.url}&colour=red").open().prepare(make_run())

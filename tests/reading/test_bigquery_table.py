"""Tables and queries of BigQuery, in the emulator: the same records as from a file, coordinates that stay, faults as sentences."""

import re

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

from schemas.config import Config
from schemas.faults import UsageFault, UserFault
from tests.reading.test_postgres_table import REFUSED, TYPED, borders, digests, ids, read, told
from tests.sinks.bigquery_fake import Fault, faulty_bigquery, in_state
from transforms.reading import bigquery_table
from transforms.reading.inputs import find_inputs
from transforms.reading.mapping import parse_mapping
from transforms.reading.sources import judged_chunks
from transforms.reading.tables import parse_table
from transforms.sinks import bigquery_jobs
from transforms.sinks.bigquery_target import BigQueryTarget

_PURCHASES = """
CREATE OR REPLACE TABLE shop.purchases AS
SELECT n * 10 AS id, CONCAT('R-', CAST(n AS STRING)) AS record_id, 1 AS category, 'steel' AS product_name, n AS quantity, 'kg' AS quantity_unit,
  1.85 AS supplier_pcf, 'cradle_to_gate' AS pcf_boundary, 2025 AS activity_year, 'GB' AS region
FROM UNNEST(GENERATE_ARRAY(1, 95)) AS n
"""


@pytest.fixture(scope="module")
def client(bigquery_emulator):
    """A client of the emulator, with shop.purchases in it: keys 10, 20, 30 and so on for R-1, R-2, R-3 and so on."""
    options = {"api_endpoint": bigquery_emulator.address}
    with bigquery.Client(bigquery_emulator.project, credentials=AnonymousCredentials(), client_options=options) as opened:
        opened.create_dataset("shop")
        run(opened, _PURCHASES)
        yield opened
        opened.delete_dataset("shop", delete_contents=True)


def run(client, statement):
    return [row.values() for row in client.query(statement, retry=None, job_retry=None, timeout=60).result(retry=None)]


@pytest.fixture
def uri(bigquery_emulator, client):
    """Makes the text of an input."""
    return lambda ours: f"bigquery://{bigquery_emulator.project}/shop{ours}&api_endpoint={bigquery_emulator.address}"


@pytest.fixture(params=["pages", "storage"])
def way(request, bigquery_emulator, monkeypatch):
    """Reads page by page, and by the Storage Read API."""
    if request.param == "storage":
        channel = grpc.insecure_channel(bigquery_emulator.storage)
        storage = BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
        monkeypatch.setattr(bigquery_table, "_storage_of", lambda target: storage)


def test_a_table_holds_the_records_of_a_parquet_file_with_the_same_values(client, uri, way, tmp_path, monkeypatch):
    # However many rows are sent at once.
    monkeypatch.setattr(bigquery_table, "BLOCK_ROWS", 3)
    table = TYPED.append_column("place", pa.array(range(TYPED.num_rows)))
    pq.write_table(table, tmp_path / "a.parquet")
    options = bigquery.ParquetOptions()
    options.enable_list_inference = True
    config = bigquery.LoadJobConfig(source_format="PARQUET", parquet_options=options, write_disposition="WRITE_TRUNCATE")
    with (tmp_path / "a.parquet").open("rb") as file:
        client.load_table_from_file(file, "shop.types", job_config=config).result()
    [source] = find_inputs([uri("/types?key=place")])
    assert source.source_uri == uri("/types?key=place").replace("?key=place&", "?") + "&key=place"
    found, parquet = read(source), read(*find_inputs([f"{tmp_path}/a.parquet"]))
    assert digests(found) == digests(parquet) and len(digests(found)) == 5
    assert told(found) == told(parquet) == REFUSED
    assert [chunk.records for chunk in found] == [3, 3, 1]


def test_a_key_of_whole_numbers_is_the_position_and_lets_a_table_be_read_in_parts(client, uri, monkeypatch):
    monkeypatch.setattr(bigquery_table, "BLOCK_ROWS", 8)
    monkeypatch.setattr(bigquery_table, "ROWS_OF_A_PART", 45)
    [whole] = find_inputs([uri("?query=SELECT * FROM purchases WHERE record_id LIKE 'R-%25' AND MOD(id, 7) <> 0 -- not all\n&key=id")])
    parts = whole.parts()
    assert len(parts) == 2
    found = [read(part) for part in parts]
    assert all(sum(chunk.records for chunk in chunks) < 60 for chunks in found)
    together = read(whole)
    assert {position: record_id for chunks in found for position, record_id in ids(chunks).items()} == ids(together)
    assert ids(together) == {n * 10: f"R-{n}" for n in range(1, 96) if n % 7}
    assert [chunk.records for chunk in together] == [8] * 10 + [2]


def test_another_key_gives_a_rank_and_a_table_that_changes_meanwhile_is_refused(client, uri):
    run(client, "CREATE OR REPLACE TABLE shop.moving AS SELECT * FROM shop.purchases")
    [source] = find_inputs([uri("/moving?key=region,record_id")])
    assert source.parts() == (source,)
    assert ids(read(source)) == dict(enumerate(sorted(f"R-{n}" for n in range(1, 96))))
    run(client, "DELETE FROM shop.moving WHERE id = 10")
    with pytest.raises(UserFault, match="had 95 rows when the run began, and 94 when they were read; read a table that stands still"):
        read(source)


@pytest.mark.parametrize("key", ["id", "region,record_id"])
def test_an_answer_that_is_lost_in_the_middle_is_asked_for_again_behind_the_last_row(uri, monkeypatch, key):
    monkeypatch.setattr(bigquery_table, "BLOCK_ROWS", 10)
    [source] = find_inputs([uri(f"/purchases?key={key}")])
    undisturbed = read(source)
    blocks, given = bigquery_table._blocks, []

    def broken(job, target):
        for block in blocks(job, target):
            if len(given) in (2, 5):
                given.append("a fault")
                raise exceptions.ServiceUnavailable("away for a moment")
            given.append(block)
            yield block

    monkeypatch.setattr(bigquery_table, "_blocks", broken)
    again = read(source)
    assert given.count("a fault") == 2
    assert digests(again) == digests(undisturbed)
    assert borders(again) == borders(undisturbed)


def test_a_query_that_takes_longer_than_a_request_and_than_our_patience_is_waited_for(bigquery_emulator, uri, monkeypatch):
    with faulty_bigquery(bigquery_emulator.address) as service:
        [source] = find_inputs([uri("/purchases?key=id").replace(bigquery_emulator.address, service.address)])
        monkeypatch.setattr(bigquery_jobs, "REQUEST_SECONDS", 0.5)
        monkeypatch.setattr(bigquery_table, "PATIENCE_SECONDS", 0.5)
        service.faults = [Fault("POST", "ORDER BY", change=in_state("RUNNING")), Fault("GET", "/jobs/", 6, change=in_state("RUNNING"))]
        assert ids(read(source)) == {n * 10: f"R-{n}" for n in range(1, 96)}
        assert all(fault.times == 0 for fault in service.faults)
        assert sum(method == "POST" and b"ORDER BY" in body for method, _, body in service.requests) == 1


def test_more_rows_than_bigquery_sorts_in_one_place_are_refused_under_a_key_that_is_no_number(uri, monkeypatch):
    monkeypatch.setattr(bigquery_table, "_MOST_SORTED_ROWS", 94)
    assert find_inputs([uri("/purchases?key=id")])
    with pytest.raises(UserFault, match=r"purchases has 95 rows, and under key=region,record_id BigQuery sorts all of them in one place"):
        find_inputs([uri("/purchases?key=region,record_id")])


@pytest.mark.parametrize(
    ("reason", "kind", "told"),
    [
        ("resourcesExceeded", exceptions.BadRequest, "can't sort so many rows of a by their key at once .*; name a key that is one column"),
        ("billingTierLimitExceeded", exceptions.BadRequest, "a query would cost more than project my-project allows"),
        ("quotaExceeded", exceptions.Forbidden, "a quota of project my-project is used up"),
        ("accessDenied", exceptions.Forbidden, "does not let us read a .*roles/bigquery.dataViewer"),
        ("invalidQuery", exceptions.BadRequest, "correct the query or the key of --input"),
    ],
)
def test_why_a_table_can_not_be_read_is_told_by_bigquerys_reason(reason, kind, told):
    table = parse_table("bigquery://my-project/shop/a?key=b")
    fault = bigquery_table._explained(kind("no", errors=[{"reason": reason, "message": "no"}]), BigQueryTarget("my-project", "shop"), table)
    assert re.search(told, str(fault))


def test_only_columns_that_are_wanted_are_read_and_a_mapping_means_them(client, uri):
    mapping = parse_mapping({"columns": {"record_id": "@position"}, "skip": {"id": ["20"]}}, ".")
    [source] = find_inputs([uri("?query=SELECT *, 'x' AS remark FROM purchases WHERE id < 40&key=id")])
    chunks = list(judged_chunks(source, mapping, Config(), "query"))
    assert ids(chunks) == {10: "query:10", 30: "query:30"}
    assert chunks[0].unknown_columns == {"remark"}


@pytest.mark.parametrize(
    ("ours", "fault", "told"),
    [
        ("/purchase?key=id", UserFault, r"BigQuery dataset .*shop has no table 'purchase'; did you mean purchases"),
        ("/purchases?key=ident", UserFault, "purchases has no column 'ident', which key= names; did you mean 'id'"),
        ("?query=SELECT * FROM nothing&key=id", UserFault, "nothing.*--input"),
        (
            "?query=SELECT FROM WHERE&key=id",
            UserFault,
            "query can't be read at BigQuery dataset .*; correct the query or the key of --input",
        ),
        ("?query=SELECT 1) AS q; DROP TABLE shop.purchases; SELECT (1&key=id", UsageFault, "is no single SELECT, but a SCRIPT"),
        ("?query=SELECT 1 AS id UNION ALL SELECT 1&key=id", UserFault, "has two rows of id = 1, .*; name more columns"),
        ("?query=SELECT 1 AS id UNION ALL SELECT NULL&key=id", UserFault, "key column 'id' of query is null in 1 rows"),
        ("/purchases?key=id&location=EU", UserFault, "is in location US, and --input says location=EU"),
        ("/purchases?key=id&locatoin=EU", UsageFault, "--input takes no parameter 'locatoin'; did you mean location"),
    ],
)
def test_what_can_not_be_read_is_told(client, uri, ours, fault, told):
    with pytest.raises(fault, match=told):
        for source in find_inputs([uri(ours)]):
            read(source)
    assert run(client, "SELECT COUNT(*) FROM shop.purchases") == [(95,)]


def test_a_table_without_rows_has_no_records(client, uri):
    run(client, "CREATE OR REPLACE TABLE shop.nothing_in_it AS SELECT * FROM shop.purchases WHERE FALSE")
    [source] = find_inputs([uri("/nothing_in_it?key=id")])
    assert (source.ranges, read(source)) == ((), [])


def test_who_may_not_read_is_told_which_roles_are_missing():
    fault = bigquery_table._explained(
        exceptions.Forbidden("Access Denied"), BigQueryTarget("my-project", "shop"), parse_table("bigquery://my-project/shop/a?key=b")
    )
    assert "BigQuery dataset my-project.shop does not let us read a (Access Denied); grant the account roles/bigquery.dataViewer" in str(
        fault
    )

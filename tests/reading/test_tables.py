"""What `--input` says of a table or query: read, written again, and refused in a sentence."""

import pytest

from schemas.faults import UsageFault
from transforms.reading.files import short_names
from transforms.reading.tables import BIGQUERY, POSTGRES, Table, is_table, join_address, parse_table, split_address
from transforms.sinks.contract import Source


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (
            "postgres://reader@db:5433/erp?sslmode=require&table=shop.a%26b&key=id,%20no%2C",
            Table(POSTGRES, "postgres://reader@db:5433/erp?sslmode=require", "shop.a&b", None, ("id", "no,")),
        ),
        (
            "postgresql:///erp?query= SELECT a % 7, 'x=%26%25' ; \n&key=a&password_secret=file:/run/p",
            Table(POSTGRES, "postgresql:///erp", None, "SELECT a % 7, 'x=&%'", ("a",), "file:/run/p"),
        ),
        ("bigquery://my-project/shop/purchases?key=id", Table(BIGQUERY, "bigquery://my-project/shop", "purchases", None, ("id",))),
        (
            "BigQuery://p/d?query=(SELECT 1 AS a)&location=EU&key=a",
            Table(BIGQUERY, "bigquery://p/d?location=EU", None, "(SELECT 1 AS a)", ("a",)),
        ),
        ("bigquery://p/d/a%20b?location=EU&key=a", Table(BIGQUERY, "bigquery://p/d?location=EU", "a b", None, ("a",))),
    ],
)
def test_a_table_or_query_is_read_and_what_is_written_of_it_means_the_same(text, table):
    assert is_table(text)
    assert parse_table(text) == table
    again = parse_table(table.uri)
    assert (again, again.uri) == (table, table.uri)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("postgresql://db/erp", "names neither a table nor a query; write postgresql://USER@HOST/DATABASE[?]table="),
        ("postgresql://db/erp?table=a&query=SELECT 1&key=a", "names both a table and a query"),
        ("postgresql://db/erp?table=a&table=b", "has table= twice; .*%26"),
        ("postgresql://db/erp?table=", "has table= without a value"),
        ("postgresql://db/erp?query=SELECT 1", "has a query without a key: .*key=COLUMN"),
        ("postgresql://db/erp?query=DELETE FROM a&key=a", "is no SELECT, and an input is only read"),
        ("bigquery://project?key=a", "can't be read; write bigquery://PROJECT/DATASET/TABLE"),
        ("bigquery://project/dataset?key=a", "names neither a table nor a query; write bigquery://PROJECT/DATASET/TABLE"),
        ("bigquery://project/dataset/a", "has a table without a key: .*key=COLUMN"),
        ("bigquery://project/dataset/a?table=b&key=a", "can't be read"),
    ],
)
def test_what_means_no_table_is_refused(text, told):
    with pytest.raises(UsageFault, match=told):
        parse_table(text)


def test_what_is_ours_goes_apart_from_the_address_and_back():
    for text in (
        "postgresql://a@b/c",
        "postgresql://a@b/c?sslmode=require",
        "postgresql://a@b/c?table=d",
        "postgresql://a@b/c?x=1&table=d&key=e",
    ):
        assert join_address(*split_address(text)) == text


def test_a_table_gives_ids_of_its_own_name():
    uris = [
        "postgresql://a/b?table=shop.x&key=id",
        "postgresql://c/b?table=shop.x&key=id",
        "postgresql://a/b?query=SELECT 1/2&key=id",
        "/data/x.csv",
    ]
    names = short_names([Source(place, uri, 1) for place, uri in enumerate(uris)])
    assert list(names.values()) == [uris[0], uris[1], "query", "x.csv"]
    assert short_names([Source(0, uris[0], 1)]) == {0: "shop.x"}

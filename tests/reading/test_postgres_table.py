"""Tables and queries of a real PostgreSQL: the same records as from files, coordinates that stay, faults as sentences."""

import datetime
import itertools
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg.types.json import Jsonb

from schemas.config import Config
from schemas.faults import UsageFault, UserFault
from tests.records import make_record, make_spend
from transforms.counters import PROGRESS
from transforms.reading import postgres_table, rows
from transforms.reading.blocks import BlockMaker
from transforms.reading.groups import parts_of_group, small_ones_together
from transforms.reading.inputs import find_inputs
from transforms.reading.mapping import NO_MAPPING, parse_mapping
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

_TYPES = {
    "category": (pa.int32(), "integer"),
    "activity_year": (pa.int16(), "smallint"),
    "spend_year": (pa.int16(), "smallint"),
    "spend_amount": (pa.decimal128(24, 2), "numeric(24,2)"),
    "lease_start_date": (pa.date32(), "date"),
    "lease_end_date": (pa.timestamp("us", "UTC"), "timestamptz"),
    "naics_code": (pa.decimal128(12, 3), "numeric(12,3)"),
    "sent": (pa.timestamp("us", "UTC"), "timestamptz"),
    "issuer_listed": (pa.bool_(), "boolean"),
    "survival_curve": (pa.list_(pa.decimal128(5, 3)), "numeric(5,3)[]"),
    "refrigerant_charge_kg": (pa.struct([("hfc_134a", pa.float64())]), "jsonb"),
    "units_sold": (pa.int64(), "bigint"),
}
_NUMBER, _TEXT = (pa.float64(), "double precision"), (pa.string(), "text")
_ODD = 'two\nlines, "quoted" \r\n; \\N, Zürich ☃'
_RECORDS = [
    make_spend(
        record_id="R-0", spend_amount=Decimal("1234567890123456.78"), sent=datetime.datetime(2025, 1, 2, 3, tzinfo=datetime.timezone.utc)
    ),
    make_spend(record_id="R-1", spend_amount=Decimal("0.10"), product_name=_ODD),
    make_record(
        8,
        record_id="R-2",
        lease_start_date=datetime.date(2025, 2, 28),
        lease_end_date=datetime.datetime(2025, 12, 31, tzinfo=datetime.timezone.utc),
        electricity_kwh=0.1,
    ),
    make_record(
        11,
        record_id="R-3",
        units_sold=3,
        power_rating_watts=1e-7,
        usage_hours_per_day=2.0,
        expected_lifespan_years=3.0,
        survival_curve=[Decimal("1"), Decimal("0.500"), Decimal("0.25")],
        refrigerant_charge_kg={"hfc_134a": 0.15},
        leak_rate_per_year=0.1,
    ),
    make_record(15, record_id="R-4", issuer_listed=True, company_scope1_t_co2e=2.0),
    make_spend(record_id="R-5", spend_amount=Decimal("1"), product_name=""),
    make_spend(record_id="R-6", spend_amount=Decimal("1"), region="nowhere"),
]


for _record in _RECORDS:
    if "naics_code" in _record:
        _record["naics_code"] = Decimal(_record["naics_code"])
_NAMES = list(dict.fromkeys(name for record in _RECORDS for name in record))
_NUMBERS = {name for record in _RECORDS for name, value in record.items() if isinstance(value, float)} | {"outstanding_amount", "evic"}
KINDS = {name: _TYPES.get(name, _NUMBER if name in _NUMBERS else _TEXT) for name in _NAMES}
TYPED = pa.Table.from_pylist(
    [{name: record.get(name) for name in _NAMES} for record in _RECORDS], pa.schema([(name, kind) for name, (kind, _) in KINDS.items()])
)
REFUSED = [("R-5", "E_REQUIRED", None), ("R-6", "E_ENUM", "nowhere")]


def dead_letters(chunks):
    return [letter for chunk in chunks for letter in chunk.dead_letters.to_pylist()]


def digests(chunks):
    """Returns the input digest of each good record by its position."""
    maker = BlockMaker(100, 8)
    batches = [pa.ipc.open_stream(block.stream).read_all() for chunk in chunks for block in maker.make(chunk)[0]]
    pairs = [zip(*(batch.column(name).to_pylist() for name in ("source_position", "input_sha256")), strict=True) for batch in batches]
    found = [pair for of_batch in pairs for pair in of_batch]
    assert len(dict(found)) == len(found)
    return dict(found)


def borders(chunks):
    """Returns where each chunk begins and how long it is."""
    return [(piece.position, piece.length) for chunk in chunks for piece in chunk.places.pieces]


def told(chunks):
    """Returns what dead letters say."""
    return [(letter["record_id"], letter["code"], letter["value"]) for letter in dead_letters(chunks)]


def uri(database, ours):
    return f"{database.url}?{ours}"


def read(source, mapping=NO_MAPPING):
    return list(judged_chunks(source, mapping, Config()))


def ids(chunks):
    """Returns the id of each good record by its position."""
    return {
        position: record_id
        for chunk in chunks
        for taken in chunk.taken
        for position, record_id in zip(taken.positions.tolist(), taken.fields.column("record_id").to_pylist(), strict=True)
    }


def make_purchases(sql, count, key="bigint PRIMARY KEY"):
    """Makes shop.purchases with keys 10, 20, 30 and so on for R-1, R-2, R-3 and so on."""
    sql.execute(
        f"CREATE TABLE purchases (id {key}, record_id text, product_name text, quantity numeric, quantity_unit text, supplier_pcf float)"
    )
    sql.execute("ALTER TABLE purchases ADD category int, ADD activity_year int, ADD region text, ADD pcf_boundary text")
    add_purchases(sql, range(1, count + 1))


def add_purchases(sql, numbers):
    query = (
        "INSERT INTO purchases SELECT n * 10, 'R-' || n, 'steel', n, 'kg', 1.85, 1, 2025, 'GB', 'cradle_to_gate' FROM unnest(%s::int[]) n"
    )
    sql.execute(query, [list(numbers)])


def test_a_table_holds_the_records_of_a_parquet_and_a_csv_file_with_the_same_values(database, sql, tmp_path):
    pq.write_table(TYPED, tmp_path / "a.parquet")
    sql.execute(f"CREATE TABLE purchases (place int PRIMARY KEY, {', '.join(f'{name} {kind}' for name, (_, kind) in KINDS.items())})")
    for place, record in enumerate(_RECORDS):
        values = [Jsonb(value) if isinstance(value, dict) else value for value in map(record.get, KINDS)]
        sql.execute(f"INSERT INTO purchases VALUES ({', '.join(['%s'] * (len(KINDS) + 1))})", [place, *values])
    # COPY alone writes {1,0.5} and t, 331110.000 and 2025-12-31 00:00:00+00.
    plain = {"naics_code": "trim_scale(naics_code) AS naics_code", "lease_end_date": "lease_end_date::date AS lease_end_date"}
    written = plain | {
        "survival_curve": "to_jsonb(survival_curve) AS survival_curve",
        "issuer_listed": "issuer_listed::text AS issuer_listed",
    }
    listed = ", ".join(written.get(name, name) for name in KINDS)
    with sql.cursor() as cursor, cursor.copy(f"COPY (SELECT {listed} FROM purchases) TO STDOUT (FORMAT csv, HEADER)") as copy:
        (tmp_path / "a.csv").write_bytes(b"".join(map(bytes, copy)))
    table, parquet, csv = map(
        read, find_inputs([uri(database, "table=shop.purchases"), f"{tmp_path}/a.parquet", f"{tmp_path}/a.csv"])[::-1]
    )
    assert digests(table).keys() == {0, 1, 2, 3, 4}, dead_letters(table)
    assert sorted(digests(table).values()) == sorted(digests(parquet).values()) == sorted(digests(csv).values())
    assert digests(table) == digests(parquet)
    assert told(table) == told(parquet) == told(csv) == REFUSED


def test_a_key_of_whole_numbers_is_the_position_whatever_becomes_of_other_rows(database, sql):
    make_purchases(sql, 30)
    [before] = find_inputs([uri(database, "table=shop.purchases")])
    assert before.source_uri == uri(database, "table=shop.purchases&key=id")
    assert ids(read(before)) == {n * 10: f"R-{n}" for n in range(1, 31)}
    sql.execute("DELETE FROM purchases WHERE id IN (10, 150)")
    add_purchases(sql, [31])
    # What is appended while a run goes on is not of the run.
    assert ids(read(before)) == {n * 10: f"R-{n}" for n in range(1, 31) if n not in (1, 15)}
    [after] = find_inputs([uri(database, "table=shop.purchases")])
    assert ids(read(after)) == {n * 10: f"R-{n}" for n in range(2, 32) if n != 15}


def test_the_parts_of_a_table_are_together_the_table_and_each_can_be_read_alone(database, sql, monkeypatch):
    make_purchases(sql, 95)
    monkeypatch.setattr(rows, "ROWS_OF_A_PART", 10)
    [whole] = find_inputs([uri(database, "query=SELECT * FROM shop.purchases WHERE record_id LIKE 'R-%25' AND id % 7 <> 0&key=id")])
    few = [Source(0, "a.csv", 10), Source(1, "b.csv", 10)]
    groups = [part for group in small_ones_together([*few, whole, *few]) for part in parts_of_group(group, NO_MAPPING, 1 << 20)]
    assert [len(group) for group in groups] == [2] + [1] * 9 + [2]
    parts = whole.parts()
    assert [group[0] for group in groups[1:-1]] == list(parts)
    found = [read(part) for part in parts]
    assert max(chunk.records for chunks in found for chunk in chunks) == 10
    together = [(position, record_id) for chunks in found for position, record_id in ids(chunks).items()]
    assert together == list(ids(read(whole)).items())
    assert len(together) == 95 - 13
    places = [border for chunks in found for border in borders(chunks)]
    assert all(begin + length <= following for (begin, length), (following, _) in itertools.pairwise(places))


def test_another_key_gives_a_rank_and_a_table_that_changes_meanwhile_is_refused(database, sql):
    make_purchases(sql, 30)
    [source] = find_inputs([uri(database, "table=shop.purchases&key=region,record_id")])
    assert source.parts() == (source,)
    assert ids(read(source)) == dict(enumerate(sorted(f"R-{n}" for n in range(1, 31))))
    sql.execute("DELETE FROM purchases WHERE id = 10")
    with pytest.raises(UserFault, match="had 30 rows when the run began, and 29 when they were read; read a table that stands still"):
        read(source)


@pytest.mark.parametrize("key", ["id", "record_id,region"])
def test_a_connection_that_is_lost_in_the_middle_is_made_again_behind_the_last_row(database, sql, monkeypatch, key):
    make_purchases(sql, 2_000)
    monkeypatch.setattr(postgres_table, "BLOCK_ROWS", 100)
    # Larger than what the client has already got when the server ends the connection.
    sql.execute("UPDATE purchases SET product_name = repeat('steel ', 2000)")
    [source] = find_inputs([uri(database, f"table=shop.purchases&key={key}")])
    undisturbed = read(source)
    broken, ended = [], 0
    for chunk in judged_chunks(source, NO_MAPPING, Config()):
        broken.append(chunk)
        if len(broken) in (1, 12):
            # Those of the undisturbed reading may not have ended yet.
            killed = sql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scope3 input' AND state = 'active'"
            ).fetchall()
            ended += len(killed)
    assert ended == 2
    assert digests(broken) == digests(undisturbed)
    assert borders(broken) == borders(undisturbed)


def test_a_server_that_stays_away_is_told(database, sql, monkeypatch):
    make_purchases(sql, 2_000)
    sql.execute("UPDATE purchases SET product_name = repeat('steel ', 2000)")
    [source] = find_inputs([uri(database, "table=shop.purchases")])
    monkeypatch.setattr(postgres_table, "PATIENCE_SECONDS", 0.0)
    chunks = judged_chunks(source, NO_MAPPING, Config())
    next(chunks)
    sql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scope3 input'")
    with pytest.raises(UserFault, match=r"cannot connect to PostgreSQL at 127\.0\.0\.1.*correct host and port in --input"):
        list(chunks)


def test_only_columns_that_are_wanted_are_read_and_a_mapping_means_them(database, sql):
    make_purchases(sql, 3)
    sql.execute("ALTER TABLE purchases ADD dear money DEFAULT 2.5, ADD secret_note text DEFAULT 'x'")
    mapping = parse_mapping({"columns": {"record_id": "@position", "supplier_pcf": "dear"}, "skip": {"id": ["20"]}}, ".")
    [source] = find_inputs([uri(database, "table=shop.purchases")])
    chunks = list(judged_chunks(source, mapping, Config(), "purchases"))
    assert ids(chunks) == {10: "purchases:10", 30: "purchases:30"}
    assert chunks[0].unknown_columns == {"secret_note"}
    assert [taken.fields.column("supplier_pcf").to_pylist() for taken in chunks[0].taken] == [[2.5, 2.5]]
    with pytest.raises(UserFault, match=r"names the column 'deer', which .*table=shop\.purchases&key=id lacks; did you mean 'dear'"):
        list(judged_chunks(source, parse_mapping({"columns": {"supplier_pcf": "deer"}}, "."), Config()))


def test_a_table_without_rows_has_no_records(database, sql):
    make_purchases(sql, 0)
    [source] = find_inputs([uri(database, "table=shop.purchases")])
    assert (source.size_bytes, source.ranges, read(source)) == (0, (), [])


def test_progress_ends_at_the_size(database, sql):
    make_purchases(sql, 300)
    [source] = find_inputs([uri(database, "table=shop.purchases")])
    before = PROGRESS.bytes_read
    read(source)
    assert PROGRESS.bytes_read - before == source.size_bytes > 0


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ("table=shop.purchase&key=id", "has no table 'shop.purchase' that this user sees; did you mean shop.purchases"),
        ("table=shop.purchases&key=ident", "shop.purchases has no column 'ident', which &key= names; did you mean 'id'"),
        (
            "query=SELECT * FROM shop.nothing&key=id",
            'the query of --input can.t be run at .*: relation "shop.nothing" does not exist; correct it',
        ),
        ("query=SELECT 1/0 AS id&key=id", "the query of --input can.t be run at .*: division by zero; correct it"),
        ("query=WITH gone AS (DELETE FROM shop.purchases RETURNING *) SELECT * FROM gone&key=id", "changes data .*; give a SELECT"),
        ("query=SELECT shop.write() AS id&key=id", "changes data .*read-only transaction.*; give a SELECT"),
        ("query=SELECT 1) q; DELETE FROM shop.purchases; SELECT (1&key=id", "cannot insert multiple commands"),
        ('query=SELECT 1 AS a, 2 AS "A"&key=a', "which become one name"),
    ],
)
def test_what_can_not_be_read_is_told_before_the_run(database, sql, ours, told):
    make_purchases(sql, 3)
    sql.execute("CREATE FUNCTION write() RETURNS int LANGUAGE sql AS 'DELETE FROM shop.purchases RETURNING 1'")
    with pytest.raises(UserFault, match=told):
        for source in find_inputs([uri(database, ours)]):
            read(source)
    assert sql.execute("SELECT count(*) FROM purchases").fetchone() == (3,)


def test_rows_that_their_key_does_not_tell_apart_are_refused(database, sql, monkeypatch):
    monkeypatch.setattr(postgres_table, "BLOCK_ROWS", 2)
    make_purchases(sql, 4, "bigint")
    with pytest.raises(UsageFault, match=r"shop\.purchases has no primary key.*&key=COLUMN.*; it has id, record_id"):
        find_inputs([uri(database, "table=shop.purchases")])
    add_purchases(sql, [2])
    for key, shown in (("id", "id = 20"), ("id,record_id", "id = 20, record_id = R-2")):
        [source] = find_inputs([uri(database, f"table=shop.purchases&key={key}")])
        with pytest.raises(UserFault, match=f"has two rows of {shown}, .*; name more columns in &key="):
            read(source)
    sql.execute("UPDATE purchases SET id = NULL WHERE id = 30")
    with pytest.raises(UserFault, match=r"the key column 'id' of shop\.purchases is null in 1 rows"):
        find_inputs([uri(database, "table=shop.purchases&key=id")])
    [source] = find_inputs([uri(database, "table=shop.purchases&key=record_id,id")])
    with pytest.raises(UserFault, match=r"the key column 'id' of .* is null in some rows"):
        read(source)


def test_a_user_without_the_right_to_read_is_told_who_gives_it(database, sql):
    make_purchases(sql, 1)
    sql.execute("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'sesame-4711'; GRANT USAGE ON SCHEMA shop TO reader")
    url = database.url.replace("tester@", "reader@")
    with pytest.raises(
        UserFault, match=r"user reader may not read shop\.purchases .*; let its owner run GRANT SELECT ON shop\.purchases TO reader"
    ):
        find_inputs([f"{url}?table=shop.purchases"])
    sql.execute("GRANT SELECT ON shop.purchases TO reader")
    [source] = find_inputs([f"{url}?table=shop.purchases"])
    assert len(ids(read(source))) == 1
    sql.execute("DROP OWNED BY reader; DROP ROLE reader")


def test_a_server_that_lets_nobody_in_names_the_option(database, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "wrong")
    with pytest.raises(UserFault, match="refused the password of user tester"):
        find_inputs([uri(database, "table=shop.purchases")])
    with pytest.raises(UserFault, match=r"has no database nothing; .* correct the name in --input"):
        monkeypatch.undo()
        find_inputs([uri(database, "table=a").replace("/postgres?", "/nothing?")])


def test_the_password_may_stand_in_a_secret_of_its_own(database, sql, monkeypatch, tmp_path):
    make_purchases(sql, 2)
    (tmp_path / "password").write_text("sesame-4711\n")
    monkeypatch.setenv("PGPASSWORD", "that of another server")
    [source] = find_inputs([uri(database, f"table=shop.purchases&password_secret=file:{tmp_path}/password")])
    assert len(ids(read(source))) == 2

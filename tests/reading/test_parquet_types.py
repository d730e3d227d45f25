"""Parquet as pandas, polars, DuckDB and Spark write it: every type is read rightly, or refused with the value."""

import datetime
import io
import json
import uuid
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.faults import UserFault
from tests.reading.judged import see
from tests.records import make_record

_NOON = datetime.datetime(2024, 1, 31, 12)
_DAY = datetime.datetime(2024, 1, 31)
_ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
_UUIDS = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16), _ID.bytes, None], pa.binary(16)))


def _seen(path, field, column, category=1, **changes):
    """Returns values and faults of valid records with a column of this field."""
    seen = _read(path, field, column, category, **changes)
    return seen.values(field), seen.faults()


def _read(path, field, column, category=1, **changes):
    record = make_record(category, **changes)
    columns = {name: pa.array([value] * len(column)) for name, value in record.items()}
    columns |= {"record_id": pa.array([f"R-{place}" for place in range(len(column))]), field: column}
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return see(path / "a.parquet", file.getvalue())


@pytest.mark.parametrize(
    "column",
    [
        *(pa.array([3, None], kind) for kind in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64())),
        *(pa.array([3, None], kind) for kind in (pa.float16(), pa.float32(), pa.float64())),
        pa.array([Decimal("3.00"), None]),
        pa.array([Decimal(3), None], pa.decimal128(38, 10)),
        pa.array([Decimal(3), None], pa.decimal256(70, 0)),
        *(pa.array(["3", None], kind) for kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary())),
        pa.array([b"3", None], pa.binary(1)),
        pa.array(["3", None]).dictionary_encode(),
        pa.array([3, None]).dictionary_encode(),
        pa.array([Decimal("3.0"), None]).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)  # fmt: skip
def test_numbers_and_codes_are_the_same_in_every_type(tmp_path, column):
    assert _seen(tmp_path, "quantity", column) == ([3.0, None], [])
    assert _seen(tmp_path, "supplier_id", column) == (["3", None], [])
    assert _seen(tmp_path, "units_sold", column.slice(0, 1), 12) == ([3], [])


@pytest.mark.parametrize(
    ("column", "values", "faults"),
    [
        (pa.array([331110.0, 331110.5]), ["331110"], [("E_TYPE", "naics_code")]),
        (pa.array(["561612.0", "5.6E5", "561612"]), ["561612", "561612"], [("E_TYPE", "naics_code")]),
        (pa.array([Decimal("331110.00"), Decimal("331110.50")]), ["331110"], [("E_TYPE", "naics_code")]),
        (pa.array([True]), [], [("E_TYPE", "naics_code")]),
        (pa.array([b"\xff", b"331110"]), ["331110"], [("E_MALFORMED", None)]),
        (pa.nulls(2), [None, None], []),
        (pa.array([["331110"]]), [], [("E_TYPE", "naics_code")]),
        (pa.array([{"code": "331110"}]), [], [("E_TYPE", "naics_code")]),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_codes(tmp_path, column, values, faults):
    found, told = _seen(tmp_path, "naics_code", column)
    assert (found, [code for code, _ in told]) == (values, [code for code, _ in faults])


@pytest.mark.parametrize(
    ("column", "values", "faults"),
    [
        (pa.array([2**63], pa.uint64()), [float(2**63)], 0),
        (pa.array([Decimal("12345678901234567890.5")], pa.decimal256(60, 5)), [12345678901234567890.5], 0),
        (pa.array([Decimal("1E-7")], pa.decimal128(20, 9)), [1e-7], 0),
        (pa.array([Decimal("-0.10")]), [], 1),
        (pa.array([float("nan"), float("inf"), 1.5]), [1.5], 2),
        (pa.array([datetime.timedelta(days=1)]), [], 1),
        (pa.array([datetime.time(1, 2)]), [], 1),
        (pa.array([_DAY]), [], 1),
        (pa.array([{"value": 1}]), [], 1),
        (pa.array([[1.5]]), [], 1),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), [], 1),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_numbers(tmp_path, column, values, faults):
    found, told = _seen(tmp_path, "quantity", column)
    assert found == values
    assert [field for _, field in told] == ["quantity"] * faults


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "+05:30"])
def test_a_time_at_midnight_is_a_day_and_another_is_none(tmp_path, unit, zone):
    # pandas has no dates but these.
    local = pa.array([_DAY, _NOON, None, datetime.datetime(1969, 12, 31)], pa.timestamp(unit))
    column = local if zone is None else pa.compute.assume_timezone(local, zone) if zone[0] != "+" else _at_half_past_five(unit)
    found, told = _seen(tmp_path, "lease_start_date", column, 13)
    assert found == ["2024-01-31", None, "1969-12-31"]
    assert told == [("E_TYPE", "lease_start_date")]


def _at_half_past_five(unit):
    shift = datetime.timedelta(hours=5, minutes=30)
    return pa.array([_DAY - shift, _NOON, None, datetime.datetime(1969, 12, 31) - shift], pa.timestamp(unit)).cast(
        pa.timestamp(unit, "+05:30")
    )


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_dates(tmp_path, kind):
    assert _seen(tmp_path, "lease_start_date", pa.array([_DAY.date(), None], kind), 13) == (["2024-01-31", None], [])
    assert _seen(tmp_path, "activity_year", pa.array([_DAY.date()], kind)) == ([], [("E_TYPE", "activity_year")])


def test_the_dates_of_older_spark_are_days_too(tmp_path):
    columns = {name: pa.array([value]) for name, value in make_record(13).items()}
    file = io.BytesIO()
    pq.write_table(
        pa.table({**columns, "lease_start_date": pa.array([_DAY], pa.timestamp("ns"))}), file, use_deprecated_int96_timestamps=True
    )
    assert see(tmp_path / "a.parquet", file.getvalue()).values("lease_start_date") == ["2024-01-31"]


@pytest.mark.parametrize(
    ("column", "written"),
    [
        (pa.array([1], pa.timestamp("ns")), "1970-01-01 00:00:00.000000001"),
        (pa.array([1], pa.timestamp("ns", "UTC")), "1970-01-01 00:00:00.000000001Z"),
        (pa.array([1], pa.time64("ns")), "00:00:00.000000001"),
        (pa.array([1], pa.duration("ns")), "1 ns"),
        (pa.array([3_000_000], pa.date32()), "10183-09-21"),
        (pa.array([2**31 - 1], pa.date32()), "<value out of range: 2147483647>"),
        (pa.array([2**62], pa.timestamp("us")), "<value out of range: 4611686018427387904>"),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_a_time_that_python_has_not_is_a_value_like_any_other(tmp_path, column, written):
    for field in ("quantity", "lease_start_date"):
        # The file's row is what the dead letter shows.
        seen = _read(tmp_path, field, column, 13 if field == "lease_start_date" else 1)
        [letter] = seen.dead.values()
        assert (letter["code"], letter["field"]) == ("E_TYPE", field)
        assert json.loads(letter["raw"])[field] == written
    # Inside of a value that is none, and beside what no store takes.
    nested = pa.StructArray.from_arrays([column], names=["sf6"])
    [letter] = _read(tmp_path, "ghg_content_kg", nested, 11, units_sold=1, server_kwh=1).dead.values()
    assert (letter["code"], json.loads(letter["raw"])["ghg_content_kg"]) == ("E_TYPE", {"sf6": written})
    lists = pa.ListArray.from_arrays([0, 1], pa.StructArray.from_arrays([column, pa.array(["\0"])], names=["at", "note"]))
    [letter] = _read(tmp_path, "hybrid_components", lists).dead.values()
    assert (letter["code"], json.loads(letter["raw"])["hybrid_components"]) == ("E_MALFORMED", [{"at": written, "note": "\0"}])


@pytest.mark.parametrize(
    ("column", "raw"),
    [
        (pa.StructArray.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["sf6", "sf6"]), [["sf6", 1.0], ["sf6", 2.0]]),
        (pa.array([[("sf6", 1.0), ("sf6", 2.0)]], pa.map_(pa.string(), pa.float64())), [["sf6", 1.0], ["sf6", 2.0]]),
        (pa.array([[({"gas": "sf6"}, 1.0)]], pa.map_(pa.struct({"gas": pa.string()}), pa.float64())), [[{"gas": "sf6"}, 1.0]]),
        (pa.array([[(["sf6"], 1.0)]], pa.map_(pa.list_(pa.string()), pa.float64())), [[["sf6"], 1.0]]),
    ],
    ids=["struct", "map", "map of structs", "map of lists"],
)
def test_a_map_with_a_key_that_stands_twice_or_is_none_is_refused(tmp_path, column, raw):
    [letter] = _read(tmp_path, "ghg_content_kg", column, 11, units_sold=1, server_kwh=1).dead.values()
    assert (letter["code"], letter["field"]) == ("E_TYPE", "ghg_content_kg")
    assert json.loads(letter["raw"])["ghg_content_kg"] == raw


_VIEWS = [
    pa.array(["a\0", "b"], pa.string_view()),
    pa.array([b"a\0", b"b"], pa.binary_view()),
    pa.array(["a\0", "b"], pa.large_string()),
    pa.ExtensionArray.from_storage(pa.json_(pa.string()), pa.array(["a\0", "b"])),
    pa.ExtensionArray.from_storage(pa.json_(pa.large_string()), pa.array(["a\0", "b"], pa.large_string())),
    pa.ExtensionArray.from_storage(pa.json_(pa.string_view()), pa.array(["a\0", "b"], pa.string_view())),
    pa.array(["a\0", "b"]).dictionary_encode(),
]


@pytest.mark.parametrize("column", _VIEWS, ids=lambda column: str(column.type)[:30])
def test_a_text_that_no_store_takes_costs_its_row_in_every_type(tmp_path, column):
    assert _seen(tmp_path, "supplier_id", column) == (["b"], [("E_MALFORMED", None)])


@pytest.mark.parametrize(
    "kind", [pa.list_, pa.large_list, pa.list_view, lambda inner: pa.list_(inner, 1), lambda inner: pa.struct({"a": inner})]
)
@pytest.mark.parametrize("inner", [pa.string(), pa.string_view()])
def test_a_text_that_no_store_takes_is_found_inside_of_values(tmp_path, kind, inner):
    whole = kind(inner)
    values = [{"a": text} if pa.types.is_struct(whole) else [text] for text in ("\0", "b")]
    assert _seen(tmp_path, "supplier_id", pa.array(values, whole))[1] == [("E_MALFORMED", None), ("E_TYPE", "supplier_id")]


def test_rows_of_views_are_taken_by_mapping_and_category(tmp_path):
    # Records of two categories and rows that are none: some rows of each column are taken.
    records = [*[make_record(record_id=f"R-{place}", supplier_name="x") for place in range(3)], *[make_record(2, record_id="S")] * 2]
    names = dict.fromkeys(name for record in records for name in record)
    table = pa.table({name: [record.get(name) for record in records] for name in names})
    views = pa.schema([field.with_type(pa.string_view()) if field.type == pa.string() else field for field in table.schema])
    file = io.BytesIO()
    pq.write_table(table.cast(views), file)
    seen = see(tmp_path / "a.parquet", file.getvalue(), {"skip": {"record_id": "R-1"}})
    assert (seen.values("record_id"), seen.skipped) == (["R-0", "R-2", "S", "S"], 1)


def test_years_as_spreadsheets_make_them(tmp_path):
    assert _seen(tmp_path, "activity_year", pa.array([2024.0, 2024.5])) == ([2024], [("E_TYPE", "activity_year")])
    assert _seen(tmp_path, "activity_year", pa.array(["2024.0", "2024", "24"])) == ([2024, 2024], [("E_RANGE", "activity_year")])


@pytest.mark.parametrize("words", [["NA", "NO", "None", "null", "NaN", "nan", "true"], ["None", None]])
def test_words_that_look_like_nothing_are_words(tmp_path, words):
    assert _seen(tmp_path, "supplier_name", pa.array(words)) == (words, [])
    assert _seen(tmp_path, "supplier_name", pa.array(words).dictionary_encode()) == (words, [])


def test_regions_that_look_like_nothing_are_regions(tmp_path):
    assert _seen(tmp_path, "region", pa.array(["NA", "NO"])) == (["NA", "NO"], [])


@pytest.mark.parametrize("rows", [slice(None), slice(1, None)])
def test_uuids_are_written_as_everybody_writes_them(tmp_path, rows):
    texts = [str(uuid.UUID(int=0)), str(_ID), None][rows]
    assert _seen(tmp_path, "supplier_id", _UUIDS[rows]) == (texts, [])


_PARTS = [{"kind": "other", "amount": 1, "unit": "kg_co2e"}, {"kind": "other", "amount": 2.5, "unit": "kg_co2e"}]
_STRUCT = pa.struct({"kind": pa.string(), "amount": pa.float64(), "unit": pa.string()})
_DECIMALS = pa.struct({"kind": pa.dictionary(pa.int8(), pa.string()), "amount": pa.decimal128(10, 3), "unit": pa.large_string()})
_EXACT = [{**part, "amount": Decimal(str(part["amount"]))} for part in _PARTS]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([_PARTS, None, []], pa.list_(_STRUCT)),
        pa.array([_PARTS, None, []], pa.large_list(_STRUCT)),
        pa.array([_EXACT, None, []], pa.list_(_DECIMALS)),
        pa.array([_PARTS], pa.list_(_STRUCT, 2)),
        pa.array(['[{"kind":"other","amount":1,"unit":"kg_co2e"},{"kind":"other","amount":2.5,"unit":"kg_co2e"}]', None, "[]"]),
    ],
    ids=lambda column: str(column.type)[:30],
)
def test_lists_of_structs(tmp_path, column):
    found, told = _seen(tmp_path, "hybrid_components", column, supplier_s12_allocated_kg_co2e=1)
    assert not told
    first = [{name: value for name, value in part.items() if value is not None} for part in found[0]]
    assert first == [{**part, "amount": float(part["amount"])} for part in _PARTS]
    assert found[1:] == [None, None][: len(column) - 1]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1, 0.5], None, []]),
        pa.array([[1, 0.5], None, []], pa.large_list(pa.float32())),
        pa.array([[1, 0.5]], pa.list_(pa.float64(), 2)),
        pa.array([[Decimal("1.0"), Decimal("0.5")], None, []]),
        pa.array([["1", "0.5"], None, []]),
    ],
    ids=lambda column: str(column.type),
)
def test_lists_of_numbers(tmp_path, column):
    assert _seen(tmp_path, "survival_curve", column, 11, units_sold=1, server_kwh=1) == ([[1.0, 0.5], None, None][: len(column)], [])


@pytest.mark.parametrize(
    "column",
    [
        pa.array([{"hfc_152a": 0.1, "sf6": None}, {"hfc_152a": None, "sf6": 2.0}, None]),
        pa.array([[("hfc_152a", 0.1)], [("SF6", 2.0)], None], pa.map_(pa.string(), pa.float64())),
        pa.array(['{"hfc_152a": 0.1}', '{"sf6": 2}', None]),
    ],
    ids=lambda column: str(column.type),
)
def test_maps(tmp_path, column):
    found, told = _seen(tmp_path, "ghg_content_kg", column, 11, units_sold=1, server_kwh=1)
    assert not told
    assert found == [[{"key": "hfc_152a", "value": 0.1}], [{"key": "sf6", "value": 2.0}], None]


def test_empty_files_and_row_groups_hold_no_record(tmp_path):
    table = pa.Table.from_pylist([make_record(record_id=f"R-{place}") for place in range(5)])
    file = io.BytesIO()
    with pq.ParquetWriter(file, table.schema) as writer:
        for some in (table.slice(0, 0), table.slice(0, 2), table.slice(0, 0), table.slice(2, 3)):
            writer.write_table(some)
    assert list(see(tmp_path / "a.parquet", file.getvalue()).records) == [0, 1, 2, 3, 4]
    file = io.BytesIO()
    pq.write_table(table.slice(0, 0), file)
    assert not see(tmp_path / "a.parquet", file.getvalue()).records
    file = io.BytesIO()
    pq.write_table(pa.table({}), file)
    assert not see(tmp_path / "a.parquet", file.getvalue()).records


def test_files_of_one_export_may_differ_in_order_types_and_columns(tmp_path):
    records = [make_record(record_id=str(place), quantity=place + 1, supplier_id=str(place)) for place in range(12)]
    expected = {record["record_id"]: record for record in records}
    table = pa.Table.from_pylist(records)
    ways = [
        table,
        table.select(table.schema.names[::-1]),
        table.set_column(0, "record_id", table["record_id"].cast(pa.int64())).set_column(
            1, "supplier_id", table["supplier_id"].cast(pa.int16())
        ),
        table.append_column("quantity as text", table["quantity"].cast(pa.string())).append_column("spend_amount", pa.nulls(12)),
        table.rename_columns([name.upper() for name in table.schema.names]),
        pa.table({name: table[name].cast(pa.string()) for name in table.schema.names}),
        pa.table({name: table[name].dictionary_encode() for name in table.schema.names}),
    ]
    for way in ways:
        file = io.BytesIO()
        pq.write_table(way, file)
        seen = see(tmp_path / "a.parquet", file.getvalue())
        assert not seen.dead
        found = {record["record_id"]: {"category": 1, **record} for record in seen.records.values()}
        assert found == expected


@pytest.mark.parametrize("left", [4, 100, 0.5, 0.9, -8, -1])
def test_a_file_that_was_cut_is_told_by_name(tmp_path, left):
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([make_record(record_id=f"R-{place}") for place in range(5_000)]), file)
    data = file.getvalue()
    with pytest.raises(UserFault, match=r"a\.parquet is no Parquet file, or it is damaged"):
        see(tmp_path / "a.parquet", data[: int(len(data) * left) if isinstance(left, float) else left])


def test_a_page_that_was_damaged_is_told_by_name_and_place(tmp_path):
    file = io.BytesIO()
    table = pa.Table.from_pylist([make_record(record_id=f"R-{place}") for place in range(20_000)])
    pq.write_table(table, file, row_group_size=10_000, compression="zstd", use_dictionary=False, write_page_checksum=True)
    data = bytearray(file.getvalue())
    column = pq.ParquetFile(file).metadata.row_group(1).column(0)
    place = column.data_page_offset + column.total_compressed_size // 2
    data[place] ^= 0xFF
    with pytest.raises(UserFault, match=r"a\.parquet .*damaged.*row"):
        see(tmp_path / "a.parquet", bytes(data))

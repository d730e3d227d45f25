"""What a good data engineer would write by hand for one kind of input: polars, and binary COPY into PostgreSQL.

    .venv/bin/python benchmarks/polars_rival.py --input purchases.jsonl --factors products.json --output postgresql://... --schema NAME

It takes the same records and factors as `scope3 run` and gives the same result columns with the same numbers (all of
spec 8 that category 1 can have; input_sha256 is taken over the line as it stands). It checks nothing: no validation,
no dead letters, no duplicates, no audit, no stored input, no versions; factors must be there under exactly the record's code.

The lists and labels of a result (factors, warnings, method) stand in each row, as in any flat table. With --references
they stand once in a side table, and a view shows the same columns: less to send, the way this project stores them.
"""

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import chain, pairwise

import numpy as np
import polars as pl
import psycopg
import pyarrow as pa
from constants import (
    COMPLETENESS,
    EU,
    GEOGRAPHIC,
    PEDIGREE_POINTS,
    PEDIGREE_SCORES,
    RELIABILITY,
    RESULT,
    SETS,
    SOURCE_CLASSES,
    TECHNOLOGICAL,
    TEMPORAL,
    UNITS,
    Z_95,
)
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql

SCHEMA = {
    **{"record_id": pl.String, "category": pl.Int64, "supplier_id": pl.String, "supplier_name": pl.String, "region": pl.String},
    **{"activity_year": pl.Int64, "product_name": pl.String, "quantity": pl.Float64, "quantity_unit": pl.String},
    **{"supplier_pcf": pl.Float64, "supplier_pcf_cv": pl.Float64, "pcf_boundary": pl.String, "product_category": pl.String},
    **{"spend_amount": pl.Float64, "spend_currency": pl.String, "spend_year": pl.Int64, "naics_code": pl.String},
}

# Columns that follow from the factor and the way it was found; and those of them that the record itself may give.
TERM = ("tier", "ghgp_method", "method", "dqi_score", "dqi_rating", "warnings", "factor_ids", "factor_units", "pedigree_mean")
OF_TERM_OR_RECORD = ("factor_values", "factor_cvs", "factor_kg_co2e")

# Rows computed at a time, while those before them are sent.
SLICE = 100_000


def sets(*names: str) -> pl.DataFrame:
    """Returns the rows of shipped factor sets."""
    return pl.concat([pl.read_parquet(SETS / f"{name}.parquet") for name in names])


def cv_of(log_variance: pl.Expr) -> pl.Expr:
    """Returns the coefficient of variation of a lognormal quantity."""
    return (log_variance.exp() - 1).sqrt()


def score(table: list[float], column: str) -> pl.Expr:
    """Returns the log-variance of a column of scores from 1 to 5."""
    return pl.col(column).replace_strict({place: value for place, value in enumerate(table, 1)}, return_dtype=pl.Float64)


def warnings(*texts: pl.Expr) -> pl.Expr:
    """Returns the texts that are not null as a sorted list."""
    return pl.concat_list(*texts).list.drop_nulls().list.sort()


def rating(dqi_score: str = "dqi_score") -> pl.Expr:
    """Returns the rating of a score."""
    value = pl.col(dqi_score)
    words = pl.when(value >= 80).then(pl.lit("excellent")).when(value >= 60).then(pl.lit("good")).when(value >= 40)
    return words.then(pl.lit("fair")).otherwise(pl.lit("poor"))


def low_dqi() -> pl.Expr:
    """Returns the warning of a low score, null where it is not low."""
    value = pl.col("dqi_score")
    whole = pl.when(value == value.floor()).then(value.cast(pl.Int64).cast(pl.String)).otherwise(value.round_sig_figs(6).cast(pl.String))
    return pl.when(value < 60).then(pl.concat_str(pl.lit("W_LOW_DQI score="), whole))


def spend_terms(keys: pl.DataFrame) -> pl.DataFrame:
    """Returns a row for each distinct code, currency, year of prices and region."""
    eeio = sets("epa-1.3").filter(pl.col("boundary") == "with_margins")
    eeio = eeio.select(naics_code="key", eeio="factor_id", value="value", unit="unit", price_year="price_year")
    rates = sets("ecb-fx").select(spend_currency="key", spend_year="year", fx="factor_id", rate="value")
    prices = sets("us-cpi").select(year="year", cpi="factor_id", index="value")
    found = keys.join(eeio, on="naics_code").join(
        rates.filter(pl.col("spend_currency") != "USD"), on=["spend_currency", "spend_year"], how="left"
    )
    found = found.join(prices.rename({"cpi": "cpi_from", "index": "index_from"}), left_on="spend_year", right_on="year")
    found = found.join(prices.rename({"cpi": "cpi_to", "index": "index_to"}), left_on="price_year", right_on="year")
    foreign = pl.col("region") != "US"
    cv = cv_of(pl.lit(1.25).log() + pl.when(foreign).then(GEOGRAPHIC[4]).otherwise(0.0))
    proxy = pl.when(foreign).then(pl.concat_str(pl.lit("W_FOREIGN_PROXY from="), "region", pl.lit(" to=US")))
    found = found.with_columns(dqi_score=pl.lit(40.0), factor_cv=cv)
    fx = pl.when(pl.col("fx").is_not_null())
    # Sorted by id: eeio, fx, price_index of 2022, price_index of a later year.
    return found.select(
        *keys.columns,
        kg_per_unit=pl.col("rate").fill_null(1.0) * pl.col("index_to") / pl.col("index_from") * pl.col("value"),
        factor_cv="factor_cv",
        activity_cv=pl.lit(0.15),
        tier=pl.lit(3, pl.Int16),
        ghgp_method=pl.lit("spend_based"),
        method=pl.lit("tier_3_spend_based"),
        dqi_score="dqi_score",
        dqi_rating=rating(),
        warnings=warnings(proxy, low_dqi(), pl.lit("W_SPEND_BASED")),
        factor_ids=pl.concat_list("eeio", "fx", "cpi_to", "cpi_from").list.drop_nulls(),
        factor_values=pl.concat_list("value", "rate", "index_to", "index_from").list.drop_nulls(),
        factor_units=pl.concat_list("unit", fx.then(pl.lit("usd_per_unit")), pl.lit("index"), pl.lit("index")).list.drop_nulls(),
        factor_cvs=pl.concat_list("factor_cv", fx.then(0.0), pl.lit(0.0), pl.lit(0.0)).list.drop_nulls(),
        pedigree_mean=pl.lit(None, pl.Float64),
    )


def average_terms(keys: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Returns a row for each distinct product, unit, region and year that has a factor: own region, then EU, then the world."""
    rows = factors.filter((pl.col("family") == "product") & (pl.col("boundary") == "cradle_to_gate")).rename(
        {"region": "of", "unit": "per"}
    )
    steps = keys.with_columns(
        of=pl.concat_list("region", pl.when(pl.col("region").is_in(EU)).then(pl.lit("EU")), pl.lit("GLOBAL")),
        geographic=pl.concat_list(pl.lit(1), pl.lit(2), pl.lit(4)),
    )
    found = steps.explode("of", "geographic").join(rows, left_on=["product_category", "of"], right_on=["key", "of"])
    units = pl.DataFrame(UNITS, schema=["quantity_unit", "per", "multiplier"], orient="row")
    found = found.filter(pl.col("year") <= pl.col("activity_year")).join(units, on=["quantity_unit", "per"])
    found = found.sort("geographic", "year", descending=[False, True]).unique(keys.columns, keep="first", maintain_order=True)
    delta = pl.col("activity_year") - pl.col("year")
    found = found.with_columns(temporal=pl.when(delta <= 2).then(1).when(delta <= 5).then(2).when(delta <= 9).then(3).otherwise(4))
    own = pl.col("pedigree").list.get
    scores = {"reliability": own(0), "completeness": own(1), "technological": own(4)}
    graded = pl.col("pedigree").is_not_null()
    found = found.with_columns(**scores).with_columns(
        pedigree_mean=(pl.col("reliability") + pl.col("completeness") + pl.col("temporal") + pl.col("geographic") + pl.col("technological"))
        / 5
    )
    fallback = score(TEMPORAL, "temporal") + score(GEOGRAPHIC, "geographic")
    ours = 0.0006 + score(RELIABILITY, "reliability") + score(COMPLETENESS, "completeness") + score(TECHNOLOGICAL, "technological")
    stated = (1 + pl.col("cv").fill_null(0.30) ** 2).log()
    base = pl.when(pl.col("cv").is_null() & graded).then(ours).otherwise(stated)
    source = pl.col("source_class").replace_strict(SOURCE_CLASSES, return_dtype=pl.Float64, default=None)
    parts = 0.5 * _interpolated("pedigree_mean") + 0.2 * 70.0
    composite = pl.when(source.is_null()).then(parts / 0.7).otherwise(parts + 0.3 * source)
    found = found.with_columns(factor_cv=cv_of(base + fallback), dqi_score=pl.when(graded).then(composite).otherwise(70.0))
    moved = pl.when(pl.col("geographic") > 1).then(pl.concat_str(pl.lit("W_REGION_FALLBACK from="), "region", pl.lit(" to="), "of"))
    old = pl.when(pl.col("temporal") > 1).then(pl.concat_str(pl.lit("W_YEAR_FALLBACK delta="), delta))
    unsourced = pl.when(~pl.col("verified")).then(pl.concat_str(pl.lit("W_FACTOR_UNSOURCED factor_id="), "factor_id"))
    return found.select(
        *keys.columns,
        kg_per_unit=pl.col("value") * pl.col("multiplier"),
        factor_cv="factor_cv",
        activity_cv=pl.lit(0.10),
        tier=pl.lit(2, pl.Int16),
        ghgp_method=pl.lit("average_data"),
        method=pl.lit("tier_2_average_data"),
        dqi_score="dqi_score",
        dqi_rating=rating(),
        warnings=warnings(moved, old, unsourced, low_dqi()),
        factor_ids=pl.concat_list("factor_id"),
        factor_values=pl.concat_list("value"),
        factor_units=pl.concat_list("per"),
        factor_cvs=pl.concat_list("factor_cv"),
        pedigree_mean="pedigree_mean",
    )


def _interpolated(column: str) -> pl.Expr:
    """Returns the points of a mean pedigree score, linear between the breakpoints."""
    value, points = pl.col(column), pl.lit(None, pl.Float64)
    for place in range(len(PEDIGREE_POINTS) - 1):
        low, high = PEDIGREE_SCORES[place], PEDIGREE_SCORES[place + 1]
        line = low + (value - PEDIGREE_POINTS[place]) / 0.5 * (high - low)
        points = pl.when((value >= PEDIGREE_POINTS[place]) & (value <= PEDIGREE_POINTS[place + 1])).then(line).otherwise(points)
    return points


def pcf_terms(keys: pl.DataFrame) -> pl.DataFrame:
    """Returns a row for each distinct unit, with and without a stated boundary; values and cv come from the record."""
    return keys.select(
        *keys.columns,
        kg_per_unit=pl.lit(1.0),
        factor_cv=pl.lit(0.10),
        activity_cv=pl.lit(0.05),
        tier=pl.lit(1, pl.Int16),
        ghgp_method=pl.lit("supplier_specific"),
        method=pl.lit("tier_1_supplier_pcf"),
        dqi_score=pl.lit(90.0),
        dqi_rating=pl.lit("excellent"),
        warnings=warnings(pl.when(pl.col("pcf_boundary").is_null()).then(pl.lit("W_BOUNDARY_PCF"))),
        factor_ids=pl.concat_list(pl.lit("record:supplier_pcf")),
        factor_values=pl.lit(None, pl.List(pl.Float64)),
        factor_units=pl.concat_list("quantity_unit"),
        factor_cvs=pl.lit(None, pl.List(pl.Float64)),
        pedigree_mean=pl.lit(None, pl.Float64),
    )


KEYS = {
    "spend": ["naics_code", "spend_currency", "spend_year", "region"],
    "average": ["product_category", "quantity_unit", "region", "activity_year"],
    "pcf": ["quantity_unit", "pcf_boundary"],
}


def with_amounts(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Returns rows joined to their terms with amount and interval of each."""
    amount = {"spend": pl.col("spend_amount"), "average": pl.col("quantity"), "pcf": pl.col("quantity") * pl.col("supplier_pcf")}[kind]
    cv = pl.coalesce("supplier_pcf_cv", "factor_cv") if kind == "pcf" else pl.col("factor_cv")
    rows = rows.with_columns(kg_co2e=amount * pl.col("kg_per_unit"), factor_cv=cv)
    rows = rows.with_columns(cv=((1 + pl.col("activity_cv") ** 2) * (1 + pl.col("factor_cv") ** 2) - 1).sqrt())
    rows = rows.with_columns(log_variance=(1 + pl.col("cv") ** 2).log())
    rows = rows.with_columns(
        p50_kg=pl.col("kg_co2e") * (-0.5 * pl.col("log_variance")).exp(), spread=(Z_95 * pl.col("log_variance").sqrt()).exp()
    )
    return rows.with_columns(
        category=pl.col("category").cast(pl.Int16),
        activity_year=pl.col("activity_year").cast(pl.Int16),
        kg_co2e_direct=pl.col("kg_co2e"),
        kg_co2e_upstream=pl.lit(0.0),
        std_kg=pl.col("kg_co2e") * pl.col("cv"),
        p5_kg=pl.col("p50_kg") / pl.col("spread"),
        p95_kg=pl.col("p50_kg") * pl.col("spread"),
        cv=pl.when(pl.col("kg_co2e") != 0).then(pl.col("cv")),
    )


def with_lists(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Returns rows with the lists that hold a number of the record's own."""
    kg_co2e = pl.concat_list("kg_co2e")
    if kind == "spend":
        zeros = pl.when(pl.col("factor_ids").list.len() == 4).then(pl.lit([0.0, 0.0, 0.0])).otherwise(pl.lit([0.0, 0.0]))
        return rows.with_columns(factor_kg_co2e=pl.concat_list("kg_co2e", zeros))
    if kind == "pcf":
        return rows.with_columns(
            factor_kg_co2e=kg_co2e, factor_values=pl.concat_list("supplier_pcf"), factor_cvs=pl.concat_list("factor_cv")
        )
    return rows.with_columns(factor_kg_co2e=kg_co2e)


def digests(path: str) -> pa.Array:
    """Returns the SHA-256 of each line of a file."""
    octets = np.memmap(path, np.uint8, "r")
    ends = np.flatnonzero(octets == ord("\n")).tolist()
    data = memoryview(octets)
    joined = b"".join([sha256(data[start + 1 : end]).digest() for start, end in pairwise([-1, *ends])])
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(ends), [None, pa.py_buffer(joined)]).cast(pa.binary())


def to_arrow(rows: pl.DataFrame) -> pa.Table:
    """Returns rows with the types that the encoder knows."""
    table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
    smaller = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}
    smaller |= {pa.large_list(pa.large_string()): pa.list_(pa.string()), pa.large_list(pa.float64()): pa.list_(pa.float64())}
    return table.cast(pa.schema([pa.field(field.name, smaller.get(field.type, field.type)) for field in table.schema]))


def copy(cursor: psycopg.Cursor, table: sql.Composable, parts: Iterator[pa.Table]) -> None:
    """Sends rows by one binary COPY."""
    first = next(parts)
    encoder = ArrowToPostgresBinaryEncoder(first.schema)
    columns = sql.SQL(", ").join(map(sql.Identifier, first.schema.names))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, columns)) as stream:
        stream.write(encoder.write_header())
        for part in chain([first], parts):
            for batch in part.to_batches(20_000):
                stream.write(encoder.write_batch(batch))
        stream.write(encoder.finish())


def terms_of(records: pl.DataFrame, factors: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Returns the terms of each kind of record, numbered."""
    makers = {"spend": spend_terms, "average": lambda keys: average_terms(keys, factors), "pcf": pcf_terms}
    terms, start = {}, 0
    for kind, make in makers.items():
        given = pl.col({"spend": "spend_amount", "average": "product_category", "pcf": "supplier_pcf"}[kind]).is_not_null()
        made = make(records.lazy().filter(given).select(KEYS[kind]).unique().collect())
        terms[kind] = made.with_columns(pl.int_range(start, start + made.height, dtype=pl.Int32).alias("term_id"))
        start += made.height
    return terms


def results(records: pl.DataFrame, terms: dict[str, pl.DataFrame], columns: list[str], references: bool) -> Iterator[pa.Table]:
    """Yields the results, some at a time; the next ones are made while those before them are sent."""

    def make(start: int) -> list[pa.Table]:
        part = records.slice(start, SLICE)
        made = []
        for kind, given in (("pcf", "supplier_pcf"), ("average", "product_category"), ("spend", "spend_amount")):
            rows = part.filter(pl.col(given).is_not_null()).join(terms[kind], on=KEYS[kind], nulls_equal=True)
            rows = with_amounts(rows, kind)
            if references:
                own = pl.col("supplier_pcf") if kind == "pcf" else pl.lit(None, pl.Float64)
                rows = rows.with_columns(own_value=own, own_cv=pl.col("factor_cv") if kind == "pcf" else pl.lit(None, pl.Float64))
            else:
                rows = with_lists(rows, kind)
            made.append(to_arrow(rows.select(columns)))
        return made

    with ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(make, 0)
        for start in range(0, records.height, SLICE):
            made = waiting.result()
            if start + SLICE < records.height:
                waiting = ahead.submit(make, start + SLICE)
            yield from made


def create(cursor: psycopg.Cursor, schema: str, references: bool) -> list[str]:
    """Makes the tables; returns the columns that a row has."""
    cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    cursor.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema)))
    table = {name: kind for name, kind in RESULT.items() if not references or name not in TERM + OF_TERM_OR_RECORD}
    if references:
        table |= {"term_id": "integer", "own_value": "float8", "own_cv": "float8"}
        shared = {name: kind for name, kind in RESULT.items() if name in TERM or name in ("factor_values", "factor_cvs")}
        cursor.execute(_create("terms", {"term_id": "integer"} | shared))
    cursor.execute(_create("results", table))
    if references:
        of_record = {
            "factor_values": "coalesce(t.factor_values, ARRAY[r.own_value])",
            "factor_cvs": "coalesce(t.factor_cvs, ARRAY[r.own_cv])",
            "factor_kg_co2e": "r.kg_co2e || array_fill(0::float8, ARRAY[cardinality(t.factor_ids) - 1])",
        }
        shown = [f"{of_record.get(name, ('t.' if name in TERM else 'r.') + name)} AS {name}" for name in RESULT]
        cursor.execute(f"CREATE VIEW current_results AS SELECT {', '.join(shown)} FROM results r JOIN terms t USING (term_id)")
    else:
        cursor.execute("CREATE VIEW current_results AS SELECT * FROM results")
    return list(table)


def _create(name: str, columns: dict[str, str]) -> sql.Composed:
    kinds = [sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()]
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(name), sql.SQL(", ").join(kinds))


def main() -> None:
    """Reads, calculates and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", required=True)
    parser.add_argument("--factors", required=True)
    parser.add_argument("--output", required=True, metavar="URL")
    parser.add_argument("--schema", required=True)
    parser.add_argument("--references", action="store_true")
    options = parser.parse_args()
    began = time.perf_counter()
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(pl.read_ndjson, options.input, schema=SCHEMA)
        # Before anything is sent: beside a thread of pure Python, COPY waits for the interpreter again and again.
        records = reading.result().with_columns(pl.Series("input_sha256", pl.from_arrow(digests(options.input))))
    terms = terms_of(records, pl.read_json(options.factors, infer_schema_length=None))
    with psycopg.connect(options.output) as connection, connection.cursor() as cursor:
        columns = create(cursor, options.schema, options.references)
        if options.references:
            shared = pl.concat([one.select("term_id", *TERM, "factor_values", "factor_cvs") for one in terms.values()])
            copy(cursor, sql.Identifier("terms"), iter([to_arrow(shared)]))
        copy(cursor, sql.Identifier("results"), results(records, terms, columns, options.references))
    print(json.dumps({"inside_seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()

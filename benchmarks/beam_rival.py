"""The same job as Beam's documentation would have it: a dict a record, GroupIntoBatches(1000), a batch of dicts a COPY.

    .venv/bin/python benchmarks/beam_rival.py --input purchases.jsonl --factors products.json --output postgresql://... --schema NAME

Same records, factors, formulas and result columns as `scope3 run`, same runner (FnApiRunner), same binary COPY. Like the
polars script it checks nothing, and lists stand in each row.
"""

import argparse
import json
import time
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import apache_beam as beam
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
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

Record = dict[str, Any]

BATCH = 1_000
SHARDS = 8

_TYPES = {"text": pa.string(), "smallint": pa.int16(), "float8": pa.float64(), "bytea": pa.binary()}
_TYPES |= {"text[]": pa.list_(pa.string()), "float8[]": pa.list_(pa.float64())}
RESULT_SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in RESULT.items()])

_MULTIPLIERS = {(unit, per): multiplier for unit, per, multiplier in UNITS}


def key_of(record: Record) -> int:
    """Returns category and shard in one number: of the keys that Beam can group by, ints cost least."""
    return record["category"] * 1_000 + zlib.crc32(record["record_id"].encode()) % SHARDS


def rating(dqi_score: float) -> str:
    """Returns the rating of a score."""
    return ("poor", "fair", "good", "excellent")[bisect_right([40.0, 60.0, 80.0], dqi_score)]


class Factors:
    """What the rows of the factor files say about a record; each distinct question is answered once."""

    def __init__(self, path: str) -> None:
        self._eeio = {row["key"]: row for row in _rows("epa-1.3") if row["boundary"] == "with_margins"}
        self._fx = {(row["key"], row["year"]): row for row in _rows("ecb-fx")}
        self._cpi = {row["year"]: row for row in _rows("us-cpi")}
        self._products: dict[tuple[str, str], list[Record]] = {}
        with open(path, encoding="utf-8") as file:
            for row in json.load(file):
                self._products.setdefault((row["key"], row["region"]), []).append(row)
        self._known: dict[tuple[Any, ...], Record] = {}

    def term(self, record: Record) -> Record:
        """Returns what the method and the factor of a record say: factor, cv, quality, warnings, lists."""
        if "supplier_pcf" in record:
            question = ("pcf", record["quantity_unit"], record.get("pcf_boundary"))
        elif "product_category" in record:
            question = ("average", record["product_category"], record["quantity_unit"], record["region"], record["activity_year"])
        else:
            question = ("spend", record["naics_code"], record["spend_currency"], record["spend_year"], record["region"])
        term = self._known.get(question)
        if term is None:
            term = self._known[question] = getattr(self, f"_{question[0]}")(*question[1:])
        return term

    def _pcf(self, unit: str, boundary: str | None) -> Record:
        warnings = [] if boundary else ["W_BOUNDARY_PCF"]
        names = (1, "supplier_specific", "tier_1_supplier_pcf")
        return _term(names, 1.0, 0.05, 0.10, 90.0, warnings, [("record:supplier_pcf", 1.0, unit)])

    def _average(self, key: str, unit: str, region: str, year: int) -> Record:
        places = ((region, 1), ("EU" if region in EU else "", 2), ("GLOBAL", 4))
        found = (([row for row in self._products.get((key, of), []) if row["year"] <= year], score) for of, score in places)
        rows, geographic = next((rows, score) for rows, score in found if rows)
        row = max(rows, key=lambda row: row["year"])
        delta = year - row["year"]
        temporal = 1 + bisect_right([2, 5, 9, 14], delta - 1)
        fallback = TEMPORAL[temporal - 1] + GEOGRAPHIC[geographic - 1]
        dqi_score, mean = 70.0, None
        if row["pedigree"]:
            reliability, completeness, _, _, technological = row["pedigree"]
            mean = (reliability + completeness + temporal + geographic + technological) / 5
            parts, weight = 0.5 * float(np.interp(mean, PEDIGREE_POINTS, PEDIGREE_SCORES)) + 0.2 * 70.0, 0.7
            if row["source_class"]:
                parts, weight = parts + 0.3 * SOURCE_CLASSES[row["source_class"]], 1.0
            dqi_score = parts / weight
        if row["cv"] is None and row["pedigree"]:
            base = 0.0006 + RELIABILITY[reliability - 1] + COMPLETENESS[completeness - 1] + TECHNOLOGICAL[technological - 1]
        else:
            base = np.log1p((row["cv"] or 0.30) ** 2)
        warnings = [f"W_REGION_FALLBACK from={region} to={row['region']}"] if geographic > 1 else []
        warnings += [f"W_YEAR_FALLBACK delta={delta}"] if temporal > 1 else []
        warnings += [] if row["verified"] else [f"W_FACTOR_UNSOURCED factor_id={row['factor_id']}"]
        kg_per_unit = row["value"] * _MULTIPLIERS[unit, row["unit"]]
        entries = [(row["factor_id"], row["value"], row["unit"])]
        names = (2, "average_data", "tier_2_average_data")
        return _term(names, kg_per_unit, 0.10, _cv(base + fallback), dqi_score, warnings, entries, mean)

    def _spend(self, code: str, currency: str, year: int, region: str) -> Record:
        factor, to, base = self._eeio[code], self._cpi[self._eeio[code]["price_year"]], self._cpi[year]
        used, rate = [factor], 1.0
        if currency != "USD":
            used.append(self._fx[currency, year])
            rate = used[-1]["value"]
        entries = sorted((row["factor_id"], row["value"], row["unit"]) for row in [*used, to, base])
        foreign = region != "US"
        warnings = ["W_SPEND_BASED", *([f"W_FOREIGN_PROXY from={region} to=US"] if foreign else [])]
        cv = _cv(np.log1p(0.50**2) + (GEOGRAPHIC[4] if foreign else 0.0))
        names = (3, "spend_based", "tier_3_spend_based")
        return _term(names, rate * to["value"] / base["value"] * factor["value"], 0.15, cv, 40.0, warnings, entries)


def _rows(name: str) -> list[Record]:
    return pq.read_table(SETS / f"{name}.parquet", use_threads=False).to_pylist()


def _cv(log_variance: float) -> float:
    return float(np.sqrt(np.expm1(log_variance)))


def _term(
    names: tuple[int, str, str],
    kg_per_unit: float,
    activity_cv: float,
    factor_cv: float,
    dqi_score: float,
    warnings: list[str],
    entries: list[tuple[str, float, str]],
    pedigree_mean: float | None = None,
) -> Record:
    low = [f"W_LOW_DQI score={dqi_score:.6g}"] if dqi_score < 60 else []
    ids, values, units = (list(column) for column in zip(*entries, strict=True))
    shown = dict(zip(("tier", "ghgp_method", "method"), names, strict=True))
    shown |= {"dqi_score": dqi_score, "dqi_rating": rating(dqi_score), "warnings": sorted([*warnings, *low])}
    shown |= {"factor_ids": ids, "factor_values": values, "factor_units": units, "pedigree_mean": pedigree_mean}
    return {"kg_per_unit": kg_per_unit, "activity_cv": activity_cv, "factor_cv": factor_cv, "shown": shown, "zeros": [0.0] * (len(ids) - 1)}


class CalculateBatch(beam.DoFn):
    """Calculates a batch. In: key and records. Out: a list of result rows."""

    def __init__(self, factors: str) -> None:
        self._path = factors

    def setup(self) -> None:
        self._factors = Factors(self._path)

    def process(self, element: tuple[int, Iterable[Record]]) -> Iterator[list[Record]]:
        records = list(element[1])
        terms = [self._factors.term(record) for record in records]
        own = np.array([record.get("supplier_pcf", 1.0) for record in records])
        amount = np.array([record["spend_amount"] if "spend_amount" in record else record["quantity"] for record in records])
        kg_co2e = amount * np.array([term["kg_per_unit"] for term in terms]) * own
        factor_cv = np.array([record.get("supplier_pcf_cv", term["factor_cv"]) for record, term in zip(records, terms, strict=True)])
        activity_cv = np.array([term["activity_cv"] for term in terms])
        cv = np.sqrt((1 + activity_cv**2) * (1 + factor_cv**2) - 1)
        log_variance = np.log1p(cv**2)
        middle, spread = kg_co2e * np.exp(-0.5 * log_variance), np.exp(Z_95 * np.sqrt(log_variance))
        numbers = [kg_co2e, kg_co2e * cv, middle / spread, middle, middle * spread, cv, factor_cv]
        columns = zip(*(column.tolist() for column in numbers), strict=True)
        rows = []
        for record, term, (kg, std, p5, p50, p95, own_cv, used_cv) in zip(records, terms, columns, strict=True):
            row = {
                "record_id": record["record_id"],
                "supplier_id": record.get("supplier_id"),
                "supplier_name": record.get("supplier_name"),
                "category": record["category"],
                "activity_year": record["activity_year"],
                "kg_co2e": kg,
                "kg_co2e_direct": kg,
                "kg_co2e_upstream": 0.0,
                "std_kg": std,
                "p5_kg": p5,
                "p50_kg": p50,
                "p95_kg": p95,
                "cv": own_cv if kg else None,
                "input_sha256": sha256(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).digest(),
                "factor_kg_co2e": [kg, *term["zeros"]],
                "factor_cvs": [used_cv, *term["zeros"]],
                **term["shown"],
            }
            if "supplier_pcf" in record:
                row["factor_values"] = [record["supplier_pcf"]]
            rows.append(row)
        yield rows


class WriteBatch(beam.DoFn):
    """Appends a batch to the table. In: result rows. Out: their number."""

    def __init__(self, url: str, schema: str) -> None:
        self._url, self._schema = url, schema

    def setup(self) -> None:
        self._connection = psycopg.connect(self._url)

    def process(self, rows: list[Record]) -> Iterator[int]:
        batch = pa.RecordBatch.from_pylist(rows, schema=RESULT_SCHEMA)
        encoder = ArrowToPostgresBinaryEncoder(batch.schema)
        columns = sql.SQL(", ").join(map(sql.Identifier, RESULT))
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(self._schema, "results"), columns)
        with self._connection.transaction(), self._connection.cursor() as cursor, cursor.copy(statement) as stream:
            stream.write(encoder.write_header() + encoder.write_batch(batch) + encoder.finish())
        yield len(rows)

    def teardown(self) -> None:
        self._connection.close()


def create(url: str, schema: str) -> None:
    """Makes the table and the view by which results are read."""
    columns = ", ".join(f"{name} {kind}" for name, kind in RESULT.items())
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema)))
        connection.execute(f"CREATE TABLE results ({columns})")
        connection.execute("CREATE VIEW current_results AS SELECT * FROM results")


def main() -> None:
    """Runs the pipeline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", required=True)
    parser.add_argument("--factors", required=True)
    parser.add_argument("--output", required=True, metavar="URL")
    parser.add_argument("--schema", required=True)
    options = parser.parse_args()
    began = time.perf_counter()
    create(options.output, options.schema)
    with beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([])) as pipeline:
        (
            pipeline
            | "Read" >> beam.io.ReadFromText(options.input)
            | "Parse" >> beam.Map(json.loads)
            | "Key" >> beam.WithKeys(key_of).with_output_types(tuple[int, dict])
            | "Batch" >> beam.GroupIntoBatches(BATCH)
            | "Calculate" >> beam.ParDo(CalculateBatch(options.factors))
            | "Write" >> beam.ParDo(WriteBatch(options.output, options.schema))
        )
    print(json.dumps({"inside_seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    # Nothing that Beam pickles is defined in __main__.
    import beam_rival

    beam_rival.main()

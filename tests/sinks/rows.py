"""Rows for tests of stores: valid by default, each with what the test is about."""

import hashlib
from datetime import datetime, timezone

import pyarrow as pa

from schemas.arrow import table_schema
from transforms.sinks.contract import AuditReport, Run, Source, Store

SOURCES = (Source(0, "file:///b.csv", 100), Source(1, "file:///a.csv", 200))


def make_run(run_id: str = "first", **changes) -> Run:
    values = {"inventory": "acme-2026", "fingerprint": {"inputs": ["b", "a"], "options": {"rf": "with_rf"}}, "sources": SOURCES}
    return Run(run_id, **(values | changes))


def rows(table: str, *values: dict) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(values), schema=table_schema(table))


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def result(record_id: str, position: int, **changes) -> dict:
    """Returns a result of 100 kg, std 50 kg, that rests on factor use 7."""
    kg = changes.get("kg_co2e", 100.0)
    values = {
        "source_id": 0,
        "source_position": position,
        "record_id": record_id,
        "supplier_id": "S-1",
        "supplier_name": "Acme",
        "category": 1,
        "activity_year": 2025,
        "kg_co2e": kg,
        "kg_co2e_direct": 0.0,
        "kg_co2e_upstream": kg,
        "tier": 3,
        "ghgp_method": "spend_based",
        "method": "tier_3_spend_based",
        "std_kg": 50.0,
        "p5_kg": 0.4 * kg,
        "p50_kg": 0.9 * kg,
        "p95_kg": 2.0 * kg,
        "cv": 0.5,
        "dqi_score": 40.0,
        "dqi_rating": "fair",
        "warnings": ["W_SPEND_BASED"],
        "input_sha256": digest(record_id),
        "factor_use": 7,
    }
    return values | changes


def dead_letter(position: int, **changes) -> dict:
    values = {"stage": "validate", "record_id": f"D-{position}", "category": 1, "code": "E_RANGE", "message": "too large; give less"}
    return values | {"source_id": 0, "source_position": position, "raw": "a,b"} | changes


def chunk(records: int, position: int = 0, **changes) -> dict:
    return {"source_id": 0, "position": position, "length": 100, "records": records, "skipped": 0} | changes


def factor(factor_id: str = "eeio:1@US/2022/epa#with_margins", **changes) -> dict:
    words = ("family", "key", "boundary", "region", "unit", "source", "source_version", "licence", "retrieved_on", "source_sha256")
    return dict.fromkeys(words, "x") | {"factor_id": factor_id, "year": 2022, "value": 0.5, "verified": True} | changes


def factor_use(number: int = 7, **changes) -> dict:
    """Returns two factors: the second leads, with cv .3."""
    values = {
        "factor_use": number,
        "factor_ids": ["cpi:US", "eeio:1@US/2022/epa#with_margins"],
        "factor_values": [292.6, 0.5],
        "factor_units": ["index", "usd"],
        "factor_cvs": [0.0, 0.3],
        "lead": 1,
        "correlation_group": "eeio:1",
        "shared": True,
    }
    return values | changes


def metrics(records: int) -> dict:
    values = {"category": 1, "records_in": records, "results": records, "dead_letters": 0, "kg_co2e": 1.0, "seconds": 0.1}
    return values | {"finished_at": datetime.now(timezone.utc)}


def write(store: Store, run: Run, **tables: list[dict]) -> int:
    """Writes rows as one worker does, factors beside results; returns the rows committed."""
    writer = store.writer(run.key)
    try:
        if tables.get("results"):
            tables = {"factors": [factor(), factor("cpi:US")], "factor_uses": [factor_use()]} | tables
        for table, values in tables.items():
            writer.write(table, rows(table, *values))
        return writer.flush()
    finally:
        writer.close()


def whole_run(store: Store, run: Run, **tables: list[dict]) -> AuditReport:
    """Prepares, writes, audits and publishes."""
    assert store.prepare(run)
    write(store, run, **tables)
    store.audit(run.key)
    return store.publish(run.key)

"""Calculates a handful of records in this process: the same kernels as the pipeline's, without Beam or a store."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from schemas.arrow import table_schema
from schemas.codes import Code, Stage
from schemas.config import Config
from schemas.findings import Finding, Refusal
from schemas.json_line import Malformed
from schemas.records import RECORDS
from schemas.records.fields import typed_batch
from schemas.records.judge import Normalised, judge_record
from transforms.calculation.provenance import calculation_id, canonical_json, config_sha256, input_sha256
from transforms.categories.registry import Calculator
from transforms.factors.row import FactorRow
from transforms.factors.table import FactorTable

_LISTS = ("factor_ids", "factor_values", "factor_units", "factor_cvs")
_OF_THE_STORE = ("source_id", "source_position", "factor_use")


def calculate_records(
    records: Iterable[Mapping[str, Any]],
    factors: Sequence[Mapping[str, Any]] | FactorTable | None = None,
    config: Config | None = None,
) -> list[dict[str, Any]]:
    """Calculates records, in order.

    Args:
        records: values by column name.
        factors: rows in the layout of the specification, and nothing else is loaded; or a table; the shipped sets where None.
        config: options; the defaults where None.

    Returns:
        One entry a record: {"result": {...}} or {"dead_letter": {...}}, in the columns of the specification.

    Raises:
        UserFault: a factor row that can't be used.
    """
    options = config or Config()
    if factors is None:
        table = FactorTable.load(["default"], options)
    else:
        table = factors if isinstance(factors, FactorTable) else FactorTable.from_rows(factors, options)
    return RecordCalculator(table, options).calculate(records)


class RecordCalculator:
    """Calculates records that come one by one or in small numbers. For one thread."""

    def __init__(self, factors: FactorTable, config: Config) -> None:
        self._config, self._config_sha256 = config, config_sha256(config)
        self._calculator = Calculator(factors, config)

    def calculate(self, records: Iterable[Mapping[str, Any] | Malformed]) -> list[dict[str, Any]]:
        """Returns one entry a record, in order. A Malformed stands for a line that is no record."""
        answers: dict[int, dict[str, Any]] = {}
        by_category: dict[int, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for row, record in enumerate(records):
            verdict = _judge(record, self._config, row)
            if isinstance(verdict, Refusal):
                answers[row] = {"dead_letter": _refused(verdict, Stage.PARSE if isinstance(record, Malformed) else Stage.VALIDATE)}
            else:
                by_category[verdict.category].append((row, verdict.values))
        for category, numbered in by_category.items():
            answers.update(self._calculate(category, numbered))
        return [answers[row] for row in sorted(answers)]

    def _calculate(self, category: int, numbered: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, dict[str, Any]]]:
        batch = _batch(category, numbered)
        # Each answer shows all of its factors, so none counts as told before.
        self._calculator.forget_returned()
        done = self._calculator.calculate(category, batch)
        uses = {use["factor_use"]: use for use in done.factor_uses.to_pylist()}
        hashes = {row["factor_id"]: FactorRow.from_mapping({**row, "precedence": 0}).sha256 for row in done.factors.to_pylist()}
        for result in done.results.to_pylist():
            row = result["source_position"]
            shown = _expanded(result, uses)
            used = [hashes[name] for name in shown["factor_ids"] if name in hashes]
            number = calculation_id(self._config_sha256, shown["input_sha256"], used, shown["method"])
            yield row, {"result": {**shown, "calculation_id": str(number)}}
        for letter in done.dead_letters.to_pylist():
            row = letter["source_position"]
            yield row, {"dead_letter": {name: value for name, value in letter.items() if name not in _OF_THE_STORE and name != "raw"}}


def _judge(record: Mapping[str, Any] | Malformed, config: Config, row: int) -> Normalised | Refusal:
    if isinstance(record, Malformed):
        return Refusal(row, None, None, (Finding(Code.E_MALFORMED, None, None, record.detail),))
    return judge_record(record, config, row)


def _batch(category: int, numbered: Sequence[tuple[int, dict[str, Any]]]) -> pa.RecordBatch:
    """Returns normalised records as a batch; source_position is their place among all records."""
    typed = typed_batch(RECORDS[category], [values for _, values in numbered])
    coordinates = {
        "source_id": pa.array([0] * len(numbered), pa.int32()),
        "source_position": pa.array([row for row, _ in numbered], pa.int64()),
        "input_sha256": input_sha256(canonical_json(category, typed)),
    }
    return pa.RecordBatch.from_arrays([*coordinates.values(), *typed.columns], names=[*coordinates, *typed.schema.names])


def _expanded(result: Mapping[str, Any], uses: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Returns a result with the lists of its factor_use."""
    shown = {name: value for name, value in result.items() if name not in _OF_THE_STORE}
    use = uses.get(result["factor_use"])
    if use is not None:
        shown |= {name: use[name] for name in _LISTS if shown[name] is None}
        shown["factor_kg_co2e"] = [shown["kg_co2e"] if place == use["lead"] else 0.0 for place in range(len(use["factor_ids"]))]
    shown["input_sha256"] = shown["input_sha256"].hex()
    return shown


def _refused(refusal: Refusal, stage: Stage) -> dict[str, Any]:
    first = refusal.findings[0]
    letter = dict.fromkeys(name for name in table_schema("dead_letters").names if name not in (*_OF_THE_STORE, "raw"))
    return letter | {
        "stage": stage.value,
        "record_id": refusal.record_id,
        "category": refusal.category,
        "code": first.code.value,
        "field": first.field,
        "value": first.value,
        "message": first.message,
        "detail": refusal.detail,
    }

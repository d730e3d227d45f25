"""Makes records of all categories from those in examples/, each with amounts of its own.

    .venv/bin/python benchmarks/mixed.py --records 200000 --output mixed.jsonl

Every category has the same share. An amount is that of the example times a random number between 1/2 and 2; shares,
counts and lists stay as they are. The same number of records is always the same file. No record is bad.
"""

import argparse
import csv
import itertools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from schemas.config import Config
from schemas.records import RECORDS
from schemas.records.fields import fields_of
from schemas.records.judge import Normalised, judge_record
from transforms.calculate_records import RecordCalculator
from transforms.factors.table import FactorTable

EXAMPLES = Path(__file__).parents[1] / "examples"
FACTORS = (str(EXAMPLES / "own_factors.csv"), "default")
SEED = 20_251

# Has columns of its own, and a mapping for them.
_MAPPED = "federal_contracts.csv"


def templates() -> dict[int, list[dict[str, Any]]]:
    """Returns the records of the examples that have a result, normalised, by category."""
    calculator = RecordCalculator(FactorTable.load(list(FACTORS), Config()), Config())
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted([*EXAMPLES.glob("*.jsonl"), *EXAMPLES.glob("*.csv")]):
        if path.name in (_MAPPED, "own_factors.csv"):
            continue
        for record in _records(path):
            verdict = judge_record(record, Config())
            [answer] = calculator.calculate([record])
            if isinstance(verdict, Normalised) and "result" in answer:
                found[verdict.category].append({"category": verdict.category, **verdict.values})
    return dict(sorted(found.items()))


def _records(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="") as lines:
        return [json.loads(line) for line in lines] if path.suffix == ".jsonl" else list(csv.DictReader(lines))


def amounts(category: int) -> list[str]:
    """Returns the fields of a category that hold an amount of any size."""
    fields = fields_of(RECORDS[category])
    return [
        one.name
        for one in fields
        if one.kind is not None and one.kind.name == "number" and one.at_most is None and one.less_than is None and not one.at_least
    ]


def write(path: Path, records: int, of_category: dict[int, list[dict[str, Any]]], hot: tuple[int, float] | None = None) -> None:
    """Writes JSON lines, category after category in turn.

    Args:
        path: the file.
        records: how many.
        of_category: what they are made of.
        hot: a category that has a share of its own, 0 to 1; the others take turns in the rest.
    """
    random = np.random.default_rng(SEED)
    varied = {category: amounts(category) for category in of_category}
    each = {category: itertools.cycle(templates) for category, templates in of_category.items()}
    turns = itertools.cycle(each.values())
    with path.open("w") as lines:
        for number, factor in enumerate(np.exp2(random.uniform(-1, 1, records)).tolist()):
            is_hot = hot is not None and random.random() < hot[1]
            record = dict(next(each[hot[0]] if hot is not None and is_hot else next(turns)))
            record["record_id"] = f"MIX-{number:09d}"
            for name in varied[record["category"]]:
                if record.get(name):
                    record[name] = float(f"{record[name] * factor:.6g}")
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000, metavar="N")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    write(options.output, options.records, templates())


if __name__ == "__main__":
    main()

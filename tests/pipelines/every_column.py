"""Input that fills every column of a result: records of all categories, made from the examples, and factors for them."""

import json
import sys
from pathlib import Path

from schemas.result import RESULT
from tests.records import make_factor, make_record

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import mixed

# One of them is refused, and one more line comes twice.
COUNT = 900
COUNTS = [("published", COUNT + 1, COUNT - 1, 1, 1)]
FILLED = "SELECT " + ", ".join(f"count({column.name}) > 0" for column in RESULT) + " FROM current_results"

# What no example has: the life of a project, and a factor with a pedigree.
_PROJECT_FINANCE = {
    **{"asset_class": "project_finance", "outstanding_amount": 1e6, "evic": None, "total_equity": 2e7, "total_debt": 3e7},
    **{"company_scope1_t_co2e": 60_000, "initial_sponsor": True, "project_life_years": 25, "currency": "GBP"},
}
_BY_PEDIGREE = {"supplier_pcf": None, "pcf_boundary": None, "product_category": "gadget"}


def write_factors(folder: Path) -> list[str]:
    """Returns what follows --factors."""
    path = folder / "gadgets.json"
    gadget = make_factor("product", "gadget", "cradle_to_gate", 2.5, "kg", pedigree=[2, 3, 1, 2, 4], source_class="national_lca")
    path.write_text(json.dumps([{**gadget, "licence": "CC0-1.0", "retrieved_on": "2025-01-01", "source_sha256": "0" * 64}]))
    return [str(path), *mixed.FACTORS]


def write_records(folder: Path, files: int = 1, shuffled: bool = False) -> str:
    """Writes some files, in order or in none; returns their pattern."""
    folder.mkdir(exist_ok=True)
    path = folder / "all.jsonl"
    mixed.write(path, COUNT - 3, mixed.templates())
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.unlink()
    for record in (make_record(15, **_PROJECT_FINANCE), make_record(**_BY_PEDIGREE)):
        lines.append(json.dumps({**record, "record_id": f"OWN-{record['category']}"}) + "\n")
    lines.append(json.dumps({**make_record(region="XX"), "record_id": "BAD"}) + "\n")
    lines.append(lines[0])
    if shuffled:
        # 7 has no divisor in common with the number of lines.
        lines = [lines[7 * place % len(lines)] for place in range(len(lines))]
    for file in range(files):
        (folder / f"{file}.jsonl").write_text("".join(lines[file::files]), encoding="utf-8")
    return str(folder / "*.jsonl")

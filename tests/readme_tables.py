"""The tables of the README, made from the declarations.

    .venv/bin/python -m tests.readme_tables

writes them into it; a test says whether they are there.
"""

import re
from pathlib import Path

from schemas.methods import METHODS
from schemas.records import RECORDS
from schemas.records.derived import BLOCKS, markdown_table
from schemas.result import RESULT
from transforms.categories.registry import CATEGORIES
from transforms.factors.read import DEFAULT_SETS, manifest_of, shipped_set, shipped_sets

README = Path(__file__).parents[1] / "README.md"


def _methods() -> str:
    lines = ["| Category | Method | kg CO2e | Where |", "| --- | --- | --- | --- |"]
    for category, methods in METHODS.items():
        module = CATEGORIES[category].attempts.__module__.replace(".", "/") + ".py"
        lines += [f"| {category} | {one.label} | `{one.formula}` | [{Path(module).name}]({module}) |" for one in methods]
    return "\n".join(lines)


def _results() -> str:
    lines = ["| Column of a result | What it holds |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| `{column.name}` | {column.description.replace('|', chr(92) + '|')} |" for column in RESULT)])


def _records() -> str:
    """Returns the fields of all categories, each folded away under its name."""
    parts = []
    for model in RECORDS.values():
        blocks = [block.__name__.lower() for block in BLOCKS[1:] if issubclass(model, block)]
        also = f" and the fields of the {' and '.join(blocks)} block" if blocks else ""
        # The first sentence of the docstring, and what region means.
        title = (model.__doc__ or "").strip().splitlines()[0]
        head = f"<details><summary>{title}</summary>\n\nBeside the header{also}:\n"
        parts.append(f"{head}\n{markdown_table(model)}\n\n</details>")
    return "\n\n".join(parts)


def _sources() -> str:
    """Returns where the numbers of each shipped set come from, those of a run first, in order of precedence."""
    lines = ["| Set | Families | Source and basis | GWP | Rows | Licence |", "| --- | --- | --- | --- | --- | --- |"]
    for name in (*DEFAULT_SETS, *(one for one in shipped_sets() if one not in DEFAULT_SETS)):
        told, rows = manifest_of(name), shipped_set(name).rows
        families = ", ".join(f"`{family}`" for family in sorted(rows.column("family").unique().to_pylist()))
        source = f"{told['source']}; {told['basis']}" if told["basis"] else told["source"]
        given = f"`{name}`" if name in DEFAULT_SETS else f"`{name}`, on request"
        potentials = ", ".join(sorted(filter(None, rows.column("gwp").unique().to_pylist()))) or "-"
        lines.append(f"| {given} | {families} | {source} | {potentials} | {told['rows']:,} | {told['licence']} |")
    return "\n".join(lines)


def tables() -> dict[str, str]:
    """Returns each table by the name that stands in the comment before it."""
    blocks = {f"fields {block.__name__.lower()}": markdown_table(block) for block in BLOCKS}
    return {"methods": _methods(), "sources": _sources(), "results": _results(), **blocks, "records": _records()}


def main() -> None:
    text = README.read_text(encoding="utf-8")
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        text = re.sub(f"{begin}.*?{end}", lambda _, whole=begin + table + end: whole, text, flags=re.DOTALL)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

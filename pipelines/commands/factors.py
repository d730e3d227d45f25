"""scope3 factors: which factor sets there are."""

import json
from collections.abc import Sequence
from pathlib import Path

import transforms.factors.sets
from pipelines.arguments import Parser
from transforms.factors.read import DEFAULT_SETS, shipped_sets


def run(arguments: Sequence[str]) -> int:
    """Lists the shipped sets with edition, licence and digest."""
    parser = Parser(prog="scope3 factors", description="Lists the factor sets that are shipped.")
    parser.add_argument("what", nargs="?", choices=["list"], default="list", help="list the sets")
    parser.parse_strictly(arguments)
    folder = Path(transforms.factors.sets.__path__[0])
    print(f"{'set':<16}{'rows':>7}  {'default':<9}{'edition':<14}{'digest':<14}licence")
    for name in shipped_sets():
        manifest = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        default = "yes" if name in DEFAULT_SETS else "no"
        print(f"{name:<16}{manifest['rows']:>7,}  {default:<9}{manifest['edition']:<14}{manifest['sha256'][:12]:<14}{manifest['licence']}")
        print(f"{'':<16}{manifest['source']}")
    return 0

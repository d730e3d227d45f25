"""scope3 factors import: makes a factor set from a publisher's file."""

import argparse
import difflib
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pipelines.arguments import Parser
from schemas.faults import UsageFault, UserFault
from transforms.factors.importers.kinds import KINDS, ReadSet, read_set
from transforms.factors.importers.published import Wanted, set_digest, write_set
from transforms.factors.read import manifest_of, shipped_sets

_WIDTH = max(map(len, KINDS)) + 2
_DESCRIPTION = f"""Makes a factor set from a publisher's own file: a Parquet file for --factors, and its manifest beside it.

KIND is one of
{chr(10).join(f"  {name:<{_WIDTH}}{kind.file}" for name, kind in KINDS.items())}

What its publisher does not let pass on (IEA, ecoinvent, GLEC, PCAF, CEDA, EXIOBASE from 3.9 on) is no kind: bring it as
factors of your own, in the layout that scope3 factors template writes."""


def run(arguments: Sequence[str]) -> int:
    """Reads a publisher's file, checks it and writes the set."""
    parser = Parser(
        prog="scope3 factors import",
        description=_DESCRIPTION,
        usage="scope3 factors import KIND FILE [options]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", metavar="KIND", help=argparse.SUPPRESS)
    parser.add_argument("file", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to, ends in .parquet (default: the name of the set, here)")
    parser.add_argument("--edition", metavar="NAME", help="name of an edition that is not known here, for example epa-1.4")
    parser.add_argument(
        "--gwp", choices=["AR4", "AR5", "AR6"], help="potentials, for a file that gives each gas (default: those of the file, or AR5)"
    )
    parser.add_argument("--year", type=int, help="of the records that will use the set, for figures that expire (default: this year)")
    found = parser.parse_strictly(arguments)
    if found.kind not in KINDS:
        near = difflib.get_close_matches(found.kind, KINDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
        raise UsageFault(f"there is no kind {found.kind!r}; {hint}")
    if found.output is not None and found.output.suffix != ".parquet":
        raise UsageFault(f"--output {found.output} has to end in .parquet")
    made = read_set(found.kind, found.file, Wanted(found.edition, found.gwp, date.today().isoformat(), found.year))
    output = found.output or Path(f"{made.publication.name}.parquet")
    _keep_other_editions(output, made)
    try:
        digest = write_set(made.publication, found.file, made.table, made.notes, output)
    except OSError as error:
        raise UserFault(f"--output {output} can't be written: {error.strerror}; name another place") from None
    _tell(made, digest, output)
    return 0


def _keep_other_editions(output: Path, made: ReadSet) -> None:
    """Refuses to put rows in the place of others of the same edition: runs that named it would mean something else."""
    manifest = output.with_suffix(".json")
    if not manifest.exists():
        return
    try:
        there = json.loads(manifest.read_text(encoding="utf-8"))["sha256"]
    except (ValueError, LookupError, TypeError):
        raise UserFault(f"{manifest} is there and is no manifest of a factor set; name another --output") from None
    if there != set_digest(made.table):
        raise UserFault(
            f"{output} holds other rows (digest {there[:12]}); a set never changes under its name. "
            "Give this one a name of its own with --edition or --output, or remove that file"
        )


def _tell(made: ReadSet, digest: str, output: Path) -> None:
    publication = made.publication
    known = publication.name in shipped_sets() and manifest_of(publication.name)["sha256"] == digest
    lines = {
        "set": publication.name,
        "factors": f"{made.table.num_rows:,}",
        "source": publication.source,
        "licence": publication.licence,
        "potentials": publication.gwp or "not said",
        "covers": publication.basis or "parameters",
        "digest": digest,
    }
    for name, text in lines.items():
        print(f"{name:<12}{text}")
    for note in made.notes:
        print(f"{'note':<12}{note}")
    for oddity in made.oddities:
        print(f"warning: {oddity}", file=sys.stderr)
    print(f"\nWritten to {output}, with its manifest {output.with_suffix('.json').name}.")
    if known:
        print(f"These are the rows of the shipped set of this name: --factors {publication.name} is enough.")
    else:
        print(f"Use it: scope3 run ... --factors {output} default")

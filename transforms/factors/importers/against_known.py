"""A file against the edition that is shipped under its name: a value that changed is not the same edition."""

import math
from collections.abc import Iterator

import pyarrow as pa

from schemas.faults import UserFault
from transforms.factors.importers.published import Publication
from transforms.factors.read import shipped_set, shipped_sets

# Of the two files that give exchange rates one is rounded to ten decimals: half of the last is all that they differ by.
_SAME, _ROUNDED = 1e-6, 0.5e-10
_SHOWN = 3


def compare(publication: Publication, table: pa.Table) -> Iterator[str]:
    """Gives a sentence on rows that the known edition does not have.

    Raises:
        UserFault: a value, unit or row of the known edition is another one or gone.
    """
    if publication.name not in shipped_sets():
        return
    known = {row["factor_id"]: row for row in shipped_set(publication.name).rows.to_pylist()}
    found = {row["factor_id"]: row for row in table.to_pylist()}
    changed = [
        f"{one} is {found[one]['value']:.9g}, known as {row['value']:.9g}"
        for one, row in known.items()
        if one in found and not math.isclose(found[one]["value"], row["value"], rel_tol=_SAME, abs_tol=_ROUNDED)
    ]
    gone = [f"{one} is gone" for one in known if one not in found]
    differences = [*changed, *gone]
    if differences:
        more = f" and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        raise UserFault(
            f"this is not the edition {publication.name} that is known: {'; '.join(differences[:_SHOWN])}{more}. "
            f"Is the file damaged? If the publisher revised it, give it a name of its own: --edition {publication.name}-revised"
        )
    new = sorted(set(found) - set(known))
    if new:
        yield f"{len(new)} rows are new beside the known {publication.name}: {', '.join(new[:_SHOWN])}{' ...' if len(new) > _SHOWN else ''}"

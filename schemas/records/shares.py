"""Maps of shares that make up a whole.

Source: calculation specification, 1.2 (limits) and 6 (E_INCONSISTENT).
"""

from collections.abc import Mapping

import numpy as np

from schemas.arrays import Bools, Floats
from schemas.codes import Code
from schemas.findings import Finding
from schemas.records.batch import Fields

# Shares may miss 1 by the first; those that miss it by more than the second are divided by their sum.
TOLERANCE, EXACT = 0.01, 1e-9


def share_sums(fields: Fields, name: str) -> Floats:
    """Returns the sum of the shares of each record's map, float64[n], NaN where there is no map."""
    if not fields.given(name).any():
        return np.full(fields.rows, np.nan)
    entries = fields.elements(name, np.arange(fields.rows))
    sums = np.bincount(entries.row, entries.fields.numbers("value"), fields.rows)
    return np.where(fields.given(name), sums, np.nan)


def shares_wrong(fields: Fields, name: str) -> Bools:
    """Says in which records the shares of a map do not make up 1, bool[n]."""
    with np.errstate(invalid="ignore"):
        return np.abs(share_sums(fields, name) - 1) > TOLERANCE + EXACT


def share_finding(name: str, shares: Mapping[str, float] | None) -> list[Finding]:
    """Returns what is wrong with a map of shares: nothing, or that they do not make up 1."""
    total = 1.0 if shares is None else sum(shares.values())
    if abs(total - 1) <= TOLERANCE + EXACT:
        return []
    message = f"{name} adds up to {total:.6g}; shares add up to 1 (within {TOLERANCE:g}), so correct or complete them"
    return [Finding(Code.E_INCONSISTENT, name, f"{total:.6g}", message)]

"""EPA Supply Chain factors by gas, so that another set of global warming potentials can be applied.

    kg CO2e per USD = sum over gases of kg gas per USD * GWP(gas) + kg CO2e of "HFCs and PFCs, unspecified"

Methane has the potential of non-fossil methane, as in EPA's own CO2e (28 with AR5). The part that is not
specified is published in kg CO2e of AR5 and stays so, whatever is applied to the rest; a note says how much it is.
Potentials of gases that the calculation itself does not know: IPCC AR5 (2013), table 8.A.1, as EPA's Emission
Factors Hub 2025 lists them in its table 11, and AR6 (2021), table 7.SM.7; they matter to soap and detergents (0.03 kg
per USD) and semiconductors (0.002), and are below 0.001 elsewhere.
"""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from schemas.faults import UserFault
from schemas.gases import gwp
from transforms.factors.importers.epa import lines_of, publication_of, rows_of
from transforms.factors.importers.published import Imported, Wanted

_UNSPECIFIED = "HFCs and PFCs, unspecified"
_GASES = {
    "Carbon dioxide": "co2",
    "Methane": "ch4_non_fossil",
    "Nitrous oxide": "n2o",
    "Sulfur hexafluoride": "sf6",
    "Nitrogen trifluoride": "nf3",
    "Carbon tetrafluoride": "cf4",
    "Hexafluoroethane": "c2f6",
    "HFC-23": "hfc_23",
    "HFC-32": "hfc_32",
    "HFC-125": "hfc_125",
    "HFC-134a": "hfc_134a",
    "HFC-143a": "hfc_143a",
}
# AR5, AR6: kg CO2e per kg.
_OTHERS = {
    "HFC-236fa": {"AR5": 8060.0, "AR6": 8690.0},
    "Perfluoropropane": {"AR5": 8900.0, "AR6": 9290.0},
    "Perfluorobutane": {"AR5": 9200.0, "AR6": 10000.0},
    "Perfluorocyclobutane": {"AR5": 9540.0, "AR6": 10200.0},
    "Perfluorohexane": {"AR5": 7910.0, "AR6": 8620.0},
}
_ALL = frozenset({*_GASES, *_OTHERS, _UNSPECIFIED})

# The files give three significant digits.
_DECIMALS = 6


def read(path: Path, wanted: Wanted) -> Imported:
    """Returns the rows of a file by gas with the potentials wanted, AR5 where nothing is said.

    Raises:
        UserFault: as `epa.lines_of`; a gas that is not known, missing or twice; kg where kg CO2e is expected, or the other way.
    """
    gwp_set = wanted.gwp or "AR5"
    found: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    groups: dict[str, str] = {}
    price_year = 0
    for line in lines_of(path):
        if line.gas not in _ALL:
            raise UserFault(f"{line.place}: the gas {line.gas!r} has no potential here; leaving it out would make {line.code} too small")
        expected = "kg CO2e" if line.gas == _UNSPECIFIED else "kg"
        if line.mass != expected:
            raise UserFault(
                f"{line.place}: {line.gas} is in {line.mass} where {expected} is expected"
                + (" (EPA's v1.2 has this fault: github.com/USEPA/supply-chain-factors, issue 43)" if line.gas == _UNSPECIFIED else "")
            )
        if line.gas in found[line.code]:
            raise UserFault(f"{line.place}: {line.gas} of {line.code} stands twice")
        found[line.code][line.gas] = line.values
        groups[line.code] = line.group
        price_year = line.price_year
    if not found:
        raise UserFault(f"{path.name} has a header and no lines")
    codes = []
    for code, gases in found.items():
        if len(gases) != len(_ALL):
            raise UserFault(f"{path.name}: {code} has no line for {', '.join(sorted(_ALL - set(gases)))}; a missing gas is not 0")
        totals = {
            boundary: round(sum(values[boundary] * _potential(gas, gwp_set) for gas, values in gases.items()), _DECIMALS)
            for boundary in next(iter(gases.values()))
        }
        codes.append((code, groups[code], totals))
    base = publication_of(path, price_year, wanted)
    name = f"{base.name}-gases-{gwp_set.lower()}" if wanted.edition is None else base.name
    publication = replace(base, name=name, source=f"{base.source}, by gas, {gwp_set}", source_version=name, gwp=gwp_set)
    notes = [f"Gases added up with {gwp_set}; methane as non-fossil methane, which is how EPA counts it."]
    if gwp_set != "AR5":
        shares = [found[code][_UNSPECIFIED]["with_margins"] / totals["with_margins"] for code, _, totals in codes if totals["with_margins"]]
        notes.append(
            f"{_UNSPECIFIED} stay in kg CO2e of AR5, as published: more than 1 % of {sum(share > 0.01 for share in shares)} "
            f"of {len(codes)} codes, {max(shares, default=0.0) * 100:.0f} % at most."
        )
    return Imported(publication, rows_of(publication, price_year, codes), tuple(notes))


def _potential(gas: str, gwp_set: str) -> float:
    if gas == _UNSPECIFIED:
        return 1.0
    return gwp(_GASES[gas], gwp_set) if gas in _GASES else _OTHERS[gas][gwp_set]

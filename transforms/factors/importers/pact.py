"""Product footprints as suppliers send them under PACT: JSON, one or many, layout of version 3 or 2.

    kg_co2e_per_unit = PCF without biogenic uptake / amount of the declared unit

Source: PACT Technical Specifications for PCF Data Exchange 3.0 (WBCSD, 2025) and 2.x (2023, 2024). A footprint is that
of its declared unit (12 litres in a bottle). Version 2 keeps land use and other biogenic emissions apart; they are added.
It may be used from the years it is made of until its validity ends, three years after these if it states no end.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from schemas import parsing
from schemas.families import SUPPLIER_PCF
from schemas.faults import UserFault
from schemas.json_line import Malformed, parse_json
from schemas.regions import GLOBAL
from transforms.factors.importers.pact_fields import LAYOUTS, UNITS, Layout, Reader
from transforms.factors.importers.published import Imported, Publication, Row, Wanted, factor_row

_VALID_YEARS = 3

# What a description says that covers more, or less, than cradle to gate.
_OTHER_BOUNDARY = re.compile(
    r"gate[- ]to[- ]gate|cradle[- ]to[- ]grave|(use[- ]phase|end[- ]of[- ]life)\W+(is |are )?included|includ\w+ (the )?(use[- ]phase|end[- ]of[- ]life)",
    re.IGNORECASE,
)


class _Footprint(NamedTuple):
    """What became of one footprint: rows, or reasons why there are none.

    Attributes:
        name: for messages.
        rows: one for each product id.
        faults: what is wrong with it.
        unusable: why it is not in force, though nothing is wrong with it.
        preceding: ids of footprints that it takes the place of.
    """

    name: str
    rows: Sequence[Row]
    faults: Sequence[str]
    unusable: Sequence[str]
    preceding: Sequence[str]


def read(path: Path, wanted: Wanted) -> Imported:
    """Returns a row for each product id of each footprint in force. What is deprecated or expired is left out, and told.

    Raises:
        UserFault: no JSON of this kind, any footprint with a fault (all of them are told), two for one product, place and
            year, or none in force.
    """
    name = wanted.edition or f"pact-{path.stem}"
    publication = Publication(
        name,
        "PACT product footprints",
        name,
        "confidential: for the recipient of the footprints",
        wanted.today,
        attribution="",
        basis="cradle to gate, without biogenic uptake",
    )
    year = wanted.year or int(wanted.today[:4])
    footprints = [_read_one(publication, number, one, year) for number, one in enumerate(_objects(path), 1)]
    if any(one.faults for one in footprints):
        found = [f"{one.name}: {reason}" for one in footprints for reason in (*one.faults, *one.unusable)]
        raise UserFault("\n  ".join([f"{path.name} is refused as a whole; correct these:", *found]))
    replaced = {preceding for one in footprints if not one.unusable for preceding in one.preceding}
    rows: list[Row] = []
    notes: list[str] = []
    for one in footprints:
        reasons = [*one.unusable, *(["a newer one of the file takes its place"] if one.rows[0]["source_version"] in replaced else [])]
        notes += [f"{one.name} is left out: {' and '.join(reasons)}"] if reasons else []
        rows += [] if reasons else one.rows
    if not rows:
        raise UserFault("\n  ".join([f"{path.name} holds no footprint that can be used:", *notes]))
    _refuse_rivals(path, rows)
    return Imported(publication, rows, tuple(notes))


def _objects(path: Path) -> list[Any]:
    try:
        content = parse_json(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except OSError as error:
        raise UserFault(f"{path} can't be read: {error.strerror}") from None
    if isinstance(content, Malformed):
        raise UserFault(f"{path} can't be read: {content.detail}")
    # An answer of a server has them in `data`.
    found = content.get("data", content) if isinstance(content, dict) else content
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not found:
        raise UserFault(f"{path.name} holds no footprints; they are a JSON object, or a list of these")
    return found


def _read_one(publication: Publication, number: int, footprint: Any, year: int) -> _Footprint:
    if not isinstance(footprint, dict):
        return _Footprint(f"footprint {number}", (), ["is no JSON object"], (), ())
    reader = Reader(footprint)
    title = ", ".join(str(one) for name in ("companyName", "productNameCompany") if (one := reader.given(name)) is not None)
    name = f"footprint {number}{f' ({title})' if title else ''}"
    version = str(reader.given("specVersion") or "")
    layout = LAYOUTS.get(version.partition(".")[0])
    if layout is None:
        return _Footprint(name, (), [f"specVersion is {version!r}; versions 2 and 3 can be read"], (), ())
    identity, company = reader.text("id"), reader.text("companyName")
    products = _products(reader)
    unit, value, region = _unit(reader, layout), _value(reader, layout), _region(reader)
    gwp, preceding = _potentials(reader, layout), reader.texts("precedingPfIds")
    _check_boundary(reader)
    span, ends = _span(reader)
    unusable = []
    status = reader.given("status")
    if status not in (None, "Active", "Deprecated"):
        reader.faults.append(f"status is {parsing.shown(status)}, neither Active nor Deprecated")
    if status == "Deprecated":
        unusable.append("it is deprecated, ask the supplier for the one in force")
    if span and span[1] < year:
        unusable.append(
            f"it expired on {ends:%Y-%m-%d}; ask for a newer one, or say which year's records it is for with --year, {span[1]} at most"
        )
    if reader.faults or span is None:
        return _Footprint(name, (), reader.faults, unusable, ())
    edition = replace(publication, source=f"PACT product footprint of {company}", source_version=identity, gwp=gwp)
    rows = [
        factor_row(
            edition,
            family=SUPPLIER_PCF,
            key=product,
            boundary="cradle_to_gate",
            region=region,
            year=span[2],
            value=value,
            unit=unit,
            basis=f"{span[0]}/{span[1]}",
            source_class="supplier_declared",
            correlation_group=f"{SUPPLIER_PCF}/{identity}",
        )
        for product in products
    ]
    return _Footprint(name, rows, (), unusable, preceding)


def _products(reader: Reader) -> list[str]:
    products = reader.given("productIds")
    if not isinstance(products, list) or not all(isinstance(one, str) and one.strip() for one in products):
        reader.faults.append("productIds is no list of product ids; a purchase could not name it")
        return []
    return list(dict.fromkeys(parsing.code_text(one) for one in products))


def _unit(reader: Reader, layout: Layout) -> str:
    unit = reader.text(f"pcf.{layout.unit}")
    if unit and unit not in UNITS:
        reader.faults.append(f"pcf.{layout.unit} is {unit!r}, no unit that a purchase is counted in: {', '.join(UNITS)}")
    return UNITS.get(unit, "")


def _value(reader: Reader, layout: Layout) -> float:
    """Returns kg CO2e per unit; where something is in the way, it is among the faults."""
    used = next((names for names in layout.whole if reader.given(f"pcf.{names[0]}") is not None), layout.whole[0])
    if reader.given(f"pcf.{used[0]}") is None:
        reader.faults.append(f"pcf.{used[0]} is missing")
    kg_co2e = sum(reader.number(f"pcf.{name}") or 0.0 for name in used)
    for name in layout.at_least_0:
        if name not in used:
            reader.number(f"pcf.{name}")
    for name in layout.at_most_0:
        reader.number(f"pcf.{name}", -1)
    given = f"pcf.{layout.amount}"
    amount = reader.number(given)
    if reader.given(given) is None or amount == 0:
        reader.faults.append(f"{given} is {'missing' if reader.given(given) is None else 0}; a footprint of nothing has no factor")
    return kg_co2e / amount if amount else 0.0


def _region(reader: Reader) -> str:
    """Returns the country; GLOBAL for a part of the world or none, for a footprint is looked up by its product alone."""
    country = reader.given("pcf.geographyCountry") or str(reader.given("pcf.geographyCountrySubdivision") or "").partition("-")[0]
    try:
        return parsing.region(country) if country else GLOBAL
    except parsing.Wrong as wrong:
        reader.faults.append(f"pcf.geographyCountry {wrong.complaint}")
        return GLOBAL


def _check_boundary(reader: Reader) -> None:
    told = reader.given("pcf.boundaryProcessesDescription")
    if isinstance(told, str) and _OTHER_BOUNDARY.search(told):
        reader.faults.append(
            f"pcf.boundaryProcessesDescription is {parsing.shown(told)}; only a footprint from cradle to gate covers a purchase"
        )


def _span(reader: Reader) -> tuple[tuple[int, int, int] | None, datetime | None]:
    """Returns the first and the last year that a footprint may be used for and the year it is made for; and when it ends."""
    begins, ends = (reader.moment(_period(reader, name)) for name in ("Start", "End"))
    until = reader.moment("validityPeriodEnd")
    if begins is None or ends is None:
        if not any("PeriodStart" in fault or "PeriodEnd" in fault for fault in reader.faults):
            reader.faults.append("pcf.referencePeriodStart or pcf.referencePeriodEnd is missing; nobody can tell for which years it stands")
        return None, until
    if ends <= begins:
        reader.faults.append(f"pcf.referencePeriodEnd {ends:%Y-%m-%d} is not after its start {begins:%Y-%m-%d}")
        return None, until
    # The last of February has no like in most years.
    latest = ends.replace(year=ends.year + _VALID_YEARS, day=min(ends.day, 28) if ends.month == 2 else ends.day)
    until = latest if until is None else min(until, latest)
    # An end is the first moment that is no longer in it.
    made_for, last = ((one - timedelta(seconds=1)).year for one in (ends, until))
    return (begins.year, last, made_for), until


def _period(reader: Reader, end: str) -> str:
    """Returns the name of a bound of the reference period; drafts of version 2 called it the reporting period."""
    return next(
        (name for name in (f"pcf.referencePeriod{end}", f"pcf.reportingPeriod{end}") if reader.given(name)), f"pcf.referencePeriod{end}"
    )


def _potentials(reader: Reader, layout: Layout) -> str | None:
    """Returns the set of potentials, None where it is not said or there are several."""
    for name in layout.potentials:
        told = reader.texts(f"pcf.{name}")
        if told:
            return told[0] if len(told) == 1 and told[0] in ("AR4", "AR5", "AR6") else None
    return None


def _refuse_rivals(path: Path, rows: Iterable[Row]) -> None:
    rivals = list(_rivals(rows))
    if rivals:
        raise UserFault("\n  ".join([f"{path.name} gives two figures for one product, place and year; keep the one in force:", *rivals]))


def _rivals(rows: Iterable[Row]) -> Iterator[str]:
    seen: dict[tuple[object, ...], object] = {}
    for row in rows:
        place = tuple(row[name] for name in ("key", "region", "year"))
        if place in seen:
            yield f"{row['key']} in {row['region']}, {row['year']}: footprints {seen[place]} and {row['source_version']}"
        seen.setdefault(place, row["source_version"])

"""Tries the methods of a record's category in order, and gives the result of the first that works [5.2, 6]."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.oracle import cat01, cat02, cat03, cat04, cat05, cat06, cat07, cat08, cat09, cat10, cat11, cat12, cat13, cat14, cat15
from tests.oracle.factors import Asked, Found, Resolver
from tests.oracle.free_text import KEYWORDS, TEXT_FIELDS, classify
from tests.oracle.methods import order_of
from tests.oracle.terms import Outcome, result_of
from tests.oracle.values import PROXIES, Cannot, Row

# Label, whether its data are complete, and how it works.
Attempt = tuple[str, bool, Callable[[], Outcome]]

_CATEGORIES: dict[int, Any] = dict(
    enumerate((cat01, cat02, cat03, cat04, cat05, cat06, cat07, cat08, cat09, cat10, cat11, cat12, cat13, cat14, cat15), 1)
)

_DEFAULTS: Row = {
    "rf": "with_rf",
    "energy_boundary": "scope12",
    "gwp_set": "AR5",
    "low_dqi_threshold": 60,
    "classify_free_text": True,
    "uncertainty_input": "cv",
    "foreign_proxy": PROXIES,
    "source_priority": {},
    "pcaf_cv": (0.05, 0.15, 0.25, 0.35, 0.50),
    "allow_unverified": True,
    "credit_notes": "reject",
}


class Oracle:
    """Calculates records with some factor rows and options."""

    def __init__(self, factors: list[Row], **options: Any) -> None:
        self.options = {**_DEFAULTS, **options}
        allowed = [row for row in factors if row["verified"] or self.options["allow_unverified"]]
        self.resolver = Resolver(allowed, self.options, self.options["foreign_proxy"])

    def calculate(self, record: Row) -> Row:
        """Returns columns of the result, or code and field of the dead letter."""
        credit = record.get("spend_amount", 0) < 0
        failures: list[tuple[str, Cannot]] = []
        for method, complete, work in _CATEGORIES[record["category"]].methods(self, record):
            if not complete or (credit and method not in ("tier_3_spend_based", "tier_2_asset_spend")):
                continue
            try:
                outcome = work()
            except Cannot as failure:
                failures.append((method, failure))
                continue
            fallback = (failures[0][0], failures[0][1].reason) if failures else None
            return result_of(record, method, outcome, self.options, fallback, credit)
        if not failures:
            return {"code": "E_NO_TIER", "field": None}
        worst = _worst([failure for _, failure in failures], record["category"])
        return {"code": worst.code, "field": worst.field}

    def all_of(self, record: Row, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Returns what each part of a method comes to; of several that fail, the failure that is named for the record."""
        done, failures = [], []
        for work in works:
            try:
                done.append(work())
            except Cannot as failure:
                failures.append(failure)
        if failures:
            raise _worst(failures, record["category"])
        return done

    def find(
        self,
        family: str,
        boundaries: tuple[str, ...],
        key: str,
        record: Row,
        unit: str,
        name: str,
        unit_name: str | None = None,
        *,
        region: str | None = None,
        also: tuple[str, ...] = (),
        basis: str | None = None,
        parents: tuple[str, ...] = (),
    ) -> Found:
        """Returns a factor for a record; `name` is the field that fails where there is none, `unit_name` where no unit fits."""
        place, year, grid_region = region or record["region"], record["activity_year"], record.get("grid_region")
        # A region of another country is no place in its grid.
        grid_region = grid_region if place == record["region"] else None
        try:
            return self.resolver.find(key, Asked(family, boundaries, place, year, unit, also, basis, grid_region), parents)
        except Cannot as failure:
            raise Cannot(failure.code, unit_name or name if failure.code == "E_UNIT" else name) from None

    def enum(self, record: Row, name: str) -> tuple[str | None, set[str]]:
        """Returns an enumeration of the record or, where it is null, what its text says; with the warning for that [13.4]."""
        if name in record:
            return record[name], set()
        text = record.get(TEXT_FIELDS.get((record["category"], name), ""))
        if text is None or not self.options["classify_free_text"]:
            return None, set()
        found = classify(text, self._sectors() if name == "sector" else KEYWORDS[name])
        return found, {"W_CLASSIFIED"} if found else set()

    def _sectors(self) -> dict[str, str]:
        keys = [key for family in ("sector_revenue", "sector_assets", "sector_turnover") for key in self.resolver.keys(family)]
        return {key: key.replace("_", " ") for key in keys}

    def given_cv(self, record: Row, name: str, default: float) -> float:
        """Returns a cv that the record may state, as 95 % half-width if so agreed [9.4]."""
        if name not in record:
            return default
        return float(record[name] / 1.96 if self.options["uncertainty_input"] == "halfwidth95" else record[name])


def _worst(failures: list[Cannot], category: int) -> Cannot:
    codes = ("E_UNIT", "E_NO_FACTOR", "E_NO_TIER")
    return min(failures, key=lambda failure: (codes.index(failure.code), order_of(category, failure.field)))

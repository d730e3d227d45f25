"""Categories 1 and 2 once more: one record at a time, in plain Python, with no table or function of the code under test.

Written from the calculation specification alone; the numbers in brackets are its sections. It takes records that are
valid and normalised. What the kernels do in columns, with memos and shared terms, must come to the same.
"""

import math
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

_Z = 1.6448536269514722

# [2]: dimension and multiplier to its canonical unit.
_UNITS = {
    **{code: ("mass", size) for code, size in {"g": 0.001, "kg": 1, "t": 1000, "tonne": 1000, "lb": 0.45359237}.items()},
    **{code: ("mass", size) for code, size in {"short_ton": 907.18474, "long_ton": 1016.0469088}.items()},
    **{code: ("energy", size) for code, size in {"kWh": 1, "MWh": 1000, "GWh": 1e6, "MJ": 1 / 3.6, "GJ": 277.777777777778}.items()},
    **{code: ("volume", size) for code, size in {"l": 1, "litre": 1, "m3": 1000, "US_gal": 3.785411784, "bbl": 158.987294928}.items()},
    **{code: ("transport", size) for code, size in {"tonne_km": 1, "short_ton_mi": 0.90718474 * 1.609344}.items()},
    **{code: ("count", 1) for code in ("unit", "piece")},
    **{code: ("emissions", size) for code, size in {"kg_co2e": 1, "t_co2e": 1000}.items()},
    "USD": ("money", 1),
    "km": ("distance", 1),
}

# [3.1], as far as tests need it: first and last year in the EU.
_EU_MEMBERS = {"DE": (1958, 9999), "FR": (1958, 9999), "HR": (2013, 9999), "GB": (1973, 2020)}

# [10.2]: log-variance by score.
_VARIANCE = {
    "reliability": (0, 0.0006, 0.002, 0.008, 0.04),
    "completeness": (0, 0.0001, 0.0006, 0.002, 0.008),
    "temporal": (0, 0.0002, 0.002, 0.008, 0.04),
    "geographic": (0, 0.000025, 0.0001, 0.0006, 0.002),
    "technological": (0, 0.0006, 0.008, 0.04, 0.12),
}

# [10.4]
_SOURCE_CLASSES = {"primary_measured": 100, "lca_database": 90, "national_inventory": 80, "industry_average": 70, "unknown": 30}
_TIER_SCORE = {1: 100, 2: 70, 3: 30}

# [9.5], as far as tests need it.
_CLASS_CV = {"metals": 0.15, "concrete": 0.15, "business_services": 0.40, "other": 0.50}

# [5.3]: tier, quality, cv of the activity and of the factor.
_METHODS = {
    "tier_1_supplier_pcf": (1, 90, 0.05, 0.10),
    "tier_1_hybrid": (1, 80, 0.10, 0.30),
    "tier_2_average_data": (2, 70, 0.10, 0.30),
    "tier_2_asset_spend": (2, 70, 0.15, math.nan),
    "tier_3_spend_based": (3, 40, 0.15, 0.50),
}

# [14.2]: cv of tier_2_asset_spend, and the code that stands for the class.
_ASSETS = {
    "buildings": (0.25, "236220"),
    "machinery": (0.20, "333249"),
    "vehicles": (0.18, "336111"),
    "it_equipment": (0.15, "334111"),
    "other_equipment": (0.30, "337214"),
}

# [13.4]
_KEYWORDS = {
    "buildings": "building, warehouse, office, facility, construction",
    "machinery": "machine, machinery, assembly line, press, pump, compressor",
    "vehicles": "vehicle, truck, car, van, fleet, forklift",
    "it_equipment": "computer, server, laptop, monitor, printer, router, data center",
    "other_equipment": "furniture, office furniture, desk, chair, tool, fixture, instrument",
}


_SPEND_FIELDS = ["spend_amount", "spend_currency", "spend_year", "naics_code", "price_basis", "margins"]
_PCF_FIELDS = ["quantity", "quantity_unit", "supplier_pcf", "supplier_pcf_cv", "pcf_boundary"]

# Fields that a method may fail on, in the order of the tables [14.1, 14.2].
_FIELDS = {
    1: [*_PCF_FIELDS, "supplier_s12_allocated_kg_co2e", "hybrid_components", "product_category", "product_code", *_SPEND_FIELDS],
    2: ["asset_description", "asset_category", *_PCF_FIELDS, "product_category", "product_code", *_SPEND_FIELDS],
}


class Cannot(Exception):
    """A method with complete data that can't be used."""

    def __init__(self, code: str, name: str, reason: str = "") -> None:
        super().__init__(code, name)
        self.code, self.field, self.reason = code, name, reason or code


@dataclass
class Found:
    """A factor in kg per unit of the record, with its scores."""

    lead: Row
    value: float
    rows: list[Row]
    geographic: int
    temporal: int
    technological: int = 1
    warnings: set[str] = field(default_factory=set)


@dataclass
class Term:
    """One summand: amount, the cv of its own activity and of its factor, and its correlation group."""

    kg: float
    cv: float
    group: str
    quality: float
    activity_cv: float = 0.0
    pedigree: float | None = None
    rows: list[Row] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)


class Oracle:
    """Calculates records with some factor rows and options."""

    def __init__(self, factors: list[Row], **options: Any) -> None:
        self.factors = factors
        self.options = {"credit_notes": "reject", "low_dqi_threshold": 60, "classify_free_text": True, "uncertainty_input": "cv", **options}
        self.proxies = self.options.get("foreign_proxy", {"eeio": "US", "freight": "GB", "waste": "GB"})

    def calculate(self, record: Row) -> Row:
        """Returns columns of the result, or code and field of the dead letter [5.2, 6]."""
        credit = record.get("spend_amount", 0) < 0
        failures: list[tuple[str, Cannot]] = []
        for method, complete, work in self._methods(record):
            if not complete or (credit and method not in ("tier_3_spend_based", "tier_2_asset_spend")):
                continue
            try:
                terms = work(record)
            except Cannot as failure:
                failures.append((method, failure))
                continue
            return self._result(record, method, terms, failures, credit)
        for code in ("E_UNIT", "E_NO_FACTOR", "E_NO_TIER"):
            fields = [failure.field for _, failure in failures if failure.code == code]
            if fields:
                # Of several, the first in the order of the tables [6].
                return {"code": code, "field": min(fields, key=lambda field: _FIELDS[record["category"]].index(field.partition("[")[0]))}
        return {"code": "E_NO_TIER", "field": None}

    def _methods(self, record: Row) -> list[tuple[str, bool, Any]]:
        """Returns label, whether its data are complete, and how it works, in order [14.1, 14.2]."""

        def has(*names: str) -> bool:
            return all(name in record for name in names)

        pcf, average = has("supplier_pcf", "quantity"), has("quantity") and (has("product_category") or has("product_code"))
        if record["category"] == 1:
            return [
                ("tier_1_supplier_pcf", pcf, self._footprint),
                ("tier_1_hybrid", has("supplier_s12_allocated_kg_co2e", "hybrid_components"), self._hybrid),
                ("tier_2_average_data", average, self._average),
                ("tier_3_spend_based", has("spend_amount", "naics_code"), self._spend),
            ]
        asset = self._asset_class(record)
        loaded = any(row["family"] == "asset_spend" and row["key"] == asset for row in self.factors)
        own = has("emission_factor_kg_co2e_per_usd")
        return [
            ("tier_1_supplier_pcf", has("supplier_pcf_total_kg_co2e") or pcf, self._footprint),
            ("tier_2_average_data", average, self._average),
            ("tier_2_asset_spend", has("spend_amount") and (own or loaded), self._asset_spend),
            ("tier_3_spend_based", has("spend_amount") and (has("naics_code") or asset is not None), self._spend),
        ]

    def _asset_class(self, record: Row) -> str | None:
        return record.get("asset_category") or (classify(record["asset_description"]) if self.options["classify_free_text"] else None)

    # --- methods

    def _footprint(self, record: Row) -> list[Term]:
        if record.get("pcf_boundary", "cradle_to_gate") != "cradle_to_gate":
            raise Cannot("E_NO_TIER", "pcf_boundary", record["pcf_boundary"])
        warnings = set() if "pcf_boundary" in record else {"W_BOUNDARY_PCF"}
        cv = self._given_cv(record, "supplier_pcf_cv", 0.10)
        if "supplier_pcf_total_kg_co2e" in record:
            kg, name, activity_cv = record["supplier_pcf_total_kg_co2e"], "supplier_pcf_total_kg_co2e", 0.0
        else:
            self._known_unit(record.get("quantity_unit"), "quantity_unit")
            kg, name, activity_cv = record["quantity"] * record["supplier_pcf"], "supplier_pcf", 0.05
        return [Term(kg, cv, f"record:{name}", 90, activity_cv, warnings=warnings)]

    def _given_cv(self, record: Row, name: str, default: float) -> float:
        if name not in record:
            return default
        return record[name] / 1.96 if self.options["uncertainty_input"] == "halfwidth95" else record[name]

    def _hybrid(self, record: Row) -> list[Term]:
        own = "supplier_s12_allocated_kg_co2e"
        terms = [Term(record[own], 0.10, f"record:{own}", 80, 0.05)]
        failures = []
        for place, component in enumerate(record["hybrid_components"]):
            try:
                terms.append(self._component(record, component, f"hybrid_components[{place}]"))
            except Cannot as failure:
                failures.append(failure)
        for code in ("E_UNIT", "E_NO_FACTOR"):
            for failure in failures:
                if failure.code == code:
                    raise failure
        return terms

    def _component(self, record: Row, component: Row, name: str) -> Term:
        unit, kind, amount = component.get("unit"), component["kind"], component["amount"]
        self._known_unit(unit, f"{name}.unit")
        if kind == "other":
            if unit not in ("kg_co2e", "t_co2e"):
                raise Cannot("E_UNIT", f"{name}.unit")
            return Term(amount * _UNITS[unit][1], 0.30, "record:hybrid_components", 80, 0.10)
        if "factor_key" not in component:
            raise Cannot("E_NO_FACTOR", f"{name}.factor_key")
        families = {"material": ("product", "cradle_to_gate"), "waste": ("waste", "treatment"), "transport": ("freight", "wtw")}
        family, boundary = families[kind]
        asked = (component["factor_key"], record["region"], record["activity_year"], unit)
        try:
            try:
                found = self._resolve(family, boundary, *asked)
            except Cannot as failure:
                if kind != "transport":
                    raise
                try:
                    found = self._resolve(family, "ttw", *asked, also="wtt")
                except Cannot as other:
                    raise (failure if failure.code == "E_UNIT" else other) from None
        except Cannot as failure:
            member = "unit" if failure.code == "E_UNIT" else "factor_key"
            raise Cannot(failure.code, f"{name}.{member}") from None
        term = self._term("tier_1_hybrid", found, amount * found.value)
        term.activity_cv = 0.10
        return term

    def _average(self, record: Row) -> list[Term]:
        unit = record.get("quantity_unit")
        self._known_unit(unit, "quantity_unit")
        failures = []
        for name in ("product_category", "product_code"):
            if name in record:
                try:
                    found = self._resolve("product", "cradle_to_gate", record[name], record["region"], record["activity_year"], unit)
                except Cannot as failure:
                    failures.append(Cannot(failure.code, "quantity_unit" if failure.code == "E_UNIT" else name))
                else:
                    return [self._term("tier_2_average_data", found, record["quantity"] * found.value)]
        raise min(failures, key=lambda failure: failure.code != "E_UNIT")

    def _spend(self, record: Row) -> list[Term]:
        code, at_least, warnings = record.get("naics_code"), 1, {"W_SPEND_BASED"}
        name = "naics_code"
        if code is None:
            asset = self._asset_class(record)
            assert asset is not None
            code, at_least, name = _ASSETS[asset][1], 4, "asset_category"
            warnings |= self._classified(record)
        boundary = {"with": "with_margins", "without": "without_margins"}[record.get("margins", "with")]
        if record.get("price_basis") == "basic":
            boundary = "basic_price"
        naics = record.get("naics_code")
        return [self._money_term(record, "tier_3_spend_based", "eeio", boundary, code, name, naics, at_least, warnings)]

    def _asset_spend(self, record: Row) -> list[Term]:
        asset = self._asset_class(record)
        cv = _ASSETS[asset or "other_equipment"][0]
        if "emission_factor_kg_co2e_per_usd" in record:
            rate, rows, warnings = self._in_usd(record)
            kg = abs(record["spend_amount"]) * rate * record["emission_factor_kg_co2e_per_usd"]
            own_cv = self._given_cv(record, "emission_factor_cv", cv)
            return [Term(kg, own_cv, "record:emission_factor_kg_co2e_per_usd", 70, 0.15, rows=rows, warnings=warnings)]
        assert asset is not None
        told = self._classified(record)
        return [
            self._money_term(
                record,
                "tier_2_asset_spend",
                "asset_spend",
                "cradle_to_gate",
                asset,
                "asset_category",
                record.get("naics_code"),
                1,
                told,
                cv,
            )
        ]

    def _classified(self, record: Row) -> set[str]:
        return set() if "asset_category" in record else {"W_CLASSIFIED"}

    def _money_term(
        self,
        record: Row,
        method: str,
        family: str,
        boundary: str,
        key: str,
        name: str,
        naics: str | None,
        technological: int,
        warnings: set[str],
        cv: float | None = None,
    ) -> Term:
        try:
            found = self._resolve(family, boundary, key, record["region"], record["activity_year"], "USD")
        except Cannot as failure:
            raise Cannot(failure.code, name) from None
        found.technological = max(found.technological, technological)
        rate, rows, assumed = self._in_usd(record)
        deflator, more = self._deflator(record, found.lead["price_year"], naics)
        term = self._term(method, found, abs(record["spend_amount"]) * rate * deflator * found.value, cv)
        term.activity_cv = 0.15 if record["category"] == 1 or method == "tier_2_asset_spend" else 0.20
        term.rows += rows + more
        term.warnings |= warnings | assumed
        return term

    # --- money [4]

    def _in_usd(self, record: Row) -> tuple[float, list[Row], set[str]]:
        currency, year = record.get("spend_currency"), record.get("spend_year", record["activity_year"])
        if currency is None or currency == "USD":
            return 1.0, [], set() if currency else {"W_CURRENCY_ASSUMED"}
        rows = [row for row in self.factors if row["family"] == "fx" and row["key"] == currency and row["year"] == year]
        if not rows:
            raise Cannot("E_NO_FACTOR", "spend_currency")
        return rows[0]["value"], rows[:1], set()

    def _deflator(self, record: Row, price_year: int | None, naics: str | None) -> tuple[float, list[Row]]:
        year = record.get("spend_year", record["activity_year"])
        if price_year is None or price_year == year:
            return 1.0, []
        keys = [naics[:digits] for digits in range(len(naics), 1, -1)] if naics and naics.isdigit() else []
        for key in [*keys, "cpi"]:
            rows = [row for row in self.factors if row["family"] == "price_index" and row["key"] == key and row["region"] == "US"]
            for source in dict.fromkeys((row["source"], row["source_version"]) for row in rows):
                index = {row["year"]: row for row in rows if (row["source"], row["source_version"]) == source}
                if price_year in index and year in index:
                    return index[price_year]["value"] / index[year]["value"], [index[price_year], index[year]]
        raise Cannot("E_NO_FACTOR", "spend_year")

    # --- factors [3, 12.3]

    def _known_unit(self, unit: str | None, name: str) -> None:
        if unit not in _UNITS:
            raise Cannot("E_UNIT", name)

    def _resolve(self, family: str, boundary: str, key: str, region: str, year: int, unit: str, also: str | None = None) -> Found:
        asked = (family, boundary, region, year, unit, also)
        found, unit_fault = self._at_key(key, *asked)
        if found is not None:
            found.technological = _digits_score(family, key)
            return found
        found = self._at_alias(key, *asked)
        if found is not None:
            return found
        parents = [key[:digits] for digits in range(len(key) - 1, 1, -1)] if family == "eeio" and key.isdigit() else []
        for parent in parents:
            found, fault = self._at_key(parent, *asked)
            unit_fault = unit_fault or fault
            if found is not None:
                found.technological = _digits_score(family, parent)
                found.warnings.add("W_KEY_FALLBACK")
                return found
        raise Cannot("E_UNIT" if unit_fault else "E_NO_FACTOR", "")

    def _at_key(
        self, key: str, family: str, boundary: str, region: str, year: int, unit: str, also: str | None
    ) -> tuple[Found | None, bool]:
        rows = [row for row in self.factors if (row["family"], row["key"], row["boundary"]) == (family, key, boundary)]
        usable = [(row, conversion) for row in rows if (conversion := self._conversion(row, unit, region, year)) is not None]
        places = [(place, score) for place, score in self._places(family, region, year) if any(row["region"] == place for row, _ in usable)]
        if not places:
            return None, len(usable) < len(rows)
        place, score = places[0]
        here = [(row, conversion) for row, conversion in usable if row["region"] == place]
        best = _nearest([row["year"] for row, _ in here], year)
        same_year = [(row, conversion) for row, conversion in here if row["year"] == best]
        row, (multiplier, rank, through) = min(same_year, key=lambda pair: (self._source(pair[0]), pair[1][1], pair[0]["factor_id"]))
        found = Found(row, row["value"] * multiplier, [row], score, _temporal(year - best))
        found.warnings |= _place_warnings(score) | ({"W_YEAR_FALLBACK"} if found.temporal > 1 else set())
        if rank == 2:
            found.warnings.add("W_UNIT_CONVERTED")
        for one in through:
            found.rows += one.rows
            found.geographic, found.temporal = max(found.geographic, one.geographic), max(found.temporal, one.temporal)
            found.warnings |= one.warnings
        if also is not None:
            same = ("family", "key", "region", "year", "source", "source_version")
            partner = [other for other in self.factors if other["boundary"] == also and all(other[name] == row[name] for name in same)]
            if partner:
                found.value += partner[0]["value"] * _multiplier(unit, partner[0]["unit"])
                found.rows.append(partner[0])
            else:
                found.warnings.add("W_NO_UPSTREAM")
        return found, False

    def _at_alias(self, key: str, family: str, *asked: Any) -> Found | None:
        aliases = [row for row in self.factors if row["family"] == "key_alias" and row["key"] == f"{family}:{key}"]
        targets = [(row, self._at_key(row["basis"], family, *asked)[0]) for row in aliases]
        found = [target for _, target in targets if target is not None]
        if not found or len(found) < len(targets) or len({(one.lead["basis"], one.lead["price_year"]) for one in found}) > 1:
            return None
        weight = sum(row["value"] for row, _ in targets)
        return Found(
            lead=min((one.lead for one in found), key=lambda row: row["factor_id"]),
            value=sum(row["value"] * target.value for row, target in targets if target is not None) / weight,
            rows=aliases + [row for one in found for row in one.rows],
            geographic=max(one.geographic for one in found),
            temporal=max(one.temporal for one in found),
            technological=max(*(_digits_score(family, row["basis"]) for row in aliases), 1 if len(aliases) == 1 else 2),
            warnings=set().union(*(one.warnings for one in found), {"W_KEY_FALLBACK"}),
        )

    def _places(self, family: str, region: str, year: int) -> list[tuple[str, int]]:
        first, last = _EU_MEMBERS.get(region, (9999, 0))
        places = [(region, 1)]
        if first <= year <= last:
            places.append(("EU", 2))
        if region != "GLOBAL":
            places.append(("GLOBAL", 4))
        if family in self.proxies and self.proxies[family] != region:
            places.append((self.proxies[family], 5))
        return places

    def _source(self, row: Row) -> int:
        priority = self.options.get("source_priority", {}).get(row["family"], [])
        return priority.index(row["source_version"]) if row["source_version"] in priority else len(priority)

    def _conversion(self, row: Row, unit: str, region: str, year: int) -> tuple[float, int, list[Found]] | None:
        """Returns the multiplier from the record's unit to the row's; 0 equal, 1 same dimension, 2 through a property [2]."""
        if unit == row["unit"]:
            return 1.0, 0, []
        if _multiplier(unit, row["unit"]) is not None:
            return _multiplier(unit, row["unit"]), 1, []
        chain = ("volume", "mass", "energy")
        start, end = _UNITS[unit][0], _UNITS[row["unit"]][0]
        if start not in chain or end not in chain or (row["basis"] == "net" and "energy" in (start, end)):
            return None
        amount, through = _UNITS[unit][1], []
        low, high = sorted((chain.index(start), chain.index(end)))
        for name in ("kg_per_l", "kwh_per_kg")[low:high]:
            found = self._property(row["key"], name, region, year)
            if found is None:
                return None
            through.append(found)
            amount = amount * found.value if chain.index(start) < chain.index(end) else amount / found.value
        return amount / _UNITS[row["unit"]][1], 2, through

    def _property(self, key: str, name: str, region: str, year: int) -> Found | None:
        rows = [row for row in self.factors if (row["family"], row["key"], row["unit"]) == ("fuel_property", key, name)]
        for place, score in self._places("fuel_property", region, year):
            here = [row for row in rows if row["region"] == place]
            if here:
                best = _nearest([row["year"] for row in here], year)
                row = min((row for row in here if row["year"] == best), key=lambda row: row["factor_id"])
                temporal = _temporal(year - best)
                warnings = _place_warnings(score) | ({"W_YEAR_FALLBACK"} if temporal > 1 else set())
                return Found(row, row["value"], [row], score, temporal, warnings=warnings)
        return None

    # --- uncertainty and quality [9, 10]

    def _term(self, method: str, found: Found, kg: float, default_cv: float | None = None) -> Term:
        tier, quality, activity_cv, method_cv = _METHODS[method]
        lead, pedigree = found.lead, found.lead["pedigree"]
        variance = _VARIANCE["temporal"][found.temporal - 1] + _VARIANCE["geographic"][found.geographic - 1]
        if lead["cv"] is None and pedigree is not None:
            variance += 0.0006 + _VARIANCE["reliability"][pedigree[0] - 1] + _VARIANCE["completeness"][pedigree[1] - 1]
            variance += _VARIANCE["technological"][max(pedigree[4], found.technological) - 1]
        else:
            base = lead["cv"]
            if base is None:
                base = _CLASS_CV[lead["cv_class"]] if lead["cv_class"] else method_cv if default_cv is None else default_cv
            variance += math.log(1 + base * base) + _VARIANCE["technological"][found.technological - 1]
        mean = None
        if pedigree is not None:
            mean = (pedigree[0] + pedigree[1] + found.temporal + found.geographic + max(pedigree[4], found.technological)) / 5
            quality = _composite(mean, lead["source_class"], tier)
        group = lead["correlation_group"] or lead["factor_id"].split("#")[0]
        factor_cv = math.sqrt(math.exp(variance) - 1)
        return Term(kg, factor_cv, group, quality, activity_cv, mean, list(found.rows), set(found.warnings))

    def _result(self, record: Row, method: str, terms: list[Term], failures: list[tuple[str, Cannot]], credit: bool) -> Row:
        several = method == "tier_1_hybrid"
        total = math.fsum(term.kg for term in terms)
        groups = {term.group: 0.0 for term in terms}
        for term in terms:
            groups[term.group] += term.kg * term.cv
        shared = math.fsum(part * part for part in groups.values())
        # The activity of a single term is that of the record.
        activity = 0.0 if several else terms[0].activity_cv ** 2
        own = math.fsum(term.kg**2 * term.activity_cv**2 * (1 + term.cv**2) for term in terms) if several else 0.0
        variance = shared + activity * (total**2 + shared) + (1 + activity) * own
        std = math.sqrt(variance)
        cv = std / total if total else None
        sigma = math.sqrt(math.log(1 + cv * cv)) if cv is not None else 0.0
        middle = total * math.exp(-sigma * sigma / 2)
        low, high = middle * math.exp(-_Z * sigma), middle * math.exp(_Z * sigma)
        # All m_j = 0: the method's constant.
        quality = math.fsum(term.kg * term.quality for term in terms) / total if total else _METHODS[method][1]
        rows = [row for term in terms for row in term.rows]
        warnings = set().union(*(term.warnings for term in terms))
        if failures:
            warnings.add("W_TIER_FALLBACK")
        if quality < self.options["low_dqi_threshold"] - 1e-9:
            warnings.add("W_LOW_DQI")
        if len({row["gwp"] for row in rows if row["gwp"] is not None}) > 1:
            warnings.add("W_GWP_MIXED")
        if not all(row["verified"] for row in rows):
            warnings.add("W_FACTOR_UNSOURCED")
        if credit:
            total, middle, low, high = -total, -middle, -high, -low
            warnings.add("W_CREDIT_NOTE")
        life = record.get("useful_life_years")
        return {
            "kg_co2e": total,
            "std_kg": std,
            "p5_kg": low,
            "p50_kg": middle,
            "p95_kg": high,
            "cv": cv,
            "dqi_score": quality,
            "method": method,
            "tier": _METHODS[method][0],
            "warnings": warnings,
            "fallback_from": failures[0][0] if failures else None,
            "fallback_reason": failures[0][1].reason if failures else None,
            # Sum of D_g squared, what aggregation needs from stored rows [9.6].
            "shared_variance": shared,
            "annualised_kg_co2e": total / life if life is not None and record["category"] == 2 else None,
            "factor_ids": {row["factor_id"] for row in rows} | {term.group for term in terms if term.group.startswith("record:")},
        }


def classify(text: str) -> str | None:
    """Returns the asset class of a text, None where none or two fit alike [13.4]."""
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    line = f" {' '.join(words)} "
    scores = {}
    for name, keywords in _KEYWORDS.items():
        scores[name] = sum(any(f" {form} " in line for form in _forms(keyword.strip())) for keyword in keywords.split(","))
    best = max(scores.values())
    winners = [name for name, score in scores.items() if score == best]
    return winners[0] if best and len(winners) == 1 else None


def _forms(keyword: str) -> list[str]:
    """Returns a keyword with each of its words in the singular and with s or es."""
    forms = [""]
    for word in keyword.split():
        forms = [f"{start} {word}{ending}".strip() for start in forms for ending in ("", "s", "es")]
    return forms


def _multiplier(unit: str, target: str) -> float | None:
    one, other = _UNITS[unit], _UNITS[target]
    return one[1] / other[1] if one[0] == other[0] else None


def _nearest(years: list[int], wanted: int) -> int:
    earlier = [year for year in years if year <= wanted]
    return max(earlier) if earlier else min(years)


def _temporal(delta: int) -> int:
    return 1 + sum(abs(delta) > limit for limit in (2, 5, 9, 14))


def _place_warnings(score: int) -> set[str]:
    return {1: set(), 2: {"W_REGION_FALLBACK"}, 4: {"W_REGION_FALLBACK"}, 5: {"W_FOREIGN_PROXY"}}[score]


def _digits_score(family: str, key: str) -> int:
    return 7 - len(key) if family == "eeio" else 1


def _composite(mean: float, source_class: str | None, tier: int) -> float:
    """Returns the score of a factor with pedigree: half of it from the pedigree, three tenths from the source, two from the tier."""
    # The breakpoints lie on straight lines: 20 a unit to 1.5, 30 to 2.5, 20 after that.
    pedigree = 100 - 20 * (mean - 1) if mean <= 1.5 else 90 - 30 * (mean - 1.5) if mean <= 2.5 else 60 - 20 * (mean - 2.5)
    parts = [(0.5, pedigree), (0.2, _TIER_SCORE[tier])] + ([(0.3, _SOURCE_CLASSES[source_class])] if source_class else [])
    return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)

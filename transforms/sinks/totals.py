"""Totals of many records with their 90 % interval, from the sums that a store gives.

    variance = sum over groups g of (sum over records of D_g)^2 + sum of W
    W        = std_kg^2 - sum over groups of D_g^2, per record
    p5, p95  = by Fenton-Wilkinson, from mean and variance

D_g is the part of a record's standard deviation that all records on the same factors share; a group of a single record
(a value that the supplier gave) adds the same whether it is kept apart or not, so only shared groups are summed.

Source: calculation specification, 9.1 (last two rows), 9.3 and 9.6.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

# Two integers hold an amount below 2^63 kg: its whole kg, and the rest in 2^-62 kg. They add up exactly in any order.
PARTS_PER_KG = 2**62

# So many suppliers are told, the largest.
LARGEST_SUPPLIERS = 10

# 5 % / 95 % quantile of the normal distribution.
Z = 1.6448536269514722


@dataclass(frozen=True)
class Amount:
    """An amount with its uncertainty, in kg CO2e.

    Attributes:
        records: number of results.
        kg_co2e: the sum.
        std_kg: its standard deviation.
        p5_kg, p95_kg: the ends of its 90 % interval.
    """

    records: int
    kg_co2e: float
    std_kg: float
    p5_kg: float
    p95_kg: float


@dataclass(frozen=True)
class MethodTotal:
    """The results of one category that one method gave."""

    category: int
    method: str
    amount: Amount


@dataclass(frozen=True)
class CategoryTotal:
    """The results of one category."""

    category: int
    amount: Amount


@dataclass(frozen=True)
class SupplierTotal:
    """The results of one supplier: its id, or its name where it has none; the name in the store's first spelling."""

    supplier: str
    supplier_name: str | None
    amount: Amount


@dataclass(frozen=True)
class Totals:
    """The amounts of a run.

    Attributes:
        total: all results.
        by_category: in this order.
        by_method: by category and method, in this order.
        suppliers: the largest, largest first.
        dqi_mean: mean data-quality score, 0 to 100, weighted with the amounts; None where all are zero.
    """

    total: Amount
    by_category: tuple[CategoryTotal, ...]
    by_method: tuple[MethodTotal, ...]
    suppliers: tuple[SupplierTotal, ...]
    dqi_mean: float | None

    def to_json(self) -> dict[str, Any]:
        """Returns the same as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Totals":
        """Returns what `to_json` gave."""
        return cls(
            Amount(**values["total"]),
            tuple(CategoryTotal(row["category"], Amount(**row["amount"])) for row in values["by_category"]),
            tuple(MethodTotal(row["category"], row["method"], Amount(**row["amount"])) for row in values["by_method"]),
            tuple(SupplierTotal(row["supplier"], row["supplier_name"], Amount(**row["amount"])) for row in values["suppliers"]),
            values["dqi_mean"],
        )


@dataclass(frozen=True)
class Sums:
    """Sums over some results of one cell and method; rows of one cell are added up.

    Attributes:
        cell: their category, or their supplier.
        kg_co2e: exact, so that the order of the rows has no say.
        square_std_kg: sum of std_kg^2.
        absolute_kg: sum of |kg_co2e|.
        weighted_dqi: sum of |kg_co2e| * dqi_score.
        lowest_kg, highest_kg: of single results.
    """

    cell: Any
    method: str
    records: int
    kg_co2e: Fraction
    square_std_kg: float
    absolute_kg: float
    weighted_dqi: float
    lowest_kg: float
    highest_kg: float


@dataclass(frozen=True)
class SharedSums:
    """Sums over the results of one cell and method that share the factors of a correlation group.

    Attributes:
        cell: their category, or their supplier.
        deviation_kg: sum of D_g.
        square_deviation_kg: sum of D_g^2.
    """

    cell: Any
    method: str
    group: str
    deviation_kg: float
    square_deviation_kg: float


def add_up(sums: Iterable[Sums], shared: Iterable[SharedSums], suppliers: Iterable[SupplierTotal]) -> Totals:
    """Returns the totals of a run. The order of the arguments' rows has no say in the result."""
    every, parts = list(sums), list(shared)
    absolute_kg = math.fsum(row.absolute_kg for row in every)
    by_method = amounts_by(every, parts, lambda row: (row.cell, row.method))
    return Totals(
        _amount(every, parts),
        tuple(CategoryTotal(category, amount) for category, amount in amounts_by(every, parts, lambda row: row.cell).items()),
        tuple(MethodTotal(category, method, amount) for (category, method), amount in by_method.items()),
        tuple(suppliers),
        math.fsum(row.weighted_dqi for row in every) / absolute_kg if absolute_kg else None,
    )


def amounts_by(sums: Iterable[Sums], shared: Iterable[SharedSums], key: "Callable[[Sums | SharedSums], Any]") -> dict[Any, Amount]:
    """Returns the amounts of sums that have one key, sorted by it."""
    sums_of: dict[Any, list[Sums]] = defaultdict(list)
    shared_of: dict[Any, list[SharedSums]] = defaultdict(list)
    for row in sums:
        sums_of[key(row)].append(row)
    for part in shared:
        shared_of[key(part)].append(part)
    return {one: _amount(sums_of[one], shared_of[one]) for one in sorted(sums_of)}


def _amount(sums: list[Sums], shared: list[SharedSums]) -> Amount:
    deviations: dict[str, list[float]] = defaultdict(list)
    for part in shared:
        deviations[part.group].append(part.deviation_kg)
    variance = math.fsum(
        [row.square_std_kg for row in sums]
        + [-part.square_deviation_kg for part in shared]
        + [math.fsum(parts) ** 2 for parts in deviations.values()]
    )
    kg_co2e = float(sum((row.kg_co2e for row in sums), Fraction()))
    std_kg = math.sqrt(max(variance, 0.0))
    mixed = any(row.lowest_kg < 0 for row in sums) and any(row.highest_kg > 0 for row in sums)
    return Amount(sum(row.records for row in sums), kg_co2e, std_kg, *interval(kg_co2e, std_kg, mixed))


def exact_kg(whole: "Decimal | int", part: "Decimal | int") -> Fraction:
    """Returns a sum of amounts, of which whole kg and parts were added up apart; see PARTS_PER_KG."""
    return Fraction(whole) + Fraction(int(part), PARTS_PER_KG)


def interval(mean_kg: float, std_kg: float, mixed: bool) -> tuple[float, float]:
    """Returns p5 and p95 of a sum, in kg.

    Args:
        mean_kg: the sum.
        std_kg: its standard deviation.
        mixed: whether amounts of both signs are in it; then the normal quantiles stand in.
    """
    if mixed or mean_kg == 0.0:
        return mean_kg - Z * std_kg, mean_kg + Z * std_kg
    log_variance = math.log1p((std_kg / mean_kg) ** 2)
    p50_kg = mean_kg * math.exp(-log_variance / 2)
    spread = math.exp(Z * math.sqrt(log_variance))
    low, high = p50_kg / spread, p50_kg * spread
    # Of a credit the larger amount is the lower end.
    return (low, high) if mean_kg > 0 else (high, low)

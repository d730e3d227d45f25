"""The calculator: one batch of one category in, results and dead letters out. No Beam."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, choose
from transforms.calculation.pcaf import lifetime
from transforms.calculation.results import ResultBuilder
from transforms.calculation.rows import dead_letters, factor_rows, use_rows
from transforms.calculation.terms import Terms
from transforms.categories import (
    cat01_purchased_goods,
    cat02_capital_goods,
    cat03_fuel_and_energy,
    cat04_upstream_transport,
    cat05_waste,
    cat06_business_travel,
    cat07_commuting,
    cat08_upstream_leased,
    cat09_downstream_transport,
    cat10_processing,
    cat11_use_of_products,
    cat12_end_of_life,
    cat13_downstream_leased,
    cat14_franchises,
    cat15_investments,
)
from transforms.factors.resolve import Resolver
from transforms.factors.table import FactorTable


def never(fields: Fields, config: Config) -> Bools:
    """The upstream part is reported beside the total."""
    return np.zeros(fields.rows, bool)


def always(fields: Fields, config: Config) -> Bools:
    """The total is direct and upstream."""
    return np.ones(fields.rows, bool)


def no_memo(fields: Fields, kg_co2e: Floats) -> Mapping[str, Floats]:
    """No memo column follows from the total."""
    return {}


@dataclass(frozen=True)
class Category:
    """How one category is calculated.

    Attributes:
        attempts: gives the attempts of a batch in order, and which rows are credit notes.
        upstream_counts: says of which records kg_co2e holds the upstream part.
        memo: gives the memo columns that follow from kg_co2e.
    """

    attempts: Callable[[Fields, Resolver, Terms, Config], tuple[list[Attempt], Bools]]
    upstream_counts: Callable[[Fields, Config], Bools] = never
    memo: Callable[[Fields, Floats], Mapping[str, Floats]] = no_memo


CATEGORIES: dict[int, Category] = {
    1: Category(cat01_purchased_goods.attempts),
    2: Category(cat02_capital_goods.attempts, memo=cat02_capital_goods.memo),
    3: Category(cat03_fuel_and_energy.attempts, always),
    4: Category(cat04_upstream_transport.attempts, always),
    5: Category(cat05_waste.attempts),
    6: Category(cat06_business_travel.attempts, always),
    7: Category(cat07_commuting.attempts, always),
    8: Category(cat08_upstream_leased.attempts),
    9: Category(cat09_downstream_transport.attempts, always),
    10: Category(cat10_processing.attempts),
    11: Category(cat11_use_of_products.attempts, cat11_use_of_products.upstream_counts),
    12: Category(cat12_end_of_life.attempts),
    13: Category(cat13_downstream_leased.attempts),
    14: Category(cat14_franchises.attempts),
    15: Category(cat15_investments.attempts, memo=lifetime),
}


@dataclass(frozen=True)
class Calculated:
    """What came of a batch: every record is in exactly one of results and dead_letters.

    Attributes:
        results, dead_letters: rows of these tables.
        factors, factor_uses: rows of these tables that the results rest on and that were not returned before.
    """

    results: pa.RecordBatch
    dead_letters: pa.RecordBatch
    factors: pa.RecordBatch
    factor_uses: pa.RecordBatch


class Calculator:
    """Calculates batches; remembers what it worked out for distinct keys. For one thread."""

    def __init__(self, factors: FactorTable, config: Config) -> None:
        self._resolver, self._config = Resolver(factors, config), config
        self._terms = Terms()
        self._returned_uses = np.zeros(0, bool)
        self._returned_factors: set[str] = set()

    def forget_returned(self) -> None:
        """Makes the factors that were returned before count as new."""
        self._returned_uses, self._returned_factors = np.zeros(0, bool), set()

    def calculate(self, category: int, batch: pa.RecordBatch) -> Calculated:
        """Calculates records of one category.

        Args:
            category: 1 to 15.
            batch: source_id, source_position, input_sha256 and the typed fields of n records.
        """
        if self._terms.is_full:
            self._terms = Terms()
            self.forget_returned()
        # An amount beyond any double is found and refused below.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self._calculate(category, batch)

    def _calculate(self, category: int, batch: pa.RecordBatch) -> Calculated:
        kernel = CATEGORIES[category]
        fields = Fields(batch)
        attempts, credit = kernel.attempts(fields, self._resolver, self._terms, self._config)
        upstream_counts = kernel.upstream_counts(fields, self._config)
        choice = choose(attempts, self._terms)
        built = ResultBuilder(attempts, choice, self._terms, credit, upstream_counts, self._config)
        too_large = built.too_large
        if len(too_large):
            choice = choice.without(too_large)
            built = ResultBuilder(attempts, choice, self._terms, credit, upstream_counts, self._config)
        whole = len(built.rows) == batch.num_rows
        taken = batch if whole else batch.take(pa.array(built.rows))
        fields = Fields(taken)
        results = built.batch(category, fields, taken, kernel.memo(fields, built.signed_kg_co2e))
        refused = dead_letters(category, batch, choice, attempts, self._terms)
        return Calculated(results, refused, *self._not_returned(built))

    def _not_returned(self, built: ResultBuilder) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Returns the factors, and the uses of factors, that no batch before rested on."""
        used = built.uses()
        if len(self._returned_uses) < len(self._terms.uses):
            more = np.zeros(len(self._terms.uses) - len(self._returned_uses), bool)
            self._returned_uses = np.concatenate([self._returned_uses, more])
        places = np.unique(used[~self._returned_uses[used]]).tolist()
        self._returned_uses[places] = True
        uses = [self._terms.uses[place] for place in places]
        rows = {row.factor_id: row for use in uses for row in use.basis.rows if row.factor_id not in self._returned_factors}
        self._returned_factors.update(rows)
        return factor_rows(list(rows.values())), use_rows(uses)

"""Category 12, end-of-life treatment of sold products: the record."""

from typing import Annotated

import numpy as np
from annotated_types import Gt
from pydantic import BaseModel

from schemas.arrays import Bools, Floats
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import Integer, Positive, Share, Text, choice, optional, required
from schemas.records.batch import Fields
from schemas.records.header import Header
from schemas.records.shares import EXACT, TOLERANCE

MATERIALS = (
    "plastic",
    "metal",
    "metal_steel",
    "metal_aluminum",
    "glass",
    "paper",
    "cardboard",
    "electronics",
    "organic",
    "textile",
    "wood",
    "rubber",
    "mixed",
    "other",
)
_Material = choice(*MATERIALS, aliases={"steel": "metal_steel", "aluminium": "metal_aluminum"})

SHARES = ("landfill_share", "recycling_share", "incineration_share", "composting_share")


class MaterialPart(BaseModel):
    """A part of a product, or of its packaging, of one material."""

    material: _Material = required("material of the part")  # type: ignore[valid-type]
    weight_kg: Positive = required("weight in one unit sold", unit="kg per unit")
    recycling_rate: Share | None = optional("share that is recycled, in place of recycling_share")


class EndOfLife(Header):
    """Category 12, waste treatment of the products sold in the year and of their packaging. region is the country of disposal.

    Source: calculation specification, 14.12.
    """

    product_name: Text | None = optional("what was sold", aliases=("product_description",))
    units_sold: Annotated[Integer, Gt(0)] = required("number of products sold", unit="unit")  # type: ignore[valid-type]
    weight_kg: Positive | None = optional("weight of one product without packaging", unit="kg per unit")
    material_composition: list[MaterialPart] | None = optional("parts of one product: list of {material, weight_kg, recycling_rate}")
    primary_material: _Material | None = optional("material of the whole product, where its parts are not known")  # type: ignore[valid-type]
    packaging: list[MaterialPart] | None = optional("packaging of one product: list of {material, weight_kg, recycling_rate}")
    landfill_share: Share | None = optional("share of the mass by treatment; where all four are missing, as the region treats its waste")
    recycling_share: Share | None = optional("see landfill_share")
    incineration_share: Share | None = optional("see landfill_share")
    composting_share: Share | None = optional("see landfill_share")
    incineration_energy_recovery_share: Share | None = optional(
        "share of the incinerated mass that is burned with recovery of energy; 0 where it is missing"
    )

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        with np.errstate(invalid="ignore"):
            # Without EXACT: sums that round in another way here are looked at too.
            return np.abs(given_shares(fields).sum(axis=1) - 1) > TOLERANCE

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        given = {name: share for name in SHARES if (share := getattr(self, name)) is not None}
        total = sum(given.values())
        if not given or abs(total - 1) <= TOLERANCE + EXACT:
            return []
        first, names = next(iter(given)), " + ".join(given)
        message = f"{names} is {total:.6g}; shares of the treatments add up to 1 (within {TOLERANCE:g}), so correct or complete them"
        return [Finding(Code.E_INCONSISTENT, first, str(given[first]), message)]


def given_shares(fields: Fields) -> Floats:
    """Returns the shares that records give, float64[n, 4], by SHARES: 0 for one that is missing, NaN where all are."""
    shares = np.column_stack([fields.numbers(name) for name in SHARES])
    missing = np.isnan(shares)
    return np.where(missing & ~missing.all(axis=1, keepdims=True), 0.0, shares)

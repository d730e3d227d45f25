"""Category 8, upstream leased assets: the record."""

from schemas.arrays import Bools
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import CodeText, Date, NotNegative, Positive, PositiveShare, Text, optional
from schemas.records.batch import Fields
from schemas.records.choices import BuildingType
from schemas.records.energy import Energy
from schemas.records.header import Header
from schemas.records.lease import Approach, EnergyScope, LeaseKind, Months, lease_findings, lease_suspects


class UpstreamLeased(Energy, Header):
    """Category 8, assets that the company leases and that are not in its Scope 1 and 2. region is the location of the asset.

    Source: calculation specification, 14.8.
    """

    energy_block_after = "asset_id"

    consolidation_approach: Approach | None = optional("how the company draws its boundary; without it the gate is not applied")  # type: ignore[valid-type]
    lease_kind: LeaseKind | None = optional("kind of lease; without it the gate is not applied")  # type: ignore[valid-type]
    building_type: BuildingType | None = optional(
        "use of the building; read from asset_description where it is missing", aliases=("lease_type",)
    )  # type: ignore[valid-type]
    asset_description: Text | None = optional("what is leased")
    asset_id: Text | None = optional("your id of the asset")
    energy_scope: EnergyScope | None = optional("what the energy fields cover: the leased_space (default) or the whole_building")  # type: ignore[valid-type]
    share_of_building: PositiveShare | None = optional("leased area by occupied area, or another physical key; 1 where it is missing")  # type: ignore[valid-type]
    lessor_s12_kg_co2e: NotNegative | None = optional("Scope 1 and 2 of the whole building", unit="kg CO2e")
    floor_area_m2: Positive | None = optional("leased area", unit="m2", aliases=("floor_area",))
    lease_start_date: Date | None = optional("first day of the lease")
    lease_end_date: Date | None = optional("last day of the lease")
    months_in_year: Months | None = optional("months of the year that the lease covers; wins over the dates", unit="month")
    asset_key: CodeText | None = optional("key of an asset_average factor")
    asset_count: NotNegative | None = optional("number of assets", unit="unit")
    grid_region: Text | None = optional("part of a country with a grid factor of its own")

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        return lease_suspects(fields, 8)

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        return lease_findings(self, 8)

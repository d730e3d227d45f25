"""Category 9, downstream transportation and distribution: the record."""

import numpy as np

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import Boolean, Count, Number, Positive, Text, optional
from schemas.records.batch import Fields
from schemas.records.energy import Energy
from schemas.records.header import Header
from schemas.records.spend import Spend
from schemas.records.transport import Transport, transport_findings, transport_suspects

# As far below 0 the mean activity of a shipment may be, in km and tonnes: a covariance that floats to less than minus the product.
_TOLERANCE = 1e-9


class DownstreamTransport(Spend, Energy, Transport, Header):
    """Category 9, transport, storage and retail of sold products that the company does not pay for. region is the country where the leg begins.

    Source: calculation specification, 14.9; ISO 14083:2023.
    """

    energy_block_after = "hub_unit"
    spend_block_before = "is_last_mile"

    is_last_mile: Boolean | None = optional("whether it is the last mile to the customer")
    total_shipments: Count | None = optional("shipments of the year", unit="unit")
    average_distance_km: Positive | None = optional("their mean distance", unit="km")
    average_weight_tonnes: Positive | None = optional("their mean weight", unit="t")
    distance_weight_covariance: Number | None = optional("covariance of distance and weight; 0 where it is missing", unit="km t")
    customer_id: Text | None = optional("your id of the customer")

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        with np.errstate(invalid="ignore", over="ignore"):
            mean = fields.numbers("average_distance_km") * fields.numbers("average_weight_tonnes")
            negative = mean + fields.numbers("distance_weight_covariance") < -_TOLERANCE
        return np.asarray(transport_suspects(fields) | negative, bool)

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        found = transport_findings(self)
        distance, weight, covariance = self.average_distance_km, self.average_weight_tonnes, self.distance_weight_covariance
        if distance is not None and weight is not None and covariance is not None and distance * weight + covariance < -_TOLERANCE:
            message = (
                f"average_distance_km * average_weight_tonnes is {distance * weight:g}, and distance_weight_covariance {covariance:g} makes it "
                "negative; correct one of them"
            )
            found.append(Finding(Code.E_INCONSISTENT, "average_distance_km", str(distance), message))
        return found

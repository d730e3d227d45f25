"""Category 4, upstream transportation and distribution: the record."""

from schemas.arrays import Bools
from schemas.config import Config
from schemas.findings import Finding
from schemas.records.batch import Fields
from schemas.records.energy import Energy
from schemas.records.header import Header
from schemas.records.spend import Spend
from schemas.records.transport import Transport, transport_findings, transport_suspects


class UpstreamTransport(Spend, Energy, Transport, Header):
    """Category 4, transport and storage that the company pays for. region is the country where the leg begins.

    Source: calculation specification, 14.4; ISO 14083:2023.
    """

    energy_block_after = "hub_unit"

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        return transport_suspects(fields)

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        return transport_findings(self)

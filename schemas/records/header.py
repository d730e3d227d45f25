"""The header that every record has, whatever its category."""

from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from schemas.arrays import Bools
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import Integer, Region, Text, Year, optional, required
from schemas.records.batch import Fields


class Header(BaseModel):
    """Fields on every record. Source: calculation specification, 1.1."""

    # The field after which the fields of the energy block stand in the table of the category.
    energy_block_after: ClassVar[str | None] = None
    # The field before which those of the spend block stand; at the end of the table where there is none.
    spend_block_before: ClassVar[str | None] = None

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    record_id: Text = required("id of the record, unique in the run")
    supplier_id: Text | None = optional("your id of the supplier; carried to the result")
    supplier_name: Text | None = optional("name of the supplier; carried to the result")
    category: Integer = required("Scope 3 category, 1 to 15")
    region: Region = required("ISO 3166-1 alpha-2, EU or GLOBAL; what it is the region of is said in each category")
    activity_year: Year = required("reporting year, 1990 to 2100")

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]: each is then asked for its contradictions.

        Args:
            fields: typed and normalised; each value alone is right.
        """
        return np.zeros(fields.rows, bool)

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself: E_REQUIRED, E_INCONSISTENT, E_BOUNDARY."""
        return []

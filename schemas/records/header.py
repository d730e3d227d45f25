"""The header that every record has, whatever its category."""

from pydantic import BaseModel, ConfigDict

from schemas.kinds import Integer, Region, Text, Year, optional, required


class Header(BaseModel):
    """Fields on every record. Source: calculation specification, 1.1."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    record_id: Text = required("id of the record, unique in the run")
    supplier_id: Text | None = optional("your id of the supplier; carried to the result")
    supplier_name: Text | None = optional("name of the supplier; carried to the result")
    category: Integer = required("Scope 3 category, 1 to 15")
    region: Region = required("ISO 3166-1 alpha-2, EU or GLOBAL; what it is the region of is said in each category")
    activity_year: Year = required("reporting year, 1990 to 2100")

"""The spend block: money paid, in which currency and year, and what it was paid for."""

from typing import ClassVar

from pydantic import BaseModel, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from schemas.codes import Code
from schemas.config import Config, CreditNotes
from schemas.kinds import Currency, NaicsCode, Number, Year, choice, optional


class Spend(BaseModel):
    """Fields of the spend-based method. Source: calculation specification, 13.2 and 4 (sign)."""

    # Whether an amount of 0 can be a purchase of the category.
    free_of_charge: ClassVar[bool] = True

    spend_amount: Number | None = optional("amount paid; spend_usd gives it in US dollars", unit="spend_currency", usd_alias="spend_usd")
    spend_currency: Currency | None = optional("ISO 4217 code; US dollars are assumed where it is missing")
    spend_year: Year | None = optional("year of the prices; activity_year where it is missing")
    naics_code: NaicsCode | None = optional("NAICS 2017 code of what was bought, 2 to 6 digits; codes of other editions are translated")
    price_basis: choice("purchaser", "basic") | None = optional("purchaser prices (default) or basic prices")  # type: ignore[valid-type]
    margins: choice("with", "without") | None = optional(  # type: ignore[valid-type]
        "whether the factor holds trade and transport margins (default: with); without, where category 4 counts them"
    )

    @classmethod
    def lowest_spend(cls, config: Config) -> float:
        """Returns the lowest spend_amount that may stand in a record; 0 itself only if free_of_charge."""
        return float("-inf") if config.credit_notes == CreditNotes.NET else 0.0

    @field_validator("spend_amount", mode="after")
    @classmethod
    def _check_sign(cls, value: float | None, info: ValidationInfo) -> float | None:
        config: Config = (info.context or {})["config"]
        if value is None or (value >= cls.lowest_spend(config) and (value != 0 or cls.free_of_charge)):
            return value
        if value == 0:
            complaint = "is 0, which is no purchase; give the amount paid, or leave it blank where it is not known"
        else:
            complaint = f"is {value}, less than 0; credit notes are taken with --credit_notes=net, otherwise correct the sign"
        raise PydanticCustomError(Code.E_RANGE.value, "{complaint}", {"complaint": complaint})

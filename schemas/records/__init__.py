"""Records: one declaration a category, from which all else is derived."""

from schemas.records.cat01_purchased_goods import PurchasedGoods
from schemas.records.cat02_capital_goods import CapitalGoods
from schemas.records.cat11_use_of_products import UseOfSoldProducts
from schemas.records.header import Header

RECORDS: dict[int, type[Header]] = {
    1: PurchasedGoods,
    2: CapitalGoods,
    11: UseOfSoldProducts,
}

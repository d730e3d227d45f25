"""Records: one declaration a category, from which all else is derived."""

from schemas.records.cat01_purchased_goods import PurchasedGoods
from schemas.records.cat02_capital_goods import CapitalGoods
from schemas.records.cat08_upstream_leased import UpstreamLeased
from schemas.records.cat11_use_of_products import UseOfSoldProducts
from schemas.records.cat13_downstream_leased import DownstreamLeased
from schemas.records.cat14_franchises import Franchises
from schemas.records.header import Header

RECORDS: dict[int, type[Header]] = {
    1: PurchasedGoods,
    2: CapitalGoods,
    8: UpstreamLeased,
    11: UseOfSoldProducts,
    13: DownstreamLeased,
    14: Franchises,
}

"""Records: one declaration a category, from which all else is derived."""

from schemas.records.cat01_purchased_goods import PurchasedGoods
from schemas.records.cat02_capital_goods import CapitalGoods
from schemas.records.cat03_fuel_and_energy import FuelAndEnergy
from schemas.records.cat04_upstream_transport import UpstreamTransport
from schemas.records.cat05_waste import WasteInOperations
from schemas.records.cat06_business_travel import BusinessTravel
from schemas.records.cat07_commuting import Commuting
from schemas.records.cat08_upstream_leased import UpstreamLeased
from schemas.records.cat09_downstream_transport import DownstreamTransport
from schemas.records.cat10_processing import ProcessingOfSoldProducts
from schemas.records.cat11_use_of_products import UseOfSoldProducts
from schemas.records.cat12_end_of_life import EndOfLife
from schemas.records.cat13_downstream_leased import DownstreamLeased
from schemas.records.cat14_franchises import Franchises
from schemas.records.cat15_investments import Investments
from schemas.records.header import Header

RECORDS: dict[int, type[Header]] = {
    1: PurchasedGoods,
    2: CapitalGoods,
    3: FuelAndEnergy,
    4: UpstreamTransport,
    5: WasteInOperations,
    6: BusinessTravel,
    7: Commuting,
    8: UpstreamLeased,
    9: DownstreamTransport,
    10: ProcessingOfSoldProducts,
    11: UseOfSoldProducts,
    12: EndOfLife,
    13: DownstreamLeased,
    14: Franchises,
    15: Investments,
}

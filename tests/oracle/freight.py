"""One leg of transport: the class of a vehicle, its distance, its load and its factor [14.4]."""

from typing import TYPE_CHECKING, NamedTuple

from tests.oracle.factors import Found
from tests.oracle.methods import METHODS
from tests.oracle.terms import Outcome, Term, given_term, row_term
from tests.oracle.values import Cannot, Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

CLASSES = {
    "road_van": "van_up_to_3_5t_diesel",
    "road_truck_light": "rigid_3_5_to_7_5t",
    "road_truck_medium": "rigid_7_5_to_17t",
    "road_truck_heavy": "artic_over_33t",
    "road_truck_unknown": "all_hgv",
    "rail_freight": "freight_train",
    "rail_freight_electric": "rail_freight_electric",
    "rail_freight_diesel": "rail_freight_diesel",
    "sea_container": "container_average",
    "sea_bulk": "bulk_average",
    "sea_tanker": "crude_tanker",
    "sea_product_tanker": "product_tanker",
    "sea_general_cargo": "general_cargo",
    "sea_ro_ro": "roro_ferry",
    "air_freight": "air",
    "inland_waterway": "inland_waterway",
}

# Classes with load coefficients.
LOADED = (
    *("rigid_3_5_to_7_5t", "rigid_7_5_to_17t", "rigid_over_17t", "all_rigid", "artic_up_to_33t", "artic_over_33t", "all_artic", "all_hgv"),
)

# Ratio of the actual to the shortest feasible distance.
_DETOUR = {"road": 1.05, "sea": 1.15, "rail": 1.0}
_AIR_DETOUR_KM = 95.0

_CV_DISTANCE, _CV_WEIGHT, _CV_LOAD = 0.05, 0.03, 0.05


class _Class(NamedTuple):
    """Key of a factor, coarser keys, and whether the haul was derived for them."""

    key: str
    parents: tuple[str, ...]
    assumed: bool
    parent_assumed: bool


def _class_of(record: Row, distance_km: float) -> _Class:
    mode, reefer = record["transport_mode"], "_reefer" if record.get("temperature") == "reefer" else ""
    general, assumed = CLASSES[mode], False
    if mode == "air_freight":
        assumed = "haul" not in record
        general = f"air_{record.get('haul', 'short' if distance_km <= 3700 else 'long')}"
    if "vehicle_class" in record:
        return _Class(record["vehicle_class"] + reefer, (general + reefer,), False, assumed)
    return _Class(general + reefer, (), assumed, assumed)


def _find(
    oracle: "Oracle", record: Row, distance_km: float, boundaries: tuple[str, ...], also: tuple[str, ...] = (), family: str = "freight"
) -> Found:
    name = "vehicle_class" if "vehicle_class" in record else "transport_mode"
    one = _class_of(record, distance_km)
    parents = one.parents if family == "freight" else ()
    found = oracle.find(family, boundaries, one.key, record, "tonne_km", name, also=also, parents=parents)
    if one.parent_assumed if found.lead["key"] in one.parents else one.assumed:
        found.warnings.add("W_HAUL_ASSUMED")
    return found


def converted(record: Row, given: str | None, wanted: str | None) -> float:
    """Returns the distance of the record on the basis of a factor."""
    km = float(record["distance_km"])
    if given is None or wanted is None or given == wanted:
        return km
    kind = record["transport_mode"].partition("_")[0]
    if kind in _DETOUR and {given, wanted} == {"sfd", "actual"}:
        return km * _DETOUR[kind] if given == "sfd" else km / _DETOUR[kind]
    if kind == "air" and {given, wanted} == {"gcd", "actual"}:
        km += _AIR_DETOUR_KM if given == "gcd" else -_AIR_DETOUR_KM
        if km > 0:
            return km
    raise Cannot("E_UNIT", "distance_basis")


def leg(oracle: "Oracle", record: Row, method: str) -> Outcome:
    """The distance-based method of categories 4 and 9."""
    if "emission_factor_kg_co2e_per_tonne_km" in record:
        return _own_factor(oracle, record, method)
    cvs: tuple[float, ...] = (_CV_DISTANCE, _CV_WEIGHT)
    warnings: set[str] = set()
    if "load_factor" in record:
        known = _known_load(oracle, record)
        if known is not None:
            found, direct, upstream, spread = known
            warnings |= {"W_LOW_LOAD"} if record["load_factor"] < 0.70 - 1e-9 else set()
            return Outcome([_leg_term(record, method, found, direct, upstream)], (*cvs, spread), warnings, upstream_counts=True)
        warnings.add("W_LOAD_FACTOR_IGNORED")
    found = _find(oracle, record, record["distance_km"], ("ttw", "wtw"), ("wtt", "ttw_rf"))
    upstream = 0.0 if found.boundary == "wtw" else found.use("wtt")
    return Outcome([_leg_term(record, method, found, found.value, upstream)], cvs, warnings, upstream_counts=True)


def _leg_term(record: Row, method: str, found: Found, direct: float, upstream: float) -> Term:
    work = record["weight_tonnes"] * converted(record, record.get("distance_basis"), found.lead["basis"])
    memo = {}
    if record["transport_mode"] == "air_freight" and found.boundary == "ttw" and "ttw_rf" in found.also:
        memo["rf_uplift_kg_co2e"] = work * (found.use("ttw_rf") - found.value)
    return row_term(method, found, work * direct, work * upstream, memo=memo)


def _known_load(oracle: "Oracle", record: Row) -> tuple[Found, float, float, float] | None:
    """Returns the factor at the load of the record, direct and upstream, and what the load adds as cv; None without coefficients."""
    key = _class_of(record, record["distance_km"]).key
    if key not in LOADED:
        return None
    try:
        found = _find(oracle, record, record["distance_km"], ("ttw_a",), ("ttw_b", "wtt_a", "wtt_b"), "freight_load")
    except Cannot:
        return None
    if "ttw_b" not in found.also:
        return None
    load = record["load_factor"]
    direct_a, direct_b = found.value, found.use("ttw_b")
    upstream_a, upstream_b = found.use("wtt_a"), found.use("wtt_b")
    a, b = (direct_a + upstream_a) / load, direct_b + upstream_b
    spread = _CV_LOAD * a / (a + b) if a + b else 0.0
    return found, direct_a / load + direct_b, upstream_a / load + upstream_b, spread


def _own_factor(oracle: "Oracle", record: Row, method: str) -> Outcome:
    own = "emission_factor_kg_co2e_per_tonne_km"
    given = record.get("distance_basis")
    work = record["weight_tonnes"] * converted(record, given, record.get("ef_basis", given))
    warnings = {"W_LOAD_FACTOR_IGNORED"} if "load_factor" in record else set()
    upstream, beside = 0.0, None
    if record.get("ef_boundary", "wtw") == "ttw":
        try:
            beside = _find(oracle, record, record["distance_km"], ("wtt",))
            upstream = record["weight_tonnes"] * converted(record, given, beside.lead["basis"]) * beside.value
        except Cannot:
            beside, warnings = None, warnings | {"W_NO_UPSTREAM"}
    cv = oracle.given_cv(record, "emission_factor_cv", 0.15)
    term = given_term(method, own, record[own], "tonne_km", work * record[own], upstream, cv=cv, quality=76, beside=beside)
    return Outcome([term], (_CV_DISTANCE, _CV_WEIGHT), warnings, upstream_counts=True)


def aggregate(oracle: "Oracle", record: Row) -> Outcome:
    """Averages of many shipments [14.9]; the averages are on the basis of the factor."""
    method, km = "aggregate_shipping_statistics", record["average_distance_km"]
    work = record["total_shipments"] * (km * record["average_weight_tonnes"] + record.get("distance_weight_covariance", 0.0))
    found = _find(oracle, record, km, ("ttw", "wtw"), ("wtt", "ttw_rf"))
    upstream = 0.0 if found.boundary == "wtw" else found.use("wtt")
    memo = {}
    if record["transport_mode"] == "air_freight" and found.boundary == "ttw" and "ttw_rf" in found.also:
        memo["rf_uplift_kg_co2e"] = work * (found.use("ttw_rf") - found.value)
    term = row_term(method, found, work * found.value, work * upstream, memo=memo)
    return Outcome([term], (METHODS[method].activity_cv,), {"W_AGGREGATE"}, upstream_counts=True)

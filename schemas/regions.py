"""Region codes and the blocs that contain them.

Source: ISO 3166-1 alpha-2 as of 2025, with XK (Kosovo, user-assigned), and the pseudo-regions EU and GLOBAL;
membership of the European Union by the treaties of accession and the withdrawal of the United Kingdom.
"""

GLOBAL = "GLOBAL"
EU = "EU"

_ISO = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

REGIONS = frozenset(_ISO.split()) | {"XK", EU, GLOBAL}

REGION_ALIASES = {"UK": "GB", "EL": "GR"}

# First and last full year of membership; None: still a member. A year of accession or exit counts as one.
_MEMBERS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(["BE", "DE", "FR", "IT", "LU", "NL"], (1958, None)),
    **dict.fromkeys(["DK", "IE"], (1973, None)),
    "GB": (1973, 2020),
    "GR": (1981, None),
    **dict.fromkeys(["ES", "PT"], (1986, None)),
    **dict.fromkeys(["AT", "FI", "SE"], (1995, None)),
    **dict.fromkeys(["CY", "CZ", "EE", "HU", "LT", "LV", "MT", "PL", "SI", "SK"], (2004, None)),
    **dict.fromkeys(["BG", "RO"], (2007, None)),
    "HR": (2013, None),
}


def blocs(region: str, year: int) -> tuple[str, ...]:
    """Returns the blocs that contain a country in a year, smallest first."""
    first, last = _MEMBERS.get(region, (None, None))
    return (EU,) if first is not None and first <= year and (last is None or year <= last) else ()

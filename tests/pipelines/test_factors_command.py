"""scope3 factors answers which factors there are, and which one a record would get."""

import csv
import io
import re

import pytest

from pipelines.cli import main
from schemas.factor import FACTOR
from tests.pipelines.command import scope3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ["desnz-2025", "Open Government Licence", "epa-1.3"]),
        (("show", "heat"), ["by heat_steam or cooling", "\nheat_steam\n"]),
        (("show", "freight", "all_hgv"), ["0.10163 per tonne_km", "desnz-2025"]),
        (
            ("show", "freight", "all_hgv", "--region", "de", "--year", "2025"),
            ["a record in DE, 2025, gets", "W_FOREIGN_PROXY from=DE to=GB"],
        ),
        # A mode of a record stands for its class of vehicle; words are found in either.
        (("show", "freight", "road_truck_unknown", "--region", "DE"), ["freight:all_hgv, a record in DE", "W_FOREIGN_PROXY from=DE to=GB"]),
        (
            ("search", "road", "freight", "--region", "DE", "--year", "2025"),
            [
                "freight:artic_over_33t, a record in DE, 2025, gets",
                "0.07703 per tonne_km",
                "desnz-2025 (Open Government Licence v3.0); W_FOREIGN_PROXY",
            ],
        ),
        (
            ("show", "grid", "electricity", "--region", "DE", "--year", "2025"),
            ["life_cycle      DE      2025       0.32965 per kWh", "ember-2026 (CC BY 4.0)\n", "loaded for DE: life_cycle of 1990 to 2025"],
        ),
        (
            ("show", "grid", "electricity", "--region", "US", "--grid_region", "CAMX", "--year", "2024"),
            ["generation      CAMX    2023", "0.041 share ", "egrid-2023"],
        ),
        (("show", "grid", "electricity"), ["generation      AKGD    2023", "more rows; add a word, or a country with --region"]),
        (("show", "fuel", "petrol", "--region", "GB", "--year", "2025"), ["fuel:gasoline, a record in GB", "2.06916 per l "]),
        (("show", "fx", "EUR", "--region", "DE", "--year", "2024"), ["1.08238 usd_per_unit"]),
        (("show", "fx", "GBX", "--region", "GB", "--year", "2024"), ["nothing: no row of 2024 is loaded", "dead letter E_NO_FACTOR"]),
        (("show", "hub", "warehouse", "--region", "DE"), ["nothing: its next method is tried"]),
        (("show", "eeio", "331119", "--region", "US"), ["W_KEY_FALLBACK from=331119 to=33111"]),
        (("show", "eeio", "111110"), ["0.532 per USD of 2022", "epa-1.3", "Soybean Farming"]),
        (("search", "cement"), ["eeio:327310", "3.924 per USD of 2022", "Cement Manufacturing"]),
        (("show", "treatment_split", "landfill"), ["not verified"]),
        (("search", "van", "freight"), ["freight:van_up_to_3_5t_diesel"]),
    ],
)
def test_answers(capsys, arguments, words):
    assert main(["factors", *arguments]) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in words), told


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("show",), 2, "needs a family"),
        (("show", "freigt"), 2, "did you mean freight?"),
        (("show", "freight", "all_hgw"), 1, "did you mean all_hgv"),
        (("show", "freight", "all_hgv", "--region", "Germany"), 2, "two letters"),
        (("search", "unobtainium"), 1, "try fewer words"),
        (("search",), 2, "needs a text"),
        (("shew",), 2, "invalid choice"),
    ],
)
def test_faults_say_what_to_do(capsys, arguments, status, words):
    assert main(["factors", *arguments]) == status
    assert words in capsys.readouterr().err


def test_the_template_is_the_header_of_a_factor_file(tmp_path):
    [header] = csv.reader(io.StringIO(scope3("factors", "template", cwd=tmp_path).stdout))
    assert header == [column.name for column in FACTOR]


def test_own_factors_go_first(tmp_path):
    header = [column.name for column in FACTOR]
    row = dict.fromkeys(header, "") | {
        "family": "freight",
        "key": "all_hgv",
        "boundary": "ttw",
        "region": "DE",
        "year": "2025",
        "value": "0.09",
    }
    row |= {
        "factor_id": "freight:all_hgv@DE/2025/mine#ttw",
        "unit": "tonne_km",
        "source": "own",
        "source_version": "mine",
        "licence": "own",
    }
    row |= {"retrieved_on": "2026-01-01", "source_sha256": "0" * 64, "verified": "true"}
    with open(tmp_path / "own.csv", "w", newline="") as file:
        csv.writer(file).writerows([header, [row[name] for name in header]])
    done = scope3("factors", "show", "freight", "all_hgv", "--region", "DE", "--factors", "own.csv", "default", cwd=tmp_path)
    assert re.search(r"ttw +DE +2025 +0\.09 per tonne_km +mine \(own\)\n", done.stdout), done.stdout

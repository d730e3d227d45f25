"""scope3 factors answers which factors there are, and which one a record would get."""

import csv
import io

import pytest

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
        (("show", "eeio", "331119", "--region", "US"), ["W_KEY_FALLBACK from=331119 to=33111"]),
        (("show", "treatment_split", "landfill"), ["not verified"]),
        (("search", "van", "freight"), ["freight:van_up_to_3_5t_diesel"]),
    ],
)
def test_answers(tmp_path, arguments, words):
    done = scope3("factors", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in words), done.stdout


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
def test_faults_say_what_to_do(tmp_path, arguments, status, words):
    done = scope3("factors", *arguments, cwd=tmp_path)
    assert done.returncode == status
    assert words in done.stderr and "Traceback" not in done.stderr


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
    assert "ttw                    0.09 per tonne_km" in done.stdout, done.stdout

"""scope3 factors import: a publisher's file becomes a set that a run can use, and never silently another one."""

import json

import pyarrow.parquet as pq
import pytest

from pipelines.cli import main
from tests.factors.importers.files import CPI, ECB_DAYS, EGRID_2023, EPA_1_3, EPA_GASES, FOOTPRINT, HUB_2025, edited
from tests.pipelines.command import scope3
from transforms.factors.importers.kinds import KINDS


def _import(folder, *arguments):
    return scope3("factors", "import", *map(str, arguments), cwd=folder)


def test_a_file_becomes_a_set_and_a_record_is_calculated_with_it(tmp_path):
    done = _import(tmp_path, "epa-gases", EPA_GASES, "--gwp", "AR6")
    assert done.returncode == 0, done.stderr
    assert "epa-1.3-gases-ar6.parquet, with its manifest epa-1.3-gases-ar6.json" in done.stdout
    assert "--factors epa-1.3-gases-ar6.parquet default" in done.stdout
    shown = scope3("factors", "show", "eeio", "111110", "--region", "US", "--factors", "epa-1.3-gases-ar6.parquet", "default", cwd=tmp_path)
    # 0.542 on AR6, where the shipped one is 0.532 on AR5.
    assert "0.542" in shown.stdout and "epa-1.3-gases-ar6 (US Government work, public domain)" in shown.stdout, shown.stdout
    record = {"record_id": "R", "category": 1, "region": "US", "activity_year": 2022, "product_name": "soy", "naics_code": "111110"}
    (tmp_path / "one.jsonl").write_text(json.dumps(record | {"spend_usd": 1000.0}))
    calculated = scope3("calculate", "one.jsonl", "--factors", "epa-1.3-gases-ar6.parquet", "default", cwd=tmp_path)
    assert calculated.returncode == 0, calculated.stderr
    [factor] = json.loads(calculated.stdout)["result"]["factor_ids"]
    assert factor == "eeio:111110@US/2022/epa-1.3-gases-ar6#with_margins"


def test_the_file_of_a_shipped_set_is_known(tmp_path):
    done = _import(tmp_path, "cpi", CPI)
    assert "These are the rows of the shipped set of this name: --factors us-cpi is enough." in done.stdout
    assert pq.read_table(tmp_path / "us-cpi.parquet").num_rows == 36


def test_what_is_odd_is_told_and_does_not_stop(tmp_path):
    done = _import(tmp_path, "epa-hub", HUB_2025)
    assert done.returncode == 0
    assert "warning: rows rest on AR4 and AR5; a record that uses both carries W_GWP_MIXED" in done.stderr
    assert "note        Combustion only" in done.stdout


def test_footprints_are_taken_for_the_year_of_the_records(tmp_path):
    footprint = edited(tmp_path, FOOTPRINT, ("End-of-life included", ""))
    done = _import(tmp_path, "pact", footprint, "--year", "2024")
    assert done.returncode == 0, done.stderr
    assert "confidential: for the recipient of the footprints" in done.stdout
    late = _import(tmp_path, "pact", footprint, "--year", "2026")
    assert late.returncode == 1 and "it expired on 2025-01-01" in late.stderr


def test_a_set_never_changes_under_its_name(tmp_path):
    assert _import(tmp_path, "egrid", EGRID_2023, "--edition", "egrid-2024").returncode == 0
    before = (tmp_path / "egrid-2024.parquet").read_bytes()
    again = _import(tmp_path, "egrid", EGRID_2023, "--edition", "egrid-2024")
    assert again.returncode == 0, again.stderr
    other = edited(tmp_path, EGRID_2023, ("899.003", "899.004"), name="other.csv")
    done = _import(tmp_path, "egrid", other, "--edition", "egrid-2024")
    assert done.returncode == 1 and "egrid-2024.parquet holds other rows" in done.stderr
    assert (tmp_path / "egrid-2024.parquet").read_bytes() == before


def test_help_tells_every_kind_and_what_is_never_one(tmp_path):
    told = _import(tmp_path, "--help").stdout
    assert all(f"\n  {kind} " in told for kind in KINDS)
    assert all(name in told for name in ("IEA", "ecoinvent", "GLEC", "PCAF", "CEDA", "EXIOBASE"))


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ((), 2, "required: KIND, FILE"),
        (("epaa", EPA_1_3), 2, "did you mean epa?"),
        (("epa", "nothing.csv"), 1, "nothing.csv can't be read: No such file or directory"),
        (("epa", ECB_DAYS), 1, "has no column '2017 NAICS Code'"),
        (("epa-hub", EPA_1_3), 1, "it is no edition of EPA's Emission Factors Hub"),
        (("cpi", CPI, "--gwp", "AR5"), 2, "leave it out"),
        (("cpi", CPI, "--year", "2025"), 2, "--year is for figures that expire"),
        (("pact", FOOTPRINT, "--year", "2024"), 1, "only a footprint from cradle to gate covers a purchase"),
        (("cpi", CPI, "--output", "prices.csv"), 2, "has to end in .parquet"),
        (("cpi", CPI, "--output", "/proc/prices.parquet"), 1, "can't be written"),
    ],
)
def test_faults_say_what_to_do(tmp_path, monkeypatch, capsys, arguments, status, words):
    monkeypatch.chdir(tmp_path)
    assert main(["factors", "import", *map(str, arguments)]) == status
    assert words in capsys.readouterr().err

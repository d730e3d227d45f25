"""Product footprints of PACT: what becomes a factor, and what is refused with its reason."""

import json
from pathlib import Path

import pytest

from schemas.faults import UsageFault, UserFault
from tests.records import make_record
from transforms.calculate_records import calculate_records
from transforms.factors.importers.kinds import read_set
from transforms.factors.importers.pact import read
from transforms.factors.importers.published import Wanted

SAMPLE = Path(__file__).parents[1] / "data" / "ileap" / "sample_product_footprint.json"
_TODAY = Wanted(None, None, "2026-11-28")
_GTIN = "urn:gtin:4712345060507"


def version_3(**changes):
    """Returns a footprint in the layout of version 3 with these members, its own or of its pcf; None takes one away."""
    whole = {
        "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "specVersion": "3.0.0",
        "created": "2025-02-01T10:00:00Z",
        "status": "Active",
        "companyName": "Acme Chemicals",
        "companyIds": ["urn:pact:acme.example:company-id:1"],
        "productDescription": "Ethanol in bottles",
        "productIds": [_GTIN],
        "productNameCompany": "Ethanol 12 l",
        "pcf": {
            "declaredUnitOfMeasurement": "liter",
            "declaredUnitAmount": "12.0",
            "productMassPerDeclaredUnit": "9.5",
            "referencePeriodStart": "2024-01-01T00:00:00Z",
            "referencePeriodEnd": "2025-01-01T00:00:00Z",
            "geographyCountry": "DE",
            "pcfExcludingBiogenicUptake": "6.0",
            "pcfIncludingBiogenicUptake": "-1.5",
            "fossilGhgEmissions": "5.0",
            "biogenicCO2Uptake": "-7.5",
            "fossilCarbonContent": "0.0",
            "ipccCharacterizationFactors": ["AR6"],
            "crossSectoralStandards": ["ISO14067"],
            "exemptedEmissionsPercent": "0.0",
        },
    }
    for name, value in changes.items():
        part = whole if name in whole or name in ("precedingPfIds", "validityPeriodEnd") else whole["pcf"]
        part[name] = value
        if value is None:
            del part[name]
    return whole


def version_2(**changes):
    """Returns the sample of version 2, with an end of its boundary at the gate."""
    whole = json.loads(SAMPLE.read_text(encoding="utf-8"))
    whole["pcf"] |= {"boundaryProcessesDescription": "Cradle to gate", **changes}
    return whole


def read_footprints(tmp_path, *footprints, wanted=_TODAY):
    path = tmp_path / "footprints.json"
    path.write_text(json.dumps(footprints[0] if len(footprints) == 1 else list(footprints)), encoding="utf-8")
    return read(path, wanted)


def refusal(tmp_path, *footprints, wanted=_TODAY):
    with pytest.raises(UserFault) as fault:
        read_footprints(tmp_path, *footprints, wanted=wanted)
    return str(fault.value)


def test_a_footprint_is_that_of_its_declared_unit_and_becomes_a_factor_per_litre(tmp_path):
    [row] = read_footprints(tmp_path, version_3()).rows
    # 6 kg for a bottle of 12 l.
    assert (row["family"], row["key"], row["boundary"], row["value"], row["unit"]) == ("supplier_pcf", _GTIN, "cradle_to_gate", 0.5, "l")
    # Made of 2024; three years of validity begin with 2025.
    assert (row["region"], row["year"], row["basis"], row["gwp"]) == ("DE", 2024, "2024/2027", "AR6")
    assert row["factor_id"] == f"supplier_pcf:{_GTIN}@DE/2024/3fa85f64-5717-4562-b3fc-2c963f66afa6#cradle_to_gate"


def test_a_record_that_names_the_product_is_calculated_with_the_suppliers_figure(tmp_path):
    path = tmp_path / "footprints.json"
    path.write_text(json.dumps({"data": [version_3()]}))
    rows = read_set("pact", path, _TODAY).table.to_pylist()
    record = make_record(product_code=_GTIN, quantity=2, quantity_unit="m3", supplier_pcf=None, pcf_boundary=None)
    [answer] = calculate_records([record], rows)
    assert (answer["result"]["kg_co2e"], answer["result"]["tier"]) == (1000.0, 1)


def test_each_id_of_a_product_leads_to_its_footprint_and_they_err_together(tmp_path):
    rows = read_footprints(tmp_path, version_3(productIds=[_GTIN, "urn:pact:acme.example:supplier-id:7"])).rows
    assert [row["key"] for row in rows] == [_GTIN, "urn:pact:acme.example:supplier-id:7"]
    assert len({row["correlation_group"] for row in rows}) == 1


def test_the_layout_of_version_2_adds_what_it_keeps_apart(tmp_path):
    wanted = _TODAY._replace(year=2024)
    [row] = read_footprints(tmp_path, version_2(), wanted=wanted).rows
    # (0.123 fossil + 0.001 land use + 0) / 12 l.
    assert row["value"] == pytest.approx(0.124 / 12)
    assert (row["unit"], row["region"], row["year"], row["basis"]) == ("l", "ZM", 2021, "2021/2024")
    later = {"pCfExcludingBiogenic": "2.4", "dLucGhgEmissions": "1.2", "biogenicCarbonWithdrawal": "-9", "characterizationFactors": "AR5"}
    [row] = read_footprints(tmp_path, version_2(**later), wanted=wanted).rows
    assert (row["value"], row["gwp"]) == (pytest.approx(3.6 / 12), "AR5")


def test_the_sample_of_the_standards_authors_is_refused_for_all_its_reasons():
    with pytest.raises(UserFault) as fault:
        read(SAMPLE, _TODAY)
    assert "'End-of-life included'; only a footprint from cradle to gate covers a purchase" in str(fault.value)
    assert "it expired on 2025-01-01" in str(fault.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"pcfExcludingBiogenicUptake": "8,42769"},
            "pcf.pcfExcludingBiogenicUptake is '8,42769', no number; write it with a decimal point",
        ),
        ({"pcfExcludingBiogenicUptake": "-6"}, "pcf.pcfExcludingBiogenicUptake is '-6'; it is at least 0"),
        ({"pcfExcludingBiogenicUptake": None}, "pcf.pcfExcludingBiogenicUptake is missing"),
        ({"pcfExcludingBiogenicUptake": "NaN"}, "pcf.pcfExcludingBiogenicUptake is 'NaN', no quantity"),
        ({"fossilGhgEmissions": "-5"}, "pcf.fossilGhgEmissions is '-5'; it is at least 0"),
        ({"biogenicCO2Uptake": "7.5"}, "pcf.biogenicCO2Uptake is '7.5'; it is at most 0"),
        ({"declaredUnitOfMeasurement": "hour"}, "pcf.declaredUnitOfMeasurement is 'hour', no unit that a purchase is counted in"),
        ({"declaredUnitOfMeasurement": "kg"}, "pcf.declaredUnitOfMeasurement is 'kg', no unit"),
        ({"declaredUnitAmount": "0"}, "pcf.declaredUnitAmount is 0; a footprint of nothing has no factor"),
        ({"declaredUnitAmount": None}, "pcf.declaredUnitAmount is missing"),
        ({"declaredUnitAmount": "1,5"}, "pcf.declaredUnitAmount is '1,5', no number"),
        ({"boundaryProcessesDescription": "Gate-to-gate"}, "only a footprint from cradle to gate covers a purchase"),
        ({"boundaryProcessesDescription": "includes use phase"}, "only a footprint from cradle to gate covers a purchase"),
        ({"geographyCountry": "Germany"}, "pcf.geographyCountry is 'Germany'"),
        ({"referencePeriodEnd": None}, "nobody can tell for which years it stands"),
        ({"referencePeriodEnd": "01.01.2025"}, "pcf.referencePeriodEnd is '01.01.2025', no time"),
        ({"referencePeriodEnd": "2023-01-01T00:00:00Z"}, "is not after its start"),
        ({"status": "Draft"}, "status is 'Draft', neither Active nor Deprecated"),
        ({"specVersion": "1.0.1"}, "specVersion is '1.0.1'; versions 2 and 3 can be read"),
        ({"productIds": []}, "productIds is no list of product ids"),
        ({"id": None}, "id is missing"),
        ({"ipccCharacterizationFactors": 6}, "pcf.ipccCharacterizationFactors is 6, no list of texts"),
        ({"precedingPfIds": [1]}, "precedingPfIds is [1], no list of texts"),
        ({"validityPeriodEnd": "0001-01-01T00:00:00Z"}, "validityPeriodEnd is '0001-01-01T00:00:00Z', no time"),
    ],
)
def test_a_fault_refuses_the_file_with_footprint_member_and_reason(tmp_path, changes, words):
    told = refusal(tmp_path, version_3(), version_3(id="b", productIds=["urn:gtin:2"]), version_3(**changes))
    [first, fault] = told.splitlines()
    assert first == "footprints.json is refused as a whole; correct these:"
    assert fault.startswith("  footprint 3 (Acme Chemicals, Ethanol 12 l): ")
    assert words in fault


def test_all_faults_of_all_footprints_are_told_at_once(tmp_path):
    bad = version_3(declaredUnitAmount="x", declaredUnitOfMeasurement="hour")
    told = refusal(tmp_path, bad, version_3(), "none", version_3(fossilGhgEmissions="-1"))
    assert told.count("\n") == 4
    assert "footprint 3: is no JSON object" in told


def test_a_description_that_says_what_is_left_out_is_no_other_boundary(tmp_path):
    assert read_footprints(tmp_path, version_3(boundaryProcessesDescription="Cradle to gate, excluding use phase and end-of-life")).rows


def test_what_is_deprecated_or_expired_is_left_out_and_told(tmp_path):
    old = version_3(id="old", productIds=["urn:gtin:1"], status="Deprecated")
    short = version_3(id="short", productIds=["urn:gtin:2"], validityPeriodEnd="2026-01-01T00:00:00Z")
    imported = read_footprints(tmp_path, old, short, version_3())
    assert [row["key"] for row in imported.rows] == [_GTIN]
    assert [note.partition("left out: ")[2].split(",")[0].split(";")[0] for note in imported.notes] == [
        "it is deprecated",
        "it expired on 2026-01-01",
    ]
    # For the records of 2025 it is in force.
    assert len(read_footprints(tmp_path, old, short, version_3(), wanted=_TODAY._replace(year=2025)).rows) == 2
    assert "holds no footprint that can be used" in refusal(tmp_path, old)


def test_a_validity_is_three_years_at_most(tmp_path):
    [row] = read_footprints(tmp_path, version_3(validityPeriodEnd="2099-01-01T00:00:00Z")).rows
    assert row["basis"] == "2024/2027"
    [row] = read_footprints(
        tmp_path, version_3(referencePeriodStart="2023-03-01T00:00:00Z", referencePeriodEnd="2024-02-29T00:00:00Z")
    ).rows
    assert (row["year"], row["basis"]) == (2024, "2023/2027")


def test_a_footprint_takes_the_place_of_those_before_it_and_rivals_are_refused(tmp_path):
    newer = version_3(id="new", precedingPfIds=[version_3()["id"]])
    imported = read_footprints(tmp_path, version_3(), newer)
    assert [row["source_version"] for row in imported.rows] == ["new"]
    assert "footprint 1 (Acme Chemicals, Ethanol 12 l) is left out: a newer one of the file takes its place" in imported.notes
    told = refusal(tmp_path, version_3(), version_3(id="other"))
    assert "two figures for one product, place and year" in told and "3fa85f64" in told and "other" in told


@pytest.mark.parametrize("content", ["", "[]", "3", "{", "[1, 2", '{"data": []}'])
def test_a_file_that_holds_no_footprints_is_told_by_name(tmp_path, content):
    path = tmp_path / "footprints.json"
    path.write_text(content)
    with pytest.raises(UserFault, match=r"footprints\.json"):
        read(path, _TODAY)


def test_potentials_are_those_of_the_footprint(tmp_path):
    path = tmp_path / "footprints.json"
    path.write_text(json.dumps(version_3()))
    with pytest.raises(UsageFault, match="--gwp is for files that give each gas"):
        read_set("pact", path, _TODAY._replace(gwp="AR5"))
    [row] = read_footprints(tmp_path, version_3(ipccCharacterizationFactors=["AR5", "AR6"])).rows
    assert row["gwp"] is None

"""The publishers' files, and damaged copies of them."""

import zipfile
from pathlib import Path

from transforms.factors.importers.published import Wanted

DATA = Path(__file__).parents[1] / "data"

EPA_1_3 = DATA / "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_CO2e_USD2022.csv"
EPA_1_2 = DATA / "SupplyChainGHGEmissionFactors_v1.2_NAICS_CO2e_USD2021.csv"
EPA_GASES = DATA / "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_byGHG_USD2022.csv"
HUB_2025 = DATA / "ghg-emission-factors-hub-2025.xlsx"
HUB_2024 = DATA / "ghg-emission-factors-hub-2024.xlsx"
EGRID_2023 = DATA / "egrid_2023_subregions.csv"
EGRID_2022 = DATA / "egrid_2022_subregions.csv"
EMBER = DATA / "owid_ember_carbon_intensity_electricity_2026-04.csv"
CPI = DATA / "us_cpi_u_annual.csv"
ECB_YEARS = DATA / "ecb_annual_mean.csv"
ECB_DAYS = DATA / "eurofxref-hist_2008_2024.csv"
NAICS = DATA / "naics_year_concordance.csv"
FOOTPRINT = DATA / "ileap/sample_product_footprint.json"
DESNZ_2025 = DATA / "ghg-conversion-factors-2025-flat-format.xlsx"


def wanted(edition=None, gwp=None, today="2026-11-28"):
    return Wanted(edition, gwp, today)


def edited(folder, path, *changes, name=None):
    """Returns a copy of a text file in which each (old, new) was replaced where it first stands."""
    text = path.read_text(encoding="utf-8-sig")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    copy = folder / (name or path.name)
    copy.write_text(text, encoding="utf-8", newline="")
    return copy


def edited_workbook(folder, path, old, new):
    """Returns a copy of a workbook in which a text was replaced wherever it stands."""
    copy, found = folder / path.name, 0
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith(".xml"):
                found += content.count(old.encode())
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    assert found, old
    return copy


def rows_of(imported):
    """Returns the rows by factor_id."""
    rows = {row["factor_id"]: row for row in imported.rows}
    assert len(rows) == len(imported.rows)
    return rows

"""Makes the shipped sets from the publishers' files: the one place that says which file makes which set.

    python -m transforms.factors.importers.shipped FILES FOLDER

makes all; `scope3 factors import KIND FILE --output transforms/factors/sets/NAME.parquet` makes one, with the same digest.
"""

import json
import sys
from pathlib import Path

from transforms.factors.importers import conventions, epa
from transforms.factors.importers.kinds import KINDS
from transforms.factors.importers.published import Imported, Wanted, table_of, write_set
from transforms.factors.read import TITLES

# The files hold no year that ends later.
_TODAY = "2026-11-28"

# Name of the set: kind and file.
FILES = {
    "epa-1.3": ("epa", "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_CO2e_USD2022.csv"),
    "epa-1.2": ("epa", "SupplyChainGHGEmissionFactors_v1.2_NAICS_CO2e_USD2021.csv"),
    "us-cpi": ("cpi", "us_cpi_u_annual.csv"),
    "ecb-fx": ("ecb", "ecb_annual_mean.csv"),
    "naics-editions": ("naics", "naics_year_concordance.csv"),
    "desnz-2025": ("desnz", "ghg-conversion-factors-2025-flat-format.xlsx"),
    "desnz-2024": ("desnz", "desnz_2024_flat.csv"),
    "egrid-2023": ("egrid", "egrid_2023_subregions.csv"),
    "egrid-2022": ("egrid", "egrid_2022_subregions.csv"),
    "epa-hub-2025": ("epa-hub", "ghg-emission-factors-hub-2025.xlsx"),
    "epa-hub-2024": ("epa-hub", "ghg-emission-factors-hub-2024.xlsx"),
    "ember-2026": ("country-grid", "owid_ember_carbon_intensity_electricity_2026-04.csv"),
}


def make_sets(files: Path, folder: Path) -> dict[str, str]:
    """Writes all shipped sets, and the titles of NAICS codes, to `folder` from the publishers' files in `files`; returns their digests by name.

    The conventions have no publisher: their file stands beside the importer. The codes that NAICS editions lead to
    are those of the shipped epa-1.3, so where these change it takes two runs.

    Raises:
        UserFault: a file that an importer must refuse.
    """
    made = {}
    for name, (kind, file) in FILES.items():
        made[name] = _write(name, KINDS[kind].read(files / file, Wanted(None, None, _TODAY)), files / file, folder)
    made[conventions.CONVENTIONS.name] = _write(conventions.CONVENTIONS.name, conventions.read(), conventions.FILE, folder)
    titles = json.dumps(epa.titles_of(files / FILES["epa-1.3"][1]), indent=0, sort_keys=True, ensure_ascii=False)
    (folder / TITLES).write_text(titles + "\n", encoding="utf-8")
    return made


def _write(name: str, imported: Imported, path: Path, folder: Path) -> str:
    publication = imported.publication
    table = table_of(path, imported.rows, publication.retrieved_on)
    return write_set(publication, path, table, imported.notes, folder / f"{name}.parquet")


if __name__ == "__main__":
    for name, digest in make_sets(Path(sys.argv[1]), Path(sys.argv[2])).items():
        print(f"{name:<16}{digest}")

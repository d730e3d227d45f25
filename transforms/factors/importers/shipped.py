"""Makes the shipped sets from the publishers' files: the one place that says which file makes which set."""

from pathlib import Path

from transforms.factors.importers import conventions, desnz, epa, money, naics
from transforms.factors.importers.published import write_set

FILES = {
    "epa-1.3": "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_CO2e_USD2022.csv",
    "epa-1.2": "SupplyChainGHGEmissionFactors_v1.2_NAICS_CO2e_USD2021.csv",
    "us-cpi": "us_cpi_u_annual.csv",
    "ecb-fx": "ecb_annual_mean.csv",
    "naics-editions": "naics_year_concordance.csv",
    "desnz-2025": "desnz_2025_flat.csv",
    "desnz-2024": "desnz_2024_flat.csv",
}


def make_sets(files: Path, folder: Path) -> dict[str, str]:
    """Writes all shipped sets to `folder` from the publishers' files in `files`; returns their digests by name.

    The conventions have no publisher: their file stands beside the importer.

    Raises:
        UserFault: a file that an importer must refuse.
    """
    paths = {name: files / file for name, file in FILES.items()} | {conventions.CONVENTIONS.name: conventions.FILE}
    current = epa.rows_of(paths["epa-1.3"], epa.V1_3)
    listed = {str(row["key"]) for row in current if len(str(row["key"])) == 6}
    made = [
        (epa.V1_3, current),
        (epa.V1_2, epa.rows_of(paths["epa-1.2"], epa.V1_2)),
        (money.CPI, money.price_index(paths["us-cpi"])),
        (money.ECB, money.exchange_rates(paths["ecb-fx"])),
        (naics.EDITIONS, naics.aliases(paths["naics-editions"], listed)),
        (desnz.V2025, desnz.rows_of(paths["desnz-2025"], desnz.V2025)),
        (desnz.V2024, desnz.rows_of(paths["desnz-2024"], desnz.V2024)),
        (conventions.CONVENTIONS, conventions.rows_of()),
    ]
    return {publication.name: write_set(publication, paths[publication.name], rows, folder) for publication, rows in made}

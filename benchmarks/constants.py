"""What both rivals take from the calculation specification, and the result table that they write."""

from pathlib import Path

SETS = Path(__file__).parents[1] / "transforms/factors/sets"

Z_95 = 1.6448536269514722
EU = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL"]
EU += ["PT", "RO", "SE", "SI", "SK"]
# Record's unit, factor's unit, multiplier.
UNITS = [("kg", "kg", 1.0), ("t", "kg", 1000.0), ("lb", "kg", 0.45359237), ("t", "t", 1.0), ("kg", "t", 0.001), ("l", "l", 1.0)]
UNITS += [("m3", "l", 1000.0)]
# Additional log-variance by score, 1 best to 5.
RELIABILITY, COMPLETENESS = [0.0, 0.0006, 0.002, 0.008, 0.04], [0.0, 0.0001, 0.0006, 0.002, 0.008]
TEMPORAL, GEOGRAPHIC = [0.0, 0.0002, 0.002, 0.008, 0.04], [0.0, 0.000025, 0.0001, 0.0006, 0.002]
TECHNOLOGICAL = [0.0, 0.0006, 0.008, 0.04, 0.12]
PEDIGREE_POINTS, PEDIGREE_SCORES = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0], [100.0, 90.0, 75.0, 60.0, 50.0, 40.0, 30.0, 20.0, 10.0]
SOURCE_CLASSES = {"national_lca": 85.0, "lca_database": 90.0, "industry_average": 70.0}

# Columns of spec 8 that category 1 can have, in PostgreSQL's types.
RESULT = {
    **{"record_id": "text", "supplier_id": "text", "supplier_name": "text", "category": "smallint", "activity_year": "smallint"},
    **{"kg_co2e": "float8", "kg_co2e_direct": "float8", "kg_co2e_upstream": "float8", "tier": "smallint", "ghgp_method": "text"},
    **{"method": "text", "std_kg": "float8", "p5_kg": "float8", "p50_kg": "float8", "p95_kg": "float8", "cv": "float8"},
    **{"dqi_score": "float8", "dqi_rating": "text", "warnings": "text[]", "input_sha256": "bytea", "factor_ids": "text[]"},
    **{"factor_values": "float8[]", "factor_units": "text[]", "factor_kg_co2e": "float8[]", "factor_cvs": "float8[]"},
    **{"pedigree_mean": "float8"},
}

"""A result: what one record emits, how sure that is, and what it was computed from.

Source: calculation specification, 8. Lists that a result shares with thousands of others stand
once a run in `factor_uses` (schemas/factor.py); the view `current_results` shows them in every row.
"""

from schemas.column import FLOAT, FLOATS, INT16, INT32, INT64, SHA256, TEXT, TEXTS, Column

# Lists that stand in the row, or else once a run in factor_uses.
SHARED_LISTS = ("factor_ids", "factor_values", "factor_units", "factor_cvs")

RESULT = (
    Column("source_id", INT32, "number of the input in `sources`", required=True),
    Column(
        "source_position",
        INT64,
        "byte offset of the record's line, or its row in a Parquet file (0 first) or sheet (as shown)",
        required=True,
    ),
    Column("record_id", TEXT, "id of the record", required=True),
    Column("supplier_id", TEXT, "from the record"),
    Column("supplier_name", TEXT, "from the record"),
    Column("category", INT16, "Scope 3 category, 1 to 15", required=True),
    Column("activity_year", INT16, "reporting year", required=True),
    Column("kg_co2e", FLOAT, "total of the record in kg CO2e", required=True),
    Column("kg_co2e_direct", FLOAT, "emissions of the activity itself, in kg CO2e", required=True),
    Column("kg_co2e_upstream", FLOAT, "well-to-tank and transmission and distribution, in kg CO2e", required=True),
    Column("tier", INT16, "1 specific data, 2 average data, 3 spend or other proxy", required=True),
    Column("ghgp_method", TEXT, "kind of method in the words of the GHG Protocol", required=True),
    Column("method", TEXT, "method that was used", required=True),
    Column("std_kg", FLOAT, "standard deviation of kg_co2e", required=True),
    Column("p5_kg", FLOAT, "5 % quantile of kg_co2e", required=True),
    Column("p50_kg", FLOAT, "median of kg_co2e", required=True),
    Column("p95_kg", FLOAT, "95 % quantile of kg_co2e", required=True),
    Column("cv", FLOAT, "std_kg / |kg_co2e|; null where kg_co2e is 0"),
    Column("dqi_score", FLOAT, "data quality, 0 to 100", required=True),
    Column("dqi_rating", TEXT, "excellent, good, fair or poor", required=True),
    Column("warnings", TEXTS, "what a reader should know, each a code with its particulars", required=True),
    Column("input_sha256", SHA256, "SHA-256 of the canonical JSON of the normalised record", required=True),
    Column("factor_use", INT64, "row of `factor_uses` with the factors of this result; null where the lists stand here"),
    Column("factor_ids", TEXTS, "factors used, sorted; null where they are those of factor_use"),
    Column("factor_values", FLOATS, "their values; null where they are those of factor_use"),
    Column("factor_units", TEXTS, "their units; null where they are those of factor_use"),
    Column("factor_kg_co2e", FLOATS, "amount of each term at its lead factor; null: kg_co2e at the lead of factor_use"),
    Column("factor_cvs", FLOATS, "cv of each term at its lead factor; null where they are those of factor_use"),
    Column("avoided_kg_co2e", FLOAT, "memo: avoided emissions in kg CO2e (5, 12, 15)"),
    Column("biogenic_kg_co2", FLOAT, "memo: biogenic CO2 in kg (3, 4, 5, 11, 12)"),
    Column("rf_uplift_kg_co2e", FLOAT, "memo: radiative forcing of air legs in kg CO2e (4, 6, 9)"),
    Column("annualised_kg_co2e", FLOAT, "memo: kg_co2e by year of useful life (2)"),
    Column("telework_kg_co2e", FLOAT, "memo: the telework part of kg_co2e (7)"),
    Column("investee_scope3_kg_co2e", FLOAT, "memo: Scope 3 of the investee, attributed (15)"),
    Column("pcaf_score", INT16, "PCAF data quality score, 1 best to 5 (15)"),
    Column("attribution_factor", FLOAT, "share of the investee that counts here, 0 to 1 (15)"),
    Column("lulucf_kg_co2e", FLOAT, "memo: sovereign total with land use, attributed (15)"),
    Column("lifetime_kg_co2e", FLOAT, "memo: project emissions over its life, attributed (15)"),
    Column("pedigree_mean", FLOAT, "mean pedigree score of the factors, 1 best to 5"),
)


# Columns of the view `current_results`, which shows every list in its row.
CURRENT_COLUMNS = {
    "run_id": "name of the run",
    "inventory": "what the run is a version of",
    **{column.name: column.description.partition("; null where")[0] for column in RESULT},
    "factor_kg_co2e": "amount of each term at its lead factor, 0 elsewhere",
    "source_uri": "name of the input",
}

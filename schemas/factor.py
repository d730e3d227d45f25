"""A factor row: one figure of one publisher, with where it comes from; and how results refer to it."""

import pyarrow as pa

from schemas.column import BOOL, FLOAT, FLOATS, INT16, INT64, TEXT, TEXTS, Column, schema_of

# Layout of the specification, 12.1. value is kg CO2e per unit, or a parameter in that unit.
FACTOR = (
    Column("factor_id", TEXT, "family:key@region/year/source_version#boundary, unique", required=True),
    Column("family", TEXT, "kind of factor, for example eeio or product", required=True),
    Column("key", TEXT, "what it is for: a NAICS code, product, fuel", required=True),
    Column("boundary", TEXT, "what it covers, for example with_margins or cradle_to_gate", required=True),
    Column("region", TEXT, "ISO 3166-1 alpha-2, EU or GLOBAL", required=True),
    Column("year", INT64, "reporting year the figure is made for", required=True),
    Column("value", FLOAT, "kg CO2e per unit, or a parameter in that unit", required=True),
    Column("unit", TEXT, "denominator, or the unit of a parameter", required=True),
    Column(
        "basis",
        TEXT,
        "what it counts by, where that is not plain: gross or net, gcd or sfd; of a key_alias: the target key; of a supplier_pcf: first/last year of use",
    ),
    Column("price_year", INT64, "year of the dollars, of families in USD"),
    Column("gwp", TEXT, "global warming potentials: AR4, AR5 or AR6"),
    Column("cv", FLOAT, "coefficient of variation"),
    Column("cv_class", TEXT, "class whose cv stands in for a missing one"),
    Column("pedigree", pa.list_(pa.int64()), "reliability, completeness, time, place, technology; 1 best to 5"),
    Column("source_class", TEXT, "kind of source, for the data quality score"),
    Column("correlation_group", TEXT, "rows of one group err together"),
    Column("verified", BOOL, "whether the figure was compared with its source", required=True),
    Column("source", TEXT, "title of the publication", required=True),
    Column("source_version", TEXT, "its edition, as in factor_id", required=True),
    Column("licence", TEXT, "terms of use", required=True),
    Column("retrieved_on", TEXT, "date on which it was read", required=True),
    Column("source_sha256", TEXT, "SHA-256 of the publisher's file", required=True),
)

FACTOR_SCHEMA = schema_of(FACTOR)

# Nearly every result rests on one term, and thousands of results on the same one.
FACTOR_USE = (
    Column("factor_use", INT64, "first 8 bytes of the SHA-256 of the other columns", required=True),
    Column("factor_ids", TEXTS, "factors used, sorted", required=True),
    Column("factor_values", FLOATS, "their values", required=True),
    Column("factor_units", TEXTS, "their units", required=True),
    Column("factor_cvs", FLOATS, "cv of the term at its lead factor, 0 elsewhere", required=True),
    Column("lead", INT16, "place of the lead factor in the lists, 0 first", required=True),
    Column("correlation_group", TEXT, "terms of one group err together", required=True),
    Column("shared", BOOL, "false where the group is that of a single record", required=True),
)

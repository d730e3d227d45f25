"""A factor row: one figure of one publisher, with where it comes from."""

import pyarrow as pa

# Layout of the specification. value is kg CO2e per unit, or a parameter in that unit.
FACTOR_SCHEMA = pa.schema(
    [
        pa.field("factor_id", pa.string(), nullable=False),
        pa.field("family", pa.string(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("boundary", pa.string(), nullable=False),
        pa.field("region", pa.string(), nullable=False),
        pa.field("year", pa.int64(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("basis", pa.string()),
        pa.field("price_year", pa.int64()),
        pa.field("gwp", pa.string()),
        pa.field("cv", pa.float64()),
        pa.field("cv_class", pa.string()),
        pa.field("pedigree", pa.list_(pa.int64())),
        pa.field("source_class", pa.string()),
        pa.field("correlation_group", pa.string()),
        pa.field("verified", pa.bool_(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_version", pa.string(), nullable=False),
        pa.field("licence", pa.string(), nullable=False),
        pa.field("retrieved_on", pa.string(), nullable=False),
        pa.field("source_sha256", pa.string(), nullable=False),
    ]
)

"""The view through which readers see results: the published run of each inventory, all columns as declared."""

from typing import TYPE_CHECKING

from schemas.result import CURRENT_COLUMNS, RESULT, SHARED_LISTS
from transforms.sinks.postgres_labels import LABELS

if TYPE_CHECKING:
    from typing_extensions import LiteralString

_TERM_KG = (
    "coalesce(r.factor_kg_co2e, CASE WHEN u.factor_use IS NOT NULL THEN array_fill(0::double precision, ARRAY[u.lead::int]) "
    "|| r.kg_co2e || array_fill(0::double precision, ARRAY[cardinality(u.factor_ids) - u.lead - 1]) END)"
)


def _expression(name: str) -> str:
    if name in LABELS:
        return f"l.{name}"
    if name in SHARED_LISTS:
        return f"coalesce(r.{name}, u.{name})"
    return _TERM_KG if name == "factor_kg_co2e" else f"r.{name}"


_COLUMNS = ", ".join(f"{_expression(column.name)} AS {column.name}" for column in RESULT)
_NAMES = ", ".join(f"x.{column.name}" for column in RESULT)

# The second half of the union is empty. It keeps PostgreSQL from turning the inner query into a plain join, which
# would read every run that is kept; so it reads the partitions of i.run_id alone, and still takes the reader's WHERE inside.
_CURRENT_RESULTS = f"""
CREATE VIEW {{current_results}} AS
SELECT i.run_id, i.inventory, {_NAMES}, x.source_uri
FROM {{inventories}} i CROSS JOIN LATERAL (
    SELECT {_COLUMNS}, s.source_uri
    FROM {{results}} r
    LEFT JOIN {{labels}} l ON l.run_id = i.run_id AND l.label_id = r.label_id
    LEFT JOIN {{factor_uses}} u ON u.run_id = i.run_id AND u.factor_use = r.factor_use
    LEFT JOIN {{sources}} s ON s.run_id = i.run_id AND s.source_id = r.source_id
    WHERE r.run_id = i.run_id
    UNION ALL
    SELECT {_COLUMNS}, s.source_uri
    FROM {{results}} r, {{labels}} l, {{factor_uses}} u, {{sources}} s
    WHERE false
) x"""

# Name to statement and comments.
VIEWS: "dict[str, tuple[LiteralString, dict[str, str]]]" = {"current_results": (_CURRENT_RESULTS, CURRENT_COLUMNS)}

"""The view through which readers see results: the published run of each inventory, all columns as declared."""

import json

from schemas.result import CURRENT_COLUMNS, RESULT, SHARED_LISTS

# An absent list is an empty one.
_TERM_KG = (
    "IF(r.factor_use IS NULL OR ARRAY_LENGTH(r.factor_kg_co2e) > 0, r.factor_kg_co2e, "
    "ARRAY(SELECT IF(place = u.`lead`, r.kg_co2e, 0.0) FROM UNNEST(u.factor_ids) WITH OFFSET AS place ORDER BY place))"
)


def _expression(name: str) -> str:
    if name in SHARED_LISTS:
        return f"IF(r.factor_use IS NULL OR ARRAY_LENGTH(r.{name}) > 0, r.{name}, u.{name})"
    return _TERM_KG if name == "factor_kg_co2e" else f"r.{name}"


_HEAD = ", ".join(f"`{name}` OPTIONS (description = {json.dumps(text)})" for name, text in CURRENT_COLUMNS.items())
_COLUMNS = ", ".join(f"{_expression(column.name)} AS {column.name}" for column in RESULT)

CURRENT_RESULTS = f"""
CREATE OR REPLACE VIEW {{current_results}} ({_HEAD}) AS
SELECT i.run_id, i.inventory, {_COLUMNS}, s.source_uri
FROM {{inventories}} i
JOIN {{results}} r ON r.run_id = i.run_id
LEFT JOIN {{factor_uses}} u ON u.run_id = r.run_id AND u.factor_use = r.factor_use
LEFT JOIN {{sources}} s ON s.run_id = r.run_id AND s.source_id = r.source_id"""

"""Calculates records for tests."""

from schemas.config import Config
from transforms.calculate_records import calculate_records


def result_of(record, factors=(), **options):
    """Returns the result of one record with these factor rows and nothing else."""
    (answer,) = calculate_records([record], list(factors), Config(**options))
    assert "result" in answer, answer
    return answer["result"]


def refusal_of(record, factors=(), **options):
    """Returns the dead letter of one record."""
    (answer,) = calculate_records([record], list(factors), Config(**options))
    assert "dead_letter" in answer, answer
    return answer["dead_letter"]


def codes_of(result):
    """Returns the codes of a result's warnings."""
    return [text.split(" ")[0] for text in result["warnings"]]

"""What is wrong with a record, in words that its sender understands."""

from dataclasses import dataclass

from schemas.codes import Code


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: reason, from the closed list.
        field: where, for example `quantity` or `hybrid_components[2].amount`; None for the record as a whole.
        value: the value as it came, None where it is missing.
        message: a sentence with the value, the limit and the remedy.
    """

    code: Code
    field: str | None
    value: str | None
    message: str


@dataclass(frozen=True)
class Refusal:
    """A record that gets no result.

    Attributes:
        row: its place in the input that was judged, 0 first.
        record_id: where it could be read, None elsewhere.
        category: 1 to 15, None where it could not be read.
        findings: at least one; the first gives the record its code, the others are its detail.
    """

    row: int
    record_id: str | None
    category: int | None
    findings: tuple[Finding, ...]

    @property
    def detail(self) -> str | None:
        """Returns the other findings as one text, None where there are none."""
        return " | ".join(f"{finding.code.value}: {finding.message}" for finding in self.findings[1:]) or None

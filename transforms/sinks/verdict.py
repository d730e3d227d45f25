"""What the counts of a run mean. The same for every store.

read = results + dead letters + duplicates
"""

from transforms.sinks.contract import State
from transforms.sinks.totals import Totals

# The values are the id, and position and name of the input of the record that was kept.
DUPLICATE_MESSAGE = (
    "record_id is {}, and so is that of a record with other content at position {} of {}, which was kept; give each record an id of its own"
)


def verdict(read: int, results: int, dead_letters: int, duplicates: int, totals: Totals | None, limit: float) -> tuple[State, str | None]:
    """Returns the state that follows from the counts, and the reason where it is failed.

    Args:
        read, results, dead_letters, duplicates: counted in the store.
        totals: of the results; None if results refer to what the store does not hold.
        limit: share of dead letters that a run may have, 0 to 1.
    """
    ends = results + dead_letters + duplicates
    if read != ends:
        return State.FAILED, (
            f"{read:,} records were read, but the store holds {results:,} results, {dead_letters:,} dead letters and {duplicates:,} "
            f"duplicates, together {ends:,}; nothing was published, give the same command again"
        )
    if totals is None or totals.total.records != results:
        return (
            State.FAILED,
            "results refer to factors or methods that the store does not hold; nothing was published, give the same command again",
        )
    if read == 0:
        return State.EMPTY, None
    if dead_letters > limit * read:
        return State.FAILED, (
            f"{dead_letters:,} of {read:,} records are dead letters, {dead_letters / read:.1%}, and --max_dead_letter_share is {limit:g}; "
            "see the table dead_letters, mend the records or the mapping, or raise the limit"
        )
    return State.AUDITING, None

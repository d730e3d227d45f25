"""What a run counts while it goes on: Beam's counters, and the same figures for a progress bar.

Beam's counters are for the runner's own page (Flink, Dataflow). The figures that a run is
judged by are not these: they are counted in the store.
"""

from dataclasses import dataclass

NAMESPACE = "scope3"
RECORDS_READ = "records_read"
RESULTS = "results"
DEAD_LETTERS = "dead_letters"
BATCHES = "batches"


@dataclass
class Progress:
    """How far the run of this process is. Written by the steps, read by the progress bar.

    Each field has one writing thread at a time, so no lock is needed.
    """

    bytes_total: int = 0
    bytes_read: int = 0
    records_read: int = 0
    results: int = 0
    dead_letters: int = 0
    phase: str = "starting"

    def begin(self, bytes_total: int) -> None:
        """Starts a run of `bytes_total` bytes of input: sets all figures to zero."""
        self.bytes_total = bytes_total
        self.bytes_read = self.records_read = self.results = self.dead_letters = 0
        self.phase = "starting"


PROGRESS = Progress()

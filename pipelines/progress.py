"""Shows how far a run is: a bar on a terminal, plain lines elsewhere."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from transforms.counters import PROGRESS

_BAR_SECONDS = 0.2
_LINE_SECONDS = 10.0


@contextmanager
def shown_progress(quiet: bool) -> Iterator[None]:
    """Shows the progress of this process on stderr while the block runs."""
    if quiet:
        yield
        return
    done = threading.Event()
    show = _show_bar if sys.stderr.isatty() else _print_lines
    thread = threading.Thread(target=show, args=(done,), name="scope3-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show_bar(done: threading.Event) -> None:
    form = "{desc} {percentage:3.0f} % |{bar}| {elapsed}<{remaining} {postfix}"
    with tqdm(total=max(PROGRESS.bytes_total, 1), bar_format=form, leave=False, file=sys.stderr) as bar:
        started = time.monotonic()
        while not done.wait(_BAR_SECONDS):
            bar.total = max(PROGRESS.bytes_total, 1)
            bar.n = min(PROGRESS.bytes_read, bar.total)
            bar.set_description_str(PROGRESS.phase, refresh=False)
            rate = PROGRESS.records_read / (time.monotonic() - started)
            bar.set_postfix_str(f"{PROGRESS.records_read:,} records, {rate:,.0f}/s", refresh=False)
            bar.refresh()


def _print_lines(done: threading.Event) -> None:
    started = time.monotonic()
    while not done.wait(_LINE_SECONDS):
        seconds = time.monotonic() - started
        share = PROGRESS.bytes_read / max(PROGRESS.bytes_total, 1)
        left = f", about {seconds * (1 - share) / share:,.0f} s left" if 0.01 < share < 1 else ""
        rate = PROGRESS.records_read / seconds
        print(
            f"{PROGRESS.phase}: {PROGRESS.records_read:,} records, {share:.0%} of the input, {rate:,.0f} records/s{left}", file=sys.stderr
        )

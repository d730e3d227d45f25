"""Shows how far a run is: a bar on a terminal, plain lines elsewhere."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from transforms.counters import PROGRESS

_BAR_SECONDS = 0.2
_LINE_SECONDS = 10.0
_WIDEST_BAR = 110


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
    # Asked here: of a terminal that does not tell its width the library would fill none of it.
    columns = min(shutil.get_terminal_size().columns, _WIDEST_BAR)
    total = max(PROGRESS.bytes_total, 1)
    with tqdm(total=total, desc=PROGRESS.phase, bar_format=form, ncols=columns, leave=False, file=sys.stderr) as bar:
        started = time.monotonic()
        while not done.wait(_BAR_SECONDS):
            bar.n = min(PROGRESS.bytes_read, total)
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

"""What it means that a run_id is given again. The same for every store.

| the run is | a runner's own restart | a new launch |
| --- | --- | --- |
| running | goes on | refused while it shows a sign of life, else replaces it |
| auditing | needs no more rows | as running |
| failed, empty | needs no more rows | replaces it |
| published, superseded | needs no more rows | is refused |

Other inputs, options or factors under the same run_id are always refused.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from schemas.faults import UsageFault, UserFault
from transforms.sinks.contract import Run, State

# How long the signs of life of a killed launch may take to end before a new one is told that the run goes on.
FADE_SECONDS = 5.0

_WORDS = {"inputs": "inputs", "options": "options", "factors": "factors", "engine_version": "engine version"}


class Launch(Enum):
    """What a launch is to do."""

    BEGIN = "register the run, in place of a former one"
    WRITE = "go on with its own run"
    ANSWER = "write no more rows"
    WAIT = "wait, and ask again: another launch shows a sign of life"


class Known(Protocol):
    """A run that a store has."""

    @property
    def launch(self) -> str:
        """Returns the command that started it."""

    @property
    def state(self) -> State:
        """Returns how far it is."""

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """Returns what its results follow from."""

    @property
    def published_at(self) -> datetime | None:
        """Returns when it was published last."""


def decide(found: Known | None, run: Run, is_alive: bool) -> Launch:
    """Returns what the launch of a run is to do.

    Args:
        found: the run of that id in the store, if there is one.
        run: the launch.
        is_alive: whether another launch of it shows a sign of life.

    Raises:
        UsageFault: the run_id can't be given again, however often it is tried.
    """
    if found is None:
        return Launch.BEGIN
    if found.launch == run.launch:
        return Launch.WRITE if found.state == State.RUNNING else Launch.ANSWER
    other = difference(found.fingerprint, run.fingerprint)
    if other:
        raise UsageFault(
            f"run {shown(run.run_id)} is there already, with other {other}; give another --run_id, or none: then a new one is made"
        )
    if found.state in (State.PUBLISHED, State.SUPERSEDED):
        raise UsageFault(
            f"run {shown(run.run_id)} was published already, on {found.published_at:%Y-%m-%d %H:%M}, from the same inputs, options and "
            "factors; look at it with scope3 runs, or give another --run_id to calculate anew"
        )
    goes_on = found.state in (State.RUNNING, State.AUDITING)
    return Launch.WAIT if goes_on and is_alive else Launch.BEGIN


def goes_on(run_id: str, created_at: datetime) -> UserFault:
    """Returns the sentence for a launch that another does not make way for."""
    return UserFault(
        f"run {shown(run_id)} goes on since {created_at:%Y-%m-%d %H:%M} in another process; "
        "wait for its end or stop it, or give this one another --run_id"
    )


def replaced(run_id: str) -> UserFault:
    """Returns the sentence for a step of a launch in whose place another has come."""
    return UserFault(f"run {shown(run_id)} was started anew by another command, which goes on with it; this one ends here")


def no_run(run_id: str, place: str) -> UserFault:
    """Returns the sentence for a run that a store does not have; `place` is the store in words."""
    return UserFault(f"there is no run {shown(run_id)} in {place}; see scope3 runs")


def not_audited(run_id: str) -> UserFault:
    """Returns the sentence for a run that is to be published before its audit."""
    return UserFault(f"run {shown(run_id)} was not audited, so it can't be published; start it again")


def never_published(run_id: str, state: State | None) -> UserFault:
    """Returns the sentence for a run that can't be published again; `state` is None where it is gone by now."""
    told = "gone" if state is None else State(state).value
    return UserFault(f"run {shown(run_id)} is {told} and was never published; name one that is published or superseded, see scope3 runs")


def difference(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Returns in words what of two fingerprints differs, empty where nothing does."""
    # As JSON, as it went in: a tuple and a list are the same there.
    now = json.loads(json.dumps(dict(asked)))
    parts = []
    for name in sorted(stored.keys() | now.keys()):
        before, after = stored.get(name), now.get(name)
        if before != after:
            inner = ""
            if name == "options" and isinstance(before, dict) and isinstance(after, dict):
                changed = sorted(option for option in before.keys() | after.keys() if before.get(option) != after.get(option))
                inner = f" ({', '.join(changed)})"
            parts.append(_WORDS.get(name, name) + inner)
    return " and ".join(parts)


def shown(name: str) -> str:
    """Returns the name of a run or inventory for a message; it may be long."""
    return repr(name if len(name) <= 60 else name[:57] + "...")

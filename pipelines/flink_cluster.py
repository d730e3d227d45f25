"""A Flink cluster as its REST interface describes it, and what is asked of it there."""

import json
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from schemas.faults import UserFault

_TIMEOUT_SECONDS = 10
_ENDED = ("FINISHED", "CANCELED", "FAILED")
# What Flink answers to whoever cancels a job that it does not know any more, or that ends by itself.
_NO_LONGER_THERE = (404, 409)
_OF_CLUSTERS_THAT_GROW = ("kubernetes.cluster-id", "yarn.application.id")
_CANCELLING_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """A cluster, as it was when it was asked.

    Attributes:
        version: of Flink, for example 1.19.
        free_slots, slots: of all TaskManagers.
        grows: it gets TaskManagers when a job needs them.
        default_parallelism: of a job that says none.
        has_restarts: its configuration says what happens after a fault.
        hosts: of the TaskManagers, one each; none of a cluster that has none yet.
        slots_each: of the largest TaskManager.
    """

    version: str
    free_slots: int
    slots: int
    grows: bool
    default_parallelism: int
    has_restarts: bool
    hosts: tuple[str, ...]
    slots_each: int


def url_of(master: str) -> str:
    """Returns the address of the REST interface and its web page."""
    return master.rstrip("/") if re.match(r"https?://", master) else f"http://{master.rstrip('/')}"


def look_at(master: str) -> Cluster:
    """Asks a cluster what it is.

    Args:
        master: HOST:PORT or URL of its REST interface.

    Raises:
        UserFault: no cluster answers there.
    """
    overview, managers, settings = (_ask(master, path) for path in ("/overview", "/taskmanagers", "/jobmanager/config"))
    try:
        return _described(overview, managers["taskmanagers"], {one["key"]: one["value"] for one in settings})
    except (AttributeError, KeyError, TypeError, ValueError):
        told = "what answers is not Flink's REST interface"
    raise _no_cluster(master, told)


def cancel_jobs(master: str, name: str) -> None:
    """Ends all jobs of a name, and waits until they have ended.

    Raises:
        UserFault: the cluster does not answer, or does not end them.
    """
    deadline = time.monotonic() + _CANCELLING_SECONDS
    while time.monotonic() < deadline:
        going_on = [one["jid"] for one in _ask(master, "/jobs/overview")["jobs"] if one["name"] == name and one["state"] not in _ENDED]
        if not going_on:
            return
        for job in going_on:
            # One that has ended since is as good.
            _ask(master, f"/jobs/{job}?mode=cancel", "PATCH", passed_over=_NO_LONGER_THERE)
        time.sleep(0.2)
    raise UserFault(f"the job {name} can't be cancelled; cancel it at {url_of(master)}")


def _described(overview: dict[str, Any], managers: list[dict[str, Any]], settings: dict[str, str]) -> Cluster:
    restarts = settings.get("restart-strategy.type", settings.get("restart-strategy", "none"))
    return Cluster(
        version=".".join(overview["flink-version"].split(".")[:2]),
        free_slots=overview["slots-available"],
        slots=overview["slots-total"],
        # The Kubernetes operator names its cluster in standalone mode too; there TaskManagers are those that are there.
        grows=settings.get("execution.target") != "remote" and any(name in settings for name in _OF_CLUSTERS_THAT_GROW),
        default_parallelism=int(settings.get("parallelism.default", 1)),
        has_restarts=restarts not in ("none", "off", "disable"),
        hosts=tuple(re.sub(r".*@|:\d+/.*", "", one["path"]) for one in managers),
        slots_each=max([one["slotsNumber"] for one in managers], default=int(settings.get("taskmanager.numberOfTaskSlots", 1))),
    )


def _ask(master: str, path: str, method: str = "GET", passed_over: tuple[int, ...] = ()) -> Any:
    """Returns the answer; None where its HTTP status is one that is passed over."""
    # Without a proxy: job server and workers go straight to the cluster too.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url_of(master) + path, method=method), timeout=_TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except (OSError, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError) and error.code in passed_over:
            return None
        reason = getattr(error, "reason", None) or error
        told = getattr(reason, "strerror", None) or (f"{type(error).__name__}: {reason}" if isinstance(error, ValueError) else reason)
    raise _no_cluster(master, str(told))


def _no_cluster(master: str, told: str) -> UserFault:
    return UserFault(
        f"no Flink cluster answers at --flink_master={master} ({told}); give HOST:PORT of its REST interface, where its web page is, "
        "and check that it runs and can be reached from here"
    )

"""The first step on a cluster: are the workers able to do the others?

A worker that lacks what a step is made of can't even say so: the runner waits three minutes for it. This step is made
of Beam and Python alone, and tells.
"""

import builtins
from collections.abc import Sequence
from types import FunctionType
from typing import TypeVar

import apache_beam as beam

from schemas.version import ENGINE_VERSION

_Element = TypeVar("_Element")

# What pipelines.execute takes for a sentence; a fault of our own class could not be read without this package.
FAULT = "scope3 says"


def _check(element: _Element, version: str, paths: Sequence[str], fault: str) -> tuple[_Element, None]:
    """Returns the element as a key if this worker has the package in this version and sees the files; names nothing of this module."""
    import os
    import socket

    host = socket.gethostname()
    try:
        from schemas.version import ENGINE_VERSION as found
    except ImportError:
        raise RuntimeError(
            f"{fault}: the workers on {host} lack this package; install scope3-calculator {version} there, and start them anew"
        ) from None
    if found != version:
        raise RuntimeError(
            f"{fault}: the workers on {host} have scope3-calculator {found}, and the job was submitted by {version}; "
            "install the same version on both sides, and start the workers anew"
        )
    for path in paths:
        if not os.path.exists(path):
            raise RuntimeError(
                f"{fault}: the workers on {host} do not see the input {path}; put it into a bucket, or into a folder that all machines share"
            )
    return element, None


class CheckWorkers(beam.PTransform):
    """Refuses workers without this package, with another version of it, or without access to the inputs.

    In and out: PCollection with one element, `beam.Impulse()`, so one worker is looked at.

    Args:
        paths: local names of files that each worker should see.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__()
        self._paths = tuple(paths)

    def expand(self, impulse: beam.PCollection) -> beam.PCollection:
        """Orders the step, apart from those behind it."""
        check = FunctionType(_check.__code__, {"__builtins__": builtins}, "check_workers")
        # So it travels with its code; of a function of a module only the name travels.
        check.__module__ = "__main__"
        checked = impulse | "Check" >> beam.Map(check, ENGINE_VERSION, self._paths, FAULT).with_output_types(tuple[bytes, None])
        # Behind a Reshuffle Flink takes the next one for done already, and one worker would read all.
        return checked | "Apart" >> beam.GroupByKey() | beam.Keys()

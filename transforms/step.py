"""What the steps of the job share: none of them works with another version of this package than submitted the job."""

import apache_beam as beam

from schemas.faults import UserFault
from schemas.version import ENGINE_VERSION


class Step(beam.DoFn):
    """A DoFn that knows which version of this package made it. A subclass calls our `__init__`, and `check_version` in `process`."""

    def __init__(self) -> None:
        self._made_by = ENGINE_VERSION

    def check_version(self) -> None:
        """Refuses to work in a worker of another version; CheckWorkers has seen only one of them.

        Not in setup: a fault there leaves the runner waiting for minutes.

        Raises:
            UserFault: the versions differ.
        """
        if self._made_by != ENGINE_VERSION:
            raise UserFault(
                f"some workers have scope3-calculator {ENGINE_VERSION}, and the job was submitted by {self._made_by}; "
                "install the same version everywhere, and start the workers anew"
            )

"""scope3 publish: roll an inventory back, or forward, to a run that is there."""

from collections.abc import Sequence

from pipelines.arguments import Parser
from pipelines.endpoints import open_endpoint
from pipelines.store_options import add_store_options, endpoint_of


def run(arguments: Sequence[str]) -> int:
    """Points the inventory of a run at it.

    Raises:
        UserFault: no such run, or one that never passed its audit.
    """
    parser = Parser(prog="scope3 publish", description="Points the inventory of a former run at that run.")
    parser.add_argument("run_id", metavar="RUN", help="id of a run that passed its audit; scope3 runs lists them")
    add_store_options(parser)
    options = parser.parse_strictly(arguments)
    with open_endpoint(endpoint_of(options), create=False) as target:
        store = target.open()
        try:
            store.publish_again(options.run_id)
        finally:
            store.close()
    print(f"{options.run_id} is published.")
    return 0

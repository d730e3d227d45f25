"""scope3 runs: what is in a store."""

from collections.abc import Sequence

from pipelines.arguments import Parser
from pipelines.endpoints import open_endpoint
from pipelines.store_options import add_store_options, endpoint_of
from transforms.sinks.contract import RunListing


def run(arguments: Sequence[str]) -> int:
    """Lists the runs, newest first.

    Raises:
        UserFault: there is no store, or it can't be reached.
    """
    parser = Parser(prog="scope3 runs", description="Lists the runs in a store, newest first.")
    add_store_options(parser)
    options = parser.parse_strictly(arguments)
    with open_endpoint(endpoint_of(options), create=False) as target:
        store = target.open()
        try:
            listing = store.runs()
        finally:
            store.close()
    if not listing:
        print("There are no runs in this store yet.")
        return 0
    width = max(len("run"), *(len(one.run_id) for one in listing))
    inventory_width = max(len("inventory"), *(len(one.inventory) for one in listing))
    print(
        f"{'run':<{width}}  {'inventory':<{inventory_width}}  {'state':<11}{'records':>13}{'dead letters':>14}{'t CO2e':>16}  started (UTC)"
    )
    for one in listing:
        print(_line(one, width, inventory_width))
    return 0


def _line(one: RunListing, width: int, inventory_width: int) -> str:
    read = "" if one.read is None else f"{one.read:,}"
    dead_letters = "" if one.dead_letters is None else f"{one.dead_letters:,}"
    tonnes = "" if one.kg_co2e is None else f"{one.kg_co2e / 1000:,.1f}"
    started = f"{one.created_at:%Y-%m-%d %H:%M:%S}"
    reason = f"\n{'':<{width}}  {one.reason}" if one.reason else ""
    return f"{one.run_id:<{width}}  {one.inventory:<{inventory_width}}  {one.state.value:<11}{read:>13}{dead_letters:>14}{tonnes:>16}  {started}{reason}"

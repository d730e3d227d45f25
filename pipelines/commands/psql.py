"""scope3 psql: look into a store, the embedded one too."""

from collections.abc import Sequence

from pipelines.arguments import Parser
from pipelines.looking import run_psql
from pipelines.store_options import add_store_options, endpoint_of


def run(arguments: Sequence[str]) -> int:
    """Opens psql, or runs one statement; returns psql's exit status."""
    parser = Parser(prog="scope3 psql", description="Opens psql on a store, with our tables first on its search path.")
    parser.add_argument("-c", dest="sql", metavar="SQL", help="run this statement instead of talking to a person")
    add_store_options(parser)
    options = parser.parse_strictly(arguments)
    return run_psql(endpoint_of(options), options.sql)

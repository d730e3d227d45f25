"""A store for the tests of a module, and a look into it."""

from contextlib import contextmanager
from pathlib import Path

from schemas.result import RESULT
from transforms.sinks.connection import connect
from transforms.sinks.embedded import embedded_server

# Number and digest of all published results, over the columns of the specification with those of memo, in the order of
# record_id. Where a record stood is no part of its result, nor is the number under which a run keeps its factors.
_APART = ("source_id", "source_position", "factor_use")
_COLUMNS = ", ".join(column.name for column in RESULT if column.name not in _APART)
DIGEST = f"SELECT count(*), md5(string_agg(ROW({_COLUMNS})::text, E'\\n' ORDER BY record_id COLLATE \"C\")) FROM current_results"


class Store:
    """An embedded store in a folder; a schema a test keeps tests apart."""

    def __init__(self, folder: Path, schema: str) -> None:
        self.folder, self.schema = folder, schema
        self.options = (f"--output=embedded:{folder}", f"--schema={schema}")

    @contextmanager
    def connection(self):
        """Gives a connection with our schema first."""
        with embedded_server(self.folder, self.schema) as target, connect(target, autocommit=True) as connection:
            connection.execute("SELECT set_config('search_path', quote_ident(%s), false)", [self.schema])
            yield connection

    def rows(self, query):
        """Returns the rows of a query."""
        with self.connection() as connection:
            return connection.execute(query).fetchall()

    def digest(self):
        """Returns number and digest of all published results."""
        (found,) = self.rows(DIGEST)
        return found

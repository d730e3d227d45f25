"""Where a store of Parquet files is. What works on it is imported when it is opened: most runs write elsewhere."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.sinks.parquet import ParquetStore
    from transforms.sinks.parquet_tree import Tree


@dataclass(frozen=True)
class ParquetTarget:
    """A folder or bucket of Parquet files. See contract.Target.

    Attributes:
        url: an absolute path, or gs://BUCKET/FOLDER or s3://BUCKET/FOLDER; settings that Arrow knows may follow as ?NAME=VALUE.
    """

    url: str

    @property
    def place(self) -> str:
        """See contract.Target."""
        return self.url.partition("?")[0]

    @property
    def is_local(self) -> bool:
        """Says whether it is a folder of this machine."""
        return "://" not in self.url

    def tree(self) -> "Tree":
        """Returns its files.

        Raises:
            UserFault: the bucket can't be reached.
        """
        from pyarrow import fs

        from transforms.sinks.parquet_faults import told
        from transforms.sinks.parquet_tree import Tree

        if self.is_local:
            return Tree(fs.LocalFileSystem(), self.url)
        url = self.url
        if url.startswith("s3://"):
            # Small objects with one request instead of three.
            url += ("&" if "?" in url else "?") + "allow_delayed_open=true"
        with told(self.place):
            return Tree(*fs.FileSystem.from_uri(url))

    def open(self) -> "ParquetStore":
        """See contract.Target."""
        from transforms.sinks.parquet import ParquetStore

        return ParquetStore(self)

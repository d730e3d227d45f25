"""Where a store of Parquet files is. What works on it is imported when it is opened: most runs write elsewhere."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from schemas.faults import UsageFault

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

    from transforms.sinks.parquet import ParquetStore
    from transforms.sinks.parquet_tree import Tree


@dataclass(frozen=True)
class ParquetTarget:
    """A folder or bucket of Parquet files. See contract.Target.

    Attributes:
        url: an absolute path, or gs://BUCKET/FOLDER or s3://BUCKET/FOLDER, both as they are named, without quotes; settings
            of a bucket that Arrow knows may follow as ?NAME=VALUE.
    """

    url: str

    @property
    def place(self) -> str:
        """See contract.Target."""
        return self.url if self.is_local else self.url.partition("?")[0]

    @property
    def is_local(self) -> bool:
        """Says whether it is a folder of this machine."""
        return "://" not in self.url

    def tree(self) -> "Tree":
        """Returns its files.

        Raises:
            UsageFault: settings that Arrow does not know.
            UserFault: the bucket can't be reached.
        """
        from pyarrow import fs

        from transforms.sinks.parquet_patience import patiently
        from transforms.sinks.parquet_tree import Tree

        if self.is_local:
            return Tree(fs.LocalFileSystem(), self.url)
        return Tree(*patiently(self._found, self.place, self.is_local))

    def _found(self) -> "tuple[FileSystem, str]":
        from pyarrow import ArrowInvalid, fs

        # A folder's name may hold what a URL must quote, a settings' value is quoted by whoever writes it.
        named, _, settings = self.url.partition("?")
        if named.startswith("s3://"):
            # Small objects with one request instead of three.
            settings += "&" * bool(settings) + "allow_delayed_open=true"
        try:
            found: tuple[FileSystem, str] = fs.FileSystem.from_uri(f"{quote(named, safe='/:@')}?{settings}")
            return found
        except ArrowInvalid as error:
            fault = UsageFault(f"--output {self.place} can't be used as it is written ({error}); correct what stands behind the ?")
        raise fault

    def open(self) -> "ParquetStore":
        """See contract.Target."""
        from transforms.sinks.parquet import ParquetStore

        return ParquetStore(self)

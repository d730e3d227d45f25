"""Files that are not on this machine, by way of Beam. Imported when the first one is named: Beam takes a second."""

from typing import IO

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

from schemas.faults import last_words


def sizes_of(pattern: str) -> dict[str, int]:
    """Returns the sizes in bytes of the files that a pattern matches, folders left out.

    Raises:
        OSError: it can't be looked up.
    """
    try:
        (match,) = FileSystems.match([pattern])
    except (BeamIOError, ValueError) as error:
        raise OSError(_cause(error)) from None
    return {one.path: one.size_in_bytes for one in match.metadata_list if not one.path.endswith("/")}


def open_bytes(uri: str) -> IO[bytes]:
    """Returns the bytes of a file as it is stored.

    Raises:
        OSError: it can't be opened.
    """
    try:
        handle: IO[bytes] = FileSystems.open(uri, compression_type=CompressionTypes.UNCOMPRESSED)
    except BeamIOError as error:
        raise OSError(_cause(error)) from None
    return handle


def _cause(error: Exception) -> str:
    """Returns what an error says, without the wrapping of Beam."""
    if isinstance(error, BeamIOError) and error.exception_details:
        error = next(iter(error.exception_details.values()))
    return last_words(error)

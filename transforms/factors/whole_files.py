"""Files that a command reads as a whole before the job: factors, a mapping, its table; of this machine or of a bucket."""

from pathlib import Path

from schemas.faults import last_words


def read_whole_file(path: str) -> bytes:
    """Returns the bytes of a file, `gs://...` and whatever else Beam knows included.

    Raises:
        OSError: it can't be read; strerror says why.
    """
    if "://" not in path:
        return Path(path).read_bytes()
    # Imported here: Beam takes a second, and what only calculates needs none of it.
    from apache_beam.io.filesystem import BeamIOError, CompressionTypes
    from apache_beam.io.filesystems import FileSystems

    try:
        with FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
            content: bytes = file.read()
            return content
    except (BeamIOError, ValueError) as error:
        told = last_words(error)
    raise OSError(0, told)


def folder_of(path: str) -> str:
    """Returns the folder that a file lies in."""
    return path.rpartition("/")[0] if "://" in path else str(Path(path).parent)


def path_in(folder: str, name: str) -> str:
    """Returns the path of a file that is named relative to a folder, or as a whole."""
    if "://" in name or "://" not in folder:
        return name if "://" in name else str(Path(folder) / name)
    return f"{folder}/{name}"

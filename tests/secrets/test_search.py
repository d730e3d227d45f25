"""The search for a secret finds one that is there, however it is packed: else finding none would mean nothing."""

import base64
import bz2
import gzip
import io
import subprocess
import sys
import tarfile
import urllib.parse
import zipfile

import apache_beam as beam
import pytest

from tests.secrets.search import files_below, places_of, watched_command_lines

_SECRET = "sesame-Öffne/4711+dich"


def _zip(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("inner", content)
    return packed.getvalue()


def _tar(content):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        entry = tarfile.TarInfo("inner")
        entry.size = len(content)
        file.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class _Holder(beam.DoFn):
    """A step with something in it."""

    def __init__(self, held):
        self._held = held

    def process(self, element):
        yield self._held


def _pipeline(content):
    pipeline = beam.Pipeline()
    _ = pipeline | beam.Impulse() | beam.ParDo(_Holder(content.decode()))
    return pipeline.to_runner_api().SerializeToString()


_WAYS = {
    "plain": lambda content: content,
    "base64": base64.b64encode,
    "base64, one byte further": lambda content: base64.b64encode(b"." + content),
    "base64, two bytes further": lambda content: base64.urlsafe_b64encode(b".." + content),
    "in a URL": lambda content: urllib.parse.quote(content, safe="").encode(),
    "hexadecimal": lambda content: content.hex().encode(),
    "gzip": gzip.compress,
    "zip": _zip,
    "tar": _tar,
    "bz2 in base64": lambda content: base64.b64encode(bz2.compress(content)),
    "step of a pipeline": _pipeline,
    "pipeline in a zip": lambda content: _zip(_pipeline(content)),
}


@pytest.mark.parametrize("way", _WAYS)
def test_a_secret_is_found(way):
    sent = {"here": _WAYS[way](_SECRET.encode()), "there": b"nothing"}
    assert places_of(_SECRET, sent) == ["here"]
    assert places_of("another-Öffne/4711", sent) == []


def test_files_and_command_lines_are_looked_at(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "log").write_text(f"password={_SECRET}\n")
    assert places_of(_SECRET, files_below(tmp_path)) == [str(tmp_path / "below" / "log")]
    with watched_command_lines() as lines:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", _SECRET], check=True)
    assert places_of(_SECRET, lines)

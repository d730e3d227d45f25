"""Patterns: which files they mean, whatever the files are called."""

import os

import pytest

from schemas.faults import UserFault
from transforms.reading.files import find_sources
from transforms.reading.patterns import is_hidden


def _names(patterns, folder):
    return [os.path.relpath(source.source_uri, folder) for source in find_sources(patterns)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder whose own name has brackets."""
    here = tmp_path / "spend [2024] 100%"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.mark.parametrize(
    "name", ["a b.csv", "a[1].csv", "[a].csv", "a#1.csv", "50%.csv", "a%20b.csv", "ä.csv", "a?.csv", "a*.csv", "-a.csv"]
)
def test_a_file_is_found_by_its_name_and_by_a_pattern(folder, name):
    (folder / name).write_text("x\n")
    (folder / "inner [x]").mkdir()
    (folder / "inner [x]" / name).write_text("x\n")
    assert _names([name], folder) == _names(["*.csv"], folder) == [name]
    assert _names([f"inner [x]/{name}"], folder) == _names(["inner [x]/*.csv"], folder) == [f"inner [x]/{name}"]
    assert _names(["**/*.csv"], folder) == sorted([name, f"inner [x]/{name}"])
    assert _names([str(folder / "*.csv")], folder) == [name]


def test_a_bracket_that_is_part_of_a_pattern_is_explained(folder):
    (folder / "a[1] x.csv").write_text("x\n")
    with pytest.raises(UserFault, match=r"write \[\[\] for a bracket"):
        find_sources(["a[1] *.csv"])
    assert _names(["a[[]1] *.csv"], folder) == ["a[1] x.csv"]


def test_what_other_programs_leave_beside_their_files_is_no_input(folder):
    for name in ("_SUCCESS", ".a.csv.crc", "a.csv", "_started.csv", ".hidden.csv", "_temporary/0/b.csv", "year=2024/c.csv", ".git/d.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x\n")
    assert _names(["*"], folder) == ["a.csv"]
    assert _names(["**/*"], folder) == ["a.csv", "year=2024/c.csv"]
    # Who names it means it.
    assert _names(["_started.csv", ".hidden.csv"], folder) == [".hidden.csv", "_started.csv"]
    assert _names(["_temporary/*/*.csv"], folder) == ["_temporary/0/b.csv"]
    assert _names(["_s*.csv"], folder) == ["_started.csv"]
    with pytest.raises(UserFault, match="names that begin with _ or"):
        find_sources(["?SUCCES*"])


@pytest.mark.parametrize(
    ("uri", "pattern", "hidden"),
    [
        ("gs://bucket/out/_SUCCESS", "gs://bucket/out/*", True),
        ("gs://bucket/out/_temporary/0/a.csv", "gs://bucket/out/**", True),
        ("gs://bucket/_out/a.csv", "gs://bucket/_out/*", False),
        ("gs://_bucket/a.csv", "gs://_bucket/*.csv", False),
        ("gs://bucket/a_.csv", "gs://bucket/*", False),
    ],
)
def test_files_elsewhere_are_hidden_by_the_same_rule(uri, pattern, hidden):
    assert is_hidden(uri, pattern) is hidden


def test_a_file_with_several_names_is_read_once(folder):
    (folder / "b.csv").write_text("x\n")
    (folder / "a.csv").symlink_to("b.csv")
    os.link(folder / "b.csv", folder / "c.csv")
    (folder / "2025").mkdir()
    (folder / "2025" / "d.csv").write_text("x\n")
    (folder / "0-current").symlink_to("2025")
    # A folder that leads to itself.
    (folder / "2025" / "again").symlink_to("..")
    assert _names(["*.csv", "./a.csv", str(folder / "b.csv")], folder) == ["b.csv"]
    assert _names(["a.csv"], folder) == ["a.csv"]
    assert _names(["**/d.csv"], folder) == ["2025/d.csv"]
    assert _names(["0-current/*.csv"], folder) == ["0-current/d.csv"]


@pytest.mark.parametrize("pattern", ["gone.csv", "*.csv"])
def test_a_link_that_leads_nowhere_is_no_silence(folder, pattern):
    (folder / "gone.csv").symlink_to("nothing")
    with pytest.raises(UserFault, match=r"gone\.csv is a link that leads nowhere"):
        find_sources([pattern])


def test_a_pattern_that_matches_nothing_is_refused_though_another_matches(folder):
    (folder / "a.csv").write_text("x\n")
    with pytest.raises(UserFault, match=r"'b\*\.csv' matches no file"):
        find_sources(["a.csv", "b*.csv"])


def test_a_name_that_no_store_can_keep_is_refused(folder):
    with open(os.fsencode(folder) + b"/\xff.csv", "wb"):
        pass
    with pytest.raises(UserFault, match=r"udcff\.csv' is no UTF-8"):
        find_sources(["*.csv"])


@pytest.mark.parametrize(
    ("name", "remedy"), [("a.zip", "unpack it"), ("a.csv.ZIP", "unpack it"), ("a.tar", "unpack it"), ("a.docx", "no known format")]
)
def test_an_archive_is_refused_with_the_remedy(folder, name, remedy):
    (folder / name).write_bytes(b"PK")
    with pytest.raises(UserFault, match=remedy):
        find_sources([name])

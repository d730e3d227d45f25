"""The package as a worker gets it: built, installed into a clean folder, and imported from there."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # From a copy: a build leaves folders in the source tree.
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=_PROJECT, capture_output=True, check=True
    ).stdout
    source = folder / "source"
    for name in filter(None, files.decode().split("\0")):
        if (_PROJECT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((_PROJECT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_every_module_and_factor_set(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("pipelines", "schemas", "transforms"):
        for module in (_PROJECT / package).rglob("*.py"):
            assert str(module.relative_to(_PROJECT)) in names
    sets = {path.name for path in (_PROJECT / "transforms/factors/sets").glob("*.parquet")}
    assert sets and {f"transforms/factors/sets/{name}" for name in sets} <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_the_installed_package_calculates_in_a_folder_with_packages_of_the_same_names(wheel, tmp_path):
    target = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(target)
    here = tmp_path / "work"
    for package in ("schemas", "transforms"):
        (here / package).mkdir(parents=True)
        (here / package / "__init__.py").write_text("raise ImportError('a package of the user')\n")
    record = '{"record_id":"R-1","category":1,"region":"GB","activity_year":2025,"product_name":"steel","quantity":2,"quantity_unit":"t","supplier_pcf":1850}'
    code = f"import sys; sys.path[:0] = [{str(target)!r}]; from pipelines.cli import main; sys.exit(main(['calculate']))"
    # -I: without the folder that we stand in, as a console script starts.
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=here, input=record, capture_output=True, text=True, check=True)
    # 2 t at 1,850 kg each.
    assert '"kg_co2e": 3700.0' in done.stdout

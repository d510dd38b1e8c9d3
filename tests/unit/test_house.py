"""What a newcomer needs is there and fits together: pins, make targets, package data, no addresses of one machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "classifiers", "storage")
READMES = ("README.md", "README.zh.md")

# Written so that this file does not contain what it looks for.
ADDRESSES = {
    "a registry": r"py[p]i\.(org|python)|pythonhoste[d]|npmj[s]|ghcr[.]io|docker[.]io"
    r"|\b(registr[y]|mirro[r]s?)\.[\w.-]+\.(cn|com|io|net|org)\b|https?://\S+/simpl[e]\b",
    "a machine's path": r"/[w]ork/(main|shared)|/[t]mp/gb|/[o]pt/pypi|/[r]oot/|/[h]ome/\w+/|/[U]sers/\w+/|[A-Z]:\\[U]sers",
}
SKIPPED_FOLDERS = {".git", ".venv", "build", "dist", "data", "node_modules", "__pycache__"}


def pyproject() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements() -> list[Requirement]:
    """All direct dependencies, those of the extras too, without the extras that name the project itself."""
    project = pyproject()["project"]
    assert isinstance(project, dict)
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    found = [Requirement(line) for lines in lists for line in lines]
    return [requirement for requirement in found if requirement.name != project["name"]]


def constraint_lines() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pins() -> dict[str, Version]:
    split = (line.partition("==") for line in constraint_lines())
    return {canonicalize_name(name): Version(version) for name, _, version in split}


def everything_installed(direct: list[Requirement]) -> Iterator[str]:
    """The names that installing `direct` brings on this Python, through all levels."""
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [requirement for requirement in direct if _applies(requirement, {""})]
    while todo:
        requirement = todo.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            yield key[0]
            lines = metadata.requires(requirement.name) or []
            todo += [child for child in map(Requirement, lines) if _applies(child, requirement.extras)]


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})


def our_files() -> list[Path]:
    """The files that are or will be under version control; without git, all but what is made."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not SKIPPED_FOLDERS & set(path.parts)]


def text_of(path: Path) -> str:
    """The text of a file, "" for a binary one."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def addresses(text: str) -> list[str]:
    """Which addresses a text holds that mean something on one machine or network only."""
    return [f"{what}: {hit.group()}" for what, pattern in ADDRESSES.items() for hit in re.finditer(pattern, text)]


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_constraints_are_names_and_versions() -> None:
    """Each line pins one package; there is no address and no local file in it."""
    wrong = [line for line in constraint_lines() if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)]
    assert wrong == []
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")


def test_constraints_pin_each_dependency_once() -> None:
    """Every direct dependency has a pin that its own range allows, and no package has two."""
    pinned = pins()
    assert len(pinned) == len(constraint_lines())
    versions = ((need, pinned.get(canonicalize_name(need.name))) for need in requirements())
    wrong = [str(need) for need, version in versions if version is None or version not in need.specifier]
    assert wrong == []


def test_constraints_pin_what_dependencies_bring() -> None:
    """Nothing comes in unpinned through a dependency's dependency."""
    assert set(everything_installed(requirements())) <= pins().keys()


@pytest.mark.parametrize("readme", READMES)
def test_make_targets_named_in_a_readme_exist(readme: str) -> None:
    """Whoever types what a README says finds it in the Makefile."""
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE))
    assert {"demo", "run", "test", "check"} <= named
    assert named <= make_targets()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_shows_each_target() -> None:
    """`make help` leaves out no target that one can call."""
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert make_targets() <= set(re.findall(r"^  make ([a-z]+)", shown, re.MULTILINE))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_an_old_python_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """With a Python below 3.11 make says what is needed instead of failing somewhere later."""
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.10.1" && exit 0\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    made = subprocess.run(["make", "demo", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, check=False, text=True)
    assert made.returncode != 0
    assert "Python 3.11 or newer" in made.stderr
    assert "Python 3.10.1" in made.stderr
    assert not (tmp_path / ".venv").exists()


def test_no_addresses_of_one_machine() -> None:
    """No file of ours names a registry's host or a path of the machine it was written on."""
    found = {str(path.relative_to(ROOT)): hits for path in our_files() if (hits := addresses(text_of(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "pip install -i https://py" + "pi.org/simple" + "/",
        "see /wor" + "k/main/x",
        "mirror" + "s.example.com",
        "C:" + r"\Use" + r"rs\li",
        "/ho" + "me/li/x",
    ],
)
def test_an_address_is_found(text: str) -> None:
    """The patterns above do find what they are for."""
    assert addresses(text)


def test_every_toml_file_parses() -> None:
    """A data file with a slip of the pen is found here, not at a grid centre."""
    files = [path for path in our_files() if path.suffix == ".toml"]
    assert ROOT / "pyproject.toml" in files
    for path in files:
        tomllib.loads(path.read_text(encoding="utf-8"))


def test_package_data_is_packaged() -> None:
    """Every file beside the code in a package is of a kind that the wheel takes along."""
    tool = pyproject()["tool"]
    assert isinstance(tool, dict)
    kinds = ["*.py", *tool["setuptools"]["package-data"]["*"]]
    ours = [path for path in our_files() if path.relative_to(ROOT).parts[0] in PACKAGES]
    assert [path for path in ours if not any(fnmatch(path.name, kind) for kind in kinds)] == []


def test_the_example_of_a_configuration_is_packaged() -> None:
    """`gridbridge init` fills it in, and an installed package has no checkout beside it."""
    tool = pyproject()["tool"]
    assert isinstance(tool, dict)
    assert "config.example.toml" in tool["setuptools"]["data-files"]["share/gridbridge"]
    assert (ROOT / "config.example.toml").is_file()


def test_the_build_server_script_runs_as_it_is() -> None:
    """.ci/run is executable, is valid bash and does what a person does by hand."""
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert {"make check", "make test"} <= set(re.findall(r"^make \w+", text, re.MULTILINE))
    if bash := shutil.which("bash"):
        assert subprocess.run([bash, "-n", str(script)], check=False).returncode == 0


def test_the_changelog_knows_this_version() -> None:
    """The version of the package has its chapter in the changelog."""
    project = pyproject()["project"]
    assert isinstance(project, dict)
    assert f"## [{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_this_python_is_supported() -> None:
    """The suite runs on a Python that the package declares."""
    project = pyproject()["project"]
    assert isinstance(project, dict)
    assert Version(".".join(map(str, sys.version_info[:3]))) in Requirement(f"x{project['requires-python']}").specifier

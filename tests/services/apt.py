"""Debian's packages, where the machine has them: installed for root, unpacked into var/ for everybody else."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Where packages are unpacked that could not be installed.
UNPACKED = ROOT / "var" / "brought"


def is_here() -> bool:
    """Whether this machine takes its programs from Debian's packages."""
    return shutil.which("apt-get") is not None


def may_install() -> bool:
    """Whether packages can be installed: apt-get is here, and we are root."""
    return is_here() and os.geteuid() == 0


def install(packages: Sequence[str]) -> None:
    """Install packages without what they only recommend. Raises CalledProcessError, whose stderr says why."""
    _run(["apt-get", "update"])
    _run(["apt-get", "install", "--yes", "--no-install-recommends", *packages])


def unpack(packages: Sequence[str]) -> Path:
    """Download packages and unpack them where no root is needed; give that folder."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", *packages])
    for package in UNPACKED.glob("*.deb"):
        _run(["dpkg", "-x", package.name, "."])
        package.unlink()
    return UNPACKED


def missing_libraries_of(package: str) -> list[str]:
    """Give the libraries that a package needs itself and that are not installed."""
    said = subprocess.run(["apt-cache", "depends", package], check=True, capture_output=True, text=True).stdout
    needed = re.findall(r"Depends: (lib[\w.+-]+)", said)
    return [
        name for name in needed if subprocess.run(["dpkg", "-s", name], check=False, capture_output=True).returncode
    ]


def _run(command: Sequence[str]) -> None:
    UNPACKED.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        cwd=UNPACKED,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
    )

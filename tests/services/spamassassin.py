"""SpamAssassin with its local rules: what a filter thinks of a mail that asks nobody else.

Debian's package with what it needs, unpacked into var/ without root and without a running service.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.services import apt
from tests.services.process import ServiceError

PACKAGES = (
    *("spamassassin", "libhtml-parser-perl", "libhtml-tagset-perl", "libnet-dns-perl", "libnetaddr-ip-perl"),
    *("libsocket6-perl", "libnet-ip-perl", "liburi-perl"),
)
#: It remembers nothing, and of what it takes for spam it makes no other mail.
SETTINGS = ("--cf=use_bayes 0", "--cf=report_safe 0")
_POINTS = re.compile(r"^Content analysis details: +\((-?\d+(?:\.\d+)?) points", re.MULTILINE)


def bring() -> None:
    """Bring it. Raises ServiceError with what to do if that does not work."""
    if _command():
        return
    try:
        if apt.is_here():
            apt.unpack(PACKAGES)
    except subprocess.CalledProcessError as error:
        raise ServiceError(f"The tests need SpamAssassin; Debian's packages did not give it: {error.stderr}") from error
    _command.cache_clear()
    if not _command():
        raise ServiceError("The tests need SpamAssassin: install your system's package (spamassassin).")


def points(mails: Sequence[bytes], folder: Path) -> list[float]:
    """How many points each mail gets from the local rules; 5 make it spam. They are written into that folder."""
    if not (command := _command()):
        raise ServiceError("There is no SpamAssassin: run python -m tests.services.bring")
    files = [folder / f"{number:04}.eml" for number in range(len(mails))]
    for file, content in zip(files, mails, strict=True):
        file.write_bytes(content.replace(b"\r\n", b"\n"))
    own = {"HOME": str(folder), "LC_ALL": "C"}
    said = subprocess.run(
        [*command, "--local", "--test-mode", "--nocreate-prefs", *SETTINGS, *map(str, files)],
        check=True, capture_output=True, text=True, errors="replace", env=os.environ | own,
    ).stdout  # fmt: skip
    found = [float(one) for one in _POINTS.findall(said)]
    assert len(found) == len(mails), f"{len(found)} verdicts on {len(mails)} mails"
    return found


@cache
def _command() -> tuple[str, ...]:
    """How it is started; nothing if it is not here."""
    unpacked = apt.UNPACKED / "usr" / "bin" / "spamassassin"
    if unpacked.exists() and (perl := shutil.which("perl")):
        rules, settings = apt.UNPACKED / "usr/share/spamassassin", apt.UNPACKED / "etc/spamassassin"
        # Perl that distrusts its surroundings, as the script wants, believes no PERL5LIB.
        modules = (word for folder in _modules() for word in ("-I", folder))
        return perl, "-T", *modules, str(unpacked), f"--configpath={rules}", f"--siteconfigpath={settings}"
    found = shutil.which("spamassassin")
    return (found,) if found else ()


def _modules() -> list[str]:
    """Where Perl finds what was unpacked."""
    return [str(apt.UNPACKED / "usr/share/perl5"), *map(str, apt.UNPACKED.glob("usr/lib/*/perl5/*"))]


if __name__ == "__main__":
    print(points([Path(name).read_bytes() for name in sys.argv[1:]], Path.cwd()))

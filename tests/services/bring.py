"""Bring what the tests need and Python's packages do not hold: `python -m tests.services.bring`, once before the tests.

PostgreSQL, Redis and node come as wheels and are there already. This adds a browser, libical and a filter
of spam, from the system's packages where that is possible, and says in one sentence what to do where it is not.
"""

import sys
import time
from collections.abc import Callable

from tests.services import chromium, ical_judges, spamassassin
from tests.services.process import ServiceError

NEEDED: tuple[tuple[str, Callable[[], object]], ...] = (
    ("Chromium", chromium.bring),
    ("libical", ical_judges.bring),
    ("SpamAssassin", spamassassin.bring),
)


def main() -> int:
    """Bring everything; give 1 if something could not be brought."""
    missing = 0
    for name, bring in NEEDED:
        print(f"{name} … ", end="", flush=True)
        began = time.monotonic()
        try:
            bring()
        except ServiceError as error:
            print("missing", flush=True)
            print(error, file=sys.stderr)
            missing += 1
        else:
            took = time.monotonic() - began
            print("here" if took < 1 else f"here, after {took:.0f} s", flush=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

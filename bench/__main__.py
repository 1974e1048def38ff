"""Measure: `make bench`, or `python -m bench [--quick] [--full] [name …]`.

Prints the targets beside what was measured, writes them to var/bench.json, and shows how cost grows. Everything runs on
this machine and shares its cores: clients, web server, worker, PostgreSQL (fsync on) and Redis. So only shares of
something measured in the same run are worth comparing: `hello` is a do-nothing Flask application under the same options
of gunicorn, pgbench does nothing but take seats, smtplib nothing but send what was built beforehand.

The peers' figures stand there for scale. They were measured on such a machine with the same method, not in this run.
"""

import argparse
import sys
from collections.abc import Callable

from bench import calling, campaigning, cold, growth, mailing, pages, signing_up
from bench.plan import Plan, plan_for
from bench.report import Report
from bench.servers import Ground

MEASUREMENTS: dict[str, Callable[[Ground, Plan, Report], None]] = {
    "pages": pages.measure,
    "signing-up": signing_up.measure,
    "mailing": mailing.measure,
    "campaigning": campaigning.measure,
    "calling": calling.measure,
    "cold": cold.measure,
    "growth": growth.measure,
}


def main() -> int:
    """Measure what was asked for, or everything; what was found is shown even if something fails later."""
    asked = _asked()
    plan, report = plan_for(is_quick=asked.quick, is_full=asked.full), Report()
    try:
        with Ground() as ground:
            for name in asked.names or MEASUREMENTS:
                print(f"{name} …", flush=True)
                MEASUREMENTS[name](ground, plan, report)
    finally:
        report.show()
        report.write()
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure how fast it is.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(MEASUREMENTS)}; all unless given")
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    parser.add_argument("--full", action="store_true", help="weigh a clean environment too, which is installed for it")
    asked = parser.parse_args()
    if unknown := set(asked.names) - MEASUREMENTS.keys():
        parser.error(f"nothing is called {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())

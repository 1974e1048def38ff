"""The terminal's door: `nextevents --help` lists it.

A command imports what it needs itself: `web` and `worker` only hand over to another program, and do so at once.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import click
from flask import Flask
from flask.cli import FlaskGroup

OUTCOMES = {"made": "angelegt", "known": "schon da", "unreadable": "nicht lesbar"}


def _app() -> Flask:
    from .app import create_app
    from .settings import from_environment

    return create_app(from_environment())


@click.group(cls=FlaskGroup, create_app=_app, add_default_commands=False, add_version_option=False)
def main() -> None:
    """NExTevents: events, communities and mail of NExT e. V. Settings come from the environment."""


@main.command()
def upgrade() -> None:
    """Bring the database to the newest state. Harmless to repeat."""
    from .ground.database import upgrade_database

    upgrade_database()


@main.command()
def demo() -> None:
    """Load the made-up world of the demo into an empty database."""
    from .demo.loading import load_demo
    from .ground import clock
    from .ground.database import transaction

    if not _is_empty():
        raise click.ClickException("Die Datenbank ist nicht leer.")
    with transaction():
        load_demo(at=clock.now())
    click.echo("Die Vorführdaten sind geladen.")


@main.command("import-events")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_events(file: Path) -> None:
    """Bring in events from a table (CSV): Nr, Datum, Event, Format / Projekt, Ort."""
    from .events.services import import_rows
    from .ground import clock
    from .ground.database import transaction

    counts = dict.fromkeys(OUTCOMES, 0)
    with transaction():
        for row in import_rows(file.read_bytes(), at=clock.now()):
            counts[row.outcome] += 1
            remark = f" ({row.remark})" if row.remark else ""
            click.echo(f"Zeile {row.line}: {OUTCOMES[row.outcome]}: {row.title}{remark}")
    click.echo(", ".join(f"{count} {OUTCOMES[outcome]}" for outcome, count in counts.items()))
    if counts["unreadable"]:
        sys.exit(1)


@main.command("create-office")
@click.argument("email")
def create_office(email: str) -> None:
    """Give somebody the role of the office; they sign in with this address."""
    from .ground import clock
    from .ground.database import transaction
    from .people.addresses import address_of
    from .people.errors import AddressRefused
    from .people.services import make_office, person_with_address

    try:
        address = address_of(email)
    except AddressRefused as refusal:
        raise click.ClickException(str(refusal)) from None
    at = clock.now()
    with transaction():
        make_office(person_with_address(address, name="", at=at), at=at)
    click.echo(f"{address.routed} gehört jetzt zur Geschäftsstelle.")


@main.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def fade(*, dry_run: bool) -> None:
    """Forget personal data that has been kept long enough, and say what went."""
    from .events.retention import TERMS
    from .ground import clock
    from .ground.database import transaction

    at = clock.now()
    for term in TERMS:
        count = term.count(at)
        click.echo(f"{count:>6}  {term.what} ({term.kept})")
        while not dry_run and count:
            with transaction():
                count = term.fade(at)
    click.echo("Nichts gelöscht." if dry_run else "Fertig.")


@main.command("dkim-key")
@click.argument("domain")
@click.option("--selector", default="next", show_default=True, help="The name of the key; another for each new one.")
def dkim_key(domain: str, selector: str) -> None:
    """Make a key that mails from DOMAIN are signed with, and say what to publish."""
    from flask import current_app

    from .mailing.signing import make_key

    if not (is_host_name(domain) and is_host_name(selector)):
        raise click.ClickException("Das ist kein Domainname.")
    try:
        key = make_key(current_app.config["DKIM_KEYS"], domain, selector)
    except FileExistsError:
        raise click.ClickException(
            f"Den Schlüssel {selector} für {domain} gibt es schon. Ein neuer braucht einen anderen Namen: --selector"
        ) from None
    click.echo(f"Der Schlüssel liegt in {key.file}. Bitte sichern, nicht weitergeben.\n")
    click.echo("Veröffentlichen Sie im DNS diesen TXT-Eintrag und starten Sie danach die Worker neu:\n")
    click.echo(f"{key.name}. TXT ( {' '.join(quoted_record(key.record))} )")


def is_host_name(name: str) -> bool:
    """Whether that could stand in the DNS."""
    return bool(re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*", name))


def quoted_record(text: str) -> list[str]:
    """A TXT record in pieces of at most 255 characters (RFC 1035 3.3.14)."""
    return [f'"{text[start : start + 255]}"' for start in range(0, len(text), 255)]


@main.command(with_appcontext=False)
def web() -> None:
    """Serve the pages with gunicorn. HOST, PORT, WEB_CONCURRENCY (2), WEB_THREADS (4)."""
    _use_few_arenas()
    os.execv(sys.executable, _web_command())  # noqa: S606 - no shell wanted


@main.command(with_appcontext=False)
def worker() -> None:
    """Deliver mail and do what time demands. As many as wanted, on as many hosts as wanted."""
    _use_few_arenas()
    os.execv(sys.executable, _worker_command())  # noqa: S606 - no shell wanted


@main.command("mail-in")
@click.pass_context
def mail_in(context: click.Context) -> None:
    """Take mail over LMTP, with our own mail server in front. MAIL_IN (127.0.0.1:8024)."""
    import asyncio

    from flask.cli import ScriptInfo

    from .mailing.lmtp import serve

    app = context.ensure_object(ScriptInfo).load_app()
    host, _, port = app.config["MAIL_IN"].rpartition(":")
    asyncio.run(serve(app, host.strip("[]"), int(port)))


def _use_few_arenas() -> None:
    """Keep glibc from setting memory aside for each thread anew."""
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")


def _web_command() -> list[str]:
    bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
    threads = os.environ.get("WEB_THREADS", "4")
    workers = os.environ.get("WEB_CONCURRENCY", "2")
    limits = ["--timeout", "60", "--keep-alive", "5", "--preload", "--no-control-socket"]
    options = ["--bind", bind, "--workers", workers, "--threads", threads, *limits]
    return [sys.executable, "-m", "gunicorn", *options, "nextevents.wsgi:app"]


def _worker_command() -> list[str]:
    options = [
        "--pool",
        "threads",
        "--concurrency",
        "2",
        "--loglevel",
        "WARNING",
        "--without-gossip",
        "--without-mingle",
    ]
    return [sys.executable, "-m", "celery", "--app", "nextevents.worker:celery", "worker", *options]


def _mail_in_command() -> list[str]:
    return [sys.executable, "-m", "nextevents.commands", "mail-in"]


@main.command(with_appcontext=False)
def run() -> None:
    """Everything at once: database, demo data on the first start, web and worker. Ends with Ctrl+C."""
    from .ground.database import upgrade_database
    from .settings import from_environment

    if not os.environ.get("SMTP_URL"):
        os.environ.setdefault("NEXTEVENTS_DEMO", "on")
    settings = from_environment()
    os.environ.setdefault("BASE_URL", settings.base_url)
    with _app().app_context():
        upgrade_database()
        if settings.demo and _is_empty():
            _load_demo()
    os.environ["MAIL_IN"] = mail_in = _free_address(settings.mail_in)
    click.echo(f"\n  NExTevents läuft: {settings.base_url}/\n")
    if settings.demo:
        click.echo(f"  Rundgang: {settings.base_url}/demo/   Postausgang: {settings.base_url}/demo/postausgang/\n")
    _use_few_arenas()
    click.echo(f"  Mails nimmt es an: LMTP, {mail_in}\n")
    _keep_running([_web_command(), _worker_command(), _mail_in_command()])


def _free_address(wanted: str) -> str:
    """That address if nobody listens there, else another port of the same host."""
    host, _, port = wanted.rpartition(":")
    for one in (int(port), 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, one))
            return f"{host}:{probe.getsockname()[1]}"
    return wanted


def _is_empty() -> bool:
    from .communities.queries import all_communities

    return not all_communities()


def _load_demo() -> None:
    from .demo.loading import load_demo
    from .ground import clock
    from .ground.database import db, transaction

    click.echo("Erster Start: die Vorführdaten werden geladen …")
    with transaction():
        load_demo(at=clock.now())
    db.session.remove()


def _keep_running(commands: list[list[str]]) -> None:
    """Run programs side by side until one ends or we are told to stop; then end them all."""
    running = [subprocess.Popen(command) for command in commands]  # noqa: S603 - our own two programs
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while all(one.poll() is None for one in running):
            time.sleep(0.5)
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait()


if __name__ == "__main__":
    main()

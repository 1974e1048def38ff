"""Whether an instance can serve, on databases as an operator has them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from nextevents.app import create_app
from nextevents.ground import clock
from nextevents.ground.database import db as database
from nextevents.ground.database import transaction, upgrade_database
from nextevents.mailing.forms import FormDraft
from nextevents.mailing.services import Mail, post
from tests.conftest import DATABASES, new_database_url, settings_for


@pytest.fixture(params=DATABASES)
def house(request, tmp_path):
    """An instance with an empty database, in which nothing was made yet."""
    application = create_app(settings_for(tmp_path, new_database_url(request.param, tmp_path)))
    with application.app_context():
        yield application
        database.session.remove()
        database.engine.dispose()


def test_an_instance_is_ready_once_its_database_is_at_the_newest_migration(house):
    browser = house.test_client()
    assert (browser.get("/readyz").status_code, browser.get("/healthz").status_code) == (503, 200)

    upgrade_database()
    assert (browser.get("/readyz").status_code, browser.get("/readyz").json) == (
        200,
        {"status": "ok", "outbox_age_seconds": 0},
    )

    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert (browser.get("/readyz").status_code, browser.get("/readyz").json) == (503, {"status": "not migrated"})


def test_how_long_the_oldest_mail_waits_is_told_to_operators(house):
    upgrade_database()
    form = FormDraft(language="de", subject="Hallo", text="Hallo", html="<p>Hallo</p>")
    with transaction():
        at = clock.now() - timedelta(minutes=5)
        for name in ("ada", "bob"):
            post(Mail(kind="x", subject="x", recipient=f"{name}@amt.example", form=form), at=at)
    browser = house.test_client()

    answer = browser.get("/metrics")
    lines = answer.text.splitlines()

    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert 'nextevents_messages{state="queued"} 2' in lines
    assert 'nextevents_messages{state="failed"} 0' in lines
    assert 300 <= float(lines[-1].removeprefix("nextevents_outbox_age_seconds ")) < 360
    assert 300 <= browser.get("/readyz").json["outbox_age_seconds"] < 360
    assert "amt.example" not in answer.text

"""The outbox as tests fill it, and as ledgers judge it: its rows beside what a mail server stored."""

from collections import defaultdict
from datetime import timedelta

from nextevents.ground import clock
from nextevents.mailing import services
from nextevents.mailing.forms import FormDraft, place
from nextevents.mailing.services import Mail
from tests.faults.instance import now
from tests.faults.visitor import new_address

FORM = FormDraft(
    language="de",
    subject="Die Niederschrift",
    text=f"Guten Tag {place('name')},\n\n.\nanbei die Niederschrift.\n",
    html=f"<!doctype html><html lang=de><title>Die Niederschrift</title><p>Guten Tag {place('name')}",
)
AFTER_ALL_LEASES = timedelta(minutes=21)


def write(instance, count, *, form=FORM, **values):
    """Post so many mails; the receivers."""
    receivers = [new_address() for _ in range(count)]
    with instance.door():
        services.post_all(
            [
                Mail(kind="minutes", subject=f"minutes:{to}", recipient=to, form=form, values={"name": to} | values)
                for to in receivers
            ],
            at=clock.now() - timedelta(seconds=1),
        )
    return receivers


def let_leases_end(instance):
    """Do what the worker does when leases have run out. Only for when no worker is at work."""
    with instance.door():
        services.free_abandoned(at=now() + AFTER_ALL_LEASES)
        services.repeat_uncertain(at=now() + AFTER_ALL_LEASES)
    instance.change("UPDATE message SET due_at = created_at")


def counts(instance):
    """How many mails are in each state."""
    return dict(instance.rows("SELECT state, count(*) FROM message GROUP BY state"))


def uncertain(instance):
    """The mails that are, or were once, marked as uncertain: by Message-ID and receiver."""
    return {
        (message_id, to)
        for message_id, to in instance.rows(
            "SELECT message_id, recipient FROM message WHERE was_repeated OR state = 'uncertain'"
        )
    }


def written(instance):
    """All mails, by Message-ID and receiver."""
    return set(instance.rows("SELECT message_id, recipient FROM message"))


def doubled(server):
    """The mails of which the server stored more than one copy."""
    return {mail for mail, copies in server.copies.items() if copies > 1}


def check_ledger(instance, server):
    """Nothing lost, nothing doubled but what was marked, and that at most once and with the same bytes."""
    assert server.copies.keys() == written(instance)
    assert doubled(server) <= uncertain(instance)
    assert max(server.copies.values()) <= 2
    contents = defaultdict(set)
    for mail in server.mails:
        contents[mail.message_id].add(mail.content)
    assert {len(bytes_seen) for bytes_seen in contents.values()} == {1}

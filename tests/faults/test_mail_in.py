"""Mail that comes in: what was acknowledged is kept, whatever dies, and the newest honest answer counts."""

import random
import re
import signal
import smtplib
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from nextevents.events.tasks import read_replies
from tests.faults.instance import now, wait_until
from tests.faults.lmtp import OURS, MailIn, hand_over
from tests.mailing.letters import BORDER, calendar, mail, nested, part

BOUNCES = "ruecklauf@next.example"
TEN_MEGABYTES = 10 * 1024 * 1024
LINE = b"x" * 998 + b"\r\n"


@pytest.fixture
def door(instance):
    instance.environment["MAIL_BORDER"] = BORDER
    with MailIn(instance) as running:
        yield running


def kept(instance) -> int:
    return instance.value("SELECT count(*) FROM inbound_mail")


def test_a_mail_is_kept_whole_before_it_is_acknowledged(instance, door):
    content = b"Subject: x\r\n\r\n.a dot\r\n..two\r\n" + bytes(range(128, 256)) + b"\r\n" + b"x" * 5000 + b"\r\n"

    with door.client() as client:
        assert hand_over(client, content, OURS.upper(), BOUNCES, sender="Ada@stadt.example") == [250, 250]

    rows = instance.rows(
        "SELECT sender, recipient, content, state, kind, attempts FROM inbound_mail ORDER BY recipient"
    )
    assert [(row[0], row[1], bytes(row[2]), *row[3:]) for row in rows] == [
        ("Ada@stadt.example", one, content, "new", "", 0) for one in (BOUNCES, OURS)
    ]


def test_the_same_mail_handed_over_twice_is_one(instance, door):
    for _ in range(3):
        with door.client() as client:
            assert hand_over(client, mail()) == [250]

    assert kept(instance) == 1


def test_only_our_own_addresses_are_taken(instance, door):
    with door.client() as client:
        for to in ("niemand@next.example", "termine@anders.example", "termine", "termine+x@next.example.x"):
            assert hand_over(client, mail(), to, OURS) == [550, 250]
            assert hand_over(client, mail(), to) == [550]
        assert hand_over(client, mail(), "termine+mehr@next.example", sender="") == [250]

    assert sorted(instance.rows("SELECT sender, recipient FROM inbound_mail")) == [
        ("", "termine+mehr@next.example"),
        ("ada@stadt.example", OURS),
    ]


def test_what_is_too_large_is_refused_for_each_receiver_and_costs_no_memory_and_the_conversation_goes_on(
    instance, door
):
    before = most_memory(door)
    with door.client() as client:
        client.ehlo()
        assert client.docmd(f"MAIL FROM:<a@b.example> SIZE={TEN_MEGABYTES + 1}")[0] == 552
        assert hand_over(client, LINE * (TEN_MEGABYTES // len(LINE) + 1), OURS, BOUNCES) == [552, 552]
        assert hand_over(client, LINE * (5 * TEN_MEGABYTES // len(LINE))) == [552]
        assert most_memory(door) - before < 3 * TEN_MEGABYTES
        assert hand_over(client, LINE * (TEN_MEGABYTES // len(LINE) - 1)) == [250]

    assert kept(instance) == 1


def test_while_the_database_is_away_the_mail_stays_where_it_is(instance, door):
    instance.change("ALTER TABLE inbound_mail RENAME TO away")
    with door.client() as client:
        assert hand_over(client, mail(), OURS, BOUNCES) == [451, 451]
        instance.change("ALTER TABLE away RENAME TO inbound_mail")
        assert hand_over(client, mail(), OURS, BOUNCES) == [250, 250]

    assert kept(instance) == 2
    assert "stadt.example" not in door.log.read_text()


def test_whatever_a_mail_holds_it_is_kept_and_many_parts_are_left_for_a_person(instance, door):
    """Nothing, zeros, no text, many parts (bad input 71), a long line, line ends alone, bare line ends."""
    parts = b"".join(b"--x\r\nContent-Type: text/plain\r\n\r\nTeil %d\r\n" % number for number in range(1200))
    many = b'From: ada@stadt.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n' + parts + b"--x--\r\n"
    contents = [b"", b"\0" * 1000, b"\xff\xfe", nested(1200), many, b"x" * 60_000, b"\r\n.\r\n"[:3], b"a\nb\rc"]
    with door.client() as client:
        assert [hand_over(client, content) for content in contents] == [[250]] * len(contents)

    assert kept(instance) == len(contents)
    read_in(instance)
    rows = instance.rows("SELECT state, kind, note FROM inbound_mail WHERE note LIKE 'too %' ORDER BY note")
    assert rows == [("review", "unreadable", f"too {what}") for what in ("deep", "many parts")]


def most_memory(door: MailIn) -> int:
    """The most bytes that the door has ever held."""
    status = Path(f"/proc/{door.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def test_nonsense_ends_no_conversation_and_no_program(instance, door):
    with door.client() as client:
        for line in ("X" * 2000, "MAIL", "MAIL FROM:<a@b\0c>", "RCPT TO:<<>>", "DATA", "EHLO x", "LHLO", "\xff"):
            client.send(line.encode("latin-1") + b"\r\n")
            assert client.getreply()[0] >= 500
        client.ehlo()
        assert hand_over(client, mail()) == [250]


def test_it_ends_when_it_is_told_to(door):
    door.process.stop(signal.SIGTERM)

    assert door.process.returncode == 0


# Dying


def send_until_it_dies(door: MailIn, numbers: range, acknowledged: set[int], chance: random.Random) -> None:
    for number in numbers:
        try:
            with door.client() as client:
                if hand_over(client, mail(text=f"Nummer {number}"), *(OURS, BOUNCES)[: chance.randint(1, 2)])[0] == 250:
                    acknowledged.add(number)
        except (OSError, smtplib.SMTPException):
            return


def test_nothing_that_was_acknowledged_is_lost_however_it_is_killed(instance, door):
    chance = random.Random(number := random.randrange(2**32))
    print(f"seed {number}")
    acknowledged: set[int] = set()
    for killing in range(5):
        senders = [
            threading.Thread(
                target=send_until_it_dies,
                args=(door, range(1000 * (killing * 3 + one), 10**6), acknowledged, chance),
            )
            for one in range(3)
        ]
        for sender in senders:
            sender.start()
        target = len(acknowledged) + chance.randint(5, 30)
        wait_until(lambda target=target: len(acknowledged) >= target, f"{target} acknowledged", within=60)
        time.sleep(chance.uniform(0, 0.01))
        door.kill()
        for sender in senders:
            sender.join()
        door.start()

    there = [bytes(row[0]) for row in instance.rows("SELECT DISTINCT content FROM inbound_mail")]
    found = {int(content.split(b"Nummer ")[1].split(b"\r\n")[0]) for content in there}
    assert acknowledged - found == set()


def test_a_mail_on_which_readers_die_three_times_is_left_for_a_person(instance, door):
    with door.client() as client:
        hand_over(client, mail())
    instance.change("UPDATE inbound_mail SET attempts = 3")

    with instance.app.app_context():
        read_replies.run()

    assert instance.rows("SELECT state, kind, note FROM inbound_mail") == [
        ("review", "unreadable", "breaks the reader")
    ]


# From the wire to the seat


def test_answers_that_come_in_over_the_wire_in_any_order_end_with_the_newest_of_each(instance, door):
    chance = random.Random(number := random.randrange(2**32))
    print(f"seed {number}")
    event = instance.make_event(capacity=10)
    instance.make_people(20)
    uid = instance.value("SELECT uid FROM event")
    addresses = [row[0] for row in instance.rows("SELECT address FROM person ORDER BY id")]
    mails, last = [], {}
    for number in range(150):
        who, answer = chance.choice(addresses), chance.choice(["ACCEPTED", "TENTATIVE", "DECLINED"])
        text = calendar(uid, who, answer, at=now() - timedelta(hours=2) + timedelta(seconds=number))
        is_forged = chance.random() < 0.2
        mails.append(mail(part(text), author=who, border="" if is_forged else None))
        if not is_forged:
            last[who] = answer.lower()
    mails += chance.choices(mails, k=30)
    chance.shuffle(mails)

    with door.client() as client:
        assert {code for content in mails for code in hand_over(client, content)} == {250}
    readers = [threading.Thread(target=read_in, args=(instance,)) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    wait_until(lambda: not instance.rows("SELECT 1 FROM inbound_mail WHERE state = 'new'"), "all read", within=60)

    said = dict(
        instance.rows("SELECT address, answer FROM call JOIN person ON person.id = person_id WHERE answer IS NOT NULL")
    )
    assert said == last
    capacity, taken, rows = instance.seats(event)
    assert taken == rows <= capacity
    assert instance.value("SELECT max(attempts) FROM inbound_mail") == 1


def read_in(instance) -> None:
    with instance.app.app_context():
        read_replies.run()

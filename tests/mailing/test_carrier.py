"""The carriers, against servers that take every mail and servers that fail where they are told."""

import pytest
from sqlalchemy import select

from nextevents.ground.database import db as database
from nextevents.mailing import carrier
from nextevents.mailing.carrier import KeepingCarrier, SMTPCarrier, carrier_for
from nextevents.mailing.errors import NotNow, Refused, ServerUnusable, Unanswered
from nextevents.mailing.forms import FormDraft
from nextevents.mailing.models import KeptMail, Message
from nextevents.mailing.services import Mail, post
from tests.services.process import free_port
from tests.services.smtp import FaultySMTP, Sink, Stage, certificate, drop, hang, refuse

CONTENT = b"Message-ID: <1@next.example>\r\nSubject: x\r\n\r\nHallo\r\n"
WITH_DOTS = b"Subject: x\r\n\r\n.\r\n..\r\n.x\r\n\r\n.\r\nBcc: eve@evil.example\r\n.\r\n"


def send(over, to="ada@amt.example", content=CONTENT):
    return over.send(1, sender="ruecklauf@next.example", to=to, content=content)


@pytest.fixture(params=[False, True], ids=["one by one", "pipelining"])
def server(request):
    with FaultySMTP(pipelining=request.param) as faulty:
        yield faulty


@pytest.fixture
def smtp(server):
    with SMTPCarrier(server.url) as one:
        yield one


def test_mails_go_over_one_connection_each_to_one_receiver_from_the_address_for_failures():
    with Sink() as sink, SMTPCarrier(sink.url) as smtp:
        answers = [send(smtp, to=f"p{number}@amt.example") for number in range(3)]

        assert answers == 3 * ["250 2.0.0 stored"]
        assert [(mail.sender, mail.recipients, mail.connection) for mail in sink.mails] == [
            ("ruecklauf@next.example", (f"p{number}@amt.example",), 1) for number in range(3)
        ]


@pytest.mark.parametrize(
    "content", [CONTENT, WITH_DOTS, CONTENT.removesuffix(b"\r\n"), b"Subject: x\r\n\r\n" + 5_000 * b"x\r\n"]
)
def test_what_was_handed_over_is_what_arrives(content):
    with Sink() as sink, SMTPCarrier(sink.url) as smtp:
        send(smtp, content=content)
        send(smtp)

        assert [mail.content for mail in sink.mails] == [content.removesuffix(b"\r\n") + b"\r\n", CONTENT]


def test_a_server_that_can_is_asked_for_reports_under_the_row_s_number_but_not_to_nobody():
    """Rule M-14: of failures and delays, with the headers alone."""
    with FaultySMTP(dsn=True) as server, SMTPCarrier(server.url) as smtp:
        smtp.send(17, sender="b@next.example", to="ada@amt.example", content=CONTENT)
        smtp.send(18, sender="", to="ada@amt.example", content=CONTENT)

        assert server.envelopes == [
            "MAIL FROM:<b@next.example> RET=HDRS ENVID=17",
            "RCPT TO:<ada@amt.example> NOTIFY=FAILURE,DELAY",
            "MAIL FROM:<>",
            "RCPT TO:<ada@amt.example>",
        ]
    with FaultySMTP() as server, SMTPCarrier(server.url) as smtp:
        send(smtp)
        assert server.envelopes == ["MAIL FROM:<ruecklauf@next.example>", "RCPT TO:<ada@amt.example>"]


class Forwarding(FaultySMTP):
    """Knows that everybody has moved."""

    def _take_recipient(self, now, address):
        now.recipients += (address,)
        self._send(now, "251 2.1.5 will forward")


@pytest.mark.parametrize("pipelining", [False, True])
def test_a_receiver_to_whom_the_server_forwards_is_taken(pipelining):
    with Forwarding(pipelining=pipelining) as server, SMTPCarrier(server.url) as smtp:
        send(smtp)
        send(smtp)

        assert [mail.content for mail in server.mails] == [CONTENT, CONTENT]


def test_user_password_and_encryption_are_used_where_the_address_says_so(tmp_path, monkeypatch):
    context, authority = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    login = ("worker", "secret")

    for sink in (Sink(login=login), Sink(login=login, tls=context), Sink(login=login, tls=context, starttls=True)):
        with sink, SMTPCarrier(sink.url) as smtp:
            send(smtp)
            assert len(sink.mails) == 1


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path):
    context, _ = certificate(tmp_path)
    with Sink(tls=context) as sink, SMTPCarrier(sink.url) as smtp:
        with pytest.raises(ServerUnusable, match="CERTIFICATE_VERIFY_FAILED"):
            send(smtp)

        assert sink.mails == []


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.DOT])
@pytest.mark.parametrize(("answer", "error"), [("550 5.1.1 unknown", Refused), ("451 4.3.0 later", NotNow)])
def test_a_no_to_one_mail_is_about_that_mail_and_the_next_goes_over_the_same_connection(
    server, smtp, stage, answer, error
):
    server.next_messages(refuse(stage, answer), None)

    with pytest.raises(error, match=answer):
        send(smtp)
    send(smtp, to="bob@amt.example")

    assert [(mail.recipients, mail.connection) for mail in server.mails] == [(("bob@amt.example",), 1)]


@pytest.mark.parametrize("answer", ["550 5.7.1 go away", "451 4.7.1 not from you", "421 4.3.2 closing"])
def test_a_no_to_the_sender_is_about_us(server, smtp, answer):
    server.next_messages(refuse(Stage.MAIL, answer))

    with pytest.raises(ServerUnusable, match=answer):
        send(smtp)
    send(smtp)

    assert [mail.connection for mail in server.mails] == [2]


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA])
def test_a_server_that_hangs_up_over_one_receiver_says_later_to_that_mail_only(server, smtp, stage):
    server.next_messages(refuse(stage, "421 4.3.2 closing"))

    with pytest.raises(NotNow, match="421 4.3.2 closing"):
        send(smtp)
    send(smtp, to="bob@amt.example")

    assert [(mail.recipients, mail.connection) for mail in server.mails] == [(("bob@amt.example",), 2)]


@pytest.mark.parametrize("fault", [drop(Stage.MAIL), refuse(Stage.MAIL, "421 4.4.2 idle")], ids=["silent", "421"])
def test_a_connection_of_which_the_server_has_had_enough_is_made_anew_once(server, smtp, fault):
    server.next_messages(None, fault, None, fault, fault)
    send(smtp)
    send(smtp, to="bob@amt.example")

    with pytest.raises(ServerUnusable):
        send(smtp)

    assert [(mail.recipients, mail.connection) for mail in server.mails] == [
        (("ada@amt.example",), 1),
        (("bob@amt.example",), 2),
    ]
    assert server.connections == 3


def test_a_password_that_cannot_be_sent_is_about_us():
    with (
        FaultySMTP(login=True) as server,
        SMTPCarrier(server.url.replace("//", "//worker:geheimnisvoll%C3%BC@")) as smtp,
        pytest.raises(ServerUnusable, match="UnicodeEncodeError"),
    ):
        send(smtp)


def test_words_with_characters_that_no_database_takes_are_made_plain(server, smtp):
    server.next_messages(refuse(Stage.RCPT, "550 5.1.1 un\0known\x1b"))

    with pytest.raises(Refused, match=r"\A550 5\.1\.1 un known \Z"):
        send(smtp)


@pytest.mark.parametrize(
    "fault",
    [refuse(Stage.GREETING, "554 no"), drop(Stage.GREETING), refuse(Stage.EHLO, "550 no"), drop(Stage.EHLO)],
    ids=lambda fault: f"{fault.kind} at {fault.stage}",
)
def test_a_server_that_does_not_let_us_in_cannot_be_used_and_is_tried_anew_next_time(server, smtp, fault):
    server.next_connections(fault)

    with pytest.raises(ServerUnusable):
        send(smtp)
    send(smtp)

    assert len(server.mails) == 1


def test_a_wrong_password_is_about_us():
    with FaultySMTP(login=True) as server:
        server.next_connections(refuse(Stage.AUTH, "535 5.7.8 wrong"))
        with (
            SMTPCarrier(server.url.replace("//", "//worker:secret@")) as smtp,
            pytest.raises(ServerUnusable, match="535"),
        ):
            send(smtp)


def test_nobody_at_that_address_is_about_us():
    with (
        SMTPCarrier(f"smtp://127.0.0.1:{free_port()}") as smtp,
        pytest.raises(ServerUnusable, match="ConnectionRefused"),
    ):
        send(smtp)


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
def test_a_connection_that_breaks_before_the_body_leaves_nothing_in_doubt(server, smtp, stage):
    server.next_messages(drop(stage))

    with pytest.raises(ServerUnusable):
        send(smtp)
    send(smtp)

    assert len(server.mails) == 1


@pytest.mark.parametrize(("stage", "stored"), [(Stage.BODY, 0), (Stage.DOT, 0), (Stage.STORED, 1)])
def test_a_connection_that_breaks_after_the_body_began_leaves_the_mail_uncertain(server, smtp, stage, stored):
    server.next_messages(drop(stage))

    with pytest.raises(Unanswered):
        send(smtp, content=CONTENT + 500 * b"x\r\n")

    assert len(server.mails) == stored
    send(smtp)
    assert len(server.mails) == stored + 1


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(server, monkeypatch):
    monkeypatch.setattr(carrier, "COMMAND_SECONDS", 0.2)
    monkeypatch.setattr(carrier, "FINAL_REPLY_SECONDS", 0.2)
    server.next_messages(hang(Stage.RCPT), hang(Stage.DOT))
    with SMTPCarrier(server.url) as smtp:
        with pytest.raises(ServerUnusable):
            send(smtp)
        with pytest.raises(Unanswered):
            send(smtp)
        send(smtp)

    assert len(server.mails) == 1


def test_hanging_up_twice_or_before_calling_is_fine(server):
    smtp = SMTPCarrier(server.url)
    smtp.close()
    send(smtp)
    smtp.close()
    smtp.close()
    send(smtp)
    smtp.close()

    assert [mail.connection for mail in server.mails] == [1, 2]


def test_a_mail_that_is_kept_lies_here_as_it_would_have_left_and_the_same_again_replaces_it(db, noon):
    form = FormDraft(language="de", subject="Hallo", text="Hallo", html="<p>Hallo</p>")
    post(Mail(kind="x", subject="x", recipient="ada@amt.example", form=form), at=noon)
    number = db.scalar(select(Message.id))
    db.commit()
    keeping = KeepingCarrier()

    for content in (CONTENT, WITH_DOTS):
        assert keeping.send(number, sender="a@b.example", to="ada@amt.example", content=content) == "kept here"
    keeping.close()

    assert [(kept.message_id, kept.content) for kept in database.session.scalars(select(KeptMail))] == [
        (number, WITH_DOTS)
    ]


def test_the_settings_say_which_carrier_it_is():
    assert [type(carrier_for(url)) for url in ("", "smtp://mail.example")] == [KeepingCarrier, SMTPCarrier]

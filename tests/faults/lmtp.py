"""The door for mail of an instance, and a mail server in front of it."""

import smtplib

from nextevents.commands import _mail_in_command
from tests.faults.forked import ForkedProcess
from tests.faults.instance import REPOSITORY, Instance
from tests.services.process import Service, free_port

OURS = "termine@next.example"


class MailIn(Service):
    """The program that takes mail, at a port that it keeps."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.port = free_port()
        self.log = instance.folder / "mail-in.log"

    def start(self) -> None:
        """Start it and wait until it listens."""
        environment = self._instance.full_environment() | {"MAIL_IN": f"127.0.0.1:{self.port}"}
        self._process = ForkedProcess(_mail_in_command(), log=self.log, cwd=REPOSITORY, env=environment)
        self._process.wait_until(self._answers, within=90)

    def _answers(self) -> bool:
        try:
            with self.client():
                return True
        except OSError:
            return False

    def client(self) -> smtplib.LMTP:
        """A connection."""
        return smtplib.LMTP("127.0.0.1", self.port, timeout=20)

    def close(self) -> None:
        """Stop it."""
        self.kill()


def hand_over(client: smtplib.LMTP, content: bytes, *to: str, sender: str = "ada@stadt.example") -> list[int]:
    """Hand over one mail; gives the code for each receiver, as RFC 2033 4.2 wants it."""
    client.ehlo_or_helo_if_needed()
    code, _ = client.docmd(f"MAIL FROM:<{sender}>")
    if code != 250:
        return [code]
    codes = [client.docmd(f"RCPT TO:<{one}>")[0] for one in to or (OURS,)]
    if 250 not in codes:
        client.docmd("RSET")
        return codes
    assert client.docmd("DATA")[0] == 354
    client.send(smtplib._quote_periods(content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n")  # noqa: SLF001
    return [client.getreply()[0] if code == 250 else code for code in codes]

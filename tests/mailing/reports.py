"""Reports as mail systems write them about mails of ours."""

from email.message import EmailMessage


def delivery_status(
    status: str = "5.1.1",
    *,
    action: str = "failed",
    words: str = "smtp; 550 5.1.1 <eve@amt.example>: Recipient address rejected",
    recipient: str = "eve@amt.example",
) -> bytes:
    """As RFC 3464 has it, and Postfix writes it."""
    return (
        "From: MAILER-DAEMON@mx.amt.example (Mail Delivery System)\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_r"\r\n\r\n'
        "--=_r\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n"
        "--=_r\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.amt.example\r\nArrival-Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {words}\r\n\r\n"
        "--=_r\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Neues\r\n\r\n--=_r--\r\n"
    ).encode()


def in_words(
    text: str,
    *,
    subject: str = "Unzustellbar: Neues im Dezember",
    author: str = "postmaster@amt.example",
    **headers: str,
) -> bytes:
    """A report, or an answer, that is only text."""
    message = EmailMessage()
    message["From"], message["Subject"] = author, subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def complaint(head: str, *, said: str = "", kind: str = "abuse") -> bytes:
    """As RFC 5965 has it: what is said about the mail, and its head."""
    return (
        "From: feedback@provider.example\r\nSubject: FW: Neues\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="=_f"\r\n\r\n'
        "--=_f\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        "--=_f\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: Provider/1.0\r\nVersion: 1\r\n{said}\r\n"
        f"--=_f\r\nContent-Type: message/rfc822\r\n\r\n{head}\r\n\r\nGuten Tag\r\n--=_f--\r\n"
    ).encode()

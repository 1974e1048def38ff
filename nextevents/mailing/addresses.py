"""Addresses that are worked out from numbers and never stored: lists', for leaving them, and for what comes back.

Whoever holds one can use it: they are tokens (ground.tokens), bound to one purpose and to one row.
"""

from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from email.headerregistry import Address

from flask import current_app

from ..ground.tokens import number_in, pair, token_for
from .messages import absolute
from .models import ListKind, MailingList, Readers, Stream

#: What the key in the link to a web version opens: the archive of one list, for one mailbox.
READING = "reading"


def unsubscribe_url(list_id: int, mailbox_id: int) -> str:
    """Where a mailbox leaves a list: a POST from a mail program does it at once, a visit asks first (rule M-05)."""
    return absolute(f"/verteiler/abmelden/{unsubscribe_token(list_id, mailbox_id)}/")


def unsubscribe_token(list_id: int, mailbox_id: int) -> str:
    """The same for one who writes a mail."""
    return token_for("unsubscribe", pair(list_id, mailbox_id))


def reading_token(list_id: int, mailbox_id: int) -> str:
    """What lets the owner of a mailbox read the archive of a list that is not for everybody."""
    return token_for(READING, pair(list_id, mailbox_id))


def preferences_url(mailbox_id: int) -> str:
    """Where the owner of a mailbox chooses what mail comes."""
    return absolute(f"/verteiler/einstellungen/{token_for('preferences', mailbox_id)}/")


def links_of(list_id: int | None, mailbox_id: int | None) -> dict[str, str] | None:
    """What a mail of a list is filled in with beside its values; None for any other mail."""
    if list_id is None or mailbox_id is None:
        return None
    base, token = current_app.config["BASE_URL"], unsubscribe_token(list_id, mailbox_id)
    return {  # put together here, because it happens for every mail
        "unsubscribe_url": f"{base}/verteiler/abmelden/{token}/",
        "unsubscribe_token": token,
        "reading_token": reading_token(list_id, mailbox_id),
        "preferences_url": f"{base}/verteiler/einstellungen/{token_for('preferences', mailbox_id)}/",
    }


def list_address(slug: str, task: str = "") -> str:
    """The address of a list, or of one of its tasks such as "owner" or "unsubscribe"."""
    return f"{slug}{'+' if task else ''}{task}@{current_app.config['LIST_DOMAIN']}"


def slug_in(address: str) -> str:
    """The name before the @ of an address that could be a list's, without its task; empty for any other domain."""
    local_part, _, domain = address.rpartition("@")
    is_ours = domain.lower() == current_app.config["LIST_DOMAIN"].lower()
    return local_part.partition("+")[0].lower() if is_ours else ""


def list_headers(one: MailingList, stream: Stream) -> dict[str, str]:
    """The headers of all mails of a list (rule 2.3; RFC 2369 and 2919), for FormDraft.headers.

    From is the list's sender; whoever passes on a member's post puts another in its place.
    """
    page = absolute(f"/verteiler/{one.slug}/")
    domain = current_app.config["LIST_DOMAIN"]
    headers = {
        "From": named_address(one.sender_name or one.name, _sender_of(one)),
        "List-Id": f"{named(one.name)} <{one.slug}.{domain}>",
        "List-Post": f"<mailto:{list_address(one.slug)}>" if stream == Stream.LIST else "NO",
        "List-Help": f"<{page}>",
        "List-Owner": f"<mailto:{list_address(one.slug, 'owner')}>",
        "List-Unsubscribe": list_address(one.slug, "unsubscribe"),
    }
    if one.archive != Readers.NOBODY:
        headers["List-Archive"] = f"<{page}archiv/>"
    if stream == Stream.LIST:
        headers["List-Subscribe"] = f"<{page}>, <mailto:{list_address(one.slug, 'subscribe')}>"
    return headers


def _sender_of(one: MailingList) -> str:
    is_newsletter = one.kind == ListKind.NEWSLETTER
    return str(current_app.config["NEWSLETTER_FROM"]) if is_newsletter else list_address(one.slug)


def named_address(name: str, address: str) -> str:
    """Name and address as a header holds them."""
    return str(Address(name, addr_spec=address))


def named(name: str) -> str:
    """A name alone, in quotation marks if it needs them."""
    return named_address(name, "a@b").removesuffix(" <a@b>")


def return_path(number: int, *, is_of_list: bool) -> str:
    """The envelope's sender of one mail: it names the message, so a report about it needs no guessing (rule M-08).

    Without an address for failures, mails that are not of a list come from MAIL_FROM itself.
    """
    config = current_app.config
    address: str = config["MAIL_BOUNCES"]
    if address == config["MAIL_FROM"]:
        if not is_of_list:
            return address
        address = f"bounces@{config['LIST_DOMAIN']}"
    local_part, _, domain = address.rpartition("@")
    return f"{local_part}+{spoken(token_for('bounce', number))}@{domain}"


def message_behind(address: str) -> int | None:
    """The number of the message whose return path this is; None if it is none of ours."""
    _, _, token = address.rpartition("@")[0].partition("+")
    return number_in("bounce", unspoken(token)) if token else None


def spoken(token: str) -> str:
    """A token as it stands in a mail address: mail systems may change capitals there (RFC 5321 2.4 forbids it)."""
    return b32encode(urlsafe_b64decode(token)).decode().rstrip("=").lower()


def unspoken(token: str) -> str:
    """A token as it was before spoken(); empty if it was none."""
    try:
        return urlsafe_b64encode(b32decode(token.upper() + "=" * (-len(token) % 8))).decode()
    except ValueError:
        return ""

"""A judge of finished mails that knows nothing of what wrote them: the wire, headers by stream, signature, bodies.

It reads with the standard library, dkimpy and BeautifulSoup; the rules are those of 2.3, M-03, M-05, M-31 to M-36 and
M-40. Of what a member has signed or encrypted, only headers, signature and size are judged.
"""

import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

import dkim
from bs4 import BeautifulSoup, Comment

LARGEST_HTML, LARGEST_MAIL, LARGEST_POST = 80_000, 200_000, 10_000_000
LONGEST_LINE, LONGEST_OF_TEXT, LONGEST_SUBJECT, LONGEST_LINK = 998, 78, 70, 200
ONCE = ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Reply-To", "Auto-Submitted", "Precedence")
NEEDED = frozenset(ONCE[:6])
OF_LISTS = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "List-Post", "List-Help", "List-Owner")
#: By Precedence: the stream, and what its headers say; None: there is no such header.
STREAMS: Mapping[str | None, tuple[str, Mapping[str, str | None]]] = {
    None: ("transactional", {"Auto-Submitted": "auto-(generated|replied)", **dict.fromkeys(OF_LISTS)}),
    "bulk": ("newsletter", {"Auto-Submitted": "auto-generated", "List-Post": "NO"}),
    "list": ("list", {"List-Post": "<mailto:[^>]+>", "List-Subscribe": "<.+"}),
}
ON_EVERY_LIST = {
    "List-Unsubscribe": r"<{host}/[^>\s]+>, <mailto:[^>\s]+>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Id": r".*<[\w.-]+>",
    "List-Help": "<{host}/[^>]*>",
    "List-Owner": "<mailto:[^>]+>",
}
#: What a signature has to cover once more than it is there (M-03).
OVERSIGNED = ("from", "subject", "to", "date", "list-unsubscribe", "list-unsubscribe-post", "list-id")
#: Elements that load, run or send something.
ACTIVE = (
    "script",
    "link",
    "iframe",
    "frame",
    "object",
    "embed",
    "form",
    "input",
    "base",
    "img",
    "video",
    "audio",
    "svg",
)
#: What a member has signed or encrypted is passed on as it is (M-18).
SEALED = frozenset({"multipart/signed", "multipart/encrypted", "application/pkcs7-mime"})
LOADS = ("src", "srcset", "background", "poster", "data", "action")
BLOCKS = ("p", "li", "td", "tr", "div", "h1", "h2", "h3", "h4", "pre", "blockquote", "br", "hr")
_ADDRESS = re.compile(r"https?://\S+")
_WORD = re.compile(r"[^\W_]+")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")


def judge(content: bytes, *, host: str, published: Mapping[str, str]) -> list[str]:
    """What is wrong with a mail, a sentence each. Host is ours, as http://…; published are the TXT records by name."""
    mail = message_from_bytes(content, policy=default)
    found = [*_about_the_wire(content), *_about_headers(mail, host), *_about_the_signature(content, published)]
    return found + list(_about_bodies(mail, content, host))


def stream_of(mail: EmailMessage) -> str:
    """Which stream a mail says it belongs to; a word that is none if it says something else."""
    said = mail["Precedence"]
    return STREAMS.get(said and str(said), (f"Precedence: {said}", {}))[0]


# ── The wire ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _about_the_wire(content: bytes) -> Iterator[str]:
    if b"\n" in content.replace(b"\r\n", b"") or b"\r" in content.replace(b"\r\n", b""):
        yield "a line ends with something else than CRLF"
    if not content.isascii():
        yield "there are bytes that need 8BITMIME"
    if (longest := max(map(len, content.split(b"\r\n")))) > LONGEST_LINE:
        yield f"a line has {longest} bytes"


# ── Headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _about_headers(mail: EmailMessage, host: str) -> Iterator[str]:
    yield from (f"{type(defect).__name__}" for part in mail.walk() for defect in part.defects)
    yield from (f"{name} is there {len(mail.get_all(name, []))} times" for name in _unlike_once(mail))
    stream, said_by_stream = STREAMS.get(mail["Precedence"] and str(mail["Precedence"]), ("", {}))
    wanted: dict[str, str | None] = {}
    if not stream:
        yield f"no stream has Precedence: {mail['Precedence']}"
    if stream != "transactional":
        wanted |= {name: said.replace("{host}", re.escape(host)) for name, said in ON_EVERY_LIST.items()}
    wanted |= said_by_stream
    if stream == "list":  # what a member wrote is answered; what a programme has gathered says so
        wanted["Auto-Submitted"] = None if mail["Reply-To"] else "auto-generated"
    for name, said in wanted.items():
        value = None if mail[name] is None else " ".join(str(mail[name]).split())
        if (value is None) != (said is None) or not re.fullmatch(said or "", value or ""):
            yield f"{name} of a mail of the stream {stream} says {value}"
    yield from _about_answers(mail, stream)
    yield from _about_the_subject(str(mail["Subject"]), stream)
    if mail["Date"] and parsedate_to_datetime(str(mail["Date"])).tzinfo is None:
        yield "Date has no zone"


def _unlike_once(mail: EmailMessage) -> list[str]:
    counts = {name: len(mail.get_all(name, [])) for name in (*ONCE, *OF_LISTS)}
    return [name for name, count in counts.items() if count > 1 or (name in NEEDED and not count)]


def _about_answers(mail: EmailMessage, stream: str) -> Iterator[str]:
    has_calendar = any(part.get_content_type() == "text/calendar" for part in mail.walk())
    wanted = "OOF" if has_calendar and stream != "list" else "OOF, AutoReply"
    if mail["X-Auto-Response-Suppress"] != wanted:
        yield f"X-Auto-Response-Suppress says {mail['X-Auto-Response-Suppress']} instead of {wanted}"


def _about_the_subject(subject: str, stream: str) -> Iterator[str]:
    if stream == "list":
        return
    if not subject or len(subject) > LONGEST_SUBJECT + len("[Test] "):
        yield f"the subject has {len(subject)} letters"
    if _EMOJI.search(subject) or subject.casefold().startswith(("re:", "aw:", "fwd:", "wg:")):
        yield f"the subject is {subject}"


# ── The signature ────────────────────────────────────────────────────────────────────────────────────────────────────


def _about_the_signature(content: bytes, published: Mapping[str, str]) -> Iterator[str]:
    records = {f"{name}.".encode(): record.encode() for name, record in published.items()}

    def ask(name: bytes, **_: object) -> bytes | None:
        return records.get(name)

    if not dkim.verify(content, dnsfunc=ask):
        yield "the signature does not verify"
        return
    head = content.partition(b"\r\n\r\n")[0].decode().casefold()
    covered = [name.strip() for name in re.findall(r"\sh=([^;]+);", head)[0].split(":")]
    for name in OVERSIGNED:
        there = len(re.findall(rf"(?m)^{name}:", head))
        if covered.count(name) <= there:
            yield f"the signature covers {name} {covered.count(name)} times, which is there {there} times"


# ── Bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _about_bodies(mail: EmailMessage, content: bytes, host: str) -> Iterator[str]:
    if mail.get_content_type() in SEALED:
        if len(content) > LARGEST_POST:
            yield f"the post has {len(content)} bytes"
        return
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    if None in bodies:
        yield "text or HTML is missing"
        return
    text, html = (body.get_content() for body in bodies if body is not None)
    if len(html.encode()) > LARGEST_HTML or len(content) > LARGEST_MAIL:
        yield f"{len(html.encode())} bytes of HTML, {len(content)} of all"
    page = BeautifulSoup(html, "html.parser")
    yield from _about_the_text(text)
    yield from _about_the_page(page, html, host)
    yield from _about_the_difference(text, page, str(mail["Subject"]))


def _about_the_text(text: str) -> Iterator[str]:
    too_long = [line for line in text.splitlines() if len(line) > LONGEST_OF_TEXT and not _ADDRESS.search(line)]
    yield from (f"a line of the text has {len(line)} letters: {line}" for line in too_long)


def _about_the_page(page: BeautifulSoup, html: str, host: str) -> Iterator[str]:
    yield from (f"the HTML holds <{one.name}>" for one in page.find_all(ACTIVE))
    for one in page.find_all(lambda tag: any(name in tag.attrs for name in LOADS)):
        yield f"the HTML loads {[one[name] for name in LOADS if name in one.attrs]}"
    if re.search(r"url\(|@import", html):
        yield "the style sheet loads something"
    runs = page.find_all(lambda tag: any(name.startswith("on") for name in tag.attrs))
    yield from (f"<{one.name}> runs something" for one in runs)
    links = [str(one.get("href", "")) for one in page.find_all("a")]
    yield from (f"a link leads to {one!r}" for one in links if not re.match(r"https?://|mailto:", one))
    yield from (
        f"a link of ours has {len(one)} letters" for one in links if one.startswith(host) and len(one) > LONGEST_LINK
    )
    languages = {page.html and page.html.get("lang"), page.body and page.body.get("lang")}
    if len(languages) != 1 or None in languages or not page.title or len(page.find_all("h1")) != 1:
        yield f"languages {languages}, title {page.title}, {len(page.find_all('h1'))} h1"


def _about_the_difference(text: str, page: BeautifulSoup, subject: str) -> Iterator[str]:
    """Whoever reads only one of both misses nothing.

    Both have a title of their own: the subject stands above the text, the heading above the HTML.
    """
    titles = _words(f"{subject} {page.h1.get_text(' ') if page.h1 else ''}")
    in_text, in_html = _words(text), _words(_seen(page))
    for where, words in (("HTML", in_html - in_text - titles), ("text", in_text - in_html - titles)):
        if words:
            yield f"only in the {where}: {' '.join(sorted(words))}"
    links = {str(one["href"]) for one in page.find_all("a", href=True)}
    yield from (f"the text does not say {one}" for one in links if one.removeprefix("mailto:") not in text)


def _words(written: str) -> set[str]:
    """Its words without addresses, which texts write out."""
    return set(_WORD.findall(_ADDRESS.sub(" ", written).casefold()))


def _seen(page: BeautifulSoup) -> str:
    """What readers of the HTML see or hear. Leaves of a calendar repeat what stands beside them."""
    page = BeautifulSoup(str(page), "html.parser")
    for one in page.select("head, style, title, [aria-hidden=true]"):
        one.decompose()
    for comment in page.find_all(string=lambda one: isinstance(one, Comment)):
        comment.extract()
    for one in page.find_all(BLOCKS):
        one.insert_after(" ")
    return page.get_text("")

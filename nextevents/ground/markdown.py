"""Organisers' Markdown as safe HTML and as plain text. The only place where text is declared to be markup."""

from collections.abc import Iterator, Sequence
from textwrap import fill

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h2", "h3", "h4", "a", "blockquote", "code", "pre", "hr"}
#: A list may begin at any number: "2. Februar" at the head of a line is one.
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")


def as_html(text: str) -> Markup:
    """The text's HTML: headings from level 2, lists, emphasis, links; no images, styles, scripts or raw HTML."""
    rendered = _parser.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    cleaned = nh3.clean(
        rendered, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener nofollow"
    )
    return Markup(cleaned)  # noqa: S704 - cleaned in the line above


def as_text(text: str) -> str:
    """The text for mails without HTML: paragraphs in lines of at most 76 characters, each link with its address."""
    said, was_item = "", False
    for is_item, block in _blocks(_parser.parse(text)):
        between = "\n" if is_item and was_item else "\n\n"
        said += f"{between if said else ''}{block}"
        was_item = is_item
    return said


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[bool, str]]:
    """Paragraphs, headings, items and code, each with whether it is an item, which carries its sign."""
    signs: list[str] = []
    numbers: list[int | None] = []
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            numbers.append(int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            numbers.pop()
        elif token.type == "list_item_open":
            number = numbers[-1]
            signs.append("- " if number is None else f"{number}. ")
            numbers[-1] = None if number is None else number + 1
        elif token.type == "inline":
            sign = signs.pop() if signs else ""
            yield bool(sign), _wrapped(_words(token.children or []), "  " * max(len(numbers) - 1, 0), sign)
        elif token.type in {"fence", "code_block"}:
            yield False, token.content.rstrip()
        elif token.type == "hr":
            yield False, "---"


def _words(tokens: Sequence[Token]) -> str:
    said, address = "", ""
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            said += token.content
        elif token.type in {"softbreak", "hardbreak"}:
            said += " " if token.type == "softbreak" else "\n"
        elif token.type == "link_open":
            address = str(token.attrs["href"])
        elif token.type == "link_close":
            said += "" if said.endswith(address.removeprefix("mailto:")) else f" ({address})"
    return said


def _wrapped(words: str, indent: str, sign: str) -> str:
    """Lines of at most 76 characters; a long address stands on a line of its own."""
    lines = []
    for number, line in enumerate(words.split("\n")):
        first = indent + (sign if number == 0 else " " * len(sign))
        lines.append(
            fill(
                line,
                76,
                initial_indent=first,
                subsequent_indent=indent + " " * len(sign),
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    return "\n".join(lines)

"""Papers: tagged PDF made of our own HTML, with our own fonts and without the network (rule L-19).

WeasyPrint and Pango are loaded by the first paper only; a process that prints none does not pay for them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent.parent / "static"
#: How a paper's style sheet may ask for, such as url("paper:fira-sans-400.woff2").
SCHEME = "paper:"
FONTS = frozenset({"fira-sans-400.woff2", "fira-sans-600.woff2"})

FONT_FACES = """
@font-face { font-family: "Fira Sans"; src: url("paper:fira-sans-400.woff2"); font-weight: 400; }
@font-face { font-family: "Fira Sans"; src: url("paper:fira-sans-600.woff2"); font-weight: 600; }
"""


class NotOnThisPaperError(ValueError):
    """A paper asked for something that does not lie beside it, such as an address on the net."""


def as_pdf(html: str, style: str = "") -> bytes:
    """The page with its style as PDF/UA-1: tagged, in the language and with the title that the HTML says.

    Fonts are embedded; the family is "Fira Sans" in 400 and 600.
    """
    import weasyprint  # noqa: PLC0415 - 30 MB that few processes need
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - as above

    fetcher, fonts = _fetcher_class()(), FontConfiguration()
    sheet = weasyprint.CSS(string=FONT_FACES + style, base_url=SCHEME, url_fetcher=fetcher, font_config=fonts)
    page = weasyprint.HTML(string=html, base_url=SCHEME, url_fetcher=fetcher)
    return bytes(page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1"))


@cache
def _fetcher_class() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 - as above

    class PaperFetcher(URLFetcher):  # type: ignore[misc]  # its library has no types
        """Hands out our fonts and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            del headers
            name = url.removeprefix(SCHEME)
            if not url.startswith(SCHEME) or name not in FONTS:
                raise NotOnThisPaperError(url)
            return URLFetcherResponse(url, _font(name), {"Content-Type": "font/woff2"})

    return PaperFetcher


@cache
def _font(name: str) -> bytes:
    manifest: dict[str, str] = json.loads((STATIC / "manifest.json").read_text())
    return (STATIC / manifest[name]).read_bytes()

"""Data for search engines within our pages (JSON-LD)."""

import json
from typing import Any

from markupsafe import Markup


def json_ld(data: dict[str, Any]) -> Markup:
    """The data as JSON that is safe inside a script element."""
    written = json.dumps({"@context": "https://schema.org"} | data, ensure_ascii=False)
    escaped = written.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})
    return Markup(escaped)  # noqa: S704 - escaped in the line above

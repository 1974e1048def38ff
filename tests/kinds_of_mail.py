"""Which kinds of mail there are."""

from pathlib import Path

import nextevents
from nextevents.mailing import messages_of_posts

#: Kinds that share one template.
ANSWERS = frozenset(
    {
        messages_of_posts.KIND_WAITS,
        messages_of_posts.KIND_REJECTED,
        messages_of_posts.KIND_LEAVE,
        messages_of_posts.KIND_OWNER,
    }
)


def every_kind() -> set[str]:
    """The names of all kinds of mail: those of the templates, and of those who share one."""
    templates = Path(nextevents.__file__).parent.glob("*/templates/*/messages/*.txt")
    named = {template.stem for template in templates if not template.stem.startswith("_")}
    return named - {"answer"} | ANSWERS

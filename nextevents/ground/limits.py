"""Rate limits per network address: generous, because whole authorities share one (rule A-05).

What protects an address from a flood of mail is counted per address in the database (people.services.proofs).
"""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(
    key_func=get_remote_address,
    strategy="fixed-window",
    headers_enabled=False,
    in_memory_fallback_enabled=True,
)

sign_in_limit = limiter.limit("600 per 5 minutes")
#: Codes have 60 bits; whoever tries them shall not even be let begin.
certificate_limit = limiter.limit("120 per 5 minutes")

#: Questions to the leads of circles land in the mail boxes of volunteers.
note_limit = limiter.limit("30 per hour")

#: Each sends a mail to somebody at the most once a day; a whole authority may subscribe in an hour.
subscribe_limit = limiter.limit("200 per hour")


def connect_limits(app: Flask, *, redis_url: str) -> None:
    """Count in Redis if there is one, in this process otherwise and whenever Redis is away (guarantee G12)."""
    app.config.update(
        RATELIMIT_STORAGE_URI=redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_timeout": 1, "socket_connect_timeout": 1} if redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    limiter.init_app(app)
    # Few views are limited, and these look by themselves; all others shall not pay for it at each request.
    app.before_request_funcs[None].remove(limiter._check_request_limit)  # noqa: SLF001 - there is no setting for it

"""The worker's door to people: forgetting."""

from ..ground import clock
from ..ground.database import transaction
from ..ground.queue import chore
from . import services


@chore(every=3600)
def forget() -> None:
    """Forget old attempts, ended browsers, and people who never proved their address (rule L-10)."""
    at = clock.now()
    with transaction():
        services.forget_old_proofs(at=at)
        services.forget_old_sessions(at=at)
        services.erase_unproved(at=at)

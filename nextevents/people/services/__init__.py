"""What one can do about people: know them, prove addresses, sign in, recognise bodies."""

from .organisations import assign_domain, make_organisation, recognise, set_aside_domain
from .persons import (
    count_unproved,
    erase_unproved,
    make_office,
    mark_proved,
    person_with_address,
    rename,
    set_language,
)
from .proofs import ask_for_proof, asked_proof, forget_old_proofs, living_proof, use_proof
from .sessions import (
    begin_session,
    end_other_sessions,
    end_session,
    forget_old_sessions,
    make_feed,
    revoke_feed,
    token_of_feed,
)

__all__ = [
    "ask_for_proof",
    "asked_proof",
    "assign_domain",
    "begin_session",
    "count_unproved",
    "end_other_sessions",
    "end_session",
    "erase_unproved",
    "forget_old_proofs",
    "forget_old_sessions",
    "living_proof",
    "make_feed",
    "make_office",
    "make_organisation",
    "mark_proved",
    "person_with_address",
    "recognise",
    "rename",
    "revoke_feed",
    "set_aside_domain",
    "set_language",
    "token_of_feed",
    "use_proof",
]

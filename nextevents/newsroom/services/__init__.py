"""What one can do in the newsroom: write, test, hand over, release."""

from .forgetting import forget_writers
from .moderating import decide, decider_in, tell_keepers
from .releasing import call_back, release, send_test, set_in_type, submit
from .writing import (
    Settings,
    add_block,
    change_block,
    describe,
    discard,
    move_block,
    remove_block,
    restore,
    start,
    store_block_picture,
)

__all__ = [
    "Settings",
    "add_block",
    "call_back",
    "change_block",
    "decide",
    "decider_in",
    "describe",
    "discard",
    "forget_writers",
    "move_block",
    "release",
    "remove_block",
    "restore",
    "send_test",
    "set_in_type",
    "start",
    "store_block_picture",
    "submit",
    "tell_keepers",
]

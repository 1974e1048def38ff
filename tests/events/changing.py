"""Changing an event as the office does, one field at a time."""

from dataclasses import fields

from nextevents.events.services import EventChange, change_event


def changed_to(event, *, at, version=None, tells_text_changes=False, communities=None, **new):
    """Change some fields of an event and leave the rest."""
    values = {one.name: getattr(event, one.name) for one in fields(EventChange)} | new
    return change_event(
        event,
        EventChange(**values),
        communities,
        version=version or event.version,
        tells_text_changes=tells_text_changes,
        at=at,
    )

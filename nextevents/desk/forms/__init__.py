"""What organisers type, a file for each page."""

#: Fields that are about saving, not about what is saved.
ABOUT_SAVING = frozenset({"csrf_token", "opened_with", "tells_text_changes", "version"})

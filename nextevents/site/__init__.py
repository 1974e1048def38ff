"""The public face: start page, duties, language. Pages across rooms, no tables."""

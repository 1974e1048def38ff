"""The finished pages in a real browser: journeys, accessibility, keyboard, link scanners, weight."""

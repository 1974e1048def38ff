"""A program of its own that reads a PDF file from its input and prints its text as UTF-8: a few pages, so many letters.

It takes its own time and memory away first; its only word is how many seconds of the processor it may have. Whatever
a file does to it, the worker that started it goes on.
"""

import logging
import resource
import sys
from io import BytesIO

MOST_PAGES = 300
MOST_LETTERS = 200_000
#: Bytes: a page that unpacks into more is not read.
MEMORY = 512 * 1024 * 1024


def main(seconds: int) -> None:
    """Print what can be read until something is in the way."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from pypdf import PdfReader  # noqa: PLC0415 - within the limits

    logging.disable()
    written = 0
    for page in PdfReader(BytesIO(sys.stdin.buffer.read())).pages[:MOST_PAGES]:
        text = page.extract_text()[: MOST_LETTERS - written]
        sys.stdout.buffer.write(f"{text}\n".encode(errors="replace"))
        sys.stdout.buffer.flush()
        written += len(text)
        if written >= MOST_LETTERS:
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))

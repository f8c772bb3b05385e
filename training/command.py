"""How every stage ends whose input isn't what it should be: in one line that says so, with exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Callable


class InputError(Exception):
    """What was expected, what came, and where."""


def run(main: Callable[[], None]) -> None:
    try:
        main()
    except InputError as error:
        sys.exit(complain(str(error)))
    except OSError as error:
        if error.filename is None:
            raise
        sys.exit(complain(f"{error.filename}: {error.strerror}"))


def complain(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 2

"""What every stage has in common: how it ends whose input isn't what it should be (in one line that says so, with exit code 2), and its arithmetic."""

from __future__ import annotations

import sys
from collections.abc import Callable

import torch


class InputError(Exception):
    """What was expected, what came, and where."""


def mixed(device: str) -> torch.autocast:
    """bfloat16 on a CPU. On a GPU decoders are bound by the number of calls, which casts would raise; TensorFloat-32 does there."""
    torch.set_float32_matmul_precision("high")
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.device(device).type == "cpu")


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

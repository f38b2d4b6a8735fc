"""How long the API works on what it refuses: less than a second, whatever is sent."""

import time
from collections.abc import Callable
from typing import Any


def within_a_second(send: Callable[[], Any]) -> Any:  # noqa: ANN401  what Django's test client returns
    """Return the answer to a request, and fail the test if the quicker of two tries works a second or more on it.

    The collector of garbage may fall into one try; a body that takes long to read takes long in both.
    """
    response, seconds = _timed(send)
    assert seconds < 1 or _timed(send)[1] < 1
    return response


def _timed(send: Callable[[], Any]) -> tuple[Any, float]:
    began = time.thread_time()
    response = send()
    return response, time.thread_time() - began

"""Numbers that do not hang on how many processors there are.

A sum that several threads add up is rounded differently from that of one. And for matrices of four rows threads cost
five times what they save: they wait for each other, and for whatever else the machine does.
"""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """While it is open, linear algebra runs on the calling thread alone."""
    limiter: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limiter

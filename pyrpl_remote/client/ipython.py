"""What IPython must know of proxies, where it runs in this process."""

from __future__ import annotations

import sys


def allow_completion(cls: type) -> None:
    """Let IPython complete `p.rp.scope.` by Tab.

    It evaluates no attribute of a class with a `__getattr__` of its own unless the class is listed as harmless; those of
    proxies are.
    """
    if "IPython" in sys.modules:
        from IPython.core.guarded_eval import EVALUATION_POLICIES

        EVALUATION_POLICIES["limited"].allowed_getattr.add(cls)

"""What the forkserver imports once, so that every worker and kernel forked from it finds it ready.

Only imports happen here. A process that has started threads must not be forked: a child that meets a lock held by a
thread that it does not have waits forever. So nothing is computed, and `threads` lets the first child find out whether
a library has started one all the same.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import threading

from analysis.batch.recorded import MODULES


def import_recorded() -> None:
    """Import every recorded module; one that this environment does not have is left to whoever needs it."""
    for name in MODULES:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    # Objects that outlive every fork are kept out of the collector, so that it does not copy their pages.
    gc.collect()
    gc.freeze()


def threads() -> int:
    """Return how many threads this process has, those of libraries written in C included."""
    import psutil

    return max(threading.active_count(), int(psutil.Process().num_threads()))


import_recorded()
THREADS = threads()

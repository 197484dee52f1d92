"""What the forkserver imports and reads once, so that every worker and kernel forked from it finds it ready.

A process that has started threads must not be forked: a child that meets a lock held by a thread that it does not have
waits forever. So nothing is computed here. Modules are imported, and the catalog, the texts and the templates are read
in plain Python, which every kernel would do again; `THREADS` lets the first child find out whether a library has
started a thread all the same.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
import threading

from analysis.batch.recorded import MODULES

GARBAGE_AFTER = 200_000
"""New objects after which garbage is collected."""
SOME_AMOUNT = 1.5e9
UNWANTED = "rfc3987_syntax"
"""A grammar of addresses that takes a second or more to compile; jsonschema does without it, and no notebook has a
field of that kind."""


def import_recorded() -> None:
    """Import every recorded module; one that this environment does not have is left to whoever needs it."""
    for name in MODULES:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def read_tables() -> None:
    """Read catalog, texts and templates; a mistake in them is left to the kernel that will tell of it."""
    from analysis.catalog import load_catalog
    from analysis.messages import LANGUAGES, catalogue, format_value
    from analysis.policy import load_evidence
    from analysis.report.render import environment
    from analysis.report.sections._common import claim_words
    from analysis.report.sections.labels import column_words

    load_catalog()
    load_evidence()
    claim_words()
    column_words()
    for lang in LANGUAGES:
        catalogue(lang)
        for form in ("n1", "rp"):
            format_value(SOME_AMOUNT, form, lang)  # reads how the language writes numbers
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)


def threads() -> int:
    """Return how many threads this process has, those of libraries written in C included."""
    import psutil

    return max(threading.active_count(), int(psutil.Process().num_threads()))


sys.modules.setdefault(UNWANTED, None)  # type: ignore[arg-type]
import_recorded()
with contextlib.suppress(Exception):
    read_tables()
# Objects that outlive every fork are kept out of the collector, so that it does not copy their pages.
gc.collect()
gc.freeze()
# A page is thousands of small objects without cycles: looking for cycles among them took a tenth of the time.
gc.set_threshold(GARBAGE_AFTER)
THREADS = threads()

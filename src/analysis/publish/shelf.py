"""What stands beside the releases: which one is the newest, and all of them as a list and as a feed.

The bytes of a release never change. A page of an older one learns of a newer one from a small style sheet beside the
releases: it shows the banner that every page carries hidden, without script and from a disk as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.batch.tasks import write_whole
from analysis.publish.release import LATEST, NEWEST_STYLE, RELEASE_FILE
from analysis.publish.site import atom_feed, entry_of
from analysis.publish.tables import to_json

LIST, FEED = "releases.json", "feed.xml"


def update_shelf(newest: Path) -> None:
    """Write style sheet, list and feed anew after `newest` was put in place."""
    shelf = newest.parent
    found = releases(shelf)
    write_whole(shelf / NEWEST_STYLE, newest_style(newest.name).encode())
    write_whole(shelf / LIST, to_json({"latest": newest.name, "releases": found}).encode())
    entries = [
        entry_of(item["release"], item["last_period"], len(item["regions"]), f"{item['release']}/index.html")
        for item in found
    ]
    write_whole(shelf / FEED, atom_feed(entries).encode())


def releases(shelf: Path) -> list[dict[str, Any]]:
    """Return the releases in a folder, those of the latest half-year first."""
    kept = ("release", "first_period", "last_period", "regions", "study_run_id", "synthetic")
    found = []
    for path in shelf.glob(f"*/{RELEASE_FILE}"):
        if path.parent.name != LATEST and not path.parent.name.startswith("."):
            described = json.loads(path.read_text(encoding="utf-8"))
            found.append({name: described[name] for name in kept})
    return sorted(found, key=lambda item: (item["last_period"], item["release"]), reverse=True)


def newest_style(release: str) -> str:
    """Return the style sheet that shows the banner on the pages of every release but the newest."""
    return f'.old[data-release]:not([data-release="{release}"]){{display:block}}\n'

"""What stands beside the releases: which one is the newest, and all of them as a list and as a feed.

The bytes of a release never change. A page of an older one learns of a newer one from a small style sheet beside the
releases: it shows the banner that every page carries hidden, without script and from a disk as well. The report of a
region has a style sheet of its own, for it is replaced only when something of it has changed, and an address that names
the report and leads to the first release that it was part of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from analysis.batch.tasks import write_whole
from analysis.publish.names import REGION_PAGES
from analysis.publish.release import LATEST, NEWEST_STYLE, RELEASE_FILE
from analysis.publish.settings import report_place, report_style
from analysis.publish.site import atom_feed, entry_of
from analysis.publish.tables import to_json

LIST, FEED = "releases.json", "feed.xml"


def update_shelf(newest: Path) -> None:
    """Write style sheet, list and feed anew after `newest` was put in place."""
    shelf = newest.parent
    found = releases(shelf)
    write_whole(shelf / NEWEST_STYLE, newest_style(newest.name).encode())
    write_whole(shelf / LIST, to_json({"latest": newest.name, "releases": found}).encode())
    write_whole(shelf / FEED, shelf_feed(found).encode())
    _update_reports(newest)


def shelf_feed(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the feed of several releases, as `releases` returns them."""
    return atom_feed(
        [
            entry_of(item["release"], item["last_period"], len(item["regions"]), f"{item['release']}/index.html")
            for item in found
        ]
    )


def _update_reports(newest: Path) -> None:
    """Have the permanent address of each report in the newest release lead to it, and earlier ones learn of it."""
    described = json.loads((newest / RELEASE_FILE).read_text(encoding="utf-8"))
    for code, run_id in described.get("reports", {}).items():
        style = newest.parent / report_style(code)
        wanted = newest_style(run_id)
        if not style.exists() or style.read_text(encoding="utf-8") != wanted:
            write_whole(style, wanted.encode())
        for page in REGION_PAGES.values():
            place = newest.parent / report_place(code, run_id, page)
            if not place.exists():
                write_whole(place, forwarding_page(f"../../{newest.name}/{code}/{page}", f"{code} · {run_id}").encode())


def forwarding_page(address: str, title: str) -> str:
    """Return a page that leads to another one at once."""
    target, said = escape(address, quote=True), escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n<title>{said}</title>\n'
        f'<meta http-equiv="refresh" content="0; url={target}">\n<meta name="viewport" content="width=device-width">\n'
        f'</head>\n<body>\n<p><a href="{target}">{said}</a></p>\n</body>\n</html>\n'
    )


def releases(shelf: Path) -> list[dict[str, Any]]:
    """Return the releases in a folder, those of the latest half-year first."""
    kept = ("release", "first_period", "last_period", "regions", "study_run_id", "synthetic")
    found = []
    for path in shelf.glob(f"*/{RELEASE_FILE}"):
        if path.parent.name != LATEST and not path.parent.name.startswith("."):
            described = json.loads(path.read_text(encoding="utf-8"))
            found.append({name: described[name] for name in kept})
    return in_order(found)


def in_order(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each release once, as it is named first, those of the latest half-year first."""
    by_name = {item["release"]: item for item in reversed(found)}
    return sorted(by_name.values(), key=lambda item: (item["last_period"], item["release"]), reverse=True)


def newest_style(edition: str) -> str:
    """Return the style sheet that shows the banner on every edition of a page but the newest."""
    return f'.old[data-edition]:not([data-edition="{edition}"]){{display:block}}\n'

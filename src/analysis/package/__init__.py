"""Replication packages: one zip from which a stranger rebuilds a release's tables."""

from analysis.package.make import package_release
from analysis.package.tables import rebuild_tables

__all__ = ["package_release", "rebuild_tables"]

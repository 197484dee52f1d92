"""``python -m analysis.package INPUTS TARGET`` writes the tables of a study; used by the script in a package."""

import sys
from pathlib import Path

from analysis.package.tables import rebuild_tables

if __name__ == "__main__":
    rebuild_tables(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

"""The only place where notebook parameters are validated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from analysis.catalog import load_catalog
from analysis.errors import UsageError, closest
from analysis.paths import given_slice, project_dir, sample_dir

SENTINEL_MIME = "application/vnd.pembinaan.done+json"
_OF_THE_SHELL = {"In", "Out", "exit", "quit", "open", "get_ipython"}


@dataclass(frozen=True)
class RunParams:
    """Parameters of one run of a notebook.

    Parameters
    ----------
    region
        Kemendagri code as text, for example ``"15.09"``.
    study
        Folder with the office files; a relative one is looked for in the working folder, then in the project.

    Raises
    ------
    UsageError
        For an unknown parameter or region (with the closest match), a region that came as a number, or a folder
        that does not exist (it need not where the batch gives the region's slice).
    """

    region: str = "82"
    study: str = "data/sample"

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not isinstance(value, str):
                raise UsageError("params.not_text", name=name, value=str(value))
        load_catalog().region(self.region)
        if given_slice() is None:
            self.study_dir()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> RunParams:
        """Make parameters from a mapping in which every key must be known."""
        known = [item.name for item in fields(cls)]
        for name in sorted(values):
            if name not in known:
                raise UsageError("params.unknown", name=name, closest=closest(name, known), known=known)
        return cls(**values)

    @classmethod
    def from_namespace(cls, namespace: Mapping[str, Any]) -> RunParams:
        """Make parameters from all that a notebook's parameter cells have defined.

        Called before anything else is imported, so that every public name in the namespace is a parameter: this is
        how a misspelt one, which papermill lets pass with a warning, becomes an error.
        """
        names = (n for n in namespace if not n.startswith("_") and n not in _OF_THE_SHELL and n != cls.__name__)
        return cls.from_mapping({name: namespace[name] for name in names})

    def study_dir(self) -> Path:
        """Return the study's folder."""
        if self.study == "data/sample":
            return sample_dir()
        for base in (Path.cwd(), project_dir()):
            if (base / self.study).is_dir():
                return (base / self.study).resolve()
        raise UsageError("params.no_study", folder=self.study)

    def as_dict(self) -> dict[str, str]:
        """Return the parameters as plain text values."""
        return asdict(self)

    def sha256(self) -> str:
        """Hash of the parameters; a notebook is published only if it ends with a `Sentinel` that carries it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def done(self) -> Sentinel:
        """Return the mark that a notebook leaves in its last cell."""
        return Sentinel(self.sha256())


@dataclass(frozen=True)
class Sentinel:
    """Output of a notebook's last cell: it ran to the end with these parameters."""

    params_sha256: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {SENTINEL_MIME: {"params_sha256": self.params_sha256}, "text/plain": f"✓ {self.params_sha256[:12]}"}

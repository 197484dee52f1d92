"""The estimators' values beside those of R.

The values of R and the scripts that made them are in ``tests/golden``. Everything of our own is computed anew; nothing
of ours is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

from analysis.estimators import fit
from analysis.estimators.double_ml import partially_linear
from analysis.estimators.pooling import pool, shrink
from analysis.messages import Message
from analysis.paths import project_dir
from analysis.results import Fit
from analysis.spec import Spec

SLOPES = ("value", "capital")
LIMITS = (1e-10, 1e-6, 1e-4)
"""Bounds by which agreement is told: the digits beyond them differ between processors."""

COLUMNS = ("estimator", "data", "covariance", "quantity", "term", "ours", "reference", "source")
Row = tuple[str, str, str, str, str, float, float, str]

_LINEAR: dict[str, dict[str, Any]] = {
    "two_way": {"time": "year"},
    "two_way_weighted": {"time": "year", "weights": "weight"},
    "one_way": {},
    "clustered_by_sector": {"time": "year", "cluster": "sector"},
}
_POOLED: dict[str, dict[str, Any]] = {
    "pooled": {},
    "pooled_weighted": {"weights": "weight"},
    "pooled_by_year": {"absorb": ("year",)},
    "pooled_by_year_weighted": {"absorb": ("year",), "weights": "weight"},
}
_COVARIANCES = ("classical", "HC1", "CRV1", "CRV1_two_way", "CR2", "CRV3")


def golden_folder() -> Path:
    """Folder of the reference values, their data and their scripts."""
    return project_dir() / "tests" / "golden"


@cache
def _reference(name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((golden_folder() / f"{name}.json").read_text(encoding="utf-8"))
    return values


@cache
def _data(name: str) -> pd.DataFrame:
    return pd.read_csv(golden_folder() / f"{name}.csv")


@cache
def _long(name: str) -> pd.DataFrame:
    """Read a panel that is stored with a column a period."""
    wide = _data(name)
    keys = [column for column in wide.columns if not column[1:].isdigit()]
    frame = wide.melt(keys, var_name="time", value_name="y")
    return frame.assign(time=frame["time"].str[1:].astype(int)).rename(
        columns={keys[0]: "unit", "first_treated": "start"}
    )


def _source(name: str, *packages: str) -> str:
    """Name R and the packages (with versions) that made a file of reference values."""
    versions = _reference(name).get("versions", {"R": "4.2.2"})
    return ", ".join([f"R {versions['R']}", *(f"{package} {versions[package]}" for package in packages)])


def reference_values() -> pd.DataFrame:
    """Estimate everything for which there is a reference value.

    Returns
    -------
    pandas.DataFrame
        One row a value: `COLUMNS` and ``difference`` (relative to the reference).
    """
    rows = [
        *_regressions("fixed_effects", "linear", _LINEAR),
        *_regressions("pooled_ols", "further", _POOLED),
        *_balanced(),
        *_bootstrap(),
        *_random_effects(),
        *_mixed_model(),
        *_instrumental(),
        *_reliability(),
        *_pooling(),
        *_staggered(),
        *_event_study(),
        *_double_ml(),
        *_mediation(),
        *_dose_response(),
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(difference=(table["ours"] / table["reference"] - 1).abs())


def _fit(data: pd.DataFrame, estimator: str, outcome: str = "invest", **settings: Any) -> Fit:
    return fit(data, Spec(estimator, outcome, **settings))


def _rows(result: Fit, wanted: Mapping[str, Mapping[str, float]], *labels: str) -> Iterator[Row]:
    """Yield a row for every wanted value of the table of estimates; `labels` as estimator, data, covariance, source."""
    estimator, data, covariance, source = labels
    table = result.estimates.set_index("term")
    for quantity, values in wanted.items():
        ours = dict(zip(table.index, table[quantity].astype(float), strict=True))
        for term, value in values.items():
            yield estimator, data, covariance, quantity, term, ours[term], value, source


def _packages(covariance: str) -> tuple[str, ...]:
    return {"classical": (), "HC1": ("sandwich",), "CR2": ("clubSandwich",), "CRV3": ("clubSandwich",)}.get(
        covariance, ("sandwich",)
    )


def _regressions(estimator: str, file: str, designs: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    for design, settings in designs.items():
        reference = _reference(file)[design]
        for covariance in (name for name in _COVARIANCES if name in reference):
            chosen: dict[str, Any] = dict(settings) | (
                {"cluster": ("firm", "year")} if covariance == "CRV1_two_way" else {}
            )
            name = covariance.removesuffix("_two_way")
            result = _fit(
                _data("grunfeld_unbalanced"), estimator, treatments=SLOPES, unit="firm", covariance=name, **chosen
            )
            wanted = reference[covariance] if name == "CR2" else {"std_error": reference[covariance]}
            if covariance == "classical" or (covariance == "CRV1" and "classical" not in reference):
                wanted = {"estimate": reference.get("estimate", {})} | wanted
            yield from _rows(result, wanted, estimator, design, covariance, _source(file, *_packages(name)))


def _balanced() -> Iterator[Row]:
    """Yield Grunfeld's full panel, quoted from fixest and clubSandwich."""
    for item in _reference("quoted")["grunfeld"]:
        settings: dict[str, Any] = {"cluster": tuple(item["cluster"])} if "cluster" in item else {}
        spec: dict[str, Any] = {
            "treatments": SLOPES,
            "unit": "firm",
            "time": "year",
            "covariance": item["covariance"],
        } | settings
        label = item["covariance"] + ("_two_way" if settings else "")
        result = _fit(_data("grunfeld"), "fixed_effects", **spec)
        yield from _rows(result, item["values"], "fixed_effects", "balanced", label, item["source"])


def _bootstrap() -> Iterator[Row]:
    for data, file in (("balanced", "grunfeld"), ("unbalanced", "grunfeld_unbalanced")):
        settings: dict[str, Any] = {
            "treatments": SLOPES,
            "unit": "firm",
            "time": "year",
            "covariance": "wild_bootstrap",
        }
        wanted = {"p_value": {name: _reference("wild")[data][name] for name in SLOPES}}
        labels = ("fixed_effects", data, "wild_bootstrap", _source("wild"))
        yield from _rows(_fit(_data(file), "fixed_effects", **settings), wanted, *labels)


def _random_effects() -> Iterator[Row]:
    for data, file in (("balanced", "grunfeld"), ("unbalanced", "grunfeld_unbalanced")):
        reference = _reference("panel")[data]["random"]
        result = _fit(_data(file), "random_effects", treatments=SLOPES, unit="firm", covariance="classical")
        wanted = {name: reference[name] for name in ("estimate", "std_error")}
        yield from _rows(result, wanted, "random_effects", data, "classical", _source("panel", "plm"))
    for covariance in ("HC1", "CRV1"):
        settings: dict[str, Any] = {"treatments": SLOPES, "unit": "firm", "covariance": covariance}
        result = _fit(_data("grunfeld_unbalanced"), "random_effects", **settings)
        wanted = {"std_error": _reference("further")["random_effects"][covariance]}
        yield from _rows(result, wanted, "random_effects", "unbalanced", covariance, _source("further", "plm"))


def _mixed_model() -> Iterator[Row]:
    for data, file in (("balanced", "grunfeld"), ("unbalanced", "grunfeld_unbalanced")):
        reference = _reference("panel")[data]["mixed"]
        result = _fit(_data(file), "mixed_model", treatments=SLOPES, unit="firm", covariance="classical")
        wanted = {name: reference[name] for name in ("estimate", "std_error")}
        source = _source("panel", "lme4")
        yield from _rows(result, wanted, "mixed_model", data, "classical", source)
        icc = float(result.meta["icc1"]["mixed_model"])
        yield "mixed_model", data, "classical", "icc1", "-", icc, reference["icc1"], source


def _instrumental() -> Iterator[Row]:
    cases = {"one": ["lagged_value"], "two": ["lagged_value", "lagged_capital"]}
    for case, instruments in cases.items():
        reference = _reference("instrumental")[case]
        for covariance in ("classical", "HC1", "CRV1", "CR2"):
            settings: dict[str, Any] = {
                "treatments": ("value",),
                "controls": ("capital",),
                "unit": "firm",
                "time": "year",
            }
            options: dict[str, Any] = {"covariance": covariance, "options": {"instruments": instruments}}
            result = _fit(_data("grunfeld_instruments"), "instrumental", **settings, **options)
            wanted = {"std_error": {"value": reference[covariance]}}
            if covariance == "classical":
                wanted = {"estimate": {"value": reference["estimate"]}} | wanted
            packages = ("AER", *_packages(covariance))
            labels = ("instrumental", f"{case}_instrument", covariance, _source("instrumental", *packages))
            yield from _rows(result, wanted, *labels)


def _reliability() -> Iterator[Row]:
    reference = _reference("instrumental")["halves"]
    data = _data("grunfeld_instruments")
    data = data.assign(index=(data["half_a"] + data["half_b"]) / 2)
    for covariance in ("HC1", "CRV1"):
        settings: dict[str, Any] = {"treatments": ("index",), "controls": ("capital",), "unit": "firm", "time": "year"}
        options: dict[str, Any] = {"covariance": covariance, "options": {"halves": ["half_a", "half_b"]}}
        wanted = {"estimate": {"index": reference["estimate"]}, "std_error": {"index": reference[covariance]}}
        labels = ("reliability_corrected", "halves", covariance, _source("instrumental"))
        yield from _rows(_fit(data, "reliability_corrected", **settings, **options), wanted, *labels)


def _pooling() -> Iterator[Row]:
    """Yield the BCG vaccine trials, and Grunfeld's firms in three groups through the whole estimator."""
    reference = _reference("pooling")["bcg"]
    estimates, variances = np.array(reference["estimates"]), np.array(reference["variances"])
    pooled = pool(estimates, variances, small_sample=False)
    shrunken, errors, _ = shrink(estimates, variances, pooled.tau2, pooled.mean, pooled.std_error**2)
    ours = {name: getattr(pooled, name) for name in ("tau2", "mean", "std_error", "i2")}
    ours |= {"shrunken": float(shrunken[0]), "shrunken_std_error": float(errors[0])}
    for quantity, value in ours.items():
        wanted = reference[quantity][0] if isinstance(reference[quantity], list) else reference[quantity]
        yield "partial_pooling", "bcg", "REML", quantity, "-", value, wanted, _source("pooling", "metafor")
    reference, firms = _reference("further")["partial_pooling"], _data("grunfeld_unbalanced")
    group = _data("grunfeld")["firm"].map(firms.groupby("firm")["firm_code"].first()) % 3
    options: dict[str, Any] = {"group": "group", "group_covariance": "classical", "small_sample": False}
    settings: dict[str, Any] = {
        "treatments": ("value",),
        "controls": ("capital",),
        "unit": "firm",
        "time": "year",
        "options": options,
    }
    result = _fit(_data("grunfeld").assign(group=group), "partial_pooling", **settings)
    values = {"value": reference["mean"]} | {f"value[{g}]": reference["shrunken"][g] for g in range(3)}
    labels = ("partial_pooling", "three_groups", "REML", _source("further", "metafor"))
    yield from _rows(result, {"estimate": values}, *labels)


def _staggered() -> Iterator[Row]:
    reference = _reference("designs")["simple"]
    spec: dict[str, Any] = {"unit": "unit", "time": "time", "cohort": "start"}
    result = _fit(_long("medicaid_expansion"), "staggered_did", "y", **spec, options={"comparison": "never_treated"})
    wanted = {"estimate": {"att": reference["att"]}, "std_error": {"att": reference["std_error"]}}
    yield from _rows(result, wanted, "staggered_did", "medicaid", "CRV1", _source("designs"))
    quoted = _reference("quoted")["sun_abraham"]
    checks = _fit(_long("base_stagg"), "staggered_did", "y", **spec).meta["cross_checks"]
    found = next(row for row in checks if row["estimator"] == "sun_abraham")
    for quantity in ("estimate", "std_error"):
        labels = ("event_study", "base_stagg", "CRV1", quantity, "att")
        yield (*labels, float(found[quantity]), quoted[quantity], quoted["source"])


def _event_study() -> Iterator[Row]:
    data = _long("medicaid_expansion").query("start != 2015")
    options = {"method": "sun_abraham", "honest": False}
    result = _fit(data, "event_study", "y", unit="unit", time="time", cohort="start", options=options)
    wanted = _reference("further")["event_study"]
    yield from _rows(result, wanted, "event_study", "medicaid", "CRV1", _source("further", "sandwich"))


def _double_ml() -> Iterator[Row]:
    """Yield the partially linear model on given splits, least squares as learner."""
    stored, reference = _reference("double_ml"), _reference("further")["double_ml"]
    data = {name: np.array(values) for name, values in stored["data"].items()}
    features = np.column_stack([data["x1"], data["x2"]])
    folds = np.array(stored["fold"])
    found = partially_linear(data["y"], data["d"], features, data["cluster"], folds, lambda _: LinearRegression())
    for quantity in ("estimate", "std_error"):
        ours = float(getattr(found, quantity))
        yield "double_ml", "splits", "CRV1", quantity, "d", ours, reference[quantity], _source("further")


def _mediation() -> Iterator[Row]:
    reference = _reference("designs")["mediation"]
    settings: dict[str, Any] = {
        "treatments": ("value",),
        "unit": "firm",
        "mediators": ("capital",),
        "options": {"draws": 99},
    }
    wanted = {"direct": reference["direct"], "total": reference["total"], "indirect": reference["a"] * reference["b"]}
    labels = ("mediation", "balanced", "-", _source("designs"))
    yield from _rows(_fit(_data("grunfeld"), "mediation", **settings), {"estimate": wanted}, *labels)


def _dose_response() -> Iterator[Row]:
    reference = _reference("designs")["spline"]
    settings: dict[str, Any] = {
        "treatments": ("value",),
        "controls": ("capital",),
        "unit": "firm",
        "covariance": "classical",
    }
    result = _fit(_data("grunfeld"), "dose_response", **settings, options={"points": 5})
    terms = [row["term"] for row in result.meta["curve"]]
    wanted = {name: dict(zip(terms, reference[name], strict=True)) for name in ("estimate", "std_error")}
    yield from _rows(result, wanted, "dose_response", "balanced", "classical", _source("designs"))


def agreement(values: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Count the values per estimator and covariance and bound their largest relative difference."""
    groups = values.groupby(["estimator", "covariance"], sort=True)
    table = groups.agg(n=("ours", "size"), worst=("difference", "max"), source=("source", _joined)).reset_index()
    return _titled(table.assign(worst=table["worst"].map(_bound)), lang)


def shown(values: pd.DataFrame, lang: str, term: str | None = None) -> pd.DataFrame:
    """Return `reference_values` as people read them; `term` picks the rows of one."""
    rows = values if term is None else values[values["term"] == term]
    digits = ["{:.8g}" if exact else "{:.6g}" for exact in rows["difference"] < LIMITS[0]]
    text = {
        name: [form.format(value) for form, value in zip(digits, rows[name], strict=True)]
        for name in ("ours", "reference")
    }
    table = rows.assign(**text, difference=rows["difference"].map(_bound)).reset_index(drop=True)
    names = ["estimator", "data", "covariance", "quantity", "ours", "reference", "difference", "source"]
    return _titled(table[names], lang)


def _bound(difference: float) -> str:
    return next((f"< {limit:.0e}" for limit in LIMITS if difference < limit), f"{difference:.1e}")


def _joined(sources: pd.Series[str]) -> str:
    return "; ".join(sorted(set(sources)))


def _titled(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    return table.rename(columns={name: Message(f"validation.column_{name}").text(lang) for name in table.columns})


def verdict(values: pd.DataFrame) -> Message:
    """Say how many values agree how well."""
    exact = values["difference"] < LIMITS[0]
    figures = {"n": len(values), "exact": int(exact.sum()), "worst": _bound(float(values["difference"].max()))}
    estimators = values["estimator"].nunique()
    return Message("validation.verdict", {**figures, "limit": f"{LIMITS[0]:.0e}", "estimators": estimators})

"""Double machine learning: the effect of a treatment when the controls may enter in any form.

scikit-learn is imported only where a learner is made: it takes most of a second that no other estimator should pay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import UsageError, closest
from analysis.estimators import inference as inf
from analysis.estimators import preflight
from analysis.estimators.pooled_ols import with_intercept
from analysis.estimators.preflight import Refusal, Sample, prepare, refusing
from analysis.estimators.specification import refuse_features
from analysis.estimators.staggered_panel import DesignRefusal
from analysis.estimators.table import confidence_level, estimates_table, sorted_vcov
from analysis.estimators.within import BoolArray, IntArray, demean, group_sums, n_levels
from analysis.messages import Message
from analysis.results import Check, Fit, FloatArray
from analysis.spec import Spec

if TYPE_CHECKING:
    from sklearn.base import RegressorMixin

OPTIONS = ("learner", "folds", "repetitions", "seed")
NOTHING_LEFT = 1e-8
INNER_FOLDS = 5
ALPHAS = np.logspace(-4, 4, 17)
VARIES = 1e-9
TREES = ("gradient_boosting", "random_forest")


@refusing
def double_ml(frame: pd.DataFrame, spec: Spec) -> Fit:
    """Estimate theta in y = d theta + g(x) + e with cross-fitted learners (Chernozhukov et al. 2018).

    Outcome and treatments are first residualised on the absorbed effects (unit, time, further). The learner predicts
    both from the controls on the other folds, and theta is the regression of what is left of the outcome on what is
    left of the treatment (partialling-out score, all folds together). Learners see squares and products of the
    controls, formed before the effects are removed, because the residual of a square is not the square of a residual;
    trees see the controls as they are beside (Clarke and Polselli 2025, Econometrics Journal). Trees shrink what they
    learn: on panels of some thousand rows the linear learners leave less bias.

    No cluster is ever on both sides of a split. The median over repetitions removes the luck of one split; its variance
    is the median of variance plus squared distance from the median. With several treatments each has the others among
    its controls.

    Parameters
    ----------
    frame
        One row an observation.
    spec
        `treatments`, `controls` (at least one), `unit`, `time`, `absorb`, `cluster` (one; default the unit),
        `weights`. Covariance: CRV1 only, here G/(G-1) times the clusters' summed scores, t with G-1 degrees of freedom.
        Options: ``learner`` (``"lasso"``, ``"ridge"``, ``"linear"`` without squares and products,
        ``"random_forest"``, ``"gradient_boosting"``), ``folds`` (5), ``repetitions`` (5), ``seed`` (0), ``level``.

    Returns
    -------
    Fit
        Terms are the treatments; no covariance between them. ``meta``: sizes as for fixed effects, learner, folds,
        repetitions, by_repetition (list of estimates and standard errors per treatment), r2_outcome and r2_treatment
        (out of fold, mean over repetitions, per treatment).

    Raises
    ------
    UsageError
        For unknown columns, options or learners, no treatment or control, or another covariance.
    """
    settings = _settings(spec)
    effects = [name for name in (spec.unit, spec.time, *spec.absorb) if name is not None]
    sample = prepare(frame, spec, absorb=effects, options=OPTIONS)
    cluster, n_clusters = sample.clusters[0], sample.n_clusters
    if n_clusters < settings.folds:
        raise DesignRefusal("few_folds", sample.meta(), n=n_clusters, folds=settings.folds)
    require_variation_within(sample, spec)
    splits = [cluster_folds(cluster, settings.folds, settings.seed + r) for r in range(settings.repetitions)]
    found = [_one_treatment(sample, spec, name, splits, settings) for name in spec.treatments]
    estimate = np.array([row["estimate"] for row in found])
    vcov = np.diag(np.array([row["variance"] for row in found]))
    inference = inf.t_inference(estimate, vcov, float(n_clusters - 1), confidence_level(spec))
    table = estimates_table(
        spec,
        spec.treatments,
        estimate,
        inference,
        n_obs=sample.n_obs,
        n_units=sample.n_units,
        n_clusters=n_clusters,
    )
    meta = {
        **sample.meta(),
        "learner": settings.learner,
        "folds": settings.folds,
        "repetitions": settings.repetitions,
        "by_repetition": {name: row["by_repetition"] for name, row in zip(spec.treatments, found, strict=True)},
        "r2_outcome": {name: row["r2_outcome"] for name, row in zip(spec.treatments, found, strict=True)},
        "r2_treatment": {name: row["r2_treatment"] for name, row in zip(spec.treatments, found, strict=True)},
    }
    return Fit(
        "ok",
        None,
        table,
        sorted_vcov(spec.treatments, vcov) if len(found) == 1 else None,
        tuple(row["check"] for row in found),
        meta,
    )


@dataclass(frozen=True)
class _Settings:
    learner: str
    folds: int
    repetitions: int
    seed: int


def _settings(spec: Spec) -> _Settings:
    if not spec.treatments:
        raise UsageError("designs.needs_treatment", estimator=spec.estimator)
    if not spec.controls:
        raise UsageError("designs.needs_controls", estimator=spec.estimator)
    refuse_features(spec, "cohort", "mediators", "moderators")
    if spec.covariance != "CRV1" or isinstance(spec.cluster, tuple):
        raise UsageError("designs.only_crv1", estimator=spec.estimator)
    learner = str(spec.options.get("learner", "lasso"))
    if learner not in LEARNERS:
        near, known = closest(learner, LEARNERS) or "-", sorted(LEARNERS)
        raise UsageError("designs.unknown_choice", option="learner", value=learner, closest=near, known=known)
    folds, repetitions = int(spec.options.get("folds", 5)), int(spec.options.get("repetitions", 5))
    for name, value, minimum in (("folds", folds, 2), ("repetitions", repetitions, 1)):
        if value < minimum:
            raise UsageError("designs.bad_option", option=name, value=value, minimum=minimum)
    return _Settings(learner, folds, repetitions, int(spec.options.get("seed", 0)))


def require_variation_within(sample: Sample, spec: Spec) -> None:
    """Refuse an outcome or treatment that does not vary within the absorbed effects."""
    names = [*spec.treatments]
    raw = np.column_stack([sample.outcome, sample.matrix(names)])
    preflight.require_variation(sample, [spec.outcome, *names], transform_unweighted(sample, raw), raw)


def transform_unweighted(sample: Sample, columns: FloatArray) -> FloatArray:
    """Remove the absorbed effects, or the mean where there are none, without multiplying by weights."""
    return demean(columns, list(with_intercept(sample).factors.values()), sample.weights)


def nuisance_features(sample: Sample, names: list[str], learner: str) -> FloatArray:
    """Build what the learner sees of the controls; columns without variation are left out.

    Parameters
    ----------
    sample
        Rows and absorbed effects.
    names
        Controls.
    learner
        Key of `LEARNERS`.

    Returns
    -------
    FloatArray
        Shape (n, p).

    Raises
    ------
    Refusal
        If no control varies within the absorbed effects.
    """
    raw = sample.matrix(names)
    spread = raw.std(axis=0)
    scaled = (raw - raw.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    expanded = scaled
    if learner != "linear":
        from sklearn.preprocessing import PolynomialFeatures

        expanded = PolynomialFeatures(2, include_bias=False).fit_transform(scaled)
    within = transform_unweighted(sample, expanded)
    within = within[:, within.std(axis=0) > VARIES]
    if not within.shape[1]:
        raise Refusal("no_within_variation", sample.meta(), column=names[0], effects=list(sample.factors))
    return within if learner not in TREES else np.column_stack([within, scaled])


def cluster_folds(cluster: IntArray, folds: int, seed: int) -> IntArray:
    """Assign whole clusters to folds at random, as evenly as possible.

    Parameters
    ----------
    cluster
        Codes, shape (n,).
    folds
        Number of folds.
    seed
        Seed of the permutation.

    Returns
    -------
    IntArray
        Fold of each row, shape (n,).
    """
    order = np.random.default_rng(seed).permutation(n_levels(cluster))
    of_cluster = np.empty(len(order), dtype=np.int64)
    of_cluster[order] = np.arange(len(order)) % folds
    return of_cluster[cluster]


def _one_treatment(
    sample: Sample, spec: Spec, name: str, splits: list[IntArray], settings: _Settings
) -> dict[str, Any]:
    others = [other for other in (*spec.treatments, *spec.controls) if other != name]
    features = nuisance_features(sample, others, settings.learner)
    within = transform_unweighted(sample, np.column_stack([sample.outcome, sample.columns[name]]))
    learner, cluster = LEARNERS[settings.learner], sample.clusters[0]
    results = [
        partially_linear(within[:, 0], within[:, 1], features, cluster, fold, learner, sample.weights)
        for fold in splits
    ]
    if any(result is None for result in results):
        raise DesignRefusal("treatment_predicted", sample.meta(), column=name)
    theta = np.array([result.estimate for result in results if result is not None])
    errors = np.array([result.std_error for result in results if result is not None])
    middle = float(np.median(theta))
    variance = float(np.median(errors**2 + (theta - middle) ** 2))
    agree = bool(np.ptp(theta) <= 2 * np.sqrt(variance))
    values = {"n": len(theta), "low": float(theta.min()), "high": float(theta.max())}
    key = "repetitions_agree" if agree else "repetitions_disagree"
    return {
        "estimate": middle,
        "variance": variance,
        "by_repetition": [{"estimate": float(t), "std_error": float(s)} for t, s in zip(theta, errors, strict=True)],
        "r2_outcome": float(np.mean([result.r2_outcome for result in results if result is not None])),
        "r2_treatment": float(np.mean([result.r2_treatment for result in results if result is not None])),
        "check": Check("repetitions_agree", agree, Message(f"designs.{key}", values)),
    }


@dataclass(frozen=True)
class PartiallyLinear:
    """Result of one sample split.

    Parameters
    ----------
    estimate, std_error
        Effect and its cluster-robust standard error with G/(G-1).
    r2_outcome, r2_treatment
        Share of variance that the learner predicts out of fold (negative: worse than the mean).
    """

    estimate: float
    std_error: float
    r2_outcome: float
    r2_treatment: float


def partially_linear(
    outcome: FloatArray,
    treatment: FloatArray,
    features: FloatArray,
    cluster: IntArray,
    fold: IntArray,
    learner: Callable[[IntArray], RegressorMixin],
    weights: FloatArray | None = None,
) -> PartiallyLinear | None:
    """Partialling-out estimate for one sample split.

    theta = sum v u / sum v^2 over all folds together, u and v the out-of-fold residuals of outcome and treatment.

    Parameters
    ----------
    outcome, treatment
        Shape (n,).
    features
        Controls, shape (n, p).
    cluster, fold
        Codes, shape (n,).
    learner
        Makes a fresh learner from the clusters of the rows it will be trained on.
    weights
        Positive, shape (n,), or None.

    Returns
    -------
    PartiallyLinear or None
        None if the features predict the treatment up to rounding.
    """
    weight = np.ones(len(outcome)) if weights is None else weights
    left_outcome = outcome - cross_predict(outcome, features, cluster, fold, learner, weights)
    left_treatment = treatment - cross_predict(treatment, features, cluster, fold, learner, weights)
    mass = float(weight @ left_treatment**2)
    total = float(weight @ (treatment - np.average(treatment, weights=weight)) ** 2)
    if mass <= NOTHING_LEFT * total:
        return None
    theta = float(weight @ (left_treatment * left_outcome)) / mass
    score = weight * left_treatment * (left_outcome - theta * left_treatment)
    sums = group_sums(score[:, None], cluster)[:, 0]
    variance = len(sums) / (len(sums) - 1) * float(sums @ sums) / mass**2
    spread = float(weight @ (outcome - np.average(outcome, weights=weight)) ** 2)
    return PartiallyLinear(
        theta, float(np.sqrt(variance)), 1 - float(weight @ left_outcome**2) / spread, 1 - mass / total
    )


def cross_predict(
    target: FloatArray,
    features: FloatArray,
    cluster: IntArray,
    fold: IntArray,
    learner: Callable[[IntArray], RegressorMixin],
    weights: FloatArray | None,
) -> FloatArray:
    """Predict each fold by a learner trained on the others, shape (n,)."""
    predicted = np.empty(len(target))
    for number in np.unique(fold):
        test: BoolArray = fold == number
        model = learner(cluster[~test])
        if weights is None:
            model.fit(features[~test], target[~test])
        else:
            prefix = f"{model.steps[-1][0]}__" if hasattr(model, "steps") else ""
            model.fit(features[~test], target[~test], **{f"{prefix}sample_weight": weights[~test]})
        predicted[test] = model.predict(features[test])
    return predicted


def _inner_splits(cluster: IntArray) -> list[tuple[Any, Any]]:
    from sklearn.model_selection import GroupKFold

    folds = min(INNER_FOLDS, len(np.unique(cluster)))
    return list(GroupKFold(folds).split(cluster[:, None], groups=cluster))


def _scaled(model: RegressorMixin) -> RegressorMixin:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), model)


def _lasso(cluster: IntArray) -> RegressorMixin:
    from sklearn.linear_model import LassoCV

    return _scaled(LassoCV(cv=_inner_splits(cluster), alphas=50, max_iter=20_000))


def _ridge(cluster: IntArray) -> RegressorMixin:
    from sklearn.linear_model import RidgeCV

    return _scaled(RidgeCV(alphas=ALPHAS))


def _random_forest(cluster: IntArray) -> RegressorMixin:
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(n_estimators=200, min_samples_leaf=5, max_features=0.5, random_state=0)


def _gradient_boosting(cluster: IntArray) -> RegressorMixin:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(max_iter=100, learning_rate=0.05, max_depth=3, random_state=0)


def _linear(cluster: IntArray) -> RegressorMixin:
    from sklearn.linear_model import LinearRegression

    return _scaled(LinearRegression())


LEARNERS: dict[str, Callable[[IntArray], RegressorMixin]] = {
    "gradient_boosting": _gradient_boosting,
    "lasso": _lasso,
    "linear": _linear,
    "random_forest": _random_forest,
    "ridge": _ridge,
}

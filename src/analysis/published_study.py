"""What the real published panels can and cannot say: an honest use of the project's own estimators.

The question is put to the 34 provinces whose public service index (IPP) was published for 2021 to 2024: does it move
with digital competitiveness, or with literacy? Neither is a treatment that anyone assigned; what is estimated are
associations within provinces, and whether even these can be told from zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy import stats

from analysis.catalog import Indicator
from analysis.estimators import fit
from analysis.messages import Message
from analysis.spec import Spec

OUTCOME = "public_service_index"
DIGITAL, LITERACY = "digital_competitiveness_index", "literacy_development_index"
POINTS_PER_UNIT = 10.0
BOOTSTRAP_SEED = 2026
# Method of the literacy index that covers the years compared.
_LITERACY_SCHEME = "iplm_2022"


@dataclass(frozen=True)
class Question:
    """One way to ask.

    Parameters
    ----------
    key
        Name; its wording is the message ``published.question_<key>``.
    treatments
        Columns of `province_panel`.
    unit
        Column of the absorbed unit: ``region_code`` compares a province with itself across the break of 2023,
        ``region_scheme`` only within one way of measuring.
    years
        First and last year used.
    sound
        Whether the comparison is one of like with like; False for the one that shows what goes wrong.
    """

    key: str
    treatments: tuple[str, ...]
    unit: str = "region_scheme"
    years: tuple[int, int] = (2021, 2024)
    sound: bool = True


QUESTIONS = (
    Question("across_break", ("digital",), unit="region_code", sound=False),
    Question("within_scheme", ("digital",)),
    Question("old_scheme", ("digital",), years=(2021, 2022)),
    Question("new_scheme", ("digital",), years=(2023, 2024)),
    Question("next_year", ("digital_next",)),
    Question("literacy", ("literacy",), years=(2023, 2024)),
    Question("both", ("digital", "literacy"), years=(2023, 2024)),
)


def province_panel(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the province by year panel.

    Parameters
    ----------
    scores
        Table of `analysis.published.load_published`.

    Returns
    -------
    pandas.DataFrame
        One row per province and year with a public service index: region_code, year, scheme, region_scheme, index
        (0 to 5), digital and literacy (in units of 10 points), digital_next (digital of the year after, a placebo: the
        future cannot have an effect). Literacy of before its own break is left out.
    """
    comparable = (scores["indicator"] != LITERACY) | (scores["scheme"] == _LITERACY_SCHEME)
    used = scores[comparable & scores["indicator"].isin([OUTCOME, DIGITAL, LITERACY])]
    wide = used.pivot(index=["region_code", "year"], columns="indicator", values="value").reset_index()
    schemes = scores.loc[scores["indicator"] == OUTCOME, ["region_code", "year", "scheme"]]
    panel = wide.merge(schemes, on=["region_code", "year"], how="left").sort_values(["region_code", "year"])
    panel = panel.assign(
        index=panel[OUTCOME],
        digital=panel[DIGITAL] / POINTS_PER_UNIT,
        literacy=panel[LITERACY] / POINTS_PER_UNIT,
        digital_next=panel.groupby("region_code")[DIGITAL].shift(-1) / POINTS_PER_UNIT,
        region_scheme=panel["region_code"] + " " + panel["scheme"].fillna(""),
    )
    columns = ["region_code", "year", "scheme", "region_scheme", "index", "digital", "literacy", "digital_next"]
    return panel.dropna(subset=["index"])[columns].reset_index(drop=True)


def associations(panel: pd.DataFrame, questions: tuple[Question, ...] = QUESTIONS) -> pd.DataFrame:
    """Estimate every question by two-way fixed effects, clustered by province.

    Parameters
    ----------
    panel
        Table of `province_panel`.
    questions
        Ways to ask.

    Returns
    -------
    pandas.DataFrame
        One row per question and treatment: question, treatment, sound, estimate (points of the public service index
        per 10 points), std_error (CRV1), conf_low, conf_high and p_value (wild cluster restricted bootstrap),
        p_value_crv1 (t with clusters - 1 degrees of freedom), detectable, n_obs, n_provinces. `detectable` is the
        smallest true association found in 80% of samples at 5%: (t(.975) + t(.80)) standard errors (Bloom 1995,
        Evaluation Review 19:547).
    """
    rows = [row for question in questions for row in _rows(panel, question)]
    return pd.DataFrame(rows)


def _rows(panel: pd.DataFrame, question: Question) -> list[dict[str, Any]]:
    first, last = question.years
    used = panel[panel["year"].between(first, last)].dropna(subset=list(question.treatments))
    results = {covariance: _estimates(used, question, covariance) for covariance in ("CRV1", "wild_bootstrap")}
    rows = []
    for term, plain in results["CRV1"].items():
        boot = results["wild_bootstrap"][term]
        multiple = stats.t.ppf(0.975, plain["df"]) + stats.t.ppf(0.80, plain["df"])
        rows.append(
            {
                "question": question.key,
                "treatment": term,
                "sound": question.sound,
                **{name: plain[name] for name in ("estimate", "std_error")},
                **{name: boot[name] for name in ("conf_low", "conf_high", "p_value")},
                "p_value_crv1": plain["p_value"],
                "detectable": multiple * plain["std_error"],
                "n_obs": int(plain["n_obs"]),
                "n_provinces": int(plain["n_clusters"]),
            }
        )
    return rows


def _estimates(used: pd.DataFrame, question: Question, covariance: str) -> dict[str, dict[str, Any]]:
    spec = Spec(
        estimator="fixed_effects",
        outcome="index",
        treatments=question.treatments,
        unit=question.unit,
        time="year",
        cluster="region_code",
        covariance=covariance,
        options={"seed": BOOTSTRAP_SEED} if covariance == "wild_bootstrap" else {},
    )
    result = fit(used, spec)
    return {
        str(row["term"]): {str(name): value for name, value in row.items()}
        for row in result.estimates.to_dict("records")
    }


def between_provinces(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the correlation of index and digital competitiveness across provinces, year by year.

    Returns
    -------
    pandas.DataFrame
        year, n, correlation, conf_low, conf_high (Fisher's z, 95%).
    """
    rows = []
    for year, part in panel.dropna(subset=["digital"]).groupby("year", sort=True):
        correlation = float(np.corrcoef(part["index"], part["digital"])[0, 1])
        reach = stats.norm.ppf(0.975) / np.sqrt(len(part) - 3)
        low, high = np.tanh(np.arctanh(correlation) + np.array([-reach, reach]))
        rows.append((year, len(part), correlation, float(low), float(high)))
    return pd.DataFrame(rows, columns=["year", "n", "correlation", "conf_low", "conf_high"])


def share_of_real_change(noise: pd.DataFrame) -> pd.DataFrame:
    """Return how much of the year-to-year movement of each indicator is more than noise, where that is known.

    A within-province coefficient of a treatment that is measured with noise shrinks towards zero by about this share
    (classical errors in variables).

    Parameters
    ----------
    noise
        Table of `analysis.published.measurement_noise`.

    Returns
    -------
    pandas.DataFrame
        indicator, scheme, share (1 - 2 x noise variance / variance of change, at least 0).
    """
    known = noise.dropna(subset=["noise_sd_separated"])
    share = (1 - 2 * known["noise_sd_separated"] ** 2 / known["change_sd"] ** 2).clip(lower=0)
    return known[["indicator", "scheme"]].assign(share=share).reset_index(drop=True)


def verdict(row: pd.Series) -> Message:
    """Say what one estimate of `associations` means."""
    names = ("estimate", "conf_low", "conf_high", "p_value", "detectable")
    values = {name: float(row[name]) for name in names}
    words = {
        "n": int(row["n_provinces"]),
        "question": Message(f"published.question_{row['question']}"),
        "treatment": Message(f"published.treatment_{row['treatment']}"),
    }
    if not row["sound"]:
        return Message("published.study_unsound", {**values, **words})
    return Message("published.study_told" if _told(row) else "published.study_cannot_tell", {**values, **words})


def verdicts(table: pd.DataFrame, lang: str) -> str:
    """Return the verdicts on all rows of `associations`, a paragraph each."""
    return "\n\n".join(verdict(row).text(lang) for _, row in table.iterrows())


def conclusion(table: pd.DataFrame, between: pd.DataFrame, shares: pd.DataFrame) -> Message:
    """Return the verdict on the whole, from `associations`, `between_provinces` and `share_of_real_change`."""
    rows = table[table["treatment"] == "digital"].set_index("question").to_dict("index")
    within, across = rows["within_scheme"], rows["across_break"]
    literacy = table[table["question"] == "literacy"].iloc[0]
    values = {
        **{name: within[name] for name in ("estimate", "conf_low", "conf_high")},
        "n": within["n_provinces"],
        "share": float(shares.loc[shares["indicator"] == DIGITAL, "share"].iloc[0]),
        "across": across["estimate"],
        "p_across": across["p_value"],
        "lowest": float(between["correlation"].min()),
        "highest": float(between["correlation"].max()),
        "literacy": verdict(literacy),
    }
    key = "told" if _told(within) else "cannot_tell"
    return Message(f"published.conclusion_{key}", values)


def _told(row: Mapping[Any, Any] | pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def shown(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return `associations` as people read it: worded, rounded to three decimals."""
    worded = pd.DataFrame(
        {
            "question": [Message(f"published.question_{key}").text(lang) for key in table["question"]],
            "treatment": [Message(f"published.treatment_{key}").text(lang) for key in table["treatment"]],
        }
    )
    numbers = ["estimate", "conf_low", "conf_high", "p_value", "p_value_crv1", "detectable"]
    result = pd.concat([worded, table[numbers].round(3) + 0.0, table[["n_obs", "n_provinces"]]], axis=1)
    return result.rename(columns={name: Message(f"published.column_{name}").text(lang) for name in result.columns})


def interval_figure(table: pd.DataFrame, lang: str) -> go.Figure:
    """Draw the estimates with their 95% intervals, one line a question; the unsound one is grey."""
    rows = table.iloc[::-1]
    labels = [
        f"{Message(f'published.question_{row.question}').text(lang)} – "
        f"{Message(f'published.treatment_{row.treatment}').text(lang)}"
        for row in rows.itertuples()
    ]
    values = {name: rows[name].round(3).tolist() for name in ("estimate", "conf_low", "conf_high")}
    figure = go.Figure(
        go.Scatter(
            x=values["estimate"],
            y=labels,
            mode="markers",
            marker={"size": 9, "color": ["#0b5394" if sound else "#999999" for sound in rows["sound"]]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [round(high - x, 3) for x, high in zip(values["estimate"], values["conf_high"], strict=True)],
                "arrayminus": [
                    round(x - low, 3) for x, low in zip(values["estimate"], values["conf_low"], strict=True)
                ],
                "color": "#666666",
            },
        )
    )
    figure.add_vline(x=0, line_color="#333333", line_width=1)
    return _laid_out(figure, Message("published.axis_estimate").text(lang), lang, height=90 + 45 * len(rows))


def trend_figure(trend: pd.DataFrame, indicator: Indicator, lang: str) -> go.Figure:
    """Draw one indicator of `analysis.published.official_trend`; no line crosses a change of measurement."""
    rows = trend[trend["indicator"] == indicator.key]
    newest = rows.loc[rows["own"], "scheme"].tail(1).tolist()
    figure = go.Figure()
    for (code, scheme), part in rows.groupby(["region_code", "scheme"], sort=True):
        own = bool(part["own"].iloc[0])
        figure.add_scatter(
            x=part["year"].tolist(),
            y=part["value"].tolist(),
            name=f"{code} {part['name'].iloc[0]}",
            showlegend=own and newest == [scheme],
            mode="lines+markers",
            line={"color": "#c2410c" if own else "#b8c0c8", "width": 3 if own else 1},
        )
    for scheme in indicator.breaks:
        if rows["year"].min() < scheme.first_year <= rows["year"].max():
            figure.add_vline(x=scheme.first_year - 0.5, line_dash="dot", line_color="#333333")
    figure.update_xaxes(dtick=1)
    return _laid_out(figure, indicator.label.text(lang), lang, height=380)


def _laid_out(figure: go.Figure, title: str, lang: str, height: int) -> go.Figure:
    return figure.update_layout(
        title=title,
        template="plotly_white",
        height=height,
        margin={"l": 10, "r": 10, "t": 50, "b": 40},
        separators=",." if lang == "id" else ".,",
    )

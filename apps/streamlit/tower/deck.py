"""What stands where on a trailer's floor.

Belongs here: rows in, a Plotly figure out, metres on the x axis. Does not belong here: other charts (`charts`), which
rows (`data`).
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from tower import words
from tower.charts import BLUE, GREY, ORANGE, laid_out


def floor(carried: pd.DataFrame, trailer: pd.Series, title: str) -> go.Figure:
    """The floor from the front (left) to the doors, a bar a shipment with its stop, and the two supports where they are known.

    Parameters
    ----------
    carried
        Columns stop_sequence, shipment_id, customer_name, weight_kg, pallets_before, pallets.
    trailer
        places, deck_m, kingpin_m, rear_axle_m, front_axle_kg, front_max_kg, rear_axle_kg, rear_max_kg; without deck_m the
        axis counts pallet places.
    """
    figure = go.Figure()
    is_measured = not words.is_missing(trailer["deck_m"])
    length = float(trailer["deck_m"]) if is_measured else float(trailer["places"])
    unit, scale = ("m", length / float(trailer["places"])) if is_measured else ("places", 1.0)
    rows = carried.sort_values("pallets_before").astype({"pallets_before": float, "pallets": float, "weight_kg": float})
    for shade, picked in ((BLUE, rows["stop_sequence"] % 2 == 1), (ORANGE, rows["stop_sequence"] % 2 == 0)):
        part = rows[picked]
        figure.add_bar(
            y=["floor"] * len(part), x=part["pallets"] * scale, base=part["pallets_before"] * scale, orientation="h",
            marker={"color": shade, "line": {"color": "white", "width": 1}},
            text=[f"{int(stop)}" for stop in part["stop_sequence"]], textposition="inside", insidetextanchor="middle",
            customdata=part[["shipment_id", "customer_name", "weight_kg"]],
            hovertemplate=f"stop %{{text}} · %{{customdata[1]}}<br>%{{customdata[0]}}<br>%{{customdata[2]:,.0f}} kg, %{{x:.2f}} {unit}<extra></extra>",
        )  # fmt: skip
    for name, at, load, most in (
        ("front support", trailer["kingpin_m"], trailer["front_axle_kg"], trailer["front_max_kg"]),
        ("rear axles", trailer["rear_axle_m"], trailer["rear_axle_kg"], trailer["rear_max_kg"]),
    ):
        if is_measured and not words.is_missing(at) and not words.is_missing(load):
            figure.add_vline(x=float(at), line={"color": GREY, "width": 2, "dash": "dot"})
            figure.add_annotation(
                x=float(at), y=1, yref="paper", yanchor="bottom", showarrow=False,
                text=f"{name}: {float(load):,.0f} of {float(most):,.0f} kg",
            )  # fmt: skip
    laid_out(
        figure,
        title,
        x="metres from the front" if is_measured else "pallet places from the front",
        height=230,
        legend=False,
    )
    figure.update_layout(margin={"t": 70}, barmode="overlay")
    figure.update_xaxes(range=[0, length])
    figure.update_yaxes(visible=False)
    return figure

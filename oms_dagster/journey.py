"""THE map: the order's journey, in order. Folders, asset groups, dbt folders, tower sections and tests are named here.

Belongs here: the stages and the pages of the control tower that show them. Nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One stop of an order's journey.

    Attributes
    ----------
    name
        Folder, asset group, dbt group.
    title
        On screen.
    question
        What the stage answers.
    owner
        Dagster owner, ``team:...``.
    """

    name: str
    title: str
    question: str
    owner: str


STAGES = (
    Stage("capture", "Capture", "What did the world say, and did all of it arrive?", "team:integration"),
    Stage("screening", "Screening", "May this order go on, and if not, why and what would let it?", "team:credit"),
    Stage("inventory", "Inventory", "What is there, what is promised, what is coming?", "team:inventory"),
    Stage("sourcing", "Sourcing", "From which place, and by when, is each line best served?", "team:planning"),
    Stage("release", "Release", "Which lines may go to the floor now?", "team:planning"),
    Stage("loads", "Loads", "What rides together, on what?", "team:transport"),
    Stage("routes", "Routes", "In which order are the stops served, and when?", "team:transport"),
    Stage("fulfilment", "Fulfilment", "What is to be picked, packed and checked?", "team:warehouse"),
    Stage("documents", "Documents", "Which papers travel with the goods?", "team:warehouse"),
    Stage("delivery", "Delivery", "What happened at the door?", "team:transport"),
    Stage("settlement", "Settlement", "Does the account of each load close?", "team:finance"),
    Stage("returns", "Returns", "What came back, where does it go, what is owed?", "team:finance"),
    Stage("reporting", "Reporting", "How well did we do, and how do we know?", "team:planning"),
)

#: Asset groups that stand beside the journey.
BESIDE = ("cycle", "commit", "publish")

STAGE = {stage.name: stage for stage in STAGES}

#: Page of the control tower -> the stages that it shows; none: it stands beside the journey.
PAGES = {
    "overview": ("reporting",),
    "orders": ("capture",),
    "messages": ("capture",),
    "holds": ("screening",),
    "policies": (),
    "inventory": ("inventory",),
    "forecast": ("inventory",),
    "replenishment": ("inventory",),
    "sourcing": ("sourcing",),
    "backorders": ("sourcing",),
    "release": ("release", "fulfilment"),
    "loads": ("loads", "routes"),
    "documents": ("documents",),
    "returns": ("delivery", "settlement", "returns"),
    "kpis": ("reporting",),
    "audit": (),
    "users": (),
}


def owner(stage: str) -> str:
    """Owner of a stage, or of what stands beside the journey (the platform team)."""
    return STAGE[stage].owner if stage in STAGE else "team:platform"

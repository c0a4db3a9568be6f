"""Questions of the Policies page: the settings in force, and what another value would hold or free.

Belongs here: SQL over the published copy, and the rehearsal beside it. Does not belong here: drawing.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from oms_dagster.warehouse.rehearsal import rehearse
from tower.data.copy import Copy, ask


def settings(copy: Copy, text: str = "") -> pd.DataFrame:
    """Policies whose name or explanation holds the text, by name; ``group`` is the part before the point."""
    return ask(
        copy,
        """
        select policy_key, scope, coalesce(value, '') as value, coalesce(default_value, '') as default_value, kind, about, valid_from,
               changed_by, changed_because, next_value, next_from,
               value is distinct from default_value as is_changed
        from marts.policy_settings
        where $text = '' or contains(lower(concat_ws(' ', policy_key, about)), lower($text)) order by policy_key, scope
        """,
        text=text.strip(),
    )


@st.cache_data(max_entries=16, show_spinner=False)
def tried(copy_path: str, stamp: int, compiled: str, key: str, value: str) -> pd.DataFrame:
    """Orders that each hold type holds under the settings in force and under one changed; only types that change.

    Raises
    ------
    CannotRehearse
        The rules don't run over the copy.
    """
    found = rehearse(Path(copy_path), Path(compiled), {key: value})
    columns = ("hold_type", "held_before", "held_after", "newly_held", "newly_held_base", "freed", "freed_base")
    rows = [[getattr(one, name) for name in columns] for one in found if one.newly_held or one.freed]
    return pd.DataFrame(rows, columns=list(columns))

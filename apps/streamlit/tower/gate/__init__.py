"""The door of the control tower: nothing is answered, and no page drawn, before somebody has signed in.

Belongs here: HTTP around Streamlit (`door`), the sign-in pages (`pages`). Does not belong here: passwords and sessions
(`oms_dagster.operations.accounts`), who may what (`tower.access`). `apps/streamlit/serve.py` puts it in front.
"""

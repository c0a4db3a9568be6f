"""Generalised assignment: each job to one agent (vehicle, carrier, dock), within each agent's capacity, at least cost.

`problem.py` → `solve.py` (HiGHS through OR-Tools MathOpt) judged by `verify.py`; `orlib.py` reads OR-Library files.
"""

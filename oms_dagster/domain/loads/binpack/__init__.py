"""Load building as bin packing: items with a size in each dimension, equal bins, as few bins as possible.

`problem.py` → `solve.py` (first-fit decreasing, ruin and recreate, column generation, CP-SAT) judged by `verify.py`;
`bpplib.py` reads public benchmark files.
"""

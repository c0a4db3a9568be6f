"""Load building: orders with weight, volume, pallets, goods and times onto hired trailers, at the least cost.

`problem.py` → `solve.py` (`baseline.py`, `recreate.py`, `polish.py`, for one dimension `columns.py`; `bound.py`) judged
by `verify.py`. Bin packing is a lane with one kind of trailer: `bpplib.py` reads public files of it.
"""

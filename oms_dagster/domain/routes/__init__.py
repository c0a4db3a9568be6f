"""Routes: which shipments ride on which vehicle of one location and day, in which stop order, at what times.

`problem.py` (what is asked) → `solve.py` → `plan.py` (what is answered), judged by `verify.py`, which shares no
code with the solver. Nothing is imported here, so that the checker can be used without the solver in the room.
"""

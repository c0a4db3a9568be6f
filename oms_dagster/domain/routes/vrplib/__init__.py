"""Public vehicle-routing benchmark files: read them, solve them in their own convention, check the answer.

`read.py` (text → `Instance`), `check.py` (recomputes, knows no solver), `solve.py` (the instance as a day of the pipeline's
solver, within a time limit: a benchmark asks for the best in so many seconds, a plan for the same answer every time).
"""

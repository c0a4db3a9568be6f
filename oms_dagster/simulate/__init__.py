"""Synthetic worlds: what customers, suppliers, banks, drivers and pickers would have sent us.

Belongs here: writers of reference data, channel files and feeds (`world.simulate`, `floor.react`, `like.like`).
Does not belong here: anything that a real deployment needs to plan. Nothing here reads a clock: the same arguments
give the same bytes.
"""

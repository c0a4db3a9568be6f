"""Loads: own fleet or carrier, which carrier and service at what price, what is collected together, how to fill bins.

Vehicles, stop order and times of the own fleet are decided together in `domain/routes`; a load of the fleet is born
there. Here: `mode.py` (own fleet or carrier), `tariffs.py` (quotes and choice), `carrier_loads.py` (a carrier's
collection as a load), `verify.py` (their checker), and the pure problems `building/` (hired trailers) and `assignment/`.
"""

"""Sourcing: which location ships each open order line, and when, decided jointly for all of them."""

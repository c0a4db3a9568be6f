"""ANSI X12 purchase orders and their changes: `syntax` splits, `orders` understands."""

from oms_dagster.domain.capture.x12.orders import FIELDS, parse_x12

__all__ = ["FIELDS", "parse_x12"]

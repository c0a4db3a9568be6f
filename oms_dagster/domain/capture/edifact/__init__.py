"""UN/EDIFACT purchase orders and their changes: `syntax` splits, `orders` understands."""

from oms_dagster.domain.capture.edifact.orders import FIELDS, parse_edifact

__all__ = ["FIELDS", "parse_edifact"]

"""What the checker of route plans says: its rules, and a finding on one of them."""

from __future__ import annotations

from dataclasses import dataclass

RULES: dict[str, str] = {
    "ROUTE-01": "A shipment rides at most once, and only shipments of the problem ride.",
    "ROUTE-02": "Each shipment rides or is dropped, never both, with a reason of the closed list and a fix.",
    "ROUTE-03": "The weight on board stays, on each leg, within the vehicle's payload.",
    "ROUTE-04": "The volume on board stays, on each leg, within the vehicle's volume.",
    "ROUTE-05": "A load has no more stops than the vehicle may make.",
    "ROUTE-06": "The value on board stays, on each leg, within the vehicle's insured value.",
    "ROUTE-07": "A load leaves and returns within the driver's shift (with its overtime) and the location's opening hours.",
    "ROUTE-08": "A vehicle's driving time over its loads stays within the driving limit.",
    "ROUTE-09": "Service starts in the window, not in its gaps; after it only as allowed, or where a lock put the stop.",
    "ROUTE-10": "Lateness is stated: service start minus the end of the window.",
    "ROUTE-11": "Times follow from coordinates, speed, breaks, windows and service times.",
    "ROUTE-12": "A stop under a position lock keeps its place on its load.",
    "ROUTE-13": "A frozen load keeps its stops, their order and its departure.",
    "ROUTE-14": "A shipment tied to a vehicle rides on that vehicle (and trip) or stays behind.",
    "ROUTE-15": "A vehicle's loads don't overlap, with the reload time between them, and are no more than it may make.",
    "ROUTE-16": "A driver isn't on two vehicles.",
    "ROUTE-17": "The vehicle is fit for the temperature class of all it carries.",
    "ROUTE-18": "Hazardous goods ride only on a vehicle admitted to them.",
    "ROUTE-19": "Distances stated are those between the coordinates.",
    "ROUTE-20": "What is delivered later is loaded earlier (last in, first out); what is picked up has no place at departure.",
    "ROUTE-21": "Totals, cost and objective stated follow from the stops.",
    "ROUTE-22": "A stop serves only shipments of its own address, at its own coordinates.",
    "ROUTE-23": "Stops are numbered from 1; load ids are location x date x vehicle x trip of a known vehicle.",
    "ROUTE-24": "Vehicle and driver have the skills that each visit needs.",
    "ROUTE-25": "A vehicle goes only to addresses that let its kind in.",
    "ROUTE-26": "Goods of classes that may not travel together are on different loads.",
    "ROUTE-27": "A driver rests after so much driving and so much work, in whole breaks of the rule's length.",
    "ROUTE-28": "A vehicle is out no longer than its driver may be on duty.",
    "ROUTE-29": "A load is put on board at one of the depot's doors, in its hours, with the vehicle there; a door takes one load at a time.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: `subject` is the load, stop, vehicle, driver or shipment, `detail` what was seen and expected."""

    rule: str
    subject: str
    detail: str

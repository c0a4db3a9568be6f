"""Capabilities, roles, and up to which amount a role may use a capability alone.

Belongs here: the closed lists and the questions to them. Does not belong here: which capability a command needs
(``catalogue.py``), who has which role (``access.py``).

A capability is a dotted string; holding ``hold.release`` includes ``hold.release.credit``. A role is a set of
capabilities; a user has one role. Above a limit (reporting currency) a command waits for a second person's approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

#: What there is to be allowed.
CAPABILITIES: Mapping[str, str] = {
    "hold.place": "put a manual hold on an order or a line",
    "hold.release": "release a hold of any family",
    "hold.release.credit": "release credit holds",
    "hold.release.payment": "release payment holds",
    "hold.release.fraud": "release fraud holds",
    "hold.release.commercial": "release holds on price, margin, discount and order value",
    "hold.release.master_data": "release holds on customer, address and SKU data",
    "hold.release.logistics": "release holds on stock, shipping restrictions and dates",
    "hold.release.manual": "release manual holds and timers",
    "order.create": "take an order by phone",
    "order.amend": "change the quantity of a line or the date of an order",
    "order.cancel": "cancel an order, a line or a part of it",
    "order.priority": "change the priority of an order",
    "promise.set": "set the delivery date agreed with a customer",
    "address.correct": "correct the ship-to address of an order",
    "line.pin": "pin a line to a location, or keep it away from one",
    "wave.release": "release the waves of a location, where that is manual",
    "wave.stop": "stop a released wave, for what is not picked",
    "shipment.move": "move a shipment to another load",
    "stop.lock": "fix the place of a stop in its route",
    "load.lock": "keep the plan from changing a load",
    "load.approve": "approve a load for dispatch, or withdraw the approval",
    "load.dispatch": "dispatch a load",
    "vehicle.stop": "take a vehicle or a driver out of the plan, or back in",
    "stock.adjust": "correct the stock of a SKU at a location",
    "replenishment.accept": "order goods from a supplier or another location, or cancel that",
    "return.authorise": "authorise or reject a return",
    "return.receive": "book returned goods, and where inspection sends them",
    "settlement.record": "count money, empties and expenses of a load that left",
    "settlement.sign": "close the account of a load that came back",
    "document.void": "make a document void, or issue it anew",
    "message.resolve": "settle captured messages in quarantine or in conflict",
    "exception.close": "close a reconciliation exception",
    "policy.change": "change a policy",
    "cycle.run": "start a planning cycle",
    "command.approve": "approve or reject what somebody else sent above their limit, within one's own",
    "user.manage": "add users, change their role and limits, switch them off, give tokens",
}

_PLANNER = frozenset(
    {
        "hold.place",
        "hold.release.manual",
        "hold.release.logistics",
        "hold.release.master_data",
        "order.create",
        "order.amend",
        "order.cancel",
        "order.priority",
        "promise.set",
        "address.correct",
        "line.pin",
        "wave.release",
        "wave.stop",
        "shipment.move",
        "stop.lock",
        "load.lock",
        "vehicle.stop",
        "replenishment.accept",
        "return.authorise",
        "message.resolve",
        "cycle.run",
    }
)
_CREDIT = frozenset(
    {"hold.place", "hold.release.credit", "hold.release.payment", "hold.release.fraud", "command.approve"}
)
_WAREHOUSE = frozenset(
    {
        "hold.place",
        "hold.release.manual",
        "wave.release",
        "wave.stop",
        "stock.adjust",
        "return.receive",
        "document.void",
        "settlement.record",
        "settlement.sign",
    }
)
_DISPATCHER = frozenset(
    {
        "shipment.move",
        "stop.lock",
        "load.lock",
        "load.approve",
        "load.dispatch",
        "vehicle.stop",
        "hold.place",
        "document.void",
        "settlement.record",
        "cycle.run",
    }
)

#: Role -> its capabilities.
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset(),
    "planner": _PLANNER,
    "credit": _CREDIT,
    "warehouse": _WAREHOUSE,
    "dispatcher": _DISPATCHER,
    "manager": frozenset(CAPABILITIES) - {"user.manage"},
    "admin": frozenset(CAPABILITIES),
}

#: Role -> capability -> the most, in the reporting currency, that one command may put at stake without a second person.
ROLE_LIMITS: Mapping[str, Mapping[str, Decimal]] = {
    "credit": {
        "hold.release.credit": Decimal(5000),
        "hold.release.payment": Decimal(5000),
        "hold.release.fraud": Decimal(5000),
    },
    "warehouse": {"stock.adjust": Decimal(1000)},
}


def includes(held: str, capability: str) -> bool:
    """Whether holding one capability is holding the other: the same, or above it."""
    return capability == held or capability.startswith(f"{held}.")


def may(role: str, capability: str) -> bool:
    """Whether a role holds a capability, itself or one that includes it. An unknown role holds none."""
    return any(includes(held, capability) for held in ROLES.get(role, frozenset()))


def roles_with(capability: str) -> tuple[str, ...]:
    """The roles that hold a capability, from the least to the most powerful."""
    return tuple(role for role in ROLES if may(role, capability))


def role_limit(role: str, capability: str, own: Mapping[str, Decimal | None] | None = None) -> Decimal | None:
    """The limit of a capability for a role, or for a user of it; None: there is none.

    Parameters
    ----------
    own
        What was set for one user: it goes before the role's; None as a value lifts the limit.
    """
    for limits in (own or {}, ROLE_LIMITS.get(role, {})):
        near = max((name for name in limits if includes(name, capability)), key=len, default=None)
        if near is not None:
            return limits[near]
    return None

"""The whole sourcing problem as one CP-SAT model, straight from the columns: the optimum for small cases.

Shares nothing with the solver under test. Stock and divided quantities move in whole units (1000 milli).
"""

from __future__ import annotations

from ortools.sat.python import cp_model

from oms_dagster.domain.sourcing.problem import SourcingProblem


def optimum(p: SourcingProblem) -> int:
    """Proved least cost, in cents."""
    model = cp_model.CpModel()
    places, days = range(len(p.location_ids)), range(p.atp_milli.shape[2])
    cost = []
    amounts: dict[tuple[int, int, int], cp_model.IntVar] = {}
    opened: dict[tuple[int, int, int], cp_model.IntVar] = {}
    whole = {order: model.new_bool_var("") for order in range(len(p.order_ids))}
    for line in range(len(p.line_ids)):
        order, units = int(p.line_order[line]), int(p.line_quantity_milli[line]) // 1000
        for place in places:
            pinned = int(p.line_pinned[line])
            if p.blocked[line, place] or (pinned >= 0 and pinned != place):
                continue
            for day in days:
                if day < p.earliest_ship_day[line, place]:
                    continue
                late = max(0, int(p.deliver_day(line, place, day)) - int(p.line_due_day[line]))
                full = int(p.freight_cents[line, place]) + late * int(p.line_late_cents_per_day[line])
                full += p.late_promise_cents * int(p.deliver_day(line, place, day) > p.line_promised_day[line])
                last = {(x.location_id, x.ship_day) for x in p.last_promises if x.line_id == p.line_ids[line]}
                if last and p.location_ids[place] not in {name for name, _ in last}:
                    full += p.stability_cost_cents
                elif last and (p.location_ids[place], day) not in last:
                    full += p.stability_day_cost_cents
                amount = model.new_int_var(0, units, "")
                used = model.new_bool_var("")
                model.add(amount <= units * used)
                if not p.line_divisible[line]:
                    model.add(amount == units * used)
                paid = model.new_int_var(0, full, "")
                model.add(paid * units >= full * amount)
                cost.append(paid)
                if (order, place, day) not in opened:
                    opened[order, place, day] = model.new_bool_var("")
                model.add_implication(used, opened[order, place, day])
                amounts[line, place, day] = amount
        waiting = model.new_int_var(0, units, "")
        model.add(waiting + sum(a for (row, _, _), a in amounts.items() if row == line) == units)
        fixed = int(p.line_remainder_cents[line])
        full = int(p.line_backorder_cents[line]) - fixed
        paid, short = model.new_int_var(0, full, ""), model.new_bool_var("")
        model.add(paid * units >= full * waiting)
        model.add(waiting <= units * short)
        cost += [paid, fixed * short]
        if not p.line_divisible[line]:
            model.add_linear_expression_in_domain(waiting, cp_model.Domain.from_values([0, units]))
        if p.order_ship_complete[order]:
            model.add(waiting == units * whole[order].negated())
    for order in range(len(p.order_ids)):
        shipments = [var for (row, _, _), var in opened.items() if row == order]
        cost += [int(p.shipment_cost_cents[row, place]) * v for (row, place, _), v in opened.items() if row == order]
        model.add(sum(shipments) <= int(p.order_max_splits[order]) + 1)
        extra = model.new_int_var(0, max(len(shipments), 1), "")
        model.add(extra >= sum(shipments) - 1)
        cost.append(p.split_cost_cents * extra)
    for sku in range(len(p.sku_ids)):
        for place in places:
            for day in days:
                takes = [a for (row, w, d), a in amounts.items() if p.line_sku[row] == sku and w == place and d <= day]
                model.add(sum(takes) <= int(p.atp_milli[sku, place, day]) // 1000)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    assert status == cp_model.OPTIMAL, solver.status_name(status)
    return round(solver.objective_value)

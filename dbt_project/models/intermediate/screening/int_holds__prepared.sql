-- One row per finding of the rules that need nothing of the plan, with the state of its hold.
{{ hold_state(ref('int_holds__found')) }}

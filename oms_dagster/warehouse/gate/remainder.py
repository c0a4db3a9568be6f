"""A whole amount split over rows so that the parts sum to it, in SQL.

Belongs here: the twin of `largest_remainder` in `domain.quantities`.
"""

from __future__ import annotations


def largest_remainder_sql(source: str, group: str, order: str, total: str, weight: str, part: str) -> str:
    """SQL that adds ``part``: whole ``total`` split over the group's rows by ``weight``, so that parts sum to it.

    Parameters
    ----------
    source
        Relation with the columns named by the other arguments; ``total`` is the same on each row of a group, ``weight``
        is not negative.
    order
        Column that breaks ties of remainders (earlier first).
    """
    return f"""
        select * exclude (lr_weight, lr_whole, lr_part, lr_left, lr_place),
               sign({total})::bigint * (lr_part + (lr_place <= lr_left)::bigint)::bigint as {part}
        from (
            select *, abs({total}) - sum(lr_part) over (partition by {group}) as lr_left,
                   row_number() over (partition by {group} order by (abs({total})::hugeint * lr_weight) % lr_whole desc, {order}) as lr_place
            from (
                select *, (abs({total})::hugeint * lr_weight) // lr_whole as lr_part
                from (
                    select *, case when sum({weight}) over (partition by {group}) = 0 then 1 else {weight} end::hugeint as lr_weight,
                           case when sum({weight}) over (partition by {group}) = 0 then count(*) over (partition by {group})
                               else sum({weight}) over (partition by {group}) end::hugeint as lr_whole
                    from {source}
                )
            )
        )
    """

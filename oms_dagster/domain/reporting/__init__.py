"""Reports for managers: one closed day on one page.

Belongs here: what a report says and how it looks. Does not belong here: computing KPIs (dbt does), writing files.
"""

"""Figures of a year out of a JSON file: a bureau's own record, or what another bureau's report gives of one."""

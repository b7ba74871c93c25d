"""Registers (登记册): what the office counts that does not come from publishing.

A register is a declaration (`specs`): its fields, what is refused, what is told, and which yearly figures it counts.
Storing, pages, import and export are the same for all of them.
"""

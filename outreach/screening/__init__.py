"""Screening (智能初筛): finds in a text what must not be disclosed.

`rules` is the door of the pure part: text in, findings out, without database, clock or network.
"""

"""The cross-checks (勾稽关系), by the ids of the official forms' descriptions.

T2, T3 and T4 are those of the tables, of which T3-1 is printed in the form's corner; TX compare sentences with figures,
C1 are of chapter one and of the sources. A check whose figures are missing can't be made and says so (无法核对); it
neither passes nor fails.
"""

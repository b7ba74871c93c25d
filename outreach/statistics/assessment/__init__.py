"""Supervision and assessment of sections and county branches (监督考核): points by rules that the office sets."""

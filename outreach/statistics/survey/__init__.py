"""Evaluation surveys (测评问卷): what people outside know of the office's disclosures, and how content they are."""

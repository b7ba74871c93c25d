"""封存案件: what is done about an item in which a classification mark was found after it was stored, step by step."""

"""Self-check of the accounts against the national inspection indicators of government new media (政务新媒体检查指标)."""

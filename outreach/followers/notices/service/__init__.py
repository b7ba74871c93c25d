"""The use cases of notices: planned (`planning`), frozen and started (`starting`, `audience`), worked at in chunks
(`chunks`), paused, resumed and cancelled (`acts`), and followed by what WeChat tells later (`receipts`)."""

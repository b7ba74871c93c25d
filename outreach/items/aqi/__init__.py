"""The air quality index (空气质量指数) by HJ 633-2012 and HJ 633-2026, for daily and real-time reports.

`regulations` holds the tables of both standards, `index` the calculation, `measurements` reads what somebody
measured, `bulletin` compares what an item states with what its concentrations give. All of it is pure.
"""

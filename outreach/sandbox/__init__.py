"""An imitation of WeChat Official Account and Weibo for demos and tests, as strict as the real ones.

Run it with `python -m outreach.sandbox`. It stands apart: it imports nothing of the rest of Outreach, and nothing
imports it. It shares the demo's accounts with it, as data.
"""

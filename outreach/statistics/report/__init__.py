"""The annual report of government-information disclosure: its forms, its figures, its checks, its versions."""

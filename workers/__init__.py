"""Background work on arq: one module a queue, thin jobs that call the application."""

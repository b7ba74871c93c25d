"""Files of items: read into rows, each with its content or with what is wrong."""

from outreach.items.importing.files import MAX_FILE_BYTES, MAX_ROWS, read_file, read_tables
from outreach.items.importing.rows import Row, RowFile

__all__ = ["MAX_FILE_BYTES", "MAX_ROWS", "Row", "RowFile", "read_file", "read_tables"]

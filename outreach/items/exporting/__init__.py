"""Items as an Excel workbook, in the very columns that an import takes; and the template for filling one in.

Written by XlsxWriter: it is released several times a year, writes row by row in bounded memory, and knows the
drop-downs, checks and comments of a spreadsheet. openpyxl, which reads here, was last released in June 2024.
"""

from outreach.items.exporting.book import ItemBook
from outreach.items.exporting.template import write_template

__all__ = ["ItemBook", "write_template"]

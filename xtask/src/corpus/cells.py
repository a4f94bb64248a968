"""Prints every cell of a workbook as openpyxl sees it; see crates/convert/examples/cells.rs for the form."""

import datetime
import sys
import warnings

import openpyxl
from openpyxl.utils.datetime import to_excel


def plain(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "").replace("\n", "\\n")


warnings.simplefilter("ignore")
sys.stdout.reconfigure(encoding="utf-8", errors="replace")
workbook = openpyxl.load_workbook(sys.argv[1], data_only=True, read_only=False)
for sheet in workbook.worksheets:
    for (row, column), cell in sorted(sheet._cells.items()):
        value = cell.value
        if value is None:
            continue
        if isinstance(value, bool):
            kind, text = "logical", str(value).lower()
        elif isinstance(value, (int, float)):
            kind, text = "number", repr(value)
        elif isinstance(value, (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)):
            kind, text = "date", repr(to_excel(value, workbook.epoch))
        elif cell.data_type == "e":
            kind, text = "error", str(value)
        else:
            kind, text = "text", str(value)
        print(plain(sheet.title), row, column, kind, plain(text), sep="\t")

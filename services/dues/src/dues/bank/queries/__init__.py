"""Reads of the bank: files and statements, lines with the calls that they may pay."""

from dues.bank.queries.depositing import deposits_of
from dues.bank.queries.lines import EXPORT_HEADER, export_rows, find_line, list_lines
from dues.bank.queries.matching import matching_of, matching_rules
from dues.bank.queries.recognising import echoes_of, lines_naming, lines_paying
from dues.bank.queries.statements import (
    file_out,
    find_file,
    find_statement,
    list_file_lines,
    list_files,
    list_statements,
)

__all__ = [
    "EXPORT_HEADER",
    "deposits_of",
    "echoes_of",
    "export_rows",
    "file_out",
    "find_file",
    "find_line",
    "find_statement",
    "lines_naming",
    "lines_paying",
    "list_file_lines",
    "list_files",
    "list_lines",
    "list_statements",
    "matching_of",
    "matching_rules",
]

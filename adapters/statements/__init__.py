"""Bank statements: CAMT, MT940, tables and cartolas, read into lines (R20)."""

from adapters.statements.problems import Problem, StatementProblem
from adapters.statements.read import MAX_SIZE, read_preview, read_statement
from adapters.statements.statement import Statement, StatementFormat
from adapters.statements.table_reading import DateOrder, DecimalSign, Meaning, TableReading

__all__ = [
    "MAX_SIZE",
    "DateOrder",
    "DecimalSign",
    "Meaning",
    "Problem",
    "Statement",
    "StatementFormat",
    "StatementProblem",
    "TableReading",
    "read_preview",
    "read_statement",
]

"""From JSON Lines to Parquet: every record, whatever values it has, in memory that does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any

from airflow_provider_orgauth.exceptions import ConfigurationError
from airflow_provider_orgauth.exports.columns import Column, ColumnType, as_text
from airflow_provider_orgauth.exports.conversion import Converted
from airflow_provider_orgauth.exports.jsonl_reader import lines_in, value_of

if TYPE_CHECKING:
    import pyarrow

ROWS_PER_GROUP = 1 << 16
BYTES_PER_GROUP = 32 << 20
"""A row group is full with so many rows, or as soon as they had so many bytes as JSON."""
_BATCH_ROWS = 1 << 11
_BATCH_BYTES = 1 << 20

ONLY_COLUMN = "value"
"""The column of records that are not objects."""

ValueChange = Callable[[Any], Any]


def convert(lines: Callable[[], Iterable[bytes]], output: IO[bytes]) -> Converted:
    """Write the records as Parquet: the same bytes for the same records and the same pyarrow.

    They are read twice, first to learn the columns, which are those of all records. A record that has no value for one
    has null there. How kinds are joined is told in :mod:`airflow_provider_orgauth.exports.columns`. Records that are
    not objects are in the one column ``value``; it is also there when there are no records.

    :param lines: gives the JSON Lines in pieces of any size, from the beginning each time it is called.
    :param output: is left open.
    :raises ConfigurationError: pyarrow is not installed.
    :raises ResponseError: a line is not JSON.
    """
    check_pyarrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    column_type = _column_type_of(lines())
    columns = column_type.fields if column_type.kind == "object" else {ONLY_COLUMN: column_type}
    schema = pa.schema([pa.field(name, _type_of(column)) for name, column in columns.items()])
    row_type, rows = pa.struct(list(schema)), 0
    with pq.ParquetWriter(output, schema, compression="snappy") as writer:
        group = _Group()
        for some, size in _some_rows(lines(), _row_change(column_type)):
            group.add(pa.RecordBatch.from_struct_array(pa.array(some, row_type)), size)
            rows += len(some)
            if group.is_full:
                group.write(writer)
        group.write(writer)
    return Converted(
        rows, dict(column_type.texts() if column_type.kind == "object" else column_type.texts(ONLY_COLUMN))
    )


def check_pyarrow() -> None:
    """Refuse Parquet where pyarrow is missing, without the half second that it takes to import it."""
    if find_spec("pyarrow") is None:
        raise ConfigurationError(
            "output_path",
            "Parquet needs the package pyarrow, which is not installed",
            advice="Run: pip install 'airflow-provider-orgauth[parquet]'. Or end it in .jsonl.",
        )


class _Group:
    """What is going to be a row group: columns in Arrow's memory, which are a fraction of the decoded records."""

    def __init__(self) -> None:
        self._batches: list[pyarrow.RecordBatch] = []
        self._rows = self._size = 0

    def add(self, batch: pyarrow.RecordBatch, size: int) -> None:
        self._batches.append(batch)
        self._rows += len(batch)
        self._size += size

    @property
    def is_full(self) -> bool:
        return self._rows >= ROWS_PER_GROUP or self._size >= BYTES_PER_GROUP

    def write(self, writer: pyarrow.parquet.ParquetWriter) -> None:
        import pyarrow as pa

        if self._batches:
            writer.write_table(pa.Table.from_batches(self._batches), row_group_size=self._rows)
        self._batches.clear()
        self._rows = self._size = 0


def _column_type_of(pieces: Iterable[bytes]) -> ColumnType:
    seen = Column()
    for line in lines_in(pieces):
        seen.observe(value_of(line))
    return seen.column_type()


def _some_rows(pieces: Iterable[bytes], change: ValueChange) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Yield some rows at a time, and how many bytes of JSON they were."""
    rows: list[dict[str, Any]] = []
    size = 0
    for line in lines_in(pieces):
        rows.append(change(value_of(line)))
        size += len(line)
        if len(rows) == _BATCH_ROWS or size >= _BATCH_BYTES:
            yield rows, size
            rows, size = [], 0
    if rows:
        yield rows, size


def _row_change(column_type: ColumnType) -> ValueChange:
    """Return what makes a row of a record."""
    change = _change(column_type)
    if column_type.kind != "object":
        return lambda record: {ONLY_COLUMN: change(record) if change else record}
    return lambda record: {} if record is None else change(record) if change else record


def _change(column_type: ColumnType) -> ValueChange | None:
    """Return what makes a value fit its column, or None where it does as it is."""
    match column_type.kind:
        case "json":
            return as_text
        case "array" if column_type.item and (inner := _change(column_type.item)):
            return lambda value: value if value is None else [inner(item) for item in value]
        case "object":
            changes = {name: change for name, field in column_type.fields.items() if (change := _change(field))}
            if changes:
                return lambda value: (
                    value if value is None else {**value, **{k: f(value[k]) for k, f in changes.items() if k in value}}
                )
    return None


def _type_of(column_type: ColumnType) -> pyarrow.DataType:
    import pyarrow as pa

    match column_type.kind:
        case "bool":
            return pa.bool_()
        case "int":
            return pa.int64()
        case "float":
            return pa.float64()
        case "array" if column_type.item:
            return pa.list_(_type_of(column_type.item))
        case "object":
            return pa.struct([pa.field(name, _type_of(field)) for name, field in column_type.fields.items()])
    return pa.string()

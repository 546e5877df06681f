"""The raw records of one text file on their way into DuckDB, counted while they pass."""

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile
from customer_analytics.landing.records import CSV_CELL, CSV_RECORD, RECORD_SCHEMA, read_records


class RecordStream:
    """The raw records of one text file as a stream that counts what passes and keeps the error that ended it.

    ``records`` have passed so far, ``blank`` of them are blank lines.
    """

    def __init__(self, file: DeliveredFile) -> None:
        self._file = file
        self._batches = read_records(file)
        self._rest: pa.RecordBatch | None = None
        self.records = 0
        self.blank = 0
        self.error: DeliveryRefusedError | OSError | None = None

    def take_header(self) -> str:
        """The first line that is not blank."""
        for batch in self._batches:
            for position, text in enumerate(batch.column("text")):
                if text.as_py() is None or text.as_py().strip(" \t"):
                    self._rest = batch.slice(position + 1)
                    return str(text.as_py() or "")
                self.records += 1
                self.blank += 1
        message = f"{self._file.path} has no header. Deliver at least the line with the column names."
        raise DeliveryRefusedError(message)

    def reader(self) -> pa.RecordBatchReader:
        """What is left, for DuckDB to pull."""
        return pa.RecordBatchReader.from_batches(RECORD_SCHEMA, self._counted())

    def _counted(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._remaining():
                self.records += batch.num_rows
                self.blank += _count_blank(batch)
                yield batch
        except (DeliveryRefusedError, OSError) as error:
            self.error = error
            raise

    def _remaining(self) -> Iterator[pa.RecordBatch]:
        if self._rest is not None:
            yield self._rest
        yield from self._batches


def read_header(file: DeliveredFile, header: str) -> list[str]:
    """The names in a CSV header.

    Raises:
        DeliveryRefusedError: its quotes do not enclose whole names.
    """
    if not re.fullmatch(CSV_RECORD, header):
        message = f"{file.path}: the header has quotes that do not enclose a whole name. Mend it and deliver it again."
        raise DeliveryRefusedError(message)
    cells = (cell.strip(" \t") for cell in re.findall(f",({CSV_CELL})", f",{header}"))
    return [cell[1:-1].replace('""', '"') if cell.startswith('"') else cell for cell in cells]


def _count_blank(batch: pa.RecordBatch) -> int:
    text = batch.column("text")
    lengths = pc.utf8_length(pc.utf8_trim(text, characters=" \t"))
    return int(pc.sum(pc.equal(lengths, 0)).as_py() or 0)

"""The raw records of one text file on their way into DuckDB, counted while they pass."""

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from customer_analytics.landing.cutting import unquoted
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import DeliveredFile
from customer_analytics.landing.records import CSV_CELL, CSV_RECORD, read_records


class RecordStream:
    """The raw records of one text file as a stream that counts what passes.

    ``records`` have passed so far, ``blank`` of them are blank lines, which go no further.
    """

    def __init__(self, file: DeliveredFile) -> None:
        self._file = file
        self._batches = read_records(file)
        self._rest: pa.RecordBatch | None = None
        self.records = 0
        self.blank = 0

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

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What is left."""
        for batch in self._remaining():
            is_blank = _is_blank(batch)
            blank = pc.sum(is_blank).as_py() or 0
            self.records += batch.num_rows
            self.blank += blank
            yield batch.filter(pc.invert(is_blank)) if blank else batch

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
    return [unquoted(cell.strip(" \t")) for cell in re.findall(f",({CSV_CELL})", f",{header}")]


def _is_blank(batch: pa.RecordBatch) -> pa.BooleanArray:
    bare = pc.ascii_trim(batch.column("text"), characters=" \t")
    return pc.fill_null(pc.equal(pc.binary_length(bare), 0), fill_value=False)

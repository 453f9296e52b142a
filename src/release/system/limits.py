"""The limits of a run as one value: sizes, counts and seconds; tests pass smaller ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes, counts and seconds that bound a run.

    None of them changes a byte of a release, but for `part_rows`, `findings` and `piece`. Sizes are bytes.

    Attributes:
        chunk: Records in a chunk; a chunk is longer if the editions of its last record go on.
        piece: Size of a chunk of files that hold several records each, about; a larger file is cut into
            pieces of that size. Findings of one cause are counted within a chunk.
        judged_whole: Rows of the largest release that the referee judges whole.
        judged_sample: Rows of the sample that it judges of a larger one, about.
        part_rows: Rows in one Parquet file of a table; a larger table has several. It must be a multiple of
            the rows of each row group, which are a power of two up to 131,072.
        held: Size of a table that stays in memory; a larger one waits in a file.
        mapped: Size of the mapped files that may stay in memory once they were read.
        mapped_seconds: Seconds until more than that is given back.
        query_memory: Memory of a query before it spills to disk, as DuckDB writes it.
        packed_sources: Sources that are packed together in memory.
        copied_files: Files that are copied into a release with one task.
        small_file: Size of a file that goes through memory in one piece on its way into a zip.
        large_file: Size from which files are digested side by side.
        read_rows: Rows of each table that are verified at once.
        compared_rows: Rows of a table that are compared with their neighbours at once.
        compared_keys: Size of the keys of a table that are compared in memory; larger ones take a query.
        small_tables: Rows of all tables up to which keys are checked one after the other, not side by side.
        csv_piece: Size of the pieces of a CSV file that are read side by side, at least.
        csv_line: Size of the longest line of CSV that is compared.
        findings: Findings of one rule that are reported; of more, the last one says how many are left out.
        sheet_rows: Rows of a table that a sheet takes below its header, as Excel has it.
        zip64_size: Size or offset from which a zip has it in a field of zip64.
        zip64_files: Number of files from which a zip has it in a field of zip64.
        seconds: Seconds for what others made, in one command.
        memory: Memory for it.
        bytes: Bytes of it that are fetched, unpacked and written, together.
        requests: Requests to servers.
        rate: Bytes a second that a server must send.
        answer_seconds: Seconds for which a server may be silent, or slower than that.
        other_hosts: Whether redirects to other servers are followed.
        git_seconds: Seconds until git is not waited for any more.
        scheduler_seconds: Seconds until a scheduler must have answered.
        workers_seconds: Seconds for which a cluster may be without any worker.
        chunk_seconds: Seconds for which a chunk is waited for before the workers are counted.
    """

    chunk: int = 512
    piece: int = 1 << 22
    judged_whole: int = 10_000
    judged_sample: int = 5_000
    part_rows: int = 1 << 23
    held: int = 1 << 25
    mapped: int = 1 << 27
    mapped_seconds: float = 0.02
    query_memory: str = "512MB"
    packed_sources: int = 1 << 12
    copied_files: int = 1 << 9
    small_file: int = 1 << 18
    large_file: int = 1 << 20
    read_rows: int = 1 << 14
    compared_rows: int = 1 << 16
    compared_keys: int = 1 << 28
    small_tables: int = 1 << 16
    csv_piece: int = 1 << 22
    csv_line: int = 1 << 26
    findings: int = 10_000
    sheet_rows: int = (1 << 20) - 1
    zip64_size: int = (1 << 31) - 1
    zip64_files: int = (1 << 16) - 1
    seconds: float = 4 * 3600
    memory: int = 1 << 34
    bytes: int = 1 << 36
    requests: int = 4_000_000
    rate: int = 1_000
    answer_seconds: float = 60
    other_hosts: bool = False
    git_seconds: float = 20
    scheduler_seconds: float = 10
    workers_seconds: float = 60
    chunk_seconds: float = 5


#: The limits of every command.
LIMITS = Limits()

"""Bytes of texts, as Arrow has them in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa


def offsets_of(texts: pa.StringArray) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return the offsets at which the texts of an array begin, and the one at which the last one ends."""
    offsets = texts.buffers()[1]
    if offsets is None:
        return np.zeros(1, np.int32)
    return np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]


def bytes_of(texts: pa.StringArray) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the bytes of all texts of an array, one after the other."""
    data = texts.buffers()[2]
    if data is None:
        return np.empty(0, np.uint8)
    ends = offsets_of(texts)
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]

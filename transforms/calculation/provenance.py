"""What makes a result traceable: the canonical form of its record, and the ids that follow from it.

Source: calculation specification, 15; RFC 8785 (JSON Canonicalization Scheme).
"""

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.canonical import canonical_text, ecmascript_number
from schemas.config import Config
from schemas.version import ENGINE_VERSION

_CALCULATIONS = uuid.UUID("4691ad23-828e-5ae4-beb6-fb8432bf31d1")

# Arrow writes numbers as ECMAScript does, but turns to exponents too early.
_EXPONENT_FROM = 1e10

_ANCHOR = "category"

_NO_TEXT = pa.scalar(None, pa.string())


def canonical_json(category: int, fields: pa.RecordBatch) -> pa.Array:
    """Returns the canonical JSON of n normalised records of one category, string[n].

    Args:
        category: 1 to 15.
        fields: typed, normalised values; a null is left out.
    """
    # The category is in every record: members before it end with a comma, members after it begin with one.
    before = sorted(name for name in fields.schema.names if name < _ANCHOR)
    after = sorted(name for name in fields.schema.names if name > _ANCHOR)
    pieces: list[Any] = ["{"]
    for name in before:
        pieces += _member(name, fields.column(name), "", ",")
    pieces.append(f'"{_ANCHOR}":{category}')
    for name in after:
        pieces += _member(name, fields.column(name), ",", "")
    return _joined([*pieces, "}"], fields.num_rows)


def _joined(pieces: Sequence[Any], rows: int) -> pa.Array:
    """Returns the texts of n rows put together; a null is nothing."""
    merged: list[Any] = []
    for piece in pieces:
        if merged and isinstance(piece, str) and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    if all(isinstance(piece, str) for piece in merged):
        return pa.array(merged * rows, pa.string())
    return pc.binary_join_element_wise(*merged, "", null_handling="replace", null_replacement="")


def _member(name: str, column: pa.Array, prefix: str, suffix: str) -> list[Any]:
    """Returns what stands for a member of each row: nothing where it is null."""
    quote = '"' if pa.types.is_string(column.type) else ""
    start, end = f'{prefix}"{name}":{quote}', f"{quote}{suffix}"
    values = _json_values(column)
    if column.null_count == 0:
        return [start, values, end]
    return [pc.binary_join_element_wise(start, values, end, "")]


def _objects(members: Mapping[str, pa.Array]) -> pa.Array:
    """Returns JSON objects of columns, members sorted by name."""
    pieces = [_joined(_member(name, members[name], "", ""), len(members[name])) for name in sorted(members)]
    missing = [pc.if_else(members[name].is_valid(), piece, _NO_TEXT) for name, piece in zip(sorted(members), pieces, strict=True)]
    joined = pc.binary_join_element_wise(*missing, ",", null_handling="skip")
    return pc.binary_join_element_wise("{", joined, "}", "")


def _json_values(column: pa.Array) -> pa.Array:
    """Returns the JSON of values without the quotes around texts; null stays null."""
    if pa.types.is_string(column.type):
        return _escaped(column)
    if pa.types.is_floating(column.type):
        return _ecmascript(column)
    if pa.types.is_list(column.type):
        return _lists(column)
    return column.cast(pa.string())


def _lists(column: pa.Array) -> pa.Array:
    """Returns the JSON of lists; lists of the entries `key` and `value` are the maps of a record, sorted by key."""
    elements = column.flatten()
    kind = elements.type
    start, end = "[", "]"
    if not pa.types.is_struct(kind):
        texts = _json_values(elements)
    elif kind.names == ["key", "value"]:
        start, end = "{", "}"
        key, value = elements.flatten()
        texts = pc.binary_join_element_wise('"', _escaped(key), '":', _json_values(value), "")
    else:
        texts = _objects({field.name: part for field, part in zip(kind, elements.flatten(), strict=True)})
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths.to_numpy(zero_copy_only=False))]).astype(np.int32))
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ",")
    return pc.if_else(column.is_valid(), pc.binary_join_element_wise(start, joined, end, ""), _NO_TEXT)


def _escaped(column: pa.Array) -> pa.Array:
    data = column.buffers()[2]
    octets = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    if not ((octets < 0x20) | (octets == 0x22) | (octets == 0x5C)).any():
        return column
    special = pc.fill_null(pc.match_substring_regex(column, r'[\x00-\x1f"\\]'), False)
    texts = [json.dumps(text, ensure_ascii=False)[1:-1] for text in column.filter(special).to_pylist()]
    return pc.replace_with_mask(column, special, pa.array(texts, pa.string()))


def _ecmascript(column: pa.Array) -> pa.Array:
    # Adding 0 turns -0 into 0.
    numbers = pc.add(column, 0.0)
    texts = pc.cast(numbers, pa.string())
    large = pc.fill_null(pc.greater_equal(pc.abs(numbers), _EXPONENT_FROM), False)
    if pc.any(large).as_py():
        texts = pc.replace_with_mask(
            texts, large, pa.array([ecmascript_number(value) for value in numbers.filter(large).to_pylist()], pa.string())
        )
    return texts


def input_sha256(canonical: pa.Array) -> pa.Array:
    """Returns the SHA-256 of canonical texts, fixed_size_binary(32)[n]."""
    offsets = np.frombuffer(canonical.buffers()[1], np.int32)[canonical.offset : canonical.offset + len(canonical) + 1].tolist()
    data = memoryview(canonical.buffers()[2] or b"")
    sha256 = hashlib.sha256
    digests = b"".join([sha256(data[start:end]).digest() for start, end in itertools.pairwise(offsets)])
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(canonical), [None, pa.py_buffer(digests)])


def config_sha256(config: Config) -> str:
    """Returns the hash of all options that change a number, hexadecimal."""
    options = config.model_dump(mode="json", exclude={"max_dead_letter_share"})
    return hashlib.sha256(canonical_text(options).encode()).hexdigest()


def calculation_id(config_hash: str, input_hash: str, factor_hashes: Iterable[str], method: str) -> uuid.UUID:
    """Returns the id of one calculation: the same for the same input, options, factors, method and engine."""
    parts = (ENGINE_VERSION, config_hash, input_hash, ",".join(sorted(factor_hashes)), method)
    return uuid.uuid5(_CALCULATIONS, "|".join(parts))

"""Columns of types that our fields don't have, as texts that say what the columns say."""

import pyarrow as pa
import pyarrow.compute as pc

_UUID_BYTES = 16
# Of a UUID, where its five groups end in hexadecimal.
_UUID_GROUPS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))


def as_text(column: pa.Array) -> pa.Array:
    """Returns a column as text where its type is none of text, number, truth, list, struct or map; others stay as they are.

    Decimals keep their exact digits without noughts at the end of a fraction: a code in a column of decimals is its digits.
    Times are in ISO form, and one at midnight, by the clock of its own zone, is its day. Durations carry their unit, as they
    are no quantity of anything else. Bytes are text where they can be.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _uuid(column.storage) if kind == pa.uuid() else as_text(column.storage)
    if pa.types.is_dictionary(kind):
        texts = as_text(column.dictionary)
        return column if texts.type == column.dictionary.type else pa.DictionaryArray.from_arrays(column.indices, texts)
    if pa.types.is_decimal(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), r"^(-?[0-9]+)(\.[0-9]*[1-9])?\.?0*$", r"\1\2")
    if pa.types.is_timestamp(kind):
        local = column if kind.tz is None else pc.local_timestamp(column)
        midnight = pc.equal(local, pc.floor_temporal(local, unit="day"))
        return pc.if_else(midnight, local.cast(pa.date32(), safe=False).cast(pa.string()), column.cast(pa.string()))
    if pa.types.is_duration(kind):
        return pc.binary_join_element_wise(column.cast(pa.string()), kind.unit, " ")
    if pa.types.is_temporal(kind):
        return column.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        try:
            return column.cast(pa.binary()).cast(pa.string())
        except pa.ArrowInvalid:
            return column
    return column


def without_views(column: pa.Array) -> pa.Array:
    """Returns a column with plain texts and bytes in place of views (polars has them), of which Arrow can't take some rows."""
    if isinstance(column.type, pa.BaseExtensionType):
        storage = column.type.storage_type
        return column if _without_views(storage) == storage else without_views(column.storage)
    kind = _without_views(column.type)
    return column if kind == column.type else column.cast(kind)


def _without_views(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, _without_views(kind.value_type), kind.ordered)
    if pa.types.is_struct(kind):
        return pa.struct([_plain_field(kind.field(place)) for place in range(kind.num_fields)])
    if pa.types.is_map(kind):
        return pa.map_(_plain_field(kind.key_field), _plain_field(kind.item_field), kind.keys_sorted)
    if pa.types.is_list(kind):
        return pa.list_(_plain_field(kind.value_field))
    if pa.types.is_large_list(kind):
        return pa.large_list(_plain_field(kind.value_field))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_plain_field(kind.value_field), kind.list_size)
    return kind


def _plain_field(field: pa.Field) -> pa.Field:
    return field.with_type(_without_views(field.type))


def _uuid(column: pa.Array) -> pa.Array:
    """Returns the usual text of n UUIDs of 16 bytes."""
    begin = column.offset * _UUID_BYTES
    digits = column.buffers()[1].slice(begin, len(column) * _UUID_BYTES).to_pybytes().hex()
    offsets = pa.array(range(0, len(digits) + 1, 2 * _UUID_BYTES), pa.int32())
    texts = pa.Array.from_buffers(pa.string(), len(column), [None, offsets.buffers()[1], pa.py_buffer(digits.encode())])
    groups = [pc.utf8_slice_codeunits(texts, start, stop) for start, stop in _UUID_GROUPS]
    return pc.if_else(column.is_valid(), pc.binary_join_element_wise(*groups, "-"), pa.scalar(None, pa.string()))

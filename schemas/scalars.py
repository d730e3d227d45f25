"""Single values of Arrow as Python has them."""

import pyarrow as pa


def python_value(value: pa.Scalar) -> object:
    """Returns a value as Python has it, and as text a time that Python can't hold: in nanoseconds, or beyond the year 9999.

    A struct of which two members have one name is a list of pairs.

    Raises:
        UnicodeDecodeError: a text holds bytes that are not UTF-8.
    """
    try:
        return value.as_py()
    except UnicodeDecodeError:
        raise
    except (ValueError, OverflowError):
        pass
    if isinstance(value, (pa.DictionaryScalar, pa.ExtensionScalar)):
        return python_value(value.value)
    if isinstance(value, pa.StructScalar):
        pairs = [(value.type.field(place).name, python_value(value[place])) for place in range(value.type.num_fields)]
        return pairs if len(dict(pairs)) < len(pairs) else dict(pairs)
    if isinstance(value, pa.MapScalar):
        return [tuple(python_value(entry[place]) for place in range(2)) for entry in value.values]
    if isinstance(value, pa.ListScalar):
        return [python_value(element) for element in value.values]
    text: str = value.cast(pa.string()).as_py()
    # A duration is no quantity of anything else.
    return f"{text} {value.type.unit}" if pa.types.is_duration(value.type) else text

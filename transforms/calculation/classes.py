"""Enumerations that a record may leave to its text: what it says, or what its description names.

Source: calculation specification, 13.4.
"""

import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools
from schemas.config import Config
from schemas.free_text import Classified, Keywords, classify
from schemas.records.batch import Fields


class Classes:
    """An enumeration of n records: given, or read from a text of theirs.

    Args:
        fields: of the records.
        field: the enumeration.
        text_field: read where the record does not give it.
        config: classify_free_text allows reading.
        keywords: of each member; those that the enumeration has where None.

    Attributes:
        given: string[n], as the record says.
        read: string[n], where the record says nothing and its text names a member.
        any: string[n], the one or the other.
        warning: string[n], what a result that uses `read` must say.
    """

    def __init__(self, fields: Fields, field: str, text_field: str, config: Config, keywords: Keywords | None = None) -> None:
        self.given = fields.texts(field)
        unknown = self.given.is_null()
        texts = pc.if_else(unknown, fields.texts(text_field), pa.scalar(None, pa.string())).dictionary_encode()
        found: list[Classified | None] = [
            classify(field, text, keywords) if config.classify_free_text else None for text in texts.dictionary.to_pylist()
        ]
        self.read = pa.array([one and one.value for one in found], pa.string()).take(texts.indices)
        self.warning = pa.array([one and one.warning(field) for one in found], pa.string()).take(texts.indices)
        self.any = pc.coalesce(self.given, self.read)

    @property
    def known(self) -> Bools:
        """Returns bool[n], of which records there is a member."""
        return self.any.is_valid().to_numpy(zero_copy_only=False)

"""Files read as documents: original text, reading text and the map between them, blocks, tables, outline, header."""

from jiqun.documents.document import (
    Block,
    BlockKind,
    Cell,
    Document,
    Header,
    Run,
    Section,
    Table,
    TextMap,
)
from jiqun.documents.reading import content, read

__all__ = ["Block", "BlockKind", "Cell", "Document", "Header", "Run", "Section", "Table", "TextMap", "content", "read"]

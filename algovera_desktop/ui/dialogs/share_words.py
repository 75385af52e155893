"""What leaves with a shared copy and what does not, in words."""

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.library.sharing.pieces import PieceKind
from algovera_desktop.library.xmp import ALGORITHM, TRAINED_MODEL
from algovera_desktop.services.export_share import Finding

translate = QCoreApplication.translate


def finding_words(finding: Finding, count: int) -> str:
    """One line: what it is, what the files call it, how much, in how many of ``count`` files."""
    parts = [_kind_words(finding.kind)]
    if finding.kind is PieceKind.TEXT:
        parts.append(", ".join(finding.names))
    if finding.size_bytes and finding.kind not in (PieceKind.LABEL, PieceKind.ORIENTATION):
        parts.append(QLocale().formattedDataSize(finding.size_bytes))
    if count > 1 and finding.files < count:
        parts.append(
            translate("Share", "in {files} of {count}").format(files=finding.files, count=count)
        )
    return " · ".join(filter(None, parts))


def label_words(source_type: str) -> str:
    """IPTC's term for how a picture was made, as people say it."""
    if source_type == TRAINED_MODEL:
        return translate("Share", "made by a trained model (AI)")
    if source_type == ALGORITHM:
        return translate("Share", "made by an algorithm")
    return source_type.rpartition("/")[2]


def _kind_words(kind: PieceKind) -> str:
    return {
        PieceKind.PICTURE: translate("Share", "The picture itself, unchanged"),
        PieceKind.COLOUR: translate("Share", "Its colour profile"),
        PieceKind.DENSITY: translate("Share", "Its resolution for print"),
        PieceKind.ORIENTATION: translate("Share", "Which side is up"),
        PieceKind.LABEL: translate("Share", "The label of how it was made"),
        PieceKind.TEXT: translate("Share", "Prompts, settings and other texts"),
        PieceKind.EXIF: translate("Share", "Exif: camera, program, comments"),
        PieceKind.PLACE: translate("Share", "Exif with the place where it was taken (GPS)"),
        PieceKind.XMP: translate("Share", "XMP: descriptions, ratings, history"),
        PieceKind.IPTC: translate("Share", "IPTC: names, captions, places"),
        PieceKind.TIME: translate("Share", "When it was last changed"),
        PieceKind.PREVIEW: translate("Share", "A small preview"),
        PieceKind.HIDDEN: translate("Share", "A text hidden in the lowest bits of the pixels"),
        PieceKind.UNKNOWN: translate("Share", "Parts that this program does not know"),
        PieceKind.TRAILING: translate("Share", "Something behind the end of the picture"),
    }[kind]

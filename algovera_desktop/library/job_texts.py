"""What a stored picture's file says of the job that made it, written and read back."""

from datetime import datetime

from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.formats import MetadataError, Sides
from algovera_desktop.library.metadata import embed_all, picture_sides, read_embedded
from algovera_desktop.library.parameters import PROGRAM, format_parameters
from algovera_desktop.library.xmp import PictureOrigin, XmpFields, source_type_of


def with_texts(
    data: bytes,
    media_type: str,
    job: Job,
    server_name: str,
    model_title: str,
    created_at: datetime,
    program_note: str | None,
) -> tuple[bytes, tuple[MetadataError, ...]]:
    """A picture with its job's texts, and why some of them are not in it. ``created_at`` is aware;
    ``program_note`` is what the file names as its writer, this program if None."""
    program = PROGRAM if program_note is None else program_note
    fields = XmpFields(
        description=job.request.prompt,
        creator_tool=program,
        created_at=created_at,
        digital_source_type=source_type_of(job.request.model),
        parent_sha256=job.parent_sha256,
        origin=PictureOrigin(job.request, server_name, model_title, job.id),
    )
    return embed_all(data, media_type, format_parameters(job.request, program=program), fields)


def sides_and_time(data: bytes) -> tuple[Sides, datetime | None]:
    """A stored picture's size, and when it came to be if its file says so (aware). Raises
    MetadataError for what is no whole picture."""
    sides = picture_sides(data)
    xmp = read_embedded(data).xmp
    is_ours = xmp is not None and xmp.origin is not None
    return sides, xmp.created_at if xmp is not None and is_ours else None

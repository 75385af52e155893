"""The names that there are, for completing them and for finding what has them."""

from dataclasses import dataclass

from algovera_desktop.library.query.nodes import Named, NameField


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names as they are written, each once."""

    tags: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()

    def names(self, field: NameField) -> tuple[str, ...]:
        """All names of a kind."""
        match field:
            case NameField.TAG:
                return self.tags
            case NameField.ALBUM:
                return self.albums
            case NameField.MODEL:
                return self.models
            case NameField.SERVER:
                return self.servers

    def meant_by(self, named: Named) -> tuple[str, ...]:
        """The names that a term means, whatever their case."""
        wanted = named.text.casefold()
        return tuple(
            name
            for name in self.names(named.field)
            if (folded := name.casefold()) == wanted
            or (named.is_prefix and folded.startswith(wanted))
        )

"""Who keeps the library whole and true to the disk; none of them knows of the others."""

from dataclasses import dataclass

from algovera_desktop.library.health import LibraryHealth
from algovera_desktop.services.index_keeper import IndexKeeper
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.services.sidecars import SidecarWriter
from algovera_desktop.services.trash_keeper import TrashKeeper


@dataclass(frozen=True, slots=True)
class Keepers:
    """Each blocks while it works."""

    health: LibraryHealth
    trash: TrashKeeper
    reconciler: Reconciler
    sidecars: SidecarWriter
    index: IndexKeeper

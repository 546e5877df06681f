"""What can go wrong with the warehouse, for the person who reads it."""


class WarehouseError(Exception):
    """The warehouse cannot be used as it is; the message says why and what to do."""


class WarehouseFaultError(WarehouseError):
    """The machine's fault, such as a full disk: nothing was published, and trying again may help."""


class WarehouseBusyError(WarehouseError):
    """Another process holds the warehouse; the message says who, and for how long it was waited."""


class WarehouseVersionError(WarehouseError):
    """The warehouse has a schema version that this code cannot read; the message says which and what to do."""

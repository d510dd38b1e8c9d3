"""What all tables share: one MetaData, names of constraints, the type of ids."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite gives 64-bit rowids only to INTEGER PRIMARY KEY
Id = BigInteger().with_variant(Integer, "sqlite")

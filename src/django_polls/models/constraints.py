"""A foreign key over several columns, and an index of some rows: what Django has no field for, or only a warning."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import BaseConstraint, Index, Model, Q


def _column(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    return str(getattr(field, "column", name))


def _given(
    model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
) -> tuple[type[Model], BaseDatabaseSchemaEditor]:
    """Return both as what Django always passes; only its type stubs say that either may be None."""
    if model is None or schema_editor is None:
        raise TypeError("A constraint belongs to a model, and is written by a schema editor.")
    return model, schema_editor


def _alter(model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
    return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)}"


class CompositeForeignKey(BaseConstraint):
    """The database refuses a row whose `fields` are not the `to_fields` of a row of the table `to`.

    As in SQL's MATCH SIMPLE, a row in which one of the fields is null is not checked. `to_fields` need a unique
    constraint. Checked at commit, where the database can.
    """

    def __init__(self, *, name: str, fields: tuple[str, ...], to: str, to_fields: tuple[str, ...]) -> None:
        super().__init__(name=name)
        self.fields = tuple(fields)
        self.to = to
        self.to_fields = tuple(to_fields)

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Return the clause, for CREATE TABLE and ALTER TABLE alike."""
        model, schema_editor = _given(model, schema_editor)
        quote = schema_editor.quote_name
        columns = ", ".join(quote(_column(model, field)) for field in self.fields)
        to_columns = ", ".join(map(quote, self.to_fields))
        # SQLite can defer too, though its `deferrable_sql()` is empty; without it `flush` deletes in the wrong order.
        can_defer = schema_editor.connection.features.can_defer_constraint_checks
        deferred = " DEFERRABLE INITIALLY DEFERRED" if can_defer else ""
        constraint = f"CONSTRAINT {quote(str(self.name))} FOREIGN KEY ({columns})"
        return f"{constraint} REFERENCES {quote(self.to)} ({to_columns}){deferred}"

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Return the statement that adds the constraint."""
        model, schema_editor = _given(model, schema_editor)
        return f"{_alter(model, schema_editor)} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Return the statement that drops the constraint."""
        model, schema_editor = _given(model, schema_editor)
        what = "FOREIGN KEY" if schema_editor.connection.vendor == "mysql" else "CONSTRAINT"
        return f"{_alter(model, schema_editor)} DROP {what} {schema_editor.quote_name(str(self.name))}"

    def validate(self, *args: object, **kwargs: object) -> None:
        """Leave it to the database: whoever writes these tables takes the values from the rows they refer to."""

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration needs to rebuild the constraint."""
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"fields": self.fields, "to": self.to, "to_fields": self.to_fields}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class PartialIndex(Index):
    """An index of the rows for which `only` holds; of all rows where the database has no such index.

    Under an `Index` with a condition, a host on MariaDB is warned by each `check` of what it cannot mend (models.W037).
    """

    def __init__(self, *, name: str, fields: Sequence[str], only: Q) -> None:
        super().__init__(name=name, fields=fields)
        self.only = only

    def create_sql(
        self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: Any
    ) -> Statement:
        """Return the statement that creates the index."""
        if not schema_editor.connection.features.supports_partial_indexes:
            return super().create_sql(model, schema_editor, using, **kwargs)
        partial = Index(name=self.name, fields=self.fields, condition=self.only)
        return partial.create_sql(model, schema_editor, using, **kwargs)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration needs to rebuild the index."""
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"only": self.only}

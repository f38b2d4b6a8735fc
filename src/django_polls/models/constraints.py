"""A foreign key over several columns, which Django has no field for."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models import BaseConstraint, Model


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

    def constraint_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        """Return the clause, for CREATE TABLE and ALTER TABLE alike."""
        quote = schema_editor.quote_name
        columns = ", ".join(quote(model._meta.get_field(field).column) for field in self.fields)
        to_columns = ", ".join(map(quote, self.to_fields))
        deferred = schema_editor.connection.ops.deferrable_sql()
        return f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({columns}) REFERENCES {quote(self.to)} ({to_columns}){deferred}"

    def create_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        """Return the statement that adds the constraint."""
        return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        """Return the statement that drops the constraint."""
        return schema_editor._delete_constraint_sql(schema_editor.sql_delete_fk, model, self.name)

    def validate(self, *args: object, **kwargs: object) -> None:
        """Leave it to the database: whoever writes these tables takes the values from the rows they refer to."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Return what a migration needs to rebuild the constraint."""
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"fields": self.fields, "to": self.to, "to_fields": self.to_fields}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)

"""The tables, with every constraint in them from the start."""

import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

import django_polls.models.constraints
import django_polls.models.polls
import django_polls.models.text
import django_polls.models.votes

# One call holds the poll, reads the clock, checks, and inserts both rows; the server keeps its plans for as long as a
# connection lives, in any pooling mode, where a statement sent as text is planned anew each time.
# - The shared advisory lock makes voters queue behind a waiting closer, which FOR SHARE alone would starve.
# - Each statement reads what was committed before it began: the row is read after the closer has left it. FOR SHARE
#   keeps out whoever writes the poll without the advisory lock, as a host's own `save` does.
# - The time is read after both locks, decides, and is `cast_at`.
CAST_VOTE = """
CREATE FUNCTION django_polls_cast_vote(
  p_lock bigint, p_poll uuid, p_revision integer, p_voter_key uuid, p_voter django_polls_vote.voter_id%TYPE,
  p_ballot bigint, OUT vote bigint, OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  opening timestamptz;
  expiry timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(p_lock);
  SELECT opens_at, expires_at INTO opening, expiry
  FROM django_polls_poll
  WHERE id = p_poll AND revision = p_revision AND NOT is_draft AND closed_at IS NULL
  FOR SHARE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  at := clock_timestamp();
  IF at < opening OR at >= expiry THEN
    RETURN;
  END IF;
  INSERT INTO django_polls_vote (poll_id, voter_key, voter_id, ballot_id, cast_at)
  VALUES (p_poll, p_voter_key, p_voter, p_ballot, at)
  ON CONFLICT (poll_id, voter_key) DO NOTHING
  RETURNING id INTO vote;
  IF vote IS NOT NULL THEN
    INSERT INTO django_polls_ledgerentry (ballot_id, delta) VALUES (p_ballot, 1);
  END IF;
END
$$
"""


class RunPostgreSQL(migrations.RunSQL):
    """SQL for PostgreSQL; other databases have nothing to run."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("auth", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Poll",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "title",
                    models.CharField(
                        max_length=200, validators=[django_polls.models.text.validate_plain_line], verbose_name="title"
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        default="",
                        validators=[
                            django.core.validators.MaxLengthValidator(5000),
                            django_polls.models.text.validate_plain_text,
                        ],
                        verbose_name="description",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created at"),
                ),
                ("method", models.CharField(default="single", max_length=50, verbose_name="method")),
                (
                    "min_options",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="How many options a ballot marks at least.", verbose_name="least options"
                    ),
                ),
                (
                    "max_options",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How many it marks at most; empty for all.",
                        null=True,
                        verbose_name="most options",
                    ),
                ),
                ("is_draft", models.BooleanField(default=False, verbose_name="draft")),
                ("opens_at", models.DateTimeField(blank=True, null=True, verbose_name="opens at")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires at")),
                (
                    "opened_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="When the opening was recorded and announced.",
                        null=True,
                        verbose_name="opened at",
                    ),
                ),
                ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="closed at")),
                (
                    "close_reason",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=200,
                        validators=[django_polls.models.text.validate_plain_line],
                        verbose_name="reason for the close",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("always", "Everyone, at any time"),
                            ("after_vote", "Voters after their vote, everyone after the close"),
                            ("after_close", "Everyone, after the close"),
                            ("managers", "Managers only"),
                            ("never", "Nobody"),
                        ],
                        default="always",
                        max_length=20,
                        verbose_name="visibility of results",
                    ),
                ),
                (
                    "electorate",
                    models.CharField(
                        choices=[
                            ("anyone", "Anyone, guests included"),
                            ("users", "Logged-in users"),
                            ("groups", "Members of the poll's groups"),
                            ("permission", "Holders of the poll's permission"),
                            ("policy", "Whoever the site's policy says"),
                        ],
                        default="anyone",
                        max_length=20,
                        verbose_name="who may vote",
                    ),
                ),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="As app_label.codename.",
                        max_length=200,
                        verbose_name="permission",
                    ),
                ),
                (
                    "guest_identity",
                    models.CharField(
                        choices=[("address", "One vote per network address"), ("cookie", "One vote per browser")],
                        default="address",
                        max_length=20,
                        verbose_name="guests are told apart by",
                    ),
                ),
                (
                    "vote_change",
                    models.CharField(
                        choices=[("never", "Never"), ("until_close", "Until the poll closes")],
                        default="never",
                        max_length=20,
                        verbose_name="votes may be changed",
                    ),
                ),
                (
                    "vote_withdrawal",
                    models.CharField(
                        choices=[("never", "Never"), ("until_close", "Until the poll closes")],
                        default="never",
                        max_length=20,
                        verbose_name="votes may be withdrawn",
                    ),
                ),
                (
                    "accepts_new_options",
                    models.BooleanField(default=False, verbose_name="options may be added after the first vote"),
                ),
                (
                    "correction",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="A public note beside the poll, for what can no longer be edited.",
                        validators=[
                            django.core.validators.MaxLengthValidator(5000),
                            django_polls.models.text.validate_plain_text,
                        ],
                        verbose_name="correction",
                    ),
                ),
                ("metadata", models.JSONField(blank=True, default=dict, verbose_name="metadata")),
                ("revision", models.PositiveIntegerField(default=1, editable=False, verbose_name="revision")),
                ("address_key", models.BinaryField(default=django_polls.models.polls.new_address_key, null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(blank=True, related_name="+", to="auth.group", verbose_name="groups"),
                ),
            ],
            options={
                "verbose_name": "poll",
                "verbose_name_plural": "polls",
                "ordering": ("-created_at", "id"),
                "indexes": [
                    models.Index(fields=["-created_at", "id"], name="django_polls_poll_newest"),
                    django_polls.models.constraints.PartialIndex(
                        fields=["expires_at"], name="django_polls_poll_expiry", only=models.Q(("closed_at", None))
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("title"), 200
                            ),
                        ),
                        name="django_polls_poll_title",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("description"), 5000
                        ),
                        name="django_polls_poll_description",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("correction"), 5000
                        ),
                        name="django_polls_poll_correction",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_options", None),
                            models.Q(("max_options__gte", 1), ("max_options__gte", models.F("min_options"))),
                            _connector="OR",
                        ),
                        name="django_polls_poll_limits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_at", None),
                            ("expires_at", None),
                            ("opens_at__lt", models.F("expires_at")),
                            _connector="OR",
                        ),
                        name="django_polls_poll_schedule",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", False),
                            models.Q(("close_reason", ""), ("closed_by", None)),
                            _connector="OR",
                        ),
                        name="django_polls_poll_close",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("electorate", "permission"), _negated=True),
                            models.Q(("permission", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="django_polls_poll_permission",
                    ),
                    models.CheckConstraint(condition=models.Q(("revision__gte", 1)), name="django_polls_poll_revision"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("electorate__in", ["anyone", "users", "groups", "permission", "policy"]),
                            ("guest_identity__in", ["address", "cookie"]),
                            ("visibility__in", ["always", "after_vote", "after_close", "managers", "never"]),
                            ("vote_change__in", ["never", "until_close"]),
                            ("vote_withdrawal__in", ["never", "until_close"]),
                        ),
                        name="django_polls_poll_choices",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PollOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "text",
                    models.CharField(
                        max_length=500, validators=[django_polls.models.text.validate_plain_line], verbose_name="text"
                    ),
                ),
                ("text_key", models.CharField(editable=False, max_length=64)),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                (
                    "poll",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="options",
                        to="django_polls.poll",
                    ),
                ),
            ],
            options={
                "verbose_name": "option",
                "verbose_name_plural": "options",
                "ordering": ("position", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("poll", "text_key"),
                        name="django_polls_option_text",
                        violation_error_message="This option is there already.",
                    ),
                    models.UniqueConstraint(fields=("poll", "id"), name="django_polls_option_of_poll"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True),
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("text"), 500
                            ),
                        ),
                        name="django_polls_option_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text_key", ""), _negated=True), name="django_polls_option_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PollOutcome",
            fields=[
                (
                    "poll",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stored_outcome",
                        serialize=False,
                        to="django_polls.poll",
                    ),
                ),
                ("body", models.TextField(editable=False)),
                ("finalised_at", models.DateTimeField(editable=False)),
            ],
            options={
                "verbose_name": "outcome",
                "verbose_name_plural": "outcomes",
            },
        ),
        migrations.CreateModel(
            name="Ballot",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        default=django_polls.models.votes.random_ballot_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=64)),
                ("weight", models.DecimalField(decimal_places=6, default=Decimal(1), editable=False, max_digits=19)),
                ("body", models.TextField(editable=False)),
                ("counted", models.BigIntegerField(default=0, editable=False)),
                (
                    "poll",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ballots",
                        to="django_polls.poll",
                    ),
                ),
            ],
            options={
                "verbose_name": "ballot",
                "verbose_name_plural": "ballots",
                "constraints": [
                    models.UniqueConstraint(fields=("poll", "key", "weight"), name="django_polls_ballot_once"),
                    models.UniqueConstraint(fields=("poll", "id"), name="django_polls_ballot_of_poll"),
                    models.CheckConstraint(condition=models.Q(("weight__gt", 0)), name="django_polls_ballot_weight"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField(editable=False, null=True)),
                ("score", models.DecimalField(decimal_places=6, editable=False, max_digits=19, null=True)),
                (
                    "ballot",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="django_polls.ballot",
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="django_polls.poll",
                    ),
                ),
                (
                    "option",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="marks",
                        to="django_polls.polloption",
                    ),
                ),
            ],
            options={
                "verbose_name": "mark",
                "verbose_name_plural": "marks",
                "constraints": [
                    models.UniqueConstraint(fields=("ballot", "option"), name="django_polls_mark_once"),
                    models.CheckConstraint(
                        condition=models.Q(("rank", None), ("rank__gte", 1), _connector="OR"),
                        name="django_polls_mark_rank",
                    ),
                    django_polls.models.constraints.CompositeForeignKey(
                        fields=("poll", "ballot"),
                        name="django_polls_mark_ballot",
                        to="django_polls_ballot",
                        to_fields=("poll_id", "id"),
                    ),
                    django_polls.models.constraints.CompositeForeignKey(
                        fields=("poll", "option"),
                        name="django_polls_mark_option",
                        to="django_polls_polloption",
                        to_fields=("poll_id", "id"),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("voter_key", models.UUIDField(editable=False)),
                ("cast_at", models.DateTimeField(editable=False, null=True, verbose_name="cast at")),
                (
                    "ballot",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="django_polls.ballot",
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="django_polls.poll",
                    ),
                ),
                (
                    "voter",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voter",
                    ),
                ),
            ],
            options={
                "verbose_name": "vote",
                "verbose_name_plural": "votes",
                "indexes": [
                    models.Index(fields=["ballot"], name="django_polls_vote_ballot"),
                    django_polls.models.constraints.PartialIndex(
                        fields=["voter"], name="django_polls_vote_voter", only=models.Q(("voter__isnull", False))
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("poll", "voter_key"), name="django_polls_vote_once"),
                    django_polls.models.constraints.CompositeForeignKey(
                        fields=("poll", "ballot"),
                        name="django_polls_vote_of_poll",
                        to="django_polls_ballot",
                        to_fields=("poll_id", "id"),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delta", models.SmallIntegerField(editable=False)),
                (
                    "ballot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ledger", to="django_polls.ballot"
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("delta__in", (-1, 1))), name="django_polls_ledger_delta")
                ],
            },
        ),
        RunPostgreSQL(CAST_VOTE, "DROP FUNCTION django_polls_cast_vote"),
    ]

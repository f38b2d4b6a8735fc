"""How polls are voted in and counted: ranks, scores, points, quorum, caps, ties, and reasons."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import django_polls.models.counting
import django_polls.models.text


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_polls", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VoteReason",
            fields=[
                (
                    "vote",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reason",
                        serialize=False,
                        to="django_polls.vote",
                    ),
                ),
                ("text", models.CharField(editable=False, max_length=1000, verbose_name="reason")),
            ],
            options={
                "verbose_name": "reason",
                "verbose_name_plural": "reasons",
            },
        ),
        migrations.AddField(
            model_name="poll",
            name="allows_abstention",
            field=models.BooleanField(db_default=False, default=False, verbose_name="voters may abstain"),
        ),
        migrations.AddField(
            model_name="poll",
            name="allows_none_of_these",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name='voters may choose "none of these"'
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="count",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="One of the method's ways of counting; empty for its first.",
                max_length=50,
                verbose_name="way of counting",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="electorate_size",
            field=models.PositiveIntegerField(
                editable=False,
                help_text="The active members of the poll's groups when its close was recorded.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="equal_ranks",
            field=models.BooleanField(db_default=False, default=False, verbose_name="several options on one place"),
        ),
        migrations.AddField(
            model_name="poll",
            name="final_ties",
            field=models.CharField(
                choices=[
                    ("seed", "The poll's seed decides, which is published at the close"),
                    ("declare", "All of them win"),
                ],
                db_default="declare",
                default="seed",
                max_length=20,
                verbose_name="ties for the last place",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="grades",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="A word for each score, one a line, the worst first.",
                max_length=1000,
                validators=[django_polls.models.text.validate_plain_text],
                verbose_name="grades",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="max_points",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Empty for all of them.", null=True, verbose_name="most points on one option"
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="max_ranks",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="How many places a ballot ranks at most; empty for all.",
                null=True,
                verbose_name="most places",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="max_score",
            field=models.SmallIntegerField(db_default=5, default=5, verbose_name="highest score"),
        ),
        migrations.AddField(
            model_name="poll",
            name="max_votes",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How many votes the poll takes; empty for all.",
                null=True,
                verbose_name="most votes",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="min_score",
            field=models.SmallIntegerField(db_default=0, default=0, verbose_name="lowest score"),
        ),
        migrations.AddField(
            model_name="poll",
            name="must_spend_all",
            field=models.BooleanField(db_default=False, default=False, verbose_name="all points must be given"),
        ),
        migrations.AddField(
            model_name="poll",
            name="pass_threshold",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of the votes, at least, for whoever wins, such as 2/3.",
                max_length=20,
                validators=[django_polls.models.counting.validate_share],
                verbose_name="share needed",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="points",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="How many points a voter deals out.", null=True, verbose_name="points"
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="quorum",
            field=models.PositiveIntegerField(
                blank=True, help_text="The votes without which nothing is decided.", null=True, verbose_name="quorum"
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="quorum_share",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of the active members of the poll's groups, such as 1/2.",
                max_length=20,
                validators=[django_polls.models.counting.validate_share],
                verbose_name="quorum as a share",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="quota",
            field=models.CharField(
                choices=[
                    ("droop", "Droop: more than others could reach too"),
                    ("hare", "Hare: the votes divided by the seats"),
                ],
                db_default="droop",
                default="droop",
                max_length=20,
                verbose_name="quota",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="reasons",
            field=models.CharField(
                choices=[
                    ("off", "No reasons"),
                    ("optional", "Whoever likes"),
                    ("required", "Every voter"),
                    ("required_for_disagree", "Whoever disagrees or blocks"),
                ],
                db_default="off",
                default="off",
                max_length=30,
                verbose_name="reasons",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="seats",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="How many options win: more than one by a transferable vote.",
                verbose_name="seats",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="tie_seed",
            # Without a default, which would give all existing polls one seed: a poll without one gets it when it is saved.
            field=models.BinaryField(null=True, editable=False),
        ),
        migrations.AlterField(
            model_name="poll",
            name="tie_seed",
            field=models.BinaryField(default=django_polls.models.counting.new_tie_seed, null=True),
        ),
        migrations.AddField(
            model_name="poll",
            name="unscored_is_zero",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Otherwise a ballot is left out of the figures of an option that it does not score.",
                verbose_name="no score counts as zero",
            ),
        ),
        migrations.AddField(
            model_name="polloption",
            name="capacity",
            field=models.PositiveIntegerField(
                blank=True, help_text="How many votes it takes; empty for all.", null=True, verbose_name="places"
            ),
        ),
        migrations.AddConstraint(
            model_name="poll",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("max_ranks", None), ("max_ranks__gte", 1), _connector="OR"),
                    models.Q(("points", None), ("points__gte", 1), _connector="OR"),
                    models.Q(("max_points", None), ("max_points__gte", 1), _connector="OR"),
                    models.Q(("quorum", None), models.Q(("quorum__gte", 1), ("quorum_share", "")), _connector="OR"),
                    models.Q(("max_votes", None), ("max_votes__gte", 1), _connector="OR"),
                    ("final_ties__in", ["seed", "declare"]),
                    ("min_score__lt", models.F("max_score")),
                    ("quota__in", ["droop", "hare"]),
                    ("reasons__in", ["off", "optional", "required", "required_for_disagree"]),
                    ("seats__gte", 1),
                ),
                name="django_polls_poll_counting",
            ),
        ),
        migrations.AddConstraint(
            model_name="polloption",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity", None), ("capacity__gte", 1), _connector="OR"),
                name="django_polls_option_capacity",
            ),
        ),
        migrations.AddConstraint(
            model_name="votereason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True),
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("text"), 1000),
                ),
                name="django_polls_reason_words",
            ),
        ),
    ]

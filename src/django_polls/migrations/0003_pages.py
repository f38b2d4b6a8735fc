"""How a poll is shown: its order of options, names of voters, time zone, and what it is attached to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import django_polls.models.constraints
import django_polls.models.showing


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_polls", "0002_ways_of_voting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="poll",
            name="attached_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=255,
                verbose_name="key of what it is attached to",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="attached_type",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="contenttypes.contenttype",
                verbose_name="kind of what it is attached to",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="shows_voters",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Once the poll is closed: who has voted, and never for what, to whoever may see the results.",
                verbose_name="names of voters are shown",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="shuffles_options",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="So that no option gains by being the first one. Each voter keeps their order.",
                verbose_name="options in another order for each voter",
            ),
        ),
        migrations.AddField(
            model_name="poll",
            name="time_zone",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="In which the times of the poll are shown, such as Europe/Berlin; empty for the site's.",
                max_length=64,
                validators=[django_polls.models.showing.validate_time_zone],
                verbose_name="time zone",
            ),
        ),
        migrations.AddIndex(
            model_name="poll",
            index=django_polls.models.constraints.PartialIndex(
                fields=["attached_type", "attached_id"],
                name="django_polls_poll_attached",
                only=models.Q(("attached_type__isnull", False)),
            ),
        ),
    ]

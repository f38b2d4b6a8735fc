"""What fields are called where they are shown: no database changes by it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_polls", "0004_refused_attempts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="polloption",
            name="poll",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="options",
                to="django_polls.poll",
                verbose_name="poll",
            ),
        ),
        migrations.AlterField(
            model_name="polloutcome",
            name="finalised_at",
            field=models.DateTimeField(editable=False, verbose_name="stored at"),
        ),
        migrations.AlterField(
            model_name="polloutcome",
            name="poll",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="stored_outcome",
                serialize=False,
                to="django_polls.poll",
                verbose_name="poll",
            ),
        ),
        migrations.AlterField(
            model_name="vote",
            name="poll",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="votes",
                to="django_polls.poll",
                verbose_name="poll",
            ),
        ),
    ]

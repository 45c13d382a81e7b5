"""Room on each page of the queue for the counters that every claim and review rewrites."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_start")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE feedback_item SET (fillfactor = 70)",
            "ALTER TABLE feedback_item RESET (fillfactor)",
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('curation', '0004_going_on'),
    ]

    operations = [
        migrations.AddField(
            model_name='runpair',
            name='score_first',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='runpair',
            name='score_second',
            field=models.FloatField(null=True),
        ),
    ]

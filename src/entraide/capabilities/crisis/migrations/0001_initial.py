import django.db.models.deletion
import entraide.capabilities.crisis.models
from django.conf import settings
from django.db import migrations, models

from entraide.capabilities.crisis.migrations._closed import REFUSE_CLOSED


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('causes', '0001_initial'),
        ('channels', '0001_initial'),
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60)),
                ('names', models.JSONField(default=dict)),
                ('icon', models.CharField(default='other', max_length=40)),
                ('sensitivity', models.CharField(choices=[('open', 'Open: may be published after triage'), ('guarded', 'Guarded: two people must agree before it is published'), ('closed', 'Closed: never published, only named persons see it')], default='open', max_length=10)),
                ('precision', models.CharField(choices=[('exact', 'The exact point'), ('displaced', 'A point moved by up to 2 km, always the same for one place'), ('area-small', 'An area of about 2.5 km'), ('area-large', 'An area of about 20 km'), ('hidden', 'No place at all')], default='area-small', max_length=12)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('cause', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='causes.cause')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='crisis.category')),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Bulk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('deed', models.CharField(choices=[('publish', 'Publish'), ('withdraw', 'Withdraw from the public map'), ('category', 'Add a category'), ('set-aside', 'Not about this')], max_length=10)),
                ('why', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('undo_asked_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cause', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='causes.cause')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crisis.category')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(default=entraide.capabilities.crisis.models.new_ref, editable=False, max_length=10, unique=True)),
                ('step', models.CharField(choices=[('new', 'New'), ('triaged', 'Read'), ('located', 'Placed'), ('routed', 'Handed on'), ('taken', 'Somebody is on it'), ('done', 'Done'), ('told', 'Done, and the witness was told'), ('set-aside', 'Not about this'), ('merged', 'Same as another')], default='new', max_length=10)),
                ('standing', models.CharField(choices=[('unverified', 'Not yet checked'), ('corroborated', 'Told by several'), ('verified', 'Verified'), ('refuted', 'Refuted'), ('out-of-date', 'Out of date')], default='unverified', max_length=12)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField(blank=True)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('urgent', models.BooleanField(default=False)),
                ('exact_x', models.BigIntegerField(blank=True, null=True)),
                ('exact_y', models.BigIntegerField(blank=True, null=True)),
                ('exact_radius_m', models.PositiveIntegerField(blank=True, null=True)),
                ('place_name', models.CharField(blank=True, max_length=300)),
                ('happened_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('import_key', models.CharField(blank=True, max_length=120, null=True)),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('categories', models.ManyToManyField(blank=True, related_name='reports', to='crisis.category')),
                ('cause', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='causes.cause')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='voices', to='crisis.report')),
                ('routed_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.organisation')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(max_length=10, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('text', models.TextField(blank=True)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('step', models.CharField(choices=[('new', 'New'), ('triaged', 'Read'), ('located', 'Placed'), ('routed', 'Handed on'), ('taken', 'Somebody is on it'), ('done', 'Done'), ('told', 'Done, and the witness was told'), ('set-aside', 'Not about this'), ('merged', 'Same as another')], max_length=10)),
                ('standing', models.CharField(choices=[('unverified', 'Not yet checked'), ('corroborated', 'Told by several'), ('verified', 'Verified'), ('refuted', 'Refuted'), ('out-of-date', 'Out of date')], max_length=12)),
                ('urgent', models.BooleanField(default=False)),
                ('senders', models.PositiveIntegerField(default=1)),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('shape', models.CharField(choices=[('point', 'point'), ('area', 'area'), ('none', 'no place')], default='none', max_length=5)),
                ('x', models.BigIntegerField(null=True)),
                ('y', models.BigIntegerField(null=True)),
                ('cell', models.BigIntegerField(null=True)),
                ('cell_zoom', models.PositiveSmallIntegerField(null=True)),
                ('radius_m', models.PositiveIntegerField(null=True)),
                ('place_label', models.CharField(blank=True, max_length=300)),
                ('happened_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(null=True)),
                ('published_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('announced_at', models.DateTimeField(null=True)),
                ('categories', models.ManyToManyField(blank=True, related_name='publications', to='crisis.category')),
                ('cause', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='causes.cause')),
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='publication', to='crisis.report')),
            ],
            options={
                'ordering': ['-published_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=12)),
                ('before', models.CharField(blank=True, max_length=40)),
                ('after', models.CharField(blank=True, max_length=40)),
                ('why', models.TextField(blank=True)),
                ('evidence', models.TextField(blank=True)),
                ('independent_sources', models.PositiveSmallIntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='crisis.report')),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('refused', 'Refused'), ('undone', 'Undone')], default='waiting', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('before', models.JSONField(blank=True, default=dict)),
                ('bulk', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='crisis.bulk')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crisis.report')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='crisis.report')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ReportMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(blank=True, max_length=20)),
                ('sender_key', models.CharField(blank=True, max_length=80)),
                ('follow_digest', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.message')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='crisis.report')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Setup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('two_person', models.BooleanField(default=False)),
                ('delay_hours', models.PositiveSmallIntegerField(default=0)),
                ('map_frozen', models.BooleanField(default=False)),
                ('texts', models.JSONField(blank=True, default=dict)),
                ('risk_note', models.JSONField(blank=True, default=dict)),
                ('cause', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='causes.cause')),
            ],
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.UniqueConstraint(fields=('cause', 'slug'), name='crisis_category_slug_once_in_cause'),
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(('sensitivity__in', ['open', 'guarded', 'closed'])), name='crisis_category_sensitivity_known'),
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(('precision__in', ['exact', 'displaced', 'area-small', 'area-large', 'hidden'])), name='crisis_category_precision_known'),
        ),
        migrations.AddConstraint(
            model_name='bulk',
            constraint=models.CheckConstraint(condition=models.Q(('deed__in', ['publish', 'withdraw', 'category', 'set-aside'])), name='crisis_bulk_deed_known'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['cause', 'step'], name='crisis_report_cause_step'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('cause', 'import_key'), name='crisis_report_imported_once'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['new', 'triaged', 'located', 'routed', 'taken', 'done', 'told', 'set-aside', 'merged'])), name='crisis_report_step_known'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('standing__in', ['unverified', 'corroborated', 'verified', 'refuted', 'out-of-date'])), name='crisis_report_standing_known'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('exact_radius_m__isnull', True), ('exact_x__isnull', True), ('exact_y__isnull', True)), models.Q(('exact_radius_m__isnull', False), ('exact_x__isnull', False), ('exact_y__isnull', False)), _connector='OR'), name='crisis_report_place_whole_or_none'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('step', 'merged')), models.Q(models.Q(('step', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'), name='crisis_report_merged_says_into_which'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='crisis_report_not_merged_into_itself'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['cause', 'cell'], name='crisis_publication_cause_cell'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['cause', '-published_at', '-id'], name='crisis_publication_newest'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['cause', 'happened_at'], name='crisis_publication_happened'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cell__isnull', True), ('shape', 'none'), ('x__isnull', True), ('y__isnull', True)), models.Q(('cell__isnull', False), ('shape__in', ['point', 'area']), ('x__isnull', False), ('y__isnull', False)), _connector='OR'), name='crisis_publication_shape_has_its_place'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.UniqueConstraint(fields=('bulk', 'report'), name='crisis_bulk_report_once'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(fields=('report', 'by'), name='crisis_approval_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='setup',
            constraint=models.CheckConstraint(condition=models.Q(('delay_hours__lte', 72)), name='crisis_setup_delay_at_most_72h'),
        ),
        REFUSE_CLOSED,
    ]

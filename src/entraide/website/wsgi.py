"""Django as a WSGI application; the server process calls it on one pool thread."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.website.settings")
application = get_wsgi_application()

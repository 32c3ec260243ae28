from django.apps import AppConfig


class Website(AppConfig):
    name = "entraide.website"
    label = "website"

"""Pages of the people room."""

from entraide.foundations.people.views.invitations import invitation, withdraw_invitation
from entraide.foundations.people.views.mine import (
    data,
    erase,
    export,
    my_consents,
    my_rights,
    profile,
)
from entraide.foundations.people.views.organisations import (
    leave,
    membership,
    organisation,
    organisation_new,
    organisations,
)
from entraide.foundations.people.views.persons import person
from entraide.foundations.people.views.teams import end_grant, organisation_team, team

__all__ = [
    "data",
    "end_grant",
    "erase",
    "export",
    "invitation",
    "leave",
    "membership",
    "my_consents",
    "my_rights",
    "organisation",
    "organisation_new",
    "organisation_team",
    "organisations",
    "person",
    "profile",
    "team",
    "withdraw_invitation",
]

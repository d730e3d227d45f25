"""Places in BigQuery: what a URL may say, and what is refused before anything is asked of the service."""

import pickle

import pytest

from pipelines.endpoints import parse_output
from schemas.faults import UsageFault
from transforms.sinks.bigquery_target import BigQueryTarget, target_from_url

_KEY = "projects/acme/locations/eu/keyRings/ring/cryptoKeys/key"


@pytest.mark.parametrize(
    "url",
    [
        "bigquery://acme-data/emissions",
        "bigquery://example.com:acme-data/emissions_2026?location=europe-west4",
        f"bigquery://acme-data/emissions?location=EU&kms_key_name={_KEY}&default_table_expiration_days=60&labels=team:esg,stage:prod",
        "bigquery://acme-data/emissions?api_endpoint=http://127.0.0.1:9050",
        "bigquery://acme-data/emissions?credentials_file=/run/secrets/key.json",
    ],
)
def test_a_target_is_written_as_it_is_read(url):
    target = target_from_url(url)
    assert target_from_url(target.url) == pickle.loads(pickle.dumps(target)) == target
    assert parse_output(url).target == target
    assert str(parse_output(url)) == target.url


def test_what_a_url_says_is_there():
    labelled = target_from_url("bigquery://acme-data/emissions?labels=team:esg,stage:&default_table_expiration_days=7")
    assert labelled == BigQueryTarget("acme-data", "emissions", labels=(("team", "esg"), ("stage", "")), default_table_expiration_days=7)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("bigquery://", "project '' can't be one"),
        ("bigquery://acme-data", "dataset '' can't be one"),
        ("bigquery://Acme/emissions", "project 'Acme' can't be one"),
        ("bigquery://acme-data/emissions-2026", "dataset 'emissions-2026' can't be one.*letters, digits and underscores"),
        ("bigquery://acme-data/emissions/results", "dataset 'emissions/results'"),
        ("bigquery://acme-data/emissions?locatoin=EU", "no parameter 'locatoin'; did you mean location"),
        ("bigquery://acme-data/emissions?labels=Team:esg", "labels in --output holds 'Team:esg'"),
        ("bigquery://acme-data/emissions?labels=_team:esg", "labels in --output holds '_team:esg'.*beginning with a letter"),
        ("bigquery://acme-data/emissions?kms_key_name=key", "kms_key_name in --output is 'key'; write projects/"),
        ("bigquery://acme-data/emissions?default_table_expiration_days=0", "a whole number of days from 1"),
        ("bigquery://acme-data/emissions?api_endpoint=http://example.com", "http:// only for an emulator on this machine"),
    ],
)
def test_what_can_not_be_is_refused_with_the_remedy(url, told):
    with pytest.raises(UsageFault, match=told):
        parse_output(url)


def test_options_of_postgresql_are_refused():
    for options in ({"schema": "mine"}, {"max_connections": 8}, {"password_secret": "file:/run/secret"}):
        with pytest.raises(UsageFault, match=f"--{next(iter(options))} is for "):
            parse_output("bigquery://acme-data/emissions", **options)

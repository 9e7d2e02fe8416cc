"""Which words an actionee reads: the first preferred language that has any, else the base text."""

import pytest

NAMES = {"de": "Stumm", "de_AT": "Stumm (AT)", "eo": "Silentigi"}


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (["eo"], "Silentigi"),
        (["fr", "eo", "de"], "Silentigi"),
        (["de_AT"], "Stumm (AT)"),
        (["de_CH"], "Stumm"),
        (["de", "de_AT"], "Stumm"),
        (["fr", "fr_FR"], None),
        ([], None),
    ],
)
def test_the_actionees_languages_choose(make, languages, expected):
    mute = make.mute(localizedNames=NAMES)
    action = make.take(mute, make.user(preferredLanguages=languages))
    assert action["name"] == mute["name"]
    assert action["localizedName"] == (expected or mute["name"])


def test_the_actioners_languages_do_not_matter(make):
    mute, actioner = make.mute(localizedNames=NAMES), make.user(preferredLanguages=["eo"])
    action = make.take(mute, make.user(), actioner=actioner)
    assert action["localizedName"] == mute["name"]


def test_option_and_reason_are_chosen_each_by_itself(make):
    reward, reason = make.reward(localizedNames={"de": "Preis"}), make.reason()
    user = make.user(preferredLanguages=["eo", "de"])
    action = make.take(reward, user, option="Silver", reasonId=reason["id"])
    assert action["localizedName"] == "Preis"
    assert action["localizedOption"] == "Arĝento"
    assert action["localizedReason"] == "Rompis la regulojn"


def test_an_option_without_that_language_keeps_its_name(make):
    action = make.take(make.reward(), make.user(preferredLanguages=["de"]), option="Silver")
    assert action["option"] == action["localizedOption"] == "Silver"


def test_without_option_and_reason_nothing_is_said_of_them(make):
    action = make.take(make.reward(), make.user())
    for name in ("option", "localizedOption", "reason", "localizedReason", "reasonCode"):
        assert name not in action

"""Who may answer: owner and people on call, as many as are needed, and not who asked."""

from tests.decisions.examples import Somebody
from upkeep.decisions.people import Signer, next_on_call, signers, without

OWNER = Somebody("owner", "olga")
FIRST = Somebody("first", "fred", on_call=1, airflow_id="7")
SECOND = Somebody("second", "sam", on_call=2)
EVERYBODY = [SECOND, FIRST, Somebody("no user", on_call=3), Somebody("bystander", "bea"), OWNER]


def names(**asked: object) -> list[str]:
    return [each.name for each in signers(EVERYBODY, "owner", **asked).people]  # type: ignore[arg-type]


def test_the_owner_first_then_those_on_call_who_have_an_airflow_user() -> None:
    assert names() == ["owner", "first", "second"]
    assert signers(EVERYBODY, "owner").names_text == "owner or first or second"


def test_never_who_asked_for_it_by_name_or_by_id() -> None:
    assert names(asked_by="fred") == names(asked_by="7") == ["owner", "second"]
    assert names(asked_by="stranger") == ["owner", "first", "second"]


def test_who_is_alone_may_and_it_is_said() -> None:
    alone = signers([FIRST], "owner", asked_by="fred")
    assert [each.name for each in alone.people] == ["first"]
    assert alone.alone
    assert "who asked for it, since there is nobody else" in alone.names_text


def test_two_signers_need_two_people() -> None:
    assert not signers([FIRST], "owner", needed=2).enough
    assert not signers([FIRST, OWNER], "owner", needed=2, asked_by="fred").enough
    assert signers([FIRST, OWNER], "owner", needed=2).enough


def test_nobody_mapped_means_whoever_may_answer_in_airflow() -> None:
    nobody = signers([Somebody("owner"), Somebody("first", on_call=1)], "owner", needed=2)
    assert nobody.enough
    assert not nobody.people
    assert "whoever may answer in Airflow" in nobody.names_text


def test_who_has_signed_is_left_out_by_name_and_by_id() -> None:
    people = [Signer.of(FIRST), Signer.of(OWNER)]
    assert [each.name for each in without(people, ["7"])] == ["owner"]
    assert [each.name for each in without(people, ["fred"])] == ["owner"]


def test_the_next_on_call_is_another_than_who_was_called_first() -> None:
    called = next_on_call(EVERYBODY, "first")
    assert called
    assert called.name == "second"
    assert next_on_call([OWNER, FIRST], "first") is None

"""The lease, step by step: what one process does while others come and go. Races are in tests/simulation."""

from __future__ import annotations

import pytest

from airflow_provider_orgauth.oauth.lease import (
    CLAIM_WITHIN_SECONDS,
    HELD_FOR_SECONDS,
    LEASE_PATIENCE_SECONDS,
    LONGEST_LOOK_SECONDS,
    SPREAD_SECONDS,
    Claimant,
    Entry,
    mark,
)
from airflow_provider_orgauth.oauth.steps import Lease, Load, ReadLease, Wait, WriteLease
from airflow_provider_orgauth.oauth.token import Token

OLD, NEW = Token("old", 0.0, 300.0, generation=1), Token("new", 200.0, 300.0, generation=2)

EPOCH = 1_766_000_000.0


class Place:
    """A register, a shared cache and a clock; `events` happen when the clock gets there."""

    def __init__(self, lease=None, token=OLD, *, each_step=0.02):
        self.lease, self.token, self.now, self.each_step = lease or Lease(), token, 0.0, each_step
        self.events, self.log, self.keeps, self.surely = [], [], True, True
        self.claimant = Claimant(lambda: self.now, lambda low, high: low)

    def at(self, when, do):
        self.events.append((when, do))

    def take_turn(self, *, wait=True):
        return self.drive(self.claimant.take_turn(OLD, usable=lambda token: token == NEW, wait=wait, now=lambda: EPOCH))

    def drive(self, rule):
        outcome = None
        try:
            while True:
                step = rule.send(outcome)
                self.log.append(type(step))
                outcome = self.take(step)
        except StopIteration as done:
            return done.value

    def take(self, step):
        self.pass_time(step.seconds if isinstance(step, Wait) else self.each_step)
        match step:
            case ReadLease():
                return self.lease
            case WriteLease(lease):
                self.lease = lease if self.keeps else self.lease
                return True if self.surely else None
            case Load():
                return self.token
        return None

    def pass_time(self, seconds):
        self.now += seconds
        while self.events and self.events[0][0] <= self.now:
            self.events.pop(0)[1]()

    def claim(self, name="other"):
        self.lease = Lease(holder=name, generation=2)

    def renew(self):
        self.token, self.lease = NEW, Lease(renewed=mark(NEW), generation=2)


def test_a_free_lease_is_claimed_and_the_claim_looked_at_again_after_a_wait():
    place = Place(Lease(renewed=mark(OLD)))
    turn = place.take_turn()

    assert turn.entry is Entry.MINE
    assert place.log == [ReadLease, WriteLease, Wait, ReadLease]
    assert place.now >= CLAIM_WITHIN_SECONDS


@pytest.mark.parametrize("lease", [Lease(), Lease(renewed="another")])
def test_a_lease_that_tells_of_another_token_sends_one_to_look(lease):
    place = Place(lease)
    assert place.take_turn().entry is Entry.MINE
    assert place.log[:2] == [ReadLease, Load]

    place = Place(lease, NEW)
    turn = place.take_turn()
    assert turn.entry is Entry.FOUND
    assert turn.shared == NEW
    assert WriteLease not in place.log


def test_who_claims_later_wins_and_the_first_waits_for_the_token():
    place = Place(Lease(renewed=mark(OLD)))
    place.at(0.3, place.claim)
    place.at(1.5, place.renew)
    turn = place.take_turn()

    assert turn.entry is Entry.FOUND
    assert turn.shared == NEW
    assert place.log.count(WriteLease) == 1
    assert place.now < 1.5 + LONGEST_LOOK_SECONDS + 0.1


def test_without_time_to_wait_a_claimed_lease_is_left_alone():
    place = Place(Lease(holder="other", generation=2))

    assert place.take_turn(wait=False).entry is Entry.BUSY
    assert place.log == [ReadLease]


def test_a_claim_that_does_not_change_is_inherited_after_a_while_and_not_before():
    place = Place(Lease(holder="dead", generation=2))
    turn = place.take_turn()

    assert turn.entry is Entry.MINE
    assert HELD_FOR_SECONDS < place.now < HELD_FOR_SECONDS + LONGEST_LOOK_SECONDS + 2 * CLAIM_WITHIN_SECONDS


def test_those_who_wait_for_a_dead_holder_do_not_all_claim_at_once():
    patient = Place(Lease(holder="dead", generation=2))
    patient.claimant = Claimant(lambda: patient.now, lambda low, high: high)
    patient.take_turn()

    assert patient.now > HELD_FOR_SECONDS + SPREAD_SECONDS


def test_a_claim_that_changed_hands_is_respected_anew():
    place = Place(Lease(holder="first", generation=2))
    place.at(HELD_FOR_SECONDS - 1, lambda: place.claim("second"))
    turn = place.take_turn()

    assert turn.entry is Entry.MINE
    assert place.now > 2 * HELD_FOR_SECONDS - 1


def test_a_claim_is_remembered_from_one_turn_to_the_next():
    """Renewing ahead of time never waits: it is the second look that finds a claim dead."""
    place = Place(Lease(holder="dead", generation=2))
    assert place.take_turn(wait=False).entry is Entry.BUSY
    place.pass_time(HELD_FOR_SECONDS)

    assert place.take_turn(wait=False).entry is Entry.MINE


def test_a_claim_that_was_written_late_is_not_trusted():
    place = Place(Lease(renewed=mark(OLD)), each_step=CLAIM_WITHIN_SECONDS)
    place.at(2.0, lambda: setattr(place, "each_step", 0.02))
    turn = place.take_turn()

    assert turn.entry is Entry.MINE
    assert place.now > HELD_FOR_SECONDS


def test_nobody_waits_for_ever():
    place = Place(Lease(holder="0", generation=2))
    for second in range(1, 60):
        place.at(second, lambda second=second: place.claim(str(second)))
    turn = place.take_turn()

    assert turn.entry is Entry.OVERDUE
    assert LEASE_PATIENCE_SECONDS[0] < place.now < LEASE_PATIENCE_SECONDS[0] + 2 * LONGEST_LOOK_SECONDS


def test_who_was_stopped_for_as_long_as_anyone_waits_looks_before_going_on_regardless():
    place = Place(Lease(renewed=mark(OLD)))

    def goes_on_after_a_minute():
        place.now += 60
        place.renew()
        place.claim("third")

    place.at(0.3, goes_on_after_a_minute)
    turn = place.take_turn()

    assert turn.entry is Entry.FOUND
    assert turn.shared == NEW


@pytest.mark.parametrize("lease", [Lease(), Lease(renewed="another")])
def test_where_nothing_written_stays_there_is_no_lease(lease):
    place = Place(lease)
    place.keeps = False

    assert place.take_turn().entry is Entry.NONE
    assert place.now < 3 * CLAIM_WITHIN_SECONDS


def test_an_old_text_that_lands_on_a_claim_once_costs_another_claim():
    old = Lease(renewed=mark(OLD), generation=1)
    place = Place(old)
    place.at(0.3, lambda: setattr(place, "lease", old))
    turn = place.take_turn()

    assert turn.entry is Entry.MINE
    assert place.log.count(WriteLease) == 2


@pytest.mark.parametrize("wait", [True, False])
def test_writes_that_are_slow_and_do_not_stay_end_all_the_same(wait):
    """A database that only reads: the write is tried again and again by others, and then fails."""
    place = Place(Lease(renewed=mark(OLD)), each_step=2 * CLAIM_WITHIN_SECONDS)
    place.keeps = False
    place.surely = False
    turn = place.take_turn(wait=wait)

    assert turn.entry in (Entry.NONE, Entry.BUSY)
    assert place.log.count(WriteLease) == 1


def test_a_write_that_failed_may_land_later_and_is_not_trusted():
    place = Place(Lease(renewed=mark(OLD)))
    place.surely = False
    place.at(3.0, lambda: setattr(place, "surely", True))
    turn = place.take_turn()

    assert turn.entry is Entry.MINE
    assert place.now > HELD_FOR_SECONDS


def test_an_unreadable_lease_is_none():
    place = Place()
    place.lease = None

    assert place.take_turn().entry is Entry.NONE
    place.token = NEW
    assert place.take_turn().entry is Entry.FOUND


def test_a_lease_is_given_back_with_the_token_that_stands():
    place = Place(Lease(renewed=mark(OLD)))
    turn = place.take_turn()
    assert place.claimant.has_time(turn)
    place.drive(place.claimant.leave(turn, NEW))

    assert place.lease == Lease(renewed=mark(NEW), generation=2)


def test_a_lease_that_was_in_vain_tells_of_no_token():
    place = Place(Lease(renewed=mark(OLD), generation=1))
    turn = place.take_turn()
    place.drive(place.claimant.leave(turn, None))

    assert place.lease == Lease(generation=2)


def test_a_lease_that_somebody_may_have_inherited_is_left_alone():
    place = Place(Lease(renewed=mark(OLD)))
    turn = place.take_turn()
    claim = place.lease
    place.now = HELD_FOR_SECONDS - CLAIM_WITHIN_SECONDS + 0.1
    place.drive(place.claimant.leave(turn, NEW))

    assert not place.claimant.has_time(turn)
    assert place.lease == claim


@pytest.mark.parametrize("other", [Lease(holder="b", generation=2), Lease(renewed="c", generation=3), Lease()])
def test_a_lease_that_is_not_ones_own_any_more_is_left_alone(other):
    place = Place(Lease(renewed=mark(OLD)))
    turn = place.take_turn()
    place.lease = other
    place.drive(place.claimant.leave(turn, NEW))

    assert place.lease == other


def test_a_pause_while_the_lease_is_looked_at_again_leaves_it_alone():
    place = Place(Lease(renewed=mark(OLD)))
    turn = place.take_turn()
    claim = place.lease
    place.each_step = HELD_FOR_SECONDS
    place.drive(place.claimant.leave(turn, NEW))

    assert place.lease == claim


@pytest.mark.parametrize("generation", [0, 1])
def test_a_claim_for_the_token_that_is_shared_already_holds_nobody_up(generation):
    """Its holder is done, or the text of a former claim was written a second time."""
    place = Place(Lease(holder="other", generation=generation))

    assert place.take_turn(wait=False).entry is Entry.MINE


def test_each_claim_counts_on_from_the_highest_that_was_ever_seen():
    place = Place(Lease(renewed=mark(OLD), generation=7))
    assert place.take_turn().generation == place.lease.generation == 8
    place.lease = Lease(renewed=mark(OLD), generation=1)  # an old text, again
    assert place.take_turn().generation == place.lease.generation == 9
    place.lease = Lease()  # deleted
    assert place.take_turn().generation == place.lease.generation == 10


def test_the_first_generation_is_the_time_and_above_all_that_were_before_a_wipe():
    place = Place(token=None)
    rule = place.claimant.take_turn(None, usable=lambda token: False, wait=True, now=lambda: EPOCH)

    assert place.drive(rule).generation == int(EPOCH)


def test_no_two_claims_of_one_process_look_alike():
    place = Place(Lease(renewed=mark(OLD)))
    place.take_turn()
    first = place.lease
    place.lease = Lease(renewed=mark(OLD))
    place.take_turn()

    assert place.lease.holder != first.holder


def test_a_mark_tells_tokens_apart_and_does_not_show_them():
    assert mark(OLD) != mark(NEW)
    assert mark(None) not in (mark(OLD), mark(NEW))
    assert "old" not in mark(OLD)

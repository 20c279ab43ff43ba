"""A user's share of heavy work counts in all processes, and is freed whatever happens to one."""

from __future__ import annotations

import redis
from redis.exceptions import RedisError

from data_tools.under_way.admission_shares import Share, Shares
from tests.crash.victims import OwnRedis
from tests.support.dead_redis import DeadRedis
from tests.support.patience import eventually

LONG = 600.0  # seconds


def take(shares: Shares, caller: str = "user:1", seconds: float = LONG) -> Share | None:
    return shares.take("heavy", caller, most=2, seconds=seconds)


def test_all_processes_share_what_a_caller_has(own_redis: OwnRedis) -> None:
    one_process, another = Shares(own_redis.url), Shares(own_redis.url)
    first, second = take(one_process), take(another)
    assert first is not None
    assert second is not None

    assert take(one_process) is None
    assert take(another) is None
    assert take(another, "user:2") is not None
    first.give_back()

    assert take(another) is not None
    assert take(one_process) is None


def test_what_a_killed_process_held_comes_back_by_itself(own_redis: OwnRedis) -> None:
    killed, another = Shares(own_redis.url), Shares(own_redis.url)
    take(killed, seconds=0.5)
    take(killed, seconds=0.5)

    eventually(lambda: take(another) is not None)


def test_a_share_that_is_extended_does_not_expire(own_redis: OwnRedis) -> None:
    share = take(Shares(own_redis.url), seconds=LONG)
    assert share is not None
    with redis.Redis.from_url(own_redis.url) as client:
        [key] = client.keys("hydroml:at-once:heavy:user:1:*")
        client.expire(key, 60)

        share.extend()  # lately enough
        assert client.ttl(key) <= 60
        share._extended_at -= LONG
        share.extend()
        assert client.ttl(key) > 60

        share.give_back()
        assert not client.exists(key)


def test_a_share_that_has_expired_gives_back_nobody_elses(own_redis: OwnRedis) -> None:
    shares = Shares(own_redis.url)
    expired = shares.take("heavy", "user:1", most=1, seconds=0.2)
    assert expired is not None
    later: list[Share] = []

    def taken_later() -> bool:
        share = shares.take("heavy", "user:1", most=1, seconds=LONG)
        return share is not None and not later.append(share)

    eventually(taken_later)
    expired.give_back()

    assert shares.take("heavy", "user:1", most=1, seconds=LONG) is None


def test_a_dead_redis_stops_nobody_and_is_left_alone_for_a_while(
    dead_redis: DeadRedis, settings: object
) -> None:
    shares = Shares(dead_redis.url)

    taken = [take(shares) for _ in range(5)]

    assert all(share is not None and share.lock is None for share in taken)
    assert dead_redis.connections <= 1


def test_once_redis_is_back_shares_count_again(own_redis: OwnRedis) -> None:
    shares = Shares(own_redis.url)
    own_redis.stop()
    assert take(shares).lock is None

    own_redis.start()

    eventually(lambda: take(shares).lock is not None)


def test_what_is_given_back_while_redis_does_not_answer_is_free_once_it_does(
    own_redis: OwnRedis,
) -> None:
    shares = Shares(own_redis.url)
    share = take(shares)
    assert share is not None
    shares._outage.is_on = True

    share.give_back()

    with redis.Redis.from_url(own_redis.url) as client:
        assert client.exists("hydroml:at-once:heavy:user:1:0")
        shares._outage.is_on = False
        shares._outage.begin(RedisError())  # which asks, and is answered
        eventually(lambda: not client.exists("hydroml:at-once:heavy:user:1:0"))


def test_without_redis_each_process_counts_for_itself() -> None:
    shares = Shares("")

    assert all(take(shares) is not None for _ in range(5))

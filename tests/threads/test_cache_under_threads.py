"""The expiring cache among many threads: of all who want the same thing exactly one gets it."""

from core.cache import ExpiringCache
from tests.threads.crowd import each, together


class _SlowKey(str):
    """A key that is compared in Python, so that threads change places in the middle of a look-up."""

    __slots__ = ()

    def __hash__(self) -> int:
        return sum(ord(letter) for letter in self * 50)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and [*self] == [*other]


def test_of_twenty_threads_that_expire_an_entry_exactly_one_wins() -> None:
    for _ in range(20):
        cache: ExpiringCache[int] = ExpiringCache(10)
        cache.put(_SlowKey("session"), 1, expires_s=5.0)
        won: list[bool] = []

        def expire(number: int, cache: ExpiringCache[int] = cache, won: list[bool] = won) -> None:
            won.append(cache.expire(_SlowKey("session"), 5.0))

        together(*each(20, expire))
        assert sorted(won) == [False] * 19 + [True]
        assert len(cache) == 0


def test_of_a_hundred_threads_that_take_an_action_exactly_one_does() -> None:
    cache: ExpiringCache[int] = ExpiringCache(10)
    took: list[int] = []

    def press(number: int) -> None:
        if cache.put(_SlowKey("press-1"), number, expires_s=5.0):
            took.append(number)

    together(*each(100, press))
    assert len(took) == 1
    assert cache.get(_SlowKey("press-1"), 0.0) == took[0]


def test_puts_and_expiries_together_lose_nothing_that_is_still_valid() -> None:
    cache: ExpiringCache[int] = ExpiringCache(10_000)

    def put(number: int) -> None:
        for step in range(50):
            assert cache.put(f"{number}-{step}", step, expires_s=float(step))
            cache.expire(f"{number}-{step}", 25.0)

    together(*each(20, put))
    for number in range(20):
        for step in range(50):
            assert cache.get(f"{number}-{step}", 0.0) == (step if step > 25 else None)


def test_the_limit_holds_among_threads() -> None:
    cache: ExpiringCache[int] = ExpiringCache(100)
    sizes: list[int] = []

    def put(number: int) -> None:
        for step in range(50):
            cache.put(f"{number}-{step}", step, expires_s=9.0)
            sizes.append(len(cache))

    together(*each(20, put))
    assert max(sizes) <= 100 == len(cache)

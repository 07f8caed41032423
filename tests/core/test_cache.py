"""The cache whose entries expire, on one thread."""

from hypothesis import given
from hypothesis import strategies as st

from core.cache import ExpiringCache


def test_a_value_is_there_until_its_time_has_passed() -> None:
    cache: ExpiringCache[int] = ExpiringCache(10)
    assert cache.put("a", 1, expires_s=5.0)
    assert cache.get("a", 4.999) == 1
    assert cache.get("a", 5.0) is None
    assert cache.get("b", 0.0) is None


def test_a_key_that_is_held_is_not_taken_again() -> None:
    cache: ExpiringCache[int] = ExpiringCache(10)
    assert cache.put("a", 1, expires_s=5.0)
    assert not cache.put("a", 2, expires_s=9.0)
    assert cache.get("a", 0.0) == 1


def test_an_entry_expires_once_and_not_before_its_time() -> None:
    cache: ExpiringCache[int] = ExpiringCache(10)
    cache.put("a", 1, expires_s=5.0)
    assert not cache.expire("a", 4.0)
    assert cache.expire("a", 5.0)
    assert not cache.expire("a", 5.0)
    assert cache.put("a", 2, expires_s=9.0)


def test_when_it_is_full_the_oldest_goes() -> None:
    cache: ExpiringCache[int] = ExpiringCache(2)
    for number in range(4):
        cache.put(str(number), number, expires_s=9.0)
    assert [cache.get(str(number), 0.0) for number in range(4)] == [None, None, 2, 3]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9)), max_size=40), st.integers(1, 3))
def test_it_never_holds_more_than_its_limit(puts: list[tuple[str, int]], limit: int) -> None:
    cache: ExpiringCache[int] = ExpiringCache(limit)
    for key, expires_s in puts:
        cache.put(key, expires_s, float(expires_s))
        assert len(cache) <= limit

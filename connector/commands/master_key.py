"""Changing the master key: a new one seals from now on, and what lies sealed is sealed anew."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from connector.commands.params import Params, Result
from connector.crypto import KEY_BYTES, Keys, load_keys, next_key, write_keys
from connector.errors import Permanent
from connector.running.service import Service
from connector.storage.instance import check_key, is_key_present
from connector.storage.resealing import count_old_seals, reseal


async def rotate(service: Service, params: Params) -> Result:
    """A new master key, and everything sealed with it. Stopped in the middle, the next call goes on with the same key.

    params: prepare: only put the next key into the file, so that the file can be copied to other machines first.
    """
    with _alone(service.settings.key_file):
        return await (_prepare(service) if params.get("prepare") else _rotate(service))


async def _prepare(service: Service) -> Result:
    path = service.settings.key_file
    keys = load_keys(path)
    if next_key(path) is None:
        coming = os.urandom(KEY_BYTES)
        write_keys(path, _with_earlier(keys, keys.master, coming), coming)
    service.keys.take_over(load_keys(path))
    return {"prepared": True, "resealed": 0, "went_on": False}


async def _rotate(service: Service) -> Result:
    path = service.settings.key_file
    keys = load_keys(path)
    service.keys.take_over(keys)
    await check_key(service.database.reading(), keys)
    coming = next_key(path)
    went_on = coming is None and bool(keys.earlier) and await _is_unfinished(service, keys)
    if not went_on:
        write_keys(path, _with_earlier(keys, coming or os.urandom(KEY_BYTES), keys.master))
        keys = load_keys(path)
        service.keys.take_over(keys)
    return {"prepared": False, "resealed": await reseal(service.database, keys), "went_on": went_on}


async def drop_old(service: Service, params: Params) -> Result:
    """Forget keys that nothing is sealed with any more. Backups from before need them."""
    with _alone(service.settings.key_file):
        return await _drop_old(service)


async def _drop_old(service: Service) -> Result:
    path = service.settings.key_file
    keys = load_keys(path)
    service.keys.take_over(keys)
    if next_key(path) is not None:
        raise Permanent("A next key is prepared: run belong keys rotate-master first.")
    await reseal(service.database, keys)
    if await _is_unfinished(service, keys):
        raise Permanent("Something is still sealed with an old key. Run belong keys rotate-master, then try again.")
    write_keys(path, Keys(keys.master, (), keys.hash_root))
    service.keys.take_over(load_keys(path))
    return {"dropped": len(keys.earlier)}


async def seal_with_present_key(service: Service) -> int:
    """After a restore: a database from before a change of the master key names the old one, and would go on sealing
    with it. Returns how many seals were made anew.

    A file that lags behind changes nothing: what the database names is the next key there.
    """
    path = service.settings.key_file
    with _alone(path):
        keys, coming = load_keys(path), next_key(path)
        if coming is not None and await is_key_present(service.database.reading(), _with_earlier(keys, coming)):
            return 0
        service.keys.take_over(keys)
        return await reseal(service.database, keys)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes the key file of this machine: two at once would each write what the other does not know."""
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise Permanent("Another command is changing the master key. Let it end, then try again.") from error
    try:
        yield
    finally:
        lock.release()


async def _is_unfinished(service: Service, keys: Keys) -> bool:
    return await count_old_seals(service.database.reading(), keys) > 0


def _with_earlier(keys: Keys, master: bytes, *further: bytes) -> Keys:
    others = dict.fromkeys((*further, *keys.earlier))
    return Keys(master, tuple(key for key in others if key != master), keys.hash_root)


MASTER_KEY_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "rotate-master": rotate,
    "drop-old-keys": drop_old,
}
